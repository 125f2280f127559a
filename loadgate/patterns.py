"""Patterns of users: whether the whole of a text or endpoint matches, in linear time."""

from __future__ import annotations

import itertools
import re
import string
from dataclasses import dataclass, field
from functools import lru_cache

from loadgate.name_pattern import Effort, NamePattern, before_query

_TYPES = re.compile(
    # A word with a path or a star behind it, as Locust wrote it; in upper case before any name.
    r"(?:\w[\w.+-]*(?:,\w[\w.+-]*)*(?= [/*])|[A-Z]+(?:,[A-Z]+)*(?= ))"
)
_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
_HOST = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#\s@]*@)?[^/?#\s;&=%\\]*(?![^/?#])")
"""An origin in which nothing else can be hidden."""
_SIGNS = r":|>=\N{EN DASH}\N{EM DASH}-"
_BEHIND_METHOD = re.compile(rf"(?: ?[{_SIGNS}]* |:(?=/[\w\[]))(?=[^\s{_SIGNS}])")
_BEHIND_BRACKETS = re.compile(rf"[\])] ?[{_SIGNS}]* ?(?=[^\s{_SIGNS}])")
_NUMBER = re.compile(r"(?<![0-9])[1-5][0-9][0-9](?![0-9])")

STATUS_PLACE = "{status}"


class PatternError(ValueError):
    """A pattern that cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class TextGlob:
    """A text in which `*` stands for any run of characters, line breaks included.

    White space counts as every screen shows it, so that what is copied from there matches.
    """

    text: str
    """The pattern as written."""
    _parts: tuple[str, ...] = field(init=False, repr=False, compare=False)
    _longest: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Split at the stars once; an empty pattern raises PatternError."""
        if not self.text:
            raise PatternError("the pattern is empty")
        parts = tuple(_single_blanks(self.text).split("*"))
        object.__setattr__(self, "_parts", parts)
        object.__setattr__(self, "_longest", max(parts, key=len))

    def matches(self, text: str) -> bool:
        """Say whether the whole of `text` matches."""
        text = _single_blanks(text)
        if self._longest not in text:
            return False  # as nearly always
        if len(self._parts) == 1:
            return text == self._parts[0]
        end = len(text) - len(self._parts[-1])
        if not (text.startswith(self._parts[0]) and text.endswith(self._parts[-1])):
            return False
        place = _first_end(text, self._parts[:-1], end)
        return place is not None

    def could_match(self, masked: str) -> bool:
        """Say whether a text could match of which `masked` is left.

        A `*` hides part of a word, and a `***`, as secrets are masked, any characters.

        The places in the pattern that may come next are the bits of one integer, so that this takes
        linear time, too.
        """
        of, length = _places(self.text)
        stars = of["*"]
        words = ((1 << length) - 1) & ~of[" "]
        places = 1 | (1 & stars) << 1
        for hidden in re.findall(r"\*+|[^*]", _single_blanks(masked)):
            if len(hidden) > 2:  # a secret, which may be several words: on to any later place
                first = places & -places
                places = ((2 << length) - 1) & -first & ~(first & ~stars)
                continue
            taking = words & ~stars if "*" in hidden else of.get(hidden, 0)
            places = (places & taking) << 1 | places & stars
            places |= (places & stars) << 1
            if "*" in hidden:  # on to the next blank: a carry takes all places at once
                places |= ((places & words) + words) ^ words
        return bool(places >> length)

    def around(self) -> TextGlob:
        """Return the glob that finds these words anywhere in a text; it may be this one."""
        if self.text.startswith("*") and self.text.endswith("*"):
            return self
        return TextGlob(f"*{self.text.strip('*')}*")

    def includes(self, other: TextGlob) -> bool:
        """Say whether every text that `other` matches is matched by this glob, too.

        A character that is in neither stands for what a star of `other` may stand for: only a star
        of this glob can take it, and a star takes anything.
        """
        taken = f"{self.text}{other.text}{string.whitespace}"
        fresh = next(c for c in map(chr, itertools.count()) if c not in taken)
        return self.matches(other.text.replace("*", fresh))


@lru_cache(maxsize=4096)  # one text after another is held against the same rules
def _places(pattern: str) -> tuple[dict[str, int], int]:
    """Return where in a glob each character stands, as bits of an integer, and its length."""
    pattern = re.sub(r"\*+", "*", _single_blanks(pattern))
    of = dict.fromkeys(f"* {pattern}", 0)
    for place, character in enumerate(pattern):
        of[character] |= 1 << place
    return of, len(pattern)


