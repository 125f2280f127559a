"""The words that messages are read by, by concept and language, as regular expressions."""

from __future__ import annotations

import re
from functools import cache

UNSPACED = (
    "(?<=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])(?=[1-5][0-9]{2}(?![0-9]))"
    "|(?<=[1-5][0-9]{2})(?=实际|得到|收到|返回|错误|錯誤|エラー|오류|が|を|で|に|と|です|입니다|였)"
)
"""Where languages that write a number and its word together have none of the spaces of others."""

NUMBER = r"(?<![\w*+#$€£¥-])(?<![\w*][.,])([1-5][0-9]{2})(?![\w*%°€$£¥]|[.,][0-9*]|[-–][\w*])"
"""A whole number of three digits from 100 to 599 with nothing attached to it."""

EXPECTED = (
    r"(?:\b(?:expect(?:ed|ing|s)?|want(?:ed)?|should (?:be|have been|return)|must be|instead of"
    r"|rather than|required|allowed|anticipat(?:ed|ing|es)|hop(?:ed|ing) for|needed|desired|planned"
    r"|statt|anstatt|au lieu de|en (?:lugar|vez) de|em vez de|ao invés de|invece di|in plaats van"
    r"|zamiast|i (?:stället för|stedet for)|вместо"
    r"|(?:se )?esperaba|esperado|esperada|attendue?s?|erwartet(?:e[rsn]?)?|atteso|attesa|previsto"
    r"|ждали|ожидал(?:ся|ось|ась|и)|очікува(?:вся|лося|лось|лася|лась|лися|лись|ли)"
    r"|beklenen|bekleniyor(?:du)?|oczekiwano|oczekiwany|verwachte?"
    r"|förväntade?|forvente(?:t|de)|očekáváno|diharapkan|odotettu)\b"
    r"|\b(?:should(?: have)?|must|had to|was to|supposed to|(?:did|do|does)(?:n't| not)|never)"
    r" (?:get|got|see|receive|return|returned|answer|respond with|reply with)"
    r"(?=\s+(?:(?:an?|the|http|status|code)\s+)*[1-5][0-9]{2}\b)"
    r"|期望值?|预期|期待値?|预计|예상(?!치)|기대값?)"
)
"""What the test wanted."""

RECEIVED = (
    r"(?:\b(?:got|received|receives?|(?:but )?(?:was|is|were|had|has|have|found|saw|gave)"
    r"|actual(?:ly)?"
    r"|it['’]s|returned|responded(?: with)?|came back(?: as| with)?|end(?:ed|s) up (?:with|as)"
    r"|(?:se )?obtuvo|recibi[óo]|recibido|obtenido|reçue?|obtenue?|erhalten|erhielt|bekam|bekommen"
    r"|recebido|recebeu|obtido|obteve|ottenuto|ricevuto|получен[оа]?|получил[иа]?|отримано"
    r"|gelen|geldi|alınan|alındı|otrzymano|dostano|kreeg|gekregen|ontvangen|fick|fikk|fik|obdrženo|získáno"
    r"|mendapat|didapat|saatiin)\b"
    r"|实际值?|得到|收到|返回|実際値?|実際は|실제값?|실제로)"
)
"""What came back."""

CAME_LAST = (
    r"(?:(?:was |were |is )?(?:received|returned|seen|found|came(?: back)?|obtained|observed|given"
    r"|sent)|erhalten|bekommen|zurück|kam|war|reçue?|obtenue?|recibid[oa]|obtenid[oa]|recebid[oa]|obtid[oa]"
    r"|ricevut[oa]|ottenut[oa]|получен[оа]?|отримано|geldi|alındı|döndü|ontvangen|gekregen|otrzymano"
    r"|erhållet|mottatt|modtaget|obdrženo)\b"
)
"""What came back, said behind the number."""

