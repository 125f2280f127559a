"""Two groups of runs side by side and the name of a format in, the text of that format out."""

from __future__ import annotations

from dataclasses import replace

from loadgate.compare import Compared, Side
from loadgate.masking import mask_credentials, mask_secrets
from loadgate.render.display import COLUMNS

FORMATS = ("text", "markdown", "json")
"""Names of all formats, the default first."""


def render_comparison(compared: Compared, form: str, columns: int = COLUMNS) -> str:
    """Return the comparison in one of FORMATS; query strings and credentials in it are masked.

    As text it has so many columns.
    """
    compared = _masked(compared)
    match form:
        case "json":
            from loadgate.render.comparison.json_document import render_json

            return render_json(compared)
        case "markdown":
            from loadgate.render.comparison.markdown import render_markdown

            return render_markdown(compared)
        case _:
            from loadgate.render.comparison.text import render_text

            return render_text(compared, columns)


def _masked(compared: Compared) -> Compared:
    """Mask every text: who wrote the documents may not have, and paths may be URLs."""
    return replace(
        compared,
        base=_masked_side(compared.base),
        head=_masked_side(compared.head),
        endpoints=tuple(
            replace(pair, method=mask_secrets(pair.method), name=mask_secrets(pair.name))
            for pair in compared.endpoints
        ),
        kinds=tuple(
            replace(
                kind,
                method=mask_secrets(kind.method),
                name=mask_secrets(kind.name),
                signature=mask_secrets(kind.signature),
            )
            for kind in compared.kinds
        ),
        rules=tuple(replace(rule, why=mask_secrets(rule.why)) for rule in compared.rules),
        warnings=tuple(map(mask_secrets, compared.warnings)),
    )


def _masked_side(side: Side) -> Side:
    runs = (
        replace(
            run,
            label=mask_secrets(run.label),
            source=mask_secrets(run.source),
            branch=mask_secrets(run.branch),
            commit=mask_secrets(run.commit),
            link=mask_credentials(run.link),
        )
        for run in side.runs
    )
    return replace(side, runs=tuple(runs))
