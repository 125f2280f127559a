"""The forms of error texts in which a status is certain, each with examples.

Tests hold that every example is read and none of what only looks like it, and that the table in
docs/reading-statuses.md has what stands here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form of error text in which the status is certain."""

    name: str
    about: str
    """Who writes it, or what it says, in one phrase."""
    shape: str
    """What the whole text must match. Of a client: a regular expression of the text, whose first
    group is the status, and whose group r is to be its own reason phrase. Of people's words: one
    of the names of concepts, and parts in braces; group n is the status, s what was expected."""
    classes: str = ""
    """Of a client: the exceptions that hold it, as a regular expression; "": whatever has the
    opening."""
    opening: str = ""
    """Of a client: how its sentence begins, as a regular expression."""
    source: str = "client"
    plain: bool = False
    """Only where the test itself said it (`response.failure("...")`)."""
    named: bool = False
    """Only if the name of the status is its official one."""
    examples: tuple[str, ...]
    others: tuple[str, ...]
    """Texts that look alike, and have no certain status."""


CLIENTS = (
    Form(
        name="requests",
        about="requests (HttpUser)",
        opening=r"[1-5][0-9]{2} (?:Client|Server) Error: ",
        shape=r"([1-5][0-9]{2}) \w+ Error: (?:.* for url: |(?P<r>.+)\Z)",
        examples=(
            "HTTPError('409 Client Error: Conflict for url: /x')",
            "HTTPError('409 Client Error: Conflict')",
        ),
        others=("HTTPError('409 Client Error: no address')",),
    ),
    Form(
        name="bad-status-code",
        about="Locust's FastHttpUser",
        classes="(?:Locust)?BadStatusCode",
        shape=r"(?:|.*, )code=([1-5][0-9]{2})\Z",
        examples=("LocustBadStatusCode(code=409)", "BadStatusCode('http://x/', code=409)"),
        others=("LocustBadStatusCode(code=0)", "BadStatusCode('http://x/?code=409')"),
    ),
    Form(
        name="fasthttp",
        about="Locust's FastHttpUser before 2.10",
        opening="URL ",
        shape=r"URL .*: code=([1-5][0-9]{2})\Z",
        examples=("URL http://x/: code=409",),
        others=("URL http://x/409: 0, original=timed out",),
    ),
    Form(
        name="rest",
        about="Locust's rest()",
        opening=r"Could not parse response as JSON\. ",
        shape=r".*, response code ([1-5][0-9]{2}), error ",  # the body could say anything
        examples=("Could not parse response as JSON. <p>, response code 409, error Expecting x",),
        others=("Could not parse response as JSON. response code 409",),
    ),
    Form(
        name="bare",
        about="`response.failure(409)`",
        classes="CatchResponseError",
        shape=r"([1-5][0-9]{2})\Z",
        examples=("CatchResponseError(409)",),
        others=("KeyError(409)", "CatchResponseError(4090)"),
    ),
    Form(
        name="tuple",
        about="`response.failure((409, ...))`",
        classes="CatchResponseError",
        shape=r"\(([1-5][0-9]{2}), ['\"]",
        examples=("CatchResponseError((409, 'x'))",),
        others=("CatchResponseError((409, 500))",),
    ),
    Form(
        name="response-object",
        about="`response.failure(response)`",
        classes=r"\w+",
        shape=r"<Response \[([1-5][0-9]{2})\]>\Z",
        examples=("CatchResponseError(<Response [409]>)",),
        others=("CatchResponseError([<Response [409]>])",),
    ),
    Form(
        name="status-and-reason",
        about="an exception of a status and its reason phrase",
        classes=r"\w+",
        shape=r"([1-5][0-9]{2}), (?P<q>['\"])(?P<r>[\w ']+)(?P=q)\Z",
        examples=("Exception(409, 'Conflict')",),
        others=("Exception(409, 'rows updated')", "Exception('boom', 409)"),
    ),
    Form(
        name="too-many-retries",
        about="urllib3",
        classes="(?:Max)?RetryError",
        shape=r".*'too many ([1-5][0-9]{2}) error responses'",
        examples=("MaxRetryError(\"(Caused by ResponseError('too many 503 error responses'))\")",),
        others=("MaxRetryError('Max retries exceeded with url: /409')",),
    ),
    Form(
        name="elasticsearch",
        about="elasticsearch, opensearch",
        classes="NotFoundError|ConflictError|RequestError|TransportError|Auth\\w+Exception",
        shape=r"([1-5][0-9]{2}), '",
        examples=("ConflictError(409, 'version_conflict_engine_exception', {})",),
        others=("ConflictError('409')",),
    ),
    Form(
        name="aiohttp",
        about="aiohttp",
        classes="ClientResponseError|WSServerHandshakeError|ContentTypeError",
        opening="[1-5][0-9]{2}, message=",
        shape=r"(?:.*\), status=)?([1-5][0-9]{2}), message=(?:'[^']*'|\"[^\"]*\"), (?:url|headers)=",
        examples=(
            "ClientResponseError(RequestInfo(url=URL('/x')), (), status=409, message='x', headers=)",
            "Exception(\"409, message='Conflict', url='http://x/'\")",
        ),
        others=("ClientResponseError('409')", "Exception(\"409, message='Conflict'\")"),
    ),
    Form(
        name="httpx",
        about="httpx",
        opening="(?:(?:Client|Server) error|Redirect response) '",
        shape=r"\w+ \w+ '([1-5][0-9]{2}) [^']*' for url ",
        examples=("HTTPStatusError(\"Client error '409 Conflict' for url 'http://x/'\")",),
        others=("HTTPStatusError(\"Client error '409 Conflict'\")",),
    ),
    Form(
        name="websocket-client",
        about="websocket-client",
        opening="Handshake status ",
        shape=r"Handshake status ([1-5][0-9]{2}) (?:[A-Z][A-Za-z' -]+ -\+-\+- |(?P<r>.+)\Z)",
        examples=("WebSocketBadStatusException('Handshake status 409 Conflict')",),
        others=("WebSocketBadStatusException('Handshake status 409 was expected')",),
    ),
    Form(
        name="websockets",
        about="websockets",
        opening="server rejected WebSocket connection: ",
        shape=r"server rejected WebSocket connection: HTTP ([1-5][0-9]{2})\Z",
        examples=("InvalidStatus('server rejected WebSocket connection: HTTP 409')",),
        others=("InvalidStatus('server rejected WebSocket connection: HTTP 409 expected')",),
    ),
    Form(
        name="assertion",
        about="pytest's assertions about a response",
        opening="assert [1-5][0-9]{2} ",
        shape=r"(?!.*<Response.*<Response)assert ([1-5][0-9]{2}) [^\n]*\n *\+ *where \1 = "
        r"<Response \[\1\]>",
        examples=("AssertionError('assert 409 == 200\\n +  where 409 = <Response [409]>.status')",),
        others=(
            "AssertionError('assert 409 == 200')",
            "AssertionError('assert 409 == 200\\n +  where 200 = <Response [200]>.status')",
        ),
    ),
    Form(
        name="botocore",
        about="botocore",
        opening=r"An error occurred \(",
        shape=r"An error occurred \(([1-5][0-9]{2})\) when calling ",
        examples=("ClientError('An error occurred (404) when calling the HeadObject operation: x')",),
        others=("ClientError('An error occurred (Throttling) when calling HTTP 409')",),
    ),
    Form(
        name="openai",
        about="openai",
        opening="Error code: [0-9]+ - ",
        shape=r"Error code: ([1-5][0-9]{2}) - \{",
        examples=("RateLimitError(\"Error code: 429 - {'error': 1}\")",),
        others=("RateLimitError('Error code: 429 - expected')",),
    ),
    Form(
        name="kubernetes",
        about="kubernetes",
        opening=r"\([0-9]+\)\nReason: ",
        shape=r"\(([1-5][0-9]{2})\)\nReason: ",
        examples=("ApiException('(409)\\nReason: Conflict\\n')",),
        others=("ApiException('(0)\\nReason: HTTP 409\\n')",),
    ),
    Form(
        name="python",
        about="urllib, xmlrpc, Google's client",
        opening="<(?:HTTP|Http|Protocol)Error ",
        shape=r"<\w+ (?:for \S*: )?([1-5][0-9]{2})(?:: '[^']*'>\Z| when requesting | [\w ]+>\Z)",
        examples=("<HTTPError 404: 'Not Found'>", "<ProtocolError for x: 502 Bad Gateway>"),
        others=("<HTTPError 404 was expected",),
    ),
)
"""What clients write themselves; the first that has the class or the opening decides."""