STATUS_CODE = (
    r"(?:\b(?:(?:http[ _-]?)?(?:response|resp|return(?:ed)?|result)?[ _-]?status[ _-]?codes?"
    r"|(?:http[ _-]?)?(?:response|resp)[ _-]?codes?|http[ _-]?(?:status|codes?)|http"
    r"|status[ -]?kode[nr]?|statuscode|http-status|code (?:de )?(?:statut|réponse)|code http"
    r"|code (?:de )?retour|http[ _-]?(?:return|result|error)[ _-]?codes?"
    r"|статус(?:а|ом)? (?:ответа|відповіді)|код(?:у|ом)? відповіді"
    r"|código (?:de )?(?:estado|status|respuesta|resposta|http)|codice (?:di )?(?:stato|http)"
    r"|(?:статус[ -]?)?код(?:а|ом)? (?:ответа|статуса|состояния)|статус[ -]код|код http"
    r"|durum kodu|kod (?:statusu|odpowiedzi|http)|stavový kód|kode status|statuskod(?:en)?)\b"
    r"|(?:http)? ?(?:响应)?状态(?:代)?码|响应码|狀態碼"
    r"|(?:http)? ?ステータス(?:・?コード)?|応答コード"
    r"|(?:http)? ?상태 ?코드|응답 ?코드)"
)
"""Words that can only mean the HTTP status."""

NOT_HTTP = (
    r"\b(?:exit|business|internal|grpc|rpc|json-?rpc|graphql|application|app|order|job|sub|custom"
    r"|legacy|vendor|sql|db|database|process|error)[ _-]*$"
    r"|\b(?:job|process|exited|build|script|command|pod|container|workflow)\b[^,.;:]*$"
)
"""Before a status: somebody else's."""

STATUS = r"(?:\b(?:status|statut|stato|estado|durum|stav)\b|\bстатус\b|(?<!\w)状态(?!码)|상태)"
"""Words that mean the HTTP status where what stands before them does not say otherwise."""

FAILED = (
    r"(?:\b(?:fail(?:ed|ure)?|error|rejected|denied|refused|unsuccessful(?:ly)?"
    r"|gagal|galat|error[ea]|fallo|falló|fallid[oa]|erro|falha|falhou|échec|échoué|erreur"
    r"|fehler|fehlgeschlagen|gescheitert|fallit[oa]|ошибка|ошибки|не удалось|сбой|помилка"
    r"|hata|başarısız|błąd|niepowodzenie|fout|mislukt|fel|misslyckades|fejl|feil|chyba|selhalo"
    r"|virhe|lỗi)\b"
    r"|失败|失敗|错误|錯誤|エラー|오류|실패|에러)"
)
"""Words that say that the request failed."""

SURPRISE = (
    r"(?:\b(?:unexpected(?:ly)?|falsche[rs]?|wrong|bad|invalid|strange|weird|inesperad[oa]|inattendue?"
    r"|unerwartete?[rsn]?|inattes[oa]|неожиданный)\b|意外的?|异常|予期しない|예상치 못한)"
)
"""Words that say that the response, if that is what they qualify, was not the one wanted."""

NO_HTTP_FAILURE = (
    r"(?:\b(?:number|count|total) of|\banzahl|\bn[uú]mero de|\bnombre (?:de |d')|\baantal|\bjumlah"
    r"|количество|кол-во|liczba)[^:]*:?\s*$"
    r"|\b(?:assert(?:ion)?|validation|latency|sla|parse|parsing|parser|checksum|total|count|math"
    r"|performance|timing|device|disk|memory|queue|cache|db|database|script|syntax)"
    r"\s+(?:error|failed|failure)\s*[:=(\[]?\s*$|\buser error\s*[:=(\[]?\s*$"
    r"|(?:_|\b)(?:count|total|size|length)\s*(?:error|failed|错误|エラー|오류)\s*[:=(\[]?\s*$"
    r"|\b(?:business|application|app|domain|custom|logic|vendor|bank|logical)[ _-]error(?: code)?"
    r"\s*[:=(\[]?\s*$"
    rf"|{SURPRISE} (?!status|response|code|http|answer|reply|result)\w+ (?:returned|received|got)"
    r"\s*:?\s*$"
)
"""Failures of something else than the request."""