def _first_end(text: str, parts: tuple[str, ...], end: int) -> int | None:
    """Return where the parts, one after another, first end in text[:end]; the first is a prefix.

    Taking the leftmost place of each part in turn leaves the most room for the next one, so no
    other choice need ever be tried: this is what keeps globs linear.
    """
    place = len(parts[0])
    if place > end or not text.startswith(parts[0]):
        return None
    for part in parts[1:]:
        found = text.find(part, place, end)
        if found < 0:
            return None
        place = found + len(part)
    return place


def _last_start(text: str, parts: tuple[str, ...]) -> int | None:
    """Return where the parts last start in text; the last is a suffix. Mirror of `_first_end`."""
    place = len(text) - len(parts[-1])
    if place < 0 or not text.endswith(parts[-1]):
        return None
    for part in reversed(parts[:-1]):
        found = text.rfind(part, 0, place)
        if found < 0:
            return None
        place = found
    return place


@dataclass(frozen=True, slots=True)
class StatusText:
    """A user's own wording: a text glob in which `{status}` stands for the three digits to read."""

    text: str
    """The pattern as written."""
    origin: str = field(default="", compare=False)
    """The rules file or preset that holds it."""
    _before: tuple[str, ...] = field(init=False, repr=False, compare=False)
    _after: tuple[str, ...] = field(init=False, repr=False, compare=False)
    _longest: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Split at `{status}`, which must stand there exactly once, else PatternError."""
        before, place, after = self.text.partition(STATUS_PLACE)
        if not place or STATUS_PLACE in after:
            raise PatternError("the text must hold {status} exactly once")
        if not (before + after).replace("*", "").strip():
            raise PatternError("the text must hold words beside {status}: any number would match")
        object.__setattr__(self, "_before", tuple(before.split("*")))
        object.__setattr__(self, "_after", tuple(after.split("*")))
        longest = max((*self._before, *self._after), key=len)
        object.__setattr__(self, "_longest", longest)

    def statuses(self, text: str) -> set[int]:
        """Return every status that `text` can be read as having; more than one: ambiguous."""
        if self._longest not in text:
            return set()
        lead, tail = self._before, self._after
        earliest = _first_end(text, lead[:-1], len(text)) if len(lead) > 1 else 0
        latest = _last_start(text, tail[1:]) if len(tail) > 1 else len(text)
        if earliest is None or latest is None:
            return set()
        found = set()
        for number in _NUMBER.finditer(text):
            start = number.start() - len(lead[-1])
            end = number.end() + len(tail[0])
            if (
                (start >= earliest if len(lead) > 1 else start == 0)
                and (end <= latest if len(tail) > 1 else end == latest)
                and text.startswith(lead[-1], start)
                and text.startswith(tail[0], number.end())
            ):
                found.add(int(number.group()))
        return found


HTTP_METHODS = frozenset(
    ("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH")
)


@dataclass(frozen=True, slots=True)
class EndpointPattern:
    """Which endpoints are meant: `[METHOD[,METHOD]] NAME-PATTERN`, as screens show an endpoint.

    What excuses is read narrowly: `/**/state` is no `/pay;next=/a/state`. Read `wide`, for what
    demands (a carve-out, a threshold), it is: in doubt an endpoint is meant.
    """

    text: str
    """The pattern as written."""
    methods: frozenset[str] | None
    """The Locust request types meant; None: any."""
    name: NamePattern = field(repr=False, compare=False)

    @classmethod
    def parse(
        cls, text: str, methods: tuple[str, ...] | None = None, *, wide: bool = False
    ) -> EndpointPattern:
        """Read a pattern; with `methods` given, the whole of `text` is the name pattern.

        Raises PatternError where nothing could ever match, or the method is said twice.
        """
        words, name = split_types(text)
        if methods is not None:
            known = HTTP_METHODS.union(map(_request_type, methods))
            if words and (name[0] == "/" or not known.isdisjoint(map(_request_type, words))):
                raise PatternError(
                    f"begins with the request type {','.join(words)}, and the key method is there,"
                    " too; remove one of them"
                )
            words, name = methods, _folded(text)
        if not name:
            raise PatternError("the pattern names no endpoint")
        types = frozenset(map(_request_type, words))
        return cls(text, types if words else None, NamePattern(name, wide=wide))

    def matches(self, method: str, name: str, effort: Effort | None = None) -> bool:
        """Say whether the endpoint is meant: its whole name, in one of the forms that it has.

        Raises LoadgateError where the effort for the run of this endpoint becomes too much.
        """
        if effort is not None:
            effort.spend(1)
        if self.methods is not None and _request_type(method) not in self.methods:
            return False
        whole, without_query = _forms(method, name, wide=self.name.wide)
        forms = whole if self.name.has_query else without_query
        if self.methods is None and self.name.prefix.startswith(f"{method} "):
            # A request type that only the endpoint tells from the name: "xmlrpc get_time".
            forms += tuple(f"{method} {form}" for form in forms)
        return any(self.name.matches(form, effort) for form in forms)

    def includes_names(self, other: EndpointPattern, effort: Effort | None = None) -> bool:
        """Say whether this surely matches every name that `other` matches, by a method of both.

        Both are read alike, as this one is: a carve-out below a rule of the same pattern is lost.
        False can also mean that it cannot be told: where `other` has wildcards in the host of a
        URL, and where the patterns are too intricate to be compared.
        """
        effort = effort or Effort()
        alike = other.name
        if alike.wide != self.name.wide:
            alike = _read(alike.text, wide=self.name.wide)
        methods = self.methods or other.methods
        if self.methods is not None and other.methods is not None:
            methods = self.methods & other.methods
        types, blank, _ = other.name.prefix.rpartition(" ")
        # What stands before a blank may be a request type to `other`: then it must be to this, too.
        unlike = self.methods is not None or not self.name.prefix.startswith(f"{types} ")
        if other.methods is None and blank and unlike and self.name.text != "**":
            return False
        return all(self._includes(alike, method, effort) for method in methods or ("",))

    def _includes(self, other: NamePattern, method: str, effort: Effort) -> bool:
        """Say so of one method: the names of `other` also have the forms that its text has."""
        if self.name.includes(other, effort):
            return True
        text = other.text
        for form in _forms(method, text, wide=other.wide)[0][1:]:
            head = text[: len(text) - len(form) + 1]
            plain = form.startswith("/") or not other.has_wildcards
            plain = plain and not re.search("[*{]", head)
            if plain and self.name.includes(NamePattern(form, wide=other.wide), effort):
                return True
        return False


def split_types(text: str) -> tuple[tuple[str, ...], str]:
    """Split `[METHOD[,METHOD]] NAME` into the request types, if it surely has some, and the name.

    A word is one in front of a `/` or `*`, and in upper case in front of any name.
    """
    shown = _folded(text)
    head = _TYPES.match(shown)
    if head is None:
        return (), shown
    return tuple(head.group().split(",")), shown[head.end() + 1 :]


def bare_path(name: str) -> str:
    """Take scheme, host, query string and fragment off an endpoint's name."""
    return _forms("", name, wide=True)[1][-1]


