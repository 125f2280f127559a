"""CSV files of made-up runs with a given number of failures."""  # noqa: INP001 - beside a script

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

KINDS = ("gateways", "prompts", "resources", "servers", "tools")
ENDPOINTS = tuple(
    (method, name)
    for kind in KINDS
    for method, name in (
        ("GET", f"/{kind}"),
        ("GET", f"/{kind}/[id]"),
        ("POST", f"/{kind}/[id]/state"),
    )
)
STATS_HEADER = (
    "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,"
    "Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,"
    "50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%"
)
HISTORY_HEADER = (
    "Timestamp,User Count,Type,Name,Requests/s,Failures/s,"
    "50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%,Total Request Count,Total Failure Count,"
    "Total Median Response Time,Total Average Response Time,Total Min Response Time,"
    "Total Max Response Time,Total Average Content Size"
)
TIMES = "20,26.2,1.07,627,412.5"
PERCENTILES = "20,28,34,40,80,114,303,438,503,543,627"
LETTERS = str.maketrans("0123456789", "ghijklmnop")


def write_run(run: Path, *, rows: int, occurrences: int) -> None:
    """Write the two CSV files of a run with so many distinct failures, each that often."""
    per_endpoint = dict.fromkeys(ENDPOINTS, 0)
    with Path(f"{run}_failures.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("Method", "Name", "Error", "Occurrences", "First Seen", "Last Seen"))
        seen = ("2026-01-31T12:00:00Z",) * 2
        for number in range(rows):
            endpoint = ENDPOINTS[number % len(ENDPOINTS)]
            per_endpoint[endpoint] += occurrences
            writer.writerow((*endpoint, error_text(number, endpoint[1]), occurrences, *seen))
    with Path(f"{run}_stats.csv").open("w", newline="", encoding="utf-8") as file:
        file.write(f"{STATS_HEADER}\r\n")
        file.writelines(stats_row(*endpoint, count) for endpoint, count in per_endpoint.items())
        file.write(stats_row("", "Aggregated", sum(per_endpoint.values())))
    total = sum(per_endpoint.values())
    with Path(f"{run}_stats_history.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)  # Locust writes one whenever it writes the others
        writer.writerow(HISTORY_HEADER.split(","))
        for second, share in ((0, 0), (300, 1)):
            numbers = (total * 10 * share, total * share, *TIMES.split(","))
            row = (1_769_860_800 + second, 50, "", "Aggregated", 10.0, 1.0)
            writer.writerow((*row, *PERCENTILES.split(","), *numbers))


def stats_row(method: str, name: str, failures: int) -> str:
    """Return the line of an endpoint, every tenth of whose requests failed."""
    rates = f"{failures / 30},{failures / 300}"
    return f"{method},{name},{failures * 10},{failures},{TIMES},{rates},{PERCENTILES}\r\n"


def error_text(number: int, name: str) -> str:
    """Return an error text that no other number has, in one of the shapes that Locust writes."""
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    id_ = f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"
    path = f"{name.replace('[id]', id_)}?trace={digest[32:48]}"
    status, phrase = (
        (409, "Client Error: Conflict"),
        (500, "Server Error: Internal Server Error"),
    )[number // 60 % 2]
    match number // len(ENDPOINTS) % 4:
        case 0:
            return f"BadStatusCode('http://127.0.0.1:8089{path}', code={status})"
        case 1:
            return f"HTTPError('{status} {phrase} for url: {path}')"
        case 2:
            took = int(digest[:6], 16)
            return f"CatchResponseError('Order {id_}: expected 200, got {status} after {took} ms')"
        case _:
            words = digest.translate(LETTERS)
            return f"CatchResponseError('{words[:7]} {words[7:12]} {words[12:21]} refused')"