SUCCEEDED = r"(?:\b(?:succeeded|accepted|allowed)\b)"
"""Words that say that the request went through."""

BEFORE_STATUS = (
    r"(?:(?:^|[^\w\s-]|[0-9])\s*|\b(?:http|https|response|unexpected|wrong|bad|invalid|got|get|gets|with"
    r"|return|returned|returns|received|error|failed|failure|server|request|and|the|a|an|actual"
    r"|final|unknown|by|was|has|had|have|handshake|incorrect|but|non-ok|reply|answered|api"
    rf"|upload|login|call|mit|avec|con|com|с|z)[ _-]+|{SURPRISE}\s+|\s[–—-]\s+|[\w.-]+=[^\s=]+\s+"
    r"|(?:예상|실제) )$"
)
"""What may stand before a bare "status": nothing, punctuation, or a word about a request."""

NUMBERED = (
    r"(?:\b(?:ids?|items?|counts?|scores?|lines?|steps?|rows?|users?|orders?|seats?|ind(?:ex|ices)"
    r"|positions?|pages?|versions?|sizes?|lengths?|bytes|ports?|numbers?|amounts?|totals?|attempts?"
    r"|retries|iterations?|seconds|ms|latency|durations?|chars?|characters?|columns?|offsets?"
    r"|records?|products?|keys?|values?|prices?|quantity|balance|age|rank|levels?|chunks?|events?"
    r"|workers?|threads?|nodes?|rooms?|tables?|sessions?|tests?|errors|failures|requests|responses"
    r"|calls|times?|usage|temperature|width|height|depth|weight|rate|ratio|percent(?:age)?"
    r"|customers?|accounts?|tickets?|batch(?:es)?|bookings?|invoices?|entries|entry|elements?"
    r"|rounds?|assertions|checks|cases|games?|players?|messages|objects?|documents?|files?|frames?|segments?|shards?"
    r"|partitions?|buckets?|threshold|limit|max(?:imum)?|min(?:imum)?|average|median|sum"
    r"|líneas?|filas?|pasos?|usuarios?|pedidos?|ligne|étape|utilisateur|commande|zeilen?|schritt"
    r"|nutzer|benutzer|bestellung|linhas?|passo|riga|utente|ordine|строк[аеиу]|шаг[еа]?"
    r"|пользовател\w+|заказ\w*|номер\w*)"
    r"|数|次数|횟수|수|率|量|行|步骤|用户|订单|编号|分数|得分|数量|个数|ユーザー|注文|スコア|件数|점수|사용자|주문|번호|개수)"
)
"""What is counted or numbered: "Failed to parse line: 409" says nothing about a status."""

RESPONSE = (
    r"(?:\b(?:response|reply|answer|respuesta|resposta|réponse|antwort|risposta|ответ|yanıt"
    r"|odpowiedź|svar)\b|응답|响应|レスポンス|応答|回答)"
)
"""Words for what the server sent."""

FOREIGN = (
    r"\b(?:json-?rpc|graph ?ql|grpc|xml-?rpc|soap fault|\w*sql\w*|milvus|kafka|mqtt|amqp"
    r"|redis|mongo\w*|coap|xmpp|sftp|modbus"
    r"|cassandra|oracle|ldap|smtp|ftp|dns|exit (?:code|status)|errno|winerror)\b"
)
"""Protocols with codes of their own: the numbers behind these words are no HTTP statuses."""

ABOUT_HTTP = (
    rf"(?:{STATUS_CODE}|\b(?:status|response|reply|answer|server|api|endpoint|request|fail(?:ed|ure)?"
    r"|GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\b|\])"
)
"""Words of a sentence that compares statuses, if it compares numbers."""

SUCCESS = r"20[0-8]|226|30[1-478]|[23]xx"
"""Statuses that tests expect."""

