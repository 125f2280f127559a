"""Names of metrics: which one is meant by a name of Locust's or of another tool's."""

from __future__ import annotations

import re
from fractions import Fraction

from loadgate.metrics import METRICS, metric

_ELSEWHERE = {
    "avg": "average mean avg_rt average_latency mean_latency",
    "min": "minimum min_rt",
    "max": "maximum max_rt",
    "median": "med med_rt",
    "rps": "requests_per_second requests_per_sec requests_s req_s throughput request_rate reqs_s"
    " tps qps rate hits_s",
    "failure_rate": "fail_ratio failure_ratio fail_rate error_rate error_ratio http_req_failed"
    " failures_percent error_pct error_percent max_error_rate maxerrorrate failed_rate",
    "failures": "failure_count num_failures failure fail fails failed errors error_count num_errors"
    " failed_requests num_fail",
    "requests": "request_count num_requests request http_reqs number_of_requests samples hits"
    " reqs num_reqs",
    "task_exceptions": "exceptions exception_count num_exceptions",
    "users": "user_count num_users max_users peak_users vus vus_max concurrency",
    "duration": "run_time runtime test_duration test_run_duration length",
    "p95": "http_req_duration response_time latency",
}
_MEANT = {word: name for name, words in _ELSEWHERE.items() for word in words.split()}
_AROUND = re.compile(r"^(?:(?:get|check|current|total|global|http_req_duration|http)_)+")
_OF_TIME = re.compile(r"_?(?:response_?times?|duration)(?:_ms)?$")
_PERCENTILE_MEANT = re.compile(
    r"(?<![a-z])(?:p|q|pct|perc|percentile|quantile)[^a-z0-9]{0,2}([0-9]{1,2}(?:\.[0-9]+)?)(?![0-9])"
    r"|(?<![0-9.])([0-9]{1,2}(?:\.[0-9]+)?) ?(?:%|th)"
)
_STATUS_MEANT = re.compile(r"[^0-9]*?\b_?([1-5](?:xx|[0-9]{2}))(?![0-9])s?[^0-9]*")


def meant(name: str) -> str | None:
    """Return the metric that is probably meant by a name of Locust's or of another tool's."""
    text = name.lower()
    words = re.sub(r"[^a-z0-9]+", "_", text).strip("_")
    if metric(words) is not None:
        return words
    bare = _AROUND.sub("", words)
    for word in (words, bare, _OF_TIME.sub("", words), _OF_TIME.sub("", bare)):
        if word in _MEANT:
            return _MEANT[word]
        if word in METRICS:
            return word
    percentile = _PERCENTILE_MEANT.search(text)
    if percentile is not None and (number := Fraction(percentile[1] or percentile[2])):
        return f"p{float(number * 100 if number < 1 else number):.4g}"
    status = _STATUS_MEANT.fullmatch(text.replace("_", " "))
    if status is not None:
        return f"status_{status[1]}" + ("_rate" if re.search("rate|ratio|percent|%", text) else "")
    return None
