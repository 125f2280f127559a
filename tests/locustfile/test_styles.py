"""What is learned from the messages of locustfiles, style by style."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadgate.locustfile import CODES, learn
from locustfile.styles import STYLES, Style


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_a_style_teaches_its_wordings(style: Style, tmp_path: Path) -> None:
    """Each message becomes a wording, is refused, or is named as being without its status."""
    path = tmp_path / "locustfile.py"
    path.write_text(style.text(), "utf-8")
    learned = learn([str(path)])
    assert tuple(wording.text for wording in learned.taught) == style.taught
    found = {code: [one.text for one in learned.findings if one.code == code] for code in CODES}
    assert found["no-safe-wording"] == [*style.refused]
    assert found["message-without-status"] == [*style.without_status]
    assert learned.bare == style.bare
