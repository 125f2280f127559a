"""A gate with pandas, as somebody writes it who has the results in a notebook anyway.

python pandas_gate.py run [last/run]
"""

import sys

import pandas as pd

MAX_TRUE = 0.01
MAX_CONFLICTS = 0.10
P95 = 800
P95_ORDERS = 250
MAX_GROWTH = 1.5


def main(prefix, last=None):
    """Judge a run, and compare it with the last one; return the exit code."""
    stats = pd.read_csv(f"{prefix}_stats.csv")
    failures = pd.read_csv(f"{prefix}_failures.csv")
    total = stats[stats["Name"] == "Aggregated"].iloc[0]
    if total["Request Count"] == 0:
        print("no requests")
        return 2

    status = failures["Error"].astype(str).str.extract(r"\b(\d{3})\b")[0]
    change = failures["Name"].astype(str).str.endswith("/state") & (failures["Method"] == "POST")
    conflict = change & (status == "409")
    conflicts = failures.loc[conflict, "Occurrences"].sum()
    true_rate = (total["Failure Count"] - conflicts) / total["Request Count"]
    changes = stats[stats["Name"].str.endswith("/state") & (stats["Type"] == "POST")]
    conflict_rate = conflicts / changes["Request Count"].sum()
    orders = stats[(stats["Name"] == "/orders") & (stats["Type"] == "POST")]
    checks = {
        f"{true_rate:.2%} true failures": true_rate > MAX_TRUE,
        f"{conflict_rate:.1%} of changes conflict": conflict_rate > MAX_CONFLICTS,
        f"p95 is {total['95%']} ms": total["95%"] > P95,
        "orders are slow": (orders["95%"] > P95_ORDERS).any(),
    }
    if last:
        both = stats.merge(pd.read_csv(f"{last}_stats.csv"), on=["Type", "Name"])
        slower = both[both["95%_x"] > both["95%_y"] * MAX_GROWTH]
        checks["slower: " + ", ".join(slower["Name"])] = len(slower) > 0
    problems = [text for text, failed in checks.items() if failed]
    print("\n".join(problems) or "passed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
