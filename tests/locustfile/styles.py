"""Styles in which locustfiles write messages, with what is learned from each."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

_TASK = """\
from locust import FastHttpUser, HttpUser, events, task


class Shopper(HttpUser):
    @task
    def buy(self):
        with self.client.post("/orders", catch_response=True) as response:
"""


@dataclass(frozen=True, kw_only=True)
class Style:
    """A piece of a locustfile, and what it teaches."""

    name: str
    source: str
    """The body of a `with ... as response` block; a whole file where it begins with `#`."""
    taught: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    without_status: tuple[str, ...] = ()
    bare: int = 0

    def text(self) -> str:
        """Return the whole locustfile."""
        source = textwrap.dedent(self.source).strip("\n")
        if source.startswith("#"):
            return f"{source}\n"
        return _TASK + textwrap.indent(source, " " * 12) + "\n"


def one(name: str, expression: str, *taught: str) -> Style:
    """Return the style of a message that is one expression."""
    return Style(name=name, source=f"response.failure({expression})", taught=taught)


def refused(name: str, expression: str, *wordings: str) -> Style:
    """Return the style of a message for which no wording is safe."""
    return Style(name=name, source=f"response.failure({expression})", refused=wordings)


EXPRESSIONS = (
    one("f-string", 'f"Toggle failed: {response.status_code}"', "Toggle failed: {status}"),
    one("two holes", 'f"Order {oid}: got {response.status_code}"', "Order *: got {status}"),
    one("body behind", 'f"Got {response.status_code}: {response.text}"', "Got {status}: *"),
    one("str conversion", 'f"Got {response.status_code!s}"', "Got {status}"),
    one("repr conversion", 'f"Got {response.status_code!r}"', "Got {status}"),
    one("self-documenting", 'f"Got {response.status_code=}"', "Got response.status_code={status}"),
    one(
        "plain spec",
        'f"Got {response.status_code:d} or {response.status_code:>3}"',
        "Got {status} or *",
    ),
    one("nested f-string", "f\"Got {f'code {response.status_code}'}!\"", "Got code {status}!"),
    one(
        "repr of a text",
        "f\"Got {'a b'!r} with {response.status_code}\"",
        "Got 'a b' with {status}",
    ),
    one("percent", '"Got %d" % response.status_code', "Got {status}"),
    one("percent tuple", '"%s: got %s" % ("pay", response.status_code)', "pay: got {status}"),
    one("percent dict", '"Got %(code)i" % {"code": response.status_code}', "Got {status}"),
    one(
        "percent sign",
        '"100%% of %s said %r" % (who, response.status_code)',
        "100% of * said {status}",
    ),
    one(
        "format", '"Got {} for {}".format(response.status_code, response.url)', "Got {status} for *"
    ),
    one(
        "format by number",
        '"{1} said {0}".format(response.status_code, "pay")',
        "pay said {status}",
    ),
    one("format by name", '"Got {code}".format(code=response.status_code)', "Got {status}"),
    one("format by attribute", '"Got {r.status_code}".format(r=response)', "Got {status}"),
    one(
        "format method kept", '(lambda f: f(response.status_code))("Got {}".format)', "Got {status}"
    ),
    one("sum", '"Got " + str(response.status_code) + " back"', "Got {status} back"),
    one("implicit", '"Got " f"{response.status_code}" " back"', "Got {status} back"),
    one("join", '" ".join(["Got", str(response.status_code)])', "Got {status}"),
    one(
        "join of a generator",
        '" ".join(str(x) for x in ("Got", response.status_code))',
        "Got {status}",
    ),
    one("status first", 'f"{response.status_code}: {response.text}"', "{status}: *"),
    one("in brackets first", 'f"[{response.status_code}] {response.text}"', "[{status}] *"),
    one("status first, a dash", 'f"{response.status_code} - {response.text}"', "{status} - *"),
    one("an arrow", 'f"{response.url} -> {response.status_code}"', "* -> {status}"),
    one("beside a hole", 'f"Got {response.status_code}{response.text}"', "Got {status}*"),
    one("getattr", "f\"Got {getattr(response, 'status_code', None)}\"", "Got {status}"),
    one("status", 'f"Got {response.status}"', "Got {status}"),
    one(
        "conditional",
        '"Got " + ("no" if x else f"code {response.status_code}")',
        "Got code {status}",
    ),
    one("or", 'f"Got code {response.status_code or 0}"', "Got code {status}"),
    one("strip", 'f"  Got {response.status_code}  ".strip()', "Got {status}"),
    one("upper", 'f"Got {response.status_code}".upper()', "GOT {status}"),
    one("keyword", 'exc=f"Got {response.status_code}"', "Got {status}"),
    one("exception", 'Exception(f"Got {response.status_code}")', "Got {status}"),
    one("two arguments", 'ValueError("Got", response.status_code)', "ValueError('Got', {status})"),
    one("a list", '["code", response.status_code]', "CatchResponseError(['code', {status}])"),
    one(
        "constant list",
        'f"Expected {[200, 404]}, got {response.status_code}"',
        "Expected [200, 404], got {status}",
    ),
    one("the response", 'f"Got {response}"', "Got <Response [{status}]>"),
    one("cut", 'f"Got {response.status_code}: {response.text}"[:200]', "Got {status}: *"),
    one("a part cut", 'f"Got {response.status_code}: {response.text[:80]}"', "Got {status}: *"),
    one("other language", 'f"注文に失敗: {response.status_code}"', "注文に失敗: {status}"),
    one("a star", 'f"*** Got {response.status_code} ***"', "* Got {status} *"),
    one("braces", 'f"{{status}} Got {response.status_code}"', "* Got {status}"),
    one("line breaks", 'f"Got\\n{response.status_code}"', "Got\n{status}"),
    one("control characters", 'f"Got \\x1b[31m {response.status_code}"', "Got *[31m {status}"),
    refused("nothing but holes", 'f"{response.status_code} {response.text}"', "{status} *"),
    refused("nothing in front", 'f"{response.url} {response.status_code}"', "* {status}"),
    refused("no word", 'f"{name}: {response.status_code}"', "*: {status}"),
    refused("behind a hole", 'f"{response.url}{response.status_code} came"', "*{status} came"),
    refused("replace", 'f"Got_{response.status_code}".replace("_", " ")', "*"),
    refused("JSON", 'json.dumps({"code": response.status_code})', "*"),
    refused("a function of a library", 'describe(f"Got {response.status_code}")', "*"),
    refused("a part of a word", 'f"{verb}ed {response.status_code}"', "*ed {status}"),
    refused("hexadecimal", 'f"Got {response.status_code:x}"', "Got *"),
    refused("wide", 'f"Got {response.status_code:6}"', "Got *"),
    refused("class of statuses", 'f"Got {response.status_code // 100}xx"', "Got *xx"),
    refused("percent hexadecimal", '"Got %x" % response.status_code', "Got *"),
    refused("another response", "f\"Got {self.client.get('/').status_code}\"", "Got *"),
    Style(name="bare number", source="response.failure(response.status_code)", bare=1),
    Style(name="bare text", source="response.failure(str(response.status_code))", bare=1),
    Style(name="no status", source='response.failure("No data")', without_status=("No data",)),
)

BLOCKS = (
    Style(
        name="variable",
        source="""
        code = response.status_code
        message = f"Got {code}"
        response.failure(message)
        """,
        taught=("Got {status}",),
    ),
    Style(
        name="branches",
        source="""
        if response.text:
            message = f"Text with {response.status_code}"
        else:
            message = f"No text with {response.status_code}"
        response.failure(message)
        """,
        taught=("Text with {status}", "No text with {status}"),
    ),
    Style(
        name="guarded",
        source="""
        if response.status_code == 409:
            response.failure("version conflict")
        elif response.status_code == 412:
            response.failure("stale (412)")
        """,
        taught=("stale ({status})",),
        without_status=("version conflict",),
    ),
    Style(
        name="the same words around something else",
        source="""
        response.failure(f"Got {response.status_code}")
        response.failure(f"Got {len(items)}")
        """,
        refused=("Got {status}",),
        without_status=("Got *",),
    ),
    Style(
        name="a variable that means something else later",
        source="""
        code = response.status_code
        response.failure(f"HTTP {code}")
        code = response.json()["code"]
        response.failure(f"Shop {code}")
        """,
        taught=("HTTP {status}",),
        without_status=("Shop *",),
    ),
)

FILES = (
    Style(
        name="helper",
        source="""
        # a helper with the response as a parameter
        def fail(response, what, code=None):
            response.failure(f"{what}: {code or response.status_code}")

        class Shopper:
            def buy(self):
                with self.client.get("/", catch_response=True) as r:
                    fail(r, "Paying")
                    fail(r, what="Buying", code=r.status_code)
        """,
        taught=("Paying: {status}", "Buying: {status}"),
    ),
    Style(
        name="own exception",
        source="""
        # an exception with its own arguments
        class ShopError(Exception):
            def __init__(self, code, body):
                super().__init__(f"Shop said {code}: {body}")

        class Shopper:
            def buy(self):
                with self.client.get("/", catch_response=True) as r:
                    raise ShopError(r.status_code, r.text)
        """,
        taught=("Shop said {status}: *",),
    ),
)

STYLES = (*EXPRESSIONS, *BLOCKS, *FILES)
