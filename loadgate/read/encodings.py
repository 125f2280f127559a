"""The encodings of a run's files: UTF-8 where they allow it, else one that is named or guessed."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from loadgate.errors import ResultError, UsageError
from loadgate.read.raw import decoding, open_bytes, read_start

UTF_8 = "utf-8"

_CANDIDATES = ("gb18030", "cp949", "cp932", "big5", "cp1251", "cp1252")
"""What Windows writes in China, Korea, Japan, Taiwan, Russia and the West. charset-normalizer,
which has to choose among these, reads three names right in 95 of 100 trials; if it may also take
cp1250 it reads French and Spanish ones mostly wrong. GB18030 holds GBK and GB2312."""

_BLOCK = 1024 * 1024
_ENOUGH = 4 * 1024 * 1024
"""Bytes of lines that are not ASCII, after which a file has shown its encoding."""
_SAMPLE = 256 * 1024
"""Bytes of such lines, none of them twice, that a guess is made from."""
_SURE = 10
"""Characters that are UTF-8, in a file that has hardly anything else: no accident any more."""
_BETWEEN_CELLS = re.compile(rb"[\r\n,;\t\"]+")
_TWO_SCRIPTS = re.compile(r"[a-zA-Z][^\0-\x7f]|[^\0-\x7f][a-zA-Z]")
_NOT_ASCII = re.compile(rb"[\x80-\xff]+")
_HALF_A_CHARACTER = re.compile(
    rb"(?:[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})\Z"
)


def known_encoding(name: str) -> str:
    """Return the encoding of that name; UsageError where there is none that a file could have.

    ASCII must be itself in it, but for UTF-16 and UTF-32: else a byte of a name could be a comma.
    """
    probe = bytes(range(128)) + rb"\u0041 +AGE- ~{VpNA~}" + b"\x1b$B!!\x1b(B"
    try:
        codec = codecs.lookup(name).name
        same = probe.decode(codec, "backslashreplace") == probe.decode()
        if same or codec.startswith(("utf-16", "utf-32")):
            return codec
    except (LookupError, ValueError, DeprecationWarning):
        pass
    raise UsageError(
        f"--encoding {name}: is not an encoding that a CSV file can have; use one such as utf-8,"
        " cp1252, gb18030 or cp949",
        page="inputs#encodings",
    )


@dataclass(slots=True, kw_only=True)
class _Evidence:
    """What the lines of a file that are not ASCII say of its encoding."""

    path: str
    marked: bool
    """It begins with the mark of UTF-8."""
    lines: dict[bytes, None] = field(default_factory=dict)
    """Such lines, none of them twice, as many as a guess needs."""
    size: int = 0
    """Bytes of these lines."""
    valid: int = 0
    """Characters beyond ASCII that are sound UTF-8."""
    invalid: int = 0
    """Bytes that are not."""
    escape: str = ""
    """How the first of these bytes is shown."""

    @property
    def is_utf_8(self) -> bool:
        """Say whether the file is UTF-8, be it with some damaged bytes.

        By accident Chinese and Korean text has about as many valid characters as invalid bytes.
        """
        return self.valid >= 2 * self.invalid

    def look(self, line: bytes) -> None:
        """Count what is in a line that is not ASCII."""
        if self.size < _SAMPLE and line not in self.lines:
            self.lines[line] = None
            self.size += len(line)
        for run in _NOT_ASCII.findall(line):
            try:
                self.valid += len(run.decode())
            except UnicodeDecodeError as error:
                text = run.decode(UTF_8, "ignore")
                self.valid += len(text)
                self.invalid += len(run) - len(text.encode())
                self.escape = self.escape or f"\\x{run[error.start]:02x}"


def encodings_of(
    paths: Iterable[str], named: str | None = None
) -> tuple[Mapping[str, str], list[str]]:
    """Return the encodings of the files of one run, and warnings about those that are not UTF-8.

    Files that are neither UTF-8 nor UTF-16 have one encoding, so that their names agree. Raises
    UsageError and ResultError where `named` is no encoding, or not that of a file.
    """
    files = [evidence for path in paths if (evidence := _evidence(path)) is not None]
    if named is not None:
        name = known_encoding(named)
        files = [each for each in files if each.invalid or not each.marked]
        doubts = [text for each in files if (text := _unfit(each, name, named))]
        return {each.path: name for each in files}, doubts
    other = [each for each in files if not each.is_utf_8]
    if not other:
        return {}, [text for each in files if (text := _spoiled(each))]
    # Of few characters that are UTF-8 it may be an accident: then the other files say what it is.
    other = [each for each in files if not (each.is_utf_8 and each.valid >= _SURE)]
    guess = _guessed(line for each in other for line in each.lines)
    warning = f"{_named(other)} {'are' if len(other) > 1 else 'is'} not UTF-8; "
    if guess is None:
        escape = next(each.escape for each in other if each.escape)
        warning += (
            f"no encoding fits, so unreadable bytes are shown as {escape}; set the right one with"
        )
        warning += " --encoding"
        return {}, [warning]
    warning += f"read as {guess.upper()}, a guess; set the right one with --encoding"
    return {each.path: guess for each in other}, [warning]


def _named(files: Iterable[_Evidence]) -> str:
    *names, last = (os.path.basename(each.path) for each in files)
    return f"{', '.join(names)} and {last}" if names else last


def _evidence(path: str) -> _Evidence | None:
    """Look at the lines of a file that are not ASCII; None: its first bytes say what it is."""
    name, mark = decoding(read_start(path, 64), "")
    if name:
        return None
    evidence = _Evidence(path=path, marked=mark > 0)
    with open_bytes(path) as file:
        file.seek(mark)
        seen = 0
        while seen < _ENOUGH and (block := file.read(_BLOCK)):
            if block.isascii():
                continue
            block += file.readline(_BLOCK)
            if not block.endswith(b"\n"):  # the end of the file, where a character may be truncated
                block = _HALF_A_CHARACTER.sub(b"", block)
            for line in block.split(b"\n"):
                if not line.isascii():
                    seen += len(line)
                    evidence.look(line)
    return evidence


def _guessed(lines: Iterable[bytes]) -> str | None:
    """Return the encoding that the lines most likely have; None: no candidate fits."""
    from charset_normalizer import from_bytes

    cells = [cell for line in lines for cell in _BETWEEN_CELLS.split(line) if not cell.isascii()]
    sample = b"\n".join(dict.fromkeys(cells))
    guesses = [match.encoding for match in from_bytes(sample, cp_isolation=list(_CANDIDATES))]
    for name in (*guesses, *_CANDIDATES):  # it may find too little text to say anything
        if _decodes(sample, name) and _is_likely(sample.decode(name), name):
            return name
    return None


def _is_likely(text: str, name: str) -> bool:
    """Say whether a text looks like its language, or like an accident.

    Chinese can be read as Korean or Japanese, "café" with a Cyrillic letter at its end, and "état"
    with a Chinese one for its first two.
    """
    beyond = "".join(char for char in text if not char.isascii())
    if name == "gb18030":  # two bytes of each character that is not rare
        return len(beyond.encode("gb2312", "ignore")) > len(beyond)
    if name == "cp949":
        hangul = "".join(c for c in beyond if "\uac00" <= c <= "\ud7a3").encode("euc_kr", "ignore")
        return 5 * len(hangul) > 8 * len(beyond)
    return name == "cp1252" or _TWO_SCRIPTS.search(text) is None


def _unfit(evidence: _Evidence, name: str, named: str) -> str:
    """Return a warning about bytes that are not what the option names; ResultError for most."""
    lines = [line for line in evidence.lines if not _decodes(line, name)]
    if name.startswith(("utf-16", "utf-32")) or 2 * len(lines) > len(evidence.lines):
        raise ResultError(
            evidence.path,
            f"is not {named}, as --encoding says",
            "Use another encoding, or omit the option and let loadgate detect it.",
        )
    if not lines:
        return ""
    return f"{evidence.path} has bytes that are not {named}, as --encoding says; they are escaped"


def _decodes(line: bytes, name: str) -> bool:
    try:
        line.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def _spoiled(evidence: _Evidence) -> str:
    """Return a warning about a file of UTF-8 that a tool has spoiled; "": none has."""
    if evidence.invalid:
        return (
            f"{evidence.path} is UTF-8 except for some bytes, such as {evidence.escape}: a tool has"
            " cut or changed it"
        )
    beyond = re.findall(r"[^\0-\x7f]+", b"\n".join(evidence.lines).decode())
    for name, least in (("cp1252", 2), ("gb18030", 6)):  # characters that are no accident
        try:
            meant = [_bytes_of(text, name).decode() for text in beyond]
        except (UnicodeError, LookupError):  # the second where memory is too short to load it
            continue
        if sum(map(len, beyond)) >= least:
            return (
                f"{evidence.path} was read as {name.upper()} and saved as UTF-8: it has"
                f" {beyond[0]!r} instead of {meant[0]!r}; use the file as Locust wrote it"
            )
    return ""


def _bytes_of(text: str, name: str) -> bytes:
    """Encode a text as Windows does, which also takes what has no meaning in its code pages."""
    return b"".join(char.encode("latin-1" if "\x80" <= char <= "\x9f" else name) for char in text)
