"""Fields of a JSON document, each of the type that it must have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from loadgate.text import encodable, quoted

LARGEST_COUNT = 10**15
"""More than any run has; sums of such counts still fit into the integers that pandas knows."""
LARGEST_NUMBER = 1e300

Word = TypeVar("Word", bound=str)


class FieldError(ValueError):
    """A field that is missing or of the wrong type; the text says which, and what it must be."""


class Fields:
    """The fields of one object, and where in the document it stands."""

    __slots__ = ("_of", "where")

    def __init__(self, value: object, where: str = "") -> None:
        """Take the object that stands at `where`; raise FieldError if it is none."""
        if not isinstance(value, dict):
            raise FieldError(f"{where or 'the document'}: must be an object, not {told(value)}")
        self._of = value
        self.where = where

    def place(self, key: str) -> str:
        """Return where a field is, as in "endpoints[3].requests"."""
        return f"{self.where}.{key}" if self.where else key

    def value(self, key: str) -> object:
        """Return a field of any type, which must be there."""
        try:
            return self._of[key]
        except KeyError:
            raise FieldError(f"{self.place(key)}: is missing") from None

    def wrong(self, key: str, wanted: str) -> FieldError:
        """Return the error that says what the field must be."""
        return FieldError(f"{self.place(key)}: must be {wanted}, not {told(self._of[key])}")

    def text(self, key: str) -> str:
        """Return a text that UTF-8 can say."""
        value = self.value(key)
        if not isinstance(value, str):
            raise self.wrong(key, "a text")
        return encodable(value)

    def optional_text(self, key: str) -> str | None:
        """Return a text; None: null."""
        return None if self.value(key) is None else self.text(key)

    def word(self, key: str, known: Sequence[Word]) -> Word:
        """Return one of the known words."""
        value = self.value(key)
        for word in known:
            if value == word:
                return word
        raise self.wrong(key, f"one of {', '.join(known)}")

    def flag(self, key: str) -> bool:
        """Return true or false."""
        value = self.value(key)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def count(self, key: str, *, least: int = 0) -> int:
        """Return a whole number, as 3 or, which is the same in JSON, 3.0."""
        value = self.value(key)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.wrong(key, "a whole number")
        if not least <= value <= LARGEST_COUNT:
            raise self.wrong(key, f"from {least} to {LARGEST_COUNT:,}")
        return value

    def optional_count(self, key: str) -> int | None:
        """Return a whole number; None: null."""
        return None if self.value(key) is None else self.count(key)

    def number(self, key: str, *, least: float = -LARGEST_NUMBER) -> float:
        """Return a finite number."""
        value = self.value(key)
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise self.wrong(key, "a number")
        if not least <= value <= LARGEST_NUMBER:
            raise self.wrong(key, "a number of at least 0" if least == 0 else "a finite number")
        return float(value)

    def optional_number(self, key: str, *, least: float = -LARGEST_NUMBER) -> float | None:
        """Return a finite number; None: null."""
        return None if self.value(key) is None else self.number(key, least=least)

    def later_number(self, key: str) -> float | None:
        """Return a number of at least 0; None: null, or an older loadgate did not write the key."""
        return self.optional_number(key, least=0) if key in self._of else None

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        found = {f"{key}[{number}]": value for number, value in self._list(key)}
        of = Fields(found, self.where)
        return tuple(of.text(each) for each in found)

    def each(self, key: str) -> Iterator[Fields]:
        """Yield the objects of a list."""
        place = self.place(key)
        for number, value in self._list(key):
            yield Fields(value, f"{place}[{number}]")

    def inner(self, key: str) -> Fields:
        """Return an object."""
        return Fields(self.value(key), self.place(key))

    def __iter__(self) -> Iterator[str]:
        """Yield the names of all fields."""
        return iter(self._of)

    def _list(self, key: str) -> enumerate[object]:
        value = self.value(key)
        if not isinstance(value, list):
            raise self.wrong(key, "a list")
        return enumerate(value)


def told(value: object) -> str:
    """Return a value of a document as an error message may show it, short and harmless."""
    match value:
        case dict():
            return "an object"
        case list():
            return "a list"
        case str():
            return quoted(value)
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int() if abs(value) > LARGEST_COUNT:
            return "a number of many digits"
    return repr(value)