MEASURED = (
    r"(?:\b|_)(?:(?:number|count|sum) of\b[^,.;:]*|counts?|balance|amount|total|price|quantity|qty"
    r"|stock|scores?|sizes?|lengths?|version|ranks?|average|median|durations?|latency|percentage|rows?"
    r"|lines?|columns?|bytes|characters|chars|elements|entries|headers?|fields?|property|attributes?|ports?"
    r"|checksum|quota|capacity|width|height|depth|weight|temperature|hits|results|messages"
    r"|saldo|preis|prix|cantidad|quantidade)"
    r"(?: level| (?:is |was )?(?:mismatch|changed|wrong|incorrect))?"
    r"(?: (?:after|of|in|for|from) \w+)?[\s:,(.;!?-]*$"
)
"""Before what was expected: it is a measure of something, and no status."""

NAMED_THING = r"\s*[,;(]?\s*(?:field|column|key|attribute|property|header|metric|counter)\b"
"""Behind what came back: likewise."""

UNUSUAL = (
    r"(?!10[0-3]|20[0-8]|226|30[0-8]|4(?:0[0-9]|1[0-8]|19|2[0-6]|2[89]|3[01]|4[049]|5[01]|6[034]|9[4-9])"
    r"|5(?:0[0-9]|1[01]|2[0-79]|30|40|61|9[89]))[1-5][0-9]{2}"
)
"""A number that is the status of nothing: neither assigned by IANA nor used by a known server."""

COUNTING = frozenset({"found", "ok", "created", "accepted", "continue", "processing", "gone"})
"""Names of statuses that also count things: "orders found: 302"."""

PLURAL = (
    r"(?<!\w)(?!(?:status|process|address|alias|bus|virus|plus|this|was|is|has|as)\b)\w+[^\Ws]s\s*$"
)
"""Before such a name: "seats locked: 423" counts seats."""

# What failures with a status are called: "Conflict: 409" says the same thing twice.
MEANS: dict[int, str] = {
    **dict.fromkeys((301, 302, 303, 307, 308), r"redirect(?:ed|ion)?"),
    400: r"bad request",
    401: r"unauthori[sz]ed|unauthenticated|not logged in|auth(?:entication)? (?:failed|required)",
    402: r"payment required|insufficient (?:credits?|funds|balance)",
    403: r"forbidden|unauthori[sz]ed|access denied|denied|blocked|not allowed|bot detection",
    404: r"not found|no encontrad[oa]|non trouvée?|nicht gefunden|no existe|não encontrad[oa]"
    r"|non trovat[oa]|не найден[оа]?|未找到",
    405: r"method not allowed",
    406: r"not acceptable",
    408: r"(?:request )?time-?d? ?out",
    409: r"conflict(?:o|ing)?|deadlock|konflikt|conflit|conflitto|конфликт|冲突|衝突|競合|충돌"
    r"|optimistic lock\w*|concurrent(?: modification| update| write| edit)?|stale(?: \w+)?"
    r"|already exists|duplicate",
    412: r"precondition(?: failed)?",
    413: r"(?:payload|entity|content|file) too large",
    415: r"unsupported media type",
    422: r"unprocessable(?: entity| content)?|validation(?: failed| error)?",
    423: r"locked",
    425: r"too early",
    428: r"precondition required",
    429: r"rate[ -]?limit(?:ed|ing|s)?(?: hit| reached| exceeded)?|throttl(?:ed|ing)"
    r"|too many requests|quota exceeded|slow down",
    499: r"client closed request",
    500: r"internal(?: server)? error|server error",
    501: r"not implemented",
    502: r"bad gateway|gateway",
    503: r"(?:service |temporarily )?unavailable|not ready|overload(?:ed)?|maintenance|server busy",
    504: r"gateway time-?out",
}
"""Names of the failure that each status stands for (RFC 9110 and how people put it)."""


@cache
def regex(pattern: str) -> re.Pattern[str]:
    """Compile a regular expression once: most runs need few of them, and compiling costs."""
    return re.compile(pattern, re.IGNORECASE)