_THING = """(?:[preposition to] masked(?![object action operation response counted plural])
    |[article surprise error preposition]|[object response][masked digits quoted]?+
    |[action operation]plural?+[masked digits quoted]?+|method masked?+)"""
_TAG = "open [action operation object plural response error tag masked digits]++ close"
_BREAK = "[colon comma line stop dash arrow open close]"
_DATUM = """(?:[link object detail response] colon
    (?:method?+ masked|method|digits|quoted|[action operation][object plural]?+))"""

PARTS = {
    # What was done, and that it failed, up to a colon or the like. At most one word for failing:
    # "could not fail: HTTP 409" says that there was none.
    "lead": f"""(?:masked(?=[colon arrow]))?+(?:ornament++(?=[^colon]*failed))?+
        (?:{_TAG} {_BREAK}*+|{_DATUM}{_BREAK}*+|{_THING}*+ failed?+ {_THING}*+ {_BREAK}++)*""",
    # The same where a number could be a count: nothing that could be counted.
    "uncounted": f"""(?:{_TAG} {_BREAK}*+|method masked {_BREAK}*+
        |surprise?+ [label status] mismatch?+ {_BREAK}++
        |article?+ [action response]*+ (?:(?<=action)object)?+ [masked digits]?+ failed?+ {_BREAK}++
        |error {_BREAK}++)*""",
    "verb": f"""(?:{_THING}*+(?:failed with|received with?+ colon?+)|response be
        |[article object action operation response]*+ name {_BREAK}*+)?+
        [article surprise response error]*+""",
    "is": "[be colon open arrow dash]*+",
    "set": """open*+ [number class] name?+
        (?:[comma slash or dash line]++ open?+ [number class] name?+)*+ close*+""",
    "labels": "[article label status response code colon open be preposition to]*+",
    "got": "(?:[article response label status]*+ [received owned]++ with?+ be?+ [surprise error]?+)",
    "number": "open?+ (?P<n>number) close?+ (?:[colon comma dash open]?+ name)?+",
    # What is known to say no more than where, when and with what body it came.
    "tail": f"""(?:[colon comma line stop dash close and]*+(?:
        data|(?:response|said|error) [colon be]*+ (?:data|quoted|name)|{_DATUM}
        |detail unit?+ colon?+ [number digits masked] unit?+
        |[preposition to] article?+ colon?+
            (?:method?+ masked(?![object action operation response counted plural])
            |[object action operation response]++ [masked digits]?+)
        |(?:after|preposition) [masked digits] [unit retries]|method masked|response to masked|with (?:data|body data)
        |open [masked digits] unit close|received|copula|instead|surprise
        ))*+ [colon comma line stop dash close and]*+ (?:with?+ body [colon be] (?P<f>.*))?+""",
}
"""Parts of shapes, by name."""

