"""Masking secrets in texts: in URLs, behind names that say so, and by their own form.

Every loop goes on behind what it looked at, and every repetition that could be tried again from the
next character is bounded, so that no text takes more than linear time.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable

MASK = "***"

Endpoint = tuple[str, str]
"""Method and name."""


def mask_secrets(text: str) -> str:
    """Mask what may be secret in a text.

    That is credentials (`scheme://***@host`) and parameters (`?***`, `#***`) of its URLs, the
    values of headers and assignments (`Cookie: sid=***`, `token=***`), and what is known by its
    form, such as a JSON web token.

    White space ends a URL. In a word without a scheme, `?` starts a query only where `key=`
    follows it. A query that has placeholders for all its values stays, as it is what people call
    requests that differ in them (Locust's own example is `/blog?id=[id]`).
    """
    if "@" in text:
        text = _SPACED.sub(_mask_spaced, text)
    if "@" in text or "?" in text or "#" in text:
        text = _TOKEN.sub(_mask_word, text)
    if f"?{MASK}" in text:
        text = _MORE.sub(f"&{MASK}", text)
    return _KNOWN.sub(MASK, _mask_named(text))


def mask_secrets_but(text: str, patterns: Iterable[str]) -> str:
    """Mask a text, but for the first of some patterns of the user that stands in it."""
    for pattern in patterns:
        if pattern and pattern in text:
            return pattern.join(map(mask_secrets, text.split(pattern)))
    return mask_secrets(text)


def mask_link(text: str) -> str:
    """Mask a link that people follow: its parameters stay, except those that may be secret."""
    return _KNOWN.sub(MASK, _mask_named(_TOKEN.sub(lambda word: mask_credentials(word[0]), text)))


# --- URLs -----------------------------------------------------------------------------------------

_TOKEN = re.compile(r"\S+")
_AUTHORITY = re.compile(r"(?::|\\?/)(?:\\?/){1,3}((?:[^/?#\\]|\\(?!/))*)")  # also "https:\/\/h\/"
_BRACKETED = re.compile(r"\[[^\[\]]*\]")
"""An IPv6 host, whose colons precede no password."""
_SPACED = re.compile(
    r"""(?<=/)[^\s/?\#@:"'<>\[\]]{0,100}:(?!\d{0,5}(?:[^\w@]|\Z))(?:(?!//)[^"'<>\n]){1,200}@(?=[\w\[])""",
    re.VERBOSE,
)
"""User and password, in which there may be spaces, of a URL."""
_LOGIN = re.compile(
    r"""(?<![^\s:/@"'<>(){}\[\],;=&?#|\\])([^\s:/@"'<>(){}\[\],;=&?#|\\]+):([^\s"'<>{},]+)"""
)
_HOST = re.compile(r"[A-Za-z_\[]|\d{1,3}\.\d")
_NO_USERS = {"mailto", "email", "mail", "from", "to", "sip", "acct"}
"""What an address stands behind: `mailto:a@b`."""
_PARAMETERS = re.compile(r"[?#][^\s?#=]*=")
_PARAMETERS_OF_URL = re.compile(r"\?(?=[^\s'\"])|#[^\s?#=]*=")
_MORE = re.compile(r"&[^\s&=?]+=[^\s&]*")
"""What goes on with a query behind a space in one of its values."""
_PLACEHOLDERS = re.compile(
    r"""[?#](?:(?:(?<=[?#])|&)[\w.-]{1,60}=(?:\[[A-Za-z_-]{1,30}\]|\{[A-Za-z_-]{1,30}\}
        |<[A-Za-z_-]{1,30}>))+(?=['")\]}>,;:.]*\Z)""",
    re.VERBOSE,
)
"""A query such as `?id=[id]&page={page}`."""
_CLOSING = "'\")]}>,;:."
"""What may close the text that a URL stands in, and holds no secret."""


def _mask_spaced(login: re.Match[str]) -> str:
    return f"{MASK}@" if " " in login[0].partition("@")[0] else login[0]


def _mask_word(word: re.Match[str]) -> str:
    text = word.group()
    if "?" not in text and "@" not in text and "#" not in text:
        return text
    is_url = "://" in text or r":\/\/" in text
    text = mask_credentials(text)
    found = (_PARAMETERS_OF_URL if is_url else _PARAMETERS).search(text)
    if found is None:
        return text
    if _PLACEHOLDERS.match(text, found.start()) and not _NAME.search(text, found.start()):
        return text
    # All of it to the end of the word: a query may hold quotes, brackets, and another "?".
    shown = text[found.end() :].rstrip(_CLOSING)
    return f"{text[: found.start() + 1]}{MASK}{text[found.end() + len(shown) :]}"


def mask_credentials(word: str) -> str:
    """Mask the credentials of the URLs in a word without white space; queries stay.

    A password may hold what should have been encoded: where there is one, all is masked up to the
    last `@`, be it that of a path.
    """
    last = word.rfind("@") + 1
    parts: list[str] = []
    at = 0
    is_url = False
    for found in _AUTHORITY.finditer(word):
        authority, start = found[1], found.start(1)
        if start >= last:
            break
        is_url = True
        host, colon, behind = _BRACKETED.sub("", authority).partition(":")
        if colon and not (word.startswith(("/", "\\/"), found.end()) and _is_port(behind)):
            return "".join([*parts, word[at:start], MASK, word[last - 1 :]])
        if "@" in host:
            parts += [word[at:start], MASK]
            at = start + authority.rindex("@")
    return "".join([*parts, word[at:]]) if is_url or not last else _LOGIN.sub(_mask_login, word)


def _is_port(text: str) -> bool:
    return text.isdecimal() and int(text[:6]) < 2**16


def _mask_login(login: re.Match[str]) -> str:
    """Mask `user:password@host`, as scp and connection strings have it without a scheme."""
    user, password = login.groups()
    host = password.rfind("@") + 1
    port, slash, _ = password.partition("/")
    is_login = (
        host > 1
        and not password.startswith("/")
        and not (slash and _is_port(port))
        and user.lower() not in _NO_USERS
        and not user.isdecimal()
        and _HOST.match(password, host)
        and not password.startswith("sha256:", host)
    )
    return f"{MASK}{password[host - 1 :]}" if is_login else login[0]


# --- headers and assignments ----------------------------------------------------------------------

_QUOTE = r"""(?:\\{0,8}["'`]|%22|%27|&quot;|&apos;|&\#0?3[49];)"""
_NAME = re.compile(
    rf"""
    (?:
      (?P<header>authorization|cookies?2?)
      | token | secret | passw(?:or)?[dt] | passphrase | passcode | passkey | pwd
      | credentials? | signature
      | (?:api|access|private|secret|account|shared|subscription|encryption|signing|functions|app
          |client|master|auth|service|storage)[-_ ]?key
      | sess(?:ion)?[-_ ]?id | csrf | xsrf
      | client_?assertion | saml_?(?:request|response)
      | (?<![A-Za-z0-9])(?:sig|sid|auth|pass|jwt|session|otp|pin)
      | (?<=[?&;\#])(?:key|code|pw)
    )
    (?:
      (?:{_QUOTE}\]?|(?:\[?\]|(?:%5b)?%5d)(?==|%3d))?\s{{0,4}}
      (?P<sign>(?:[:=]{{1,2}}|=)>?|%3[ad]|\\u003[ad])(?:\s|\\[nrt]){{0,4}}
      | (?P<listed>{_QUOTE},\s{{0,4}}(?=[bru]{{0,2}}{_QUOTE}))
      | (?P<tag>>)(?=[^\s<]{{1,200}}</)
      | (?<=cookie)\s{{1,2}}(?=[\w.-]{{1,80}}=)
    )
    | (?P<bare>(?<![A-Za-z0-9])(?:bearer(?::\s{{0,4}}|\s{{1,4}})
          | basic\s{{1,4}}(?=[A-Za-z0-9+/]{{8}}))
      | (?<!\S)--?[\w-]{{0,40}}(?:password|token|secret|key)\s{{1,4}})
    | (?<!\S)(?:-u|--(?:proxy-)?user)[\s=]{{1,2}}[^\s:/]{{1,80}}:(?=[^\s/])
    | basicauth\((?:username=)?["'][^"'\n]{{0,80}}["'],\s{{0,4}}(?:password=)?(?=["'])
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""What a secret stands behind."""
_STEMS = (
    *("auth", "token", "pass", "key", "sess", "cookie", "secret", "bearer", "basic", "creden"),
    *("sig", "sid", "pw", "srf", "jwt", "otp", "pin", "-u", "code=", "assertion", "saml"),
)
"""In what `_NAME` matches, one of these is."""
_OPENING = re.compile(rf"\[?[bru]{{0,2}}({_QUOTE})", re.IGNORECASE)
_GROUP = re.compile(r"""\{|(?<==)\((?=[bru]{0,2}["'])""")
"""What opens cookies in a dictionary, or a user and password in a tuple."""
_VALUE = re.compile(
    r"""(?:[^\s"'\\,;&()}\]<>] | [(](?!\d{3}\)) | [,;&](?![\s"'&]|[\w.-]{1,40}[=:]|\Z)
    | [)}\]"'](?=\w) | \\(?!["'nrt\\]))+""",
    re.VERBOSE,
)
_SCHEME = re.compile(r"[A-Za-z][\w-]{1,40}\s{1,4}(?=\S)")
_SCHEMES = re.compile(
    r"basic|bearer|digest|token|negotiate|ntlm|apikey|api-key|hawk|oauth|jwt|key|"
    r"signature|sharedkey|sharedkeylite|aws4-hmac-sha256|aws|hmac|sso-key",
    re.IGNORECASE,
)
_PARAMETER = re.compile(r"""(\s{0,4}[\w-]{1,40}=)(?=[^\s=,])("[^"\n]*"|[^\s",]*)(,?)""")
_COOKIE = re.compile(r"""(\s{0,4}[^\s=;,'"\\]{1,80}=)("[^"\n]*"|[^\s;,'"\\]*)([;,]?)""")
_ATTRIBUTE = re.compile(r"\s{0,4}(?:httponly|secure|partitioned);", re.IGNORECASE)
_PLAIN = re.compile(r"[A-Z]?[a-z][a-z'-]+")
_GOES_ON = re.compile(r",?\s{1,2}[A-Za-z(]")
_LONGEST_PROSE = 200
_NO_VALUE = re.compile(r"/[a-z]|[a-z+]+://|[A-Za-z.]+(?:\(|Error\b|Exception\b)")
_STATES = re.compile(
    r"absent|bad|be|cannot|can't|changed|correct|denied|does|empty|error|exceeded|"
    r"expected|expired|fail|failed|failure|false|forbidden|get|has|header|incorrect|"
    r"ineligible|invalid|is|isn't|malformed|may|mismatch|missing|must|nil|no|none|"
    r"not|null|nonetype|ok|optional|patch|post|put|delete|refused|rejected|"
    r"required|revoked|should|str|string|timeout|too|true|unauthorized|undefined|"
    r"unexpected|unknown|unset|unverified|used|valid|was|weak|wrong",
    re.IGNORECASE,
)
"""What is said of a password or token, and so is none."""


def _mask_named(text: str) -> str:
    lower = text.lower()
    if not any(stem in lower for stem in _STEMS):  # as in most texts, and ten times as fast
        return text
    parts: list[str] = []
    at = 0
    while found := _NAME.search(text, at):
        parts.append(text[at : found.end()])
        masked, at = _value(text, found)
        parts.append(masked)
    return "".join([*parts, text[at:]])


def _value(text: str, name: re.Match[str]) -> tuple[str, int]:
    """Return the masked value behind a name, or none of it, and where the rest begins."""
    start = name.end()
    header = (name["header"] or "").lower()
    opening = _OPENING.match(text, start)
    if opening is not None:
        return _quoted(text, opening, listed=name["listed"] is not None)
    group = _GROUP.match(text, start)
    if group is not None and (header.startswith("cookie") or group[0] == "("):
        end = text.find("}" if group[0] == "{" else ")", start)
        return group[0] + MASK, len(text) if end < 0 else end
    cookies, end = _repeated(_COOKIE, text, start) if header.startswith("cookie") else ("", start)
    if cookies:
        return cookies, end
    scheme = _scheme(text, start) if header == "authorization" else ""
    start += len(scheme)
    value = _VALUE.match(text, start)
    if value is None:
        return scheme, start
    sure = bool(scheme) or (name["bare"] is None and ":" not in (name["sign"] or ""))
    more = name["bare"] is not None or _GOES_ON.match(text, value.end()) is not None
    if _is_prose(value[0], sure=sure, more=more):
        return scheme, start
    parameters, end = _repeated(_PARAMETER, text, start) if scheme else ("", start)
    return (scheme + parameters, end) if parameters else (scheme + MASK, value.end())


def _scheme(text: str, start: int) -> str:
    """Return how somebody is authorized, such as `Bearer `, where a secret follows it."""
    scheme = _SCHEME.match(text, start)
    if scheme is None:
        return ""
    value = _VALUE.match(text, scheme.end())
    if value is None or value[0].startswith(MASK) or _SCHEMES.fullmatch(scheme[0].strip()):
        return scheme[0]
    return "" if _is_prose(value[0], sure=False, more=True) else scheme[0]


def _quoted(text: str, opening: re.Match[str], *, listed: bool) -> tuple[str, int]:
    start = opening.end()
    close = re.compile(rf"(?<!\\){re.escape(opening[1])}|\n|\Z").search(text, start)
    end = close.start() if close is not None and close[0].strip() else start
    if end == start:  # it may be what closes the text that the name stands in
        value = _VALUE.match(text, start) if text[start : start + 1].isalnum() else None
        end = start if value is None else value.end()
    shown = text[start:end]
    words = shown.split() if len(shown) <= _LONGEST_PROSE else [shown]
    about = any(_is_prose(word, sure=True, more=False) for word in words)
    about = about or (listed and _PLAIN.fullmatch(shown) is not None)
    if about and all(_is_prose(word, sure=False, more=True) for word in words):
        return opening[0], start
    return opening[0] + (MASK if shown else ""), end


def _repeated(pattern: re.Pattern[str], text: str, at: int) -> tuple[str, int]:
    """Return a list of `name=value`, each value masked, and where it ends."""
    parts: list[str] = []
    while found := pattern.match(text, at):
        parts += [found[1], MASK, found[3]]
        at = found.end()
        if not found[3]:
            break
        attribute = _ATTRIBUTE.match(text, at)
        if attribute is not None:
            parts.append(attribute[0])
            at = attribute.end()
    return "".join(parts), at


def _is_prose(value: str, *, sure: bool, more: bool) -> bool:
    """Say whether a value says something of a secret, or is a status, and so is none.

    Unless that is `sure` to be a value, such as behind `=`, a plain word of a sentence that goes on
    is none, nor is the name of an exception, a path or a URL.
    """
    word = value.strip(".,:;!?()[]{}\"'")
    if not word or word == MASK or _STATES.fullmatch(word) or (word.isdecimal() and len(word) <= 3):
        return True
    return not sure and (
        (more and (len(word) == 1 or _PLAIN.fullmatch(word) is not None))
        or _NO_VALUE.match(value) is not None
    )


# --- what is known by its form --------------------------------------------------------------------

_KNOWN = re.compile(
    r"""eyJ[\w-]{8,}(?:\.[\w-]*){0,4}
    | (?<![A-Za-z0-9])(?:
        (?:AKIA|ASIA)[0-9A-Z]{12,} | gh[oprsu]_[A-Za-z0-9]{20,} | github_pat_\w{20,}
        | gl(?:pat|rt|dt|ptt|soat)-[\w-]{20,} | (?:xox[abeprs]|xapp)-[\w-]{10,}
        | sk-(?=[A-Za-z_-]{0,40}\d)[\w-]{20,} | pypi-AgE[\w-]{10,}
        | (?:hf|npm|whsec|lin_api|shp(?:at|ca|pa|ss))_\w{20,}
        | SG\.[\w-]{15,}\.[\w-]{20,} | do[opr]_v1_\w{20,} | ya29\.[\w-]{15,}
        | hv[bsr]\.[\w-]{20,} | dckr_pat_[\w-]{20,} | sq0\w{3}-[\w-]{20,}
        | (?:sk|rk|pk)_(?:live|test)_\w{10,} | AIza[\w-]{30,}
      )
    | (?<=hooks\.slack\.com/services/)[\w/-]+ | (?<=/api/webhooks/)\d+/[\w-]+
    | (?<=%3[Aa]%2[Ff]%2[Ff])(?:(?!%2[Ff])[^\s?\#&]){1,200}(?=%40)
    | (?<=PRIVATE\ KEY-----)[^-]+""",
    re.VERBOSE,
)
"""JSON web tokens, keys of well-known services, webhooks, logins of encoded URLs, private keys."""


def distinct(
    endpoints: Iterable[Endpoint], clean: Callable[[str], str]
) -> dict[Endpoint, Endpoint]:
    """Return every endpoint with its method and name cleaned, still no two of them the same.

    Those that cleaning made equal get a number: ` (2)`, ` (3)` behind the name.
    """
    numbers: Counter[Endpoint] = Counter()
    taken: set[Endpoint] = set()
    cleaned: dict[Endpoint, Endpoint] = {}
    for endpoint in endpoints:
        method, name = plain = clean(endpoint[0]), clean(endpoint[1])
        while (method, name) in taken:
            numbers[plain] += 1
            name = f"{plain[1]} ({numbers[plain] + 1})"
        taken.add((method, name))
        cleaned[endpoint] = (method, name)
    return cleaned
