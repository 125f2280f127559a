"""Where loadgate is published: the addresses in messages, schemas and on the package page.

They are written here alone. A test holds every other file to them, and the release workflow refuses
to publish from another repository.
"""

from __future__ import annotations

REPOSITORY = "https://github.com/loadgate-ci/loadgate"
"""The repository, without a slash at the end."""

DOCS = "https://loadgate-ci.github.io/loadgate/"
"""The documentation site, with a slash at the end; `docs/ci.md` is its page `ci.html`."""