WORDS = (
    Form(
        name="label",
        source="label",
        about="a number at a label that only a status has",
        shape="""{lead}{verb} label masked?+ [error surprise response label status received]*+
            {is}{number}{tail}""",
        examples=(
            "HTTP 409",
            "Login failed: HTTP 409",
            "status code: 409, body: anything",
            "Request failed with status code 409",
            "状态码: 409",
        ),
        others=(
            "Verification failed: HTTP 409",
            "Second writer should lose with HTTP 409",
            "without a single HTTP 409",
            "HTTP 409 (retry: 500)",
            "HTTP 409: 12",
        ),
    ),
    Form(
        name="status",
        source="label",
        about='a number at "status", where no order or job can have it',
        shape="""(?:(?=status)|(?=[^status]*[failed error action operation method response received
            surprise name])) {lead}{verb} status [error response received]*+ {is}{number}{tail}""",
        examples=("Unexpected status: 409", "checkout failed (status=409)"),
        others=("Order status: 409", "status is 409 => false", "job: status 409"),
    ),
    Form(
        name="answer",
        source="label",
        about="what a server or request answered or failed with",
        shape="""{uncounted}(?:(?:method masked?+|[article surprise]*+ response++ (?:method masked)?+
            |action++ object?+ (?=failed|arrow)) (?:failed with|received with?+|(?<=masked)[arrow colon dash]++|arrow)
            [article surprise error response code]*+ {number}
            |received?+ (?P<n>number) preposition?+ method masked){tail}""",
        plain=True,
        examples=(
            "Server responded with 409",
            "POST /orders -> 409",
            "Login failed with 409",
            "API returned 409",
        ),
        others=("Search returned 409", "API returned 409 rows", "3 requests returned 409"),
    ),
    Form(
        name="surprise",
        source="label",
        about="an unexpected response",
        shape="""{lead} received?+ article?+ surprise++ response++ code?+ {is}{number}{tail}""",
        plain=True,
        examples=("Unexpected response: 409", "Login: got bad response code 409"),
        others=("Unexpected value: 409", "Unexpected response size: 409"),
    ),
    Form(
        name="number",
        source="label",
        about="nothing but the number, or the number and the body",
        shape="open?+ (?P<n>number) close?+ [colon comma dash line]*+ data?+",
        plain=True,
        examples=("409", '409: {"detail": "x"}', "[409]"),
        others=("409, retry 500", "409: 12", "409?", "409 expected"),
    ),
    Form(
        name="number-and-reason",
        source="reason",
        about="a number with its own reason phrase behind it",
        shape="""ornament*+ {lead}{verb} open?+ (?P<n>number) close?+ [colon open dash]*+ name
            {tail} ornament*+""",
        named=True,
        examples=("409 Conflict", "Login failed: 409 Conflict"),
        others=(
            "409 Conflict expected, success received",
            "Room 409 conflict",
            "409 Conflict: not returned",
            "409 Not Found",
        ),
    ),
    Form(
        name="reason-and-number",
        source="reason",
        about="a reason phrase with its own number behind it",
        shape="""ornament*+ {lead} [article surprise error]*+ name [colon stop open dash]*+
            (?P<n>number) {tail} ornament*+""",
        plain=True,
        named=True,
        examples=("Conflict (409)", "Too many requests: 429"),
        others=("No conflict (409)", "Order not found: 409", "Conflict 409 expected, success received"),
    ),
    Form(
        name="expected-got",
        source="pair",
        about="what was expected, and what came",
        shape="""{uncounted} article?+ [response label status]*+ expected {labels}(?P<s>{set})
            (?:[comma line stop colon arrow]*+ but?+ (?:{got}|[article response]*+ be)
            |(?:but|[comma line stop])++ [label status]++ [colon be]*+) {labels}{number}{tail}""",
        examples=(
            "Expected [200, 403], got 409",
            "status should be 200 but was 409",
            "attendu 200, reçu 409",
        ),
        others=(
            "Balance: expected 200, got 409",
            "Expected 250, got 409",
            "Expected 200, got 409 items",
            "Expected 200, never got 409",
            "Expected 409, got nothing",
        ),
    ),
    Form(
        name="labelled-pair",
        source="pair",
        about="what was expected of a status code, and what came",
        shape="""{lead} (?=.*[label status]) article?+ [response label status]*+
            expected {labels}(?P<s>{set})
            (?:[comma line stop colon arrow]*+ but?+ (?:{got}|[article response]*+ be)
            |(?:but|[comma line stop])++ [label status]++ [colon be]*+) {labels}{number}{tail}""",
        examples=("Get products: expected status 200, got 409",),
        others=("Get products: expected 200, got 409",),
    ),
    Form(
        name="expected-behind",
        source="pair",
        about="what was expected and what came, each with the word behind it",
        shape="""{labels}(?P<s>{set}) be?+ expected [comma line stop dash]*+ (?:but|and)?+
            (?:{got}{labels}{number}|{labels}(?P<n>number) be?+ received){tail}""",
        examples=("HTTP 409 erwartet, 500 erhalten", "200 expected, got 409"),
        others=("Conflict 409 expected, success received", "409 expected but 3 received"),
    ),
    Form(
        name="got-expected",
        source="pair",
        about="what came, and what was expected",
        shape="""(?:{uncounted}(?:action object?+)?+|(?=.*[label status]){lead}[object action]*+)
            (?:method?+ [article response label status]*+ received++ with?+ [surprise error]?+
            {labels}{number}[comma line stop open but]*+
            |(?:[article surprise response]*+ [label status]|surprise++ response++)
            [received code response error]*+{is}{number}
            received?+ (?:(?=instead_of)|[comma line stop open but]++)
            |{number}[comma line stop open but]++)
            (?:(?:instead_of|[response label status]*+ expected) {labels}(?P<s>{set})
            |(?P<s>{set}) be?+ expected) [close stop]*+""",
        examples=(
            "got 409, expected 200",
            "Wrong status code: 409 (expected 200)",
            "Received HTTP status 409 instead of 200",
        ),
        others=("Query returned 409, expected 500", "HTTP 409 expected 500", "got 409, expected 250"),
    ),
    Form(
        name="status-is-not",
        source="pair",
        about="a status that is another than the one to be",
        shape="""{uncounted} [article surprise response]*+ [label status][received]*+ {is}
            (?P<n>number) name?+ close?+
            (?:versus|comma?+ and?+ not) {labels}(?P<s>{set}) [close stop]*+""",
        examples=("status code 409 != 200", "HTTP 409 is not 200", "status was 409, not 200"),
        others=("status code != 409", "HTTP 409 is not returned", "Version 409 != 500"),
    ),
    Form(
        name="is-not-but",
        source="pair",
        about="a status that is not the one to be, and the one that it is",
        shape="""{uncounted} [article surprise]*+ [label status response]++ (?:versus|be?+ not) {labels}
            (?P<s>{set}) [comma colon line stop dash but]++ {labels} {number}{tail}""",
        examples=("Status code is not 200, it is 409", "status != 200: 409"),
        others=("not 200 but 409", "Status code is not 200: 409 expected"),
    ),
)
"""What people write; a form is tried where no earlier one fits."""