@lru_cache(maxsize=2048)  # each rule of a policy is compared with many others
def _read(name: str, *, wide: bool) -> NamePattern:
    return NamePattern(name, wide=wide)


@lru_cache(maxsize=128)
def _request_type(method: str) -> str:
    """Return a request type as patterns compare it: HTTP's in upper case, as they are sent."""
    upper = method.upper()
    return upper if upper in HTTP_METHODS else _folded(method)


@lru_cache(maxsize=8)  # one rule after another is asked about the same texts
def _single_blanks(text: str) -> str:
    """Return a text with a single blank for each run of white space."""
    if text.isprintable() and "  " not in text:
        return text
    return re.sub(r"\s+", " ", text)


def _folded(text: str) -> str:
    """Return a text with its white space as every screen shows it: single blanks, none outside."""
    return " ".join(text.split())


@lru_cache(maxsize=2)  # one rule after another is asked about the same endpoint
def _forms(method: str, name: str, *, wide: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the forms of a name, any of which may match: with queries, and without.

    As it stands, without its own method in front ("[POST] /tools"), without scheme and host. Each
    form has no further forms than the name has: `includes_names` relies on that.
    """
    forms = [_folded(name)]
    if not _ORIGIN.match(forms[0]):
        forms.append(_without_method(_folded(method), forms[0]))
    origin = (_ORIGIN if wide else _HOST).match(forms[-1])
    if origin:
        path = forms[-1][origin.end() :]
        forms.append(path if path.startswith("/") else f"/{path}")
    return tuple(dict.fromkeys(forms)), tuple(dict.fromkeys(map(before_query, forms)))


def _without_method(method: str, name: str) -> str:
    """Take a method off a name that begins with it, however often, in brackets or not."""
    place = 0
    while method:
        bracket = name[place : place + 1] in {"[", "("}
        start = place + bracket
        end = start + len(method)
        behind = (_BEHIND_BRACKETS if bracket else _BEHIND_METHOD).match(name, end)
        if not behind or name[start:end].upper() != method.upper():
            break
        place = behind.end()
    return name[place:]
