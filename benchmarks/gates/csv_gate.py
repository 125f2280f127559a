"""A gate with nothing but csv, as somebody writes it on a good afternoon.

python csv_gate.py run
"""

import csv
import re
import sys

STATUS = re.compile(r"\b([45]\d\d)\b")
CONFLICTS = re.compile(r"^POST /.*/state$")
MAX_TRUE = 0.01
MAX_CONFLICTS = 0.10
P95 = {"": 800, "POST /orders": 250}


def rows(path):
    """Return the rows of a CSV file."""
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def main(prefix):
    """Judge a run; return the exit code."""
    endpoints, total = {}, None
    for row in rows(prefix + "_stats.csv"):
        if row["Name"] == "Aggregated":
            total = row
        else:
            endpoints[f"{row['Type']} {row['Name']}"] = row
    requests = int(total["Request Count"])
    if not requests:
        print("no requests")
        return 2

    true, conflicts = 0, {}
    for row in rows(prefix + "_failures.csv"):
        endpoint = f"{row['Method']} {row['Name']}"
        statuses = STATUS.findall(row["Error"])
        if CONFLICTS.match(endpoint) and "409" in statuses:
            conflicts[endpoint] = conflicts.get(endpoint, 0) + int(row["Occurrences"])
        else:
            true += int(row["Occurrences"])

    problems = []
    if true > MAX_TRUE * requests:
        problems.append(f"{true / requests:.2%} true failures")
    for endpoint, count in conflicts.items():
        if count > MAX_CONFLICTS * int(endpoints[endpoint]["Request Count"]):
            problems.append(f"{endpoint}: {count} conflicts")
    for endpoint, limit in P95.items():
        row = endpoints.get(endpoint) if endpoint else total
        if row and float(row["95%"]) > limit:
            problems.append(f"{endpoint or 'all'}: p95 is {row['95%']} ms")
    print("\n".join(problems) or "passed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
