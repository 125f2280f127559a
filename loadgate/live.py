"""The verdict on a run that is still on: a process beside Locust, which judges as `check` does.

It reads the journal that the recorder writes, so that it costs the load generator nothing. A line
of JSON on standard input is a request. Two lines on standard output are its answer: what came of
it, and the result document. `loadgate/recorder/live.py` is the other side.
"""

from __future__ import annotations

import json
import os
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from loadgate.classify import classify
from loadgate.cli.exit_codes import warning_code
from loadgate.cli.outputs import parse_outputs
from loadgate.document.write import as_document
from loadgate.errors import LoadgateError
from loadgate.gate import evaluate
from loadgate.judging.earlier import Earlier, earlier_for
from loadgate.judging.runs import rules_passed_over
from loadgate.masked import mask_verdict
from loadgate.model import Policy, Verdict
from loadgate.read.recording import run_so_far
from loadgate.recording.counts import Mark
from loadgate.recording.document import Document, document_from_json
from loadgate.recording.form import from_json
from loadgate.recording.journal import part_from_json
from loadgate.render.words import check_line
from loadgate.rules import load_policy


class Journal:
    """A recording that grows: each look reads what was added since the one before."""

    def __init__(self, path: str) -> None:
        """Name it; nothing is read yet."""
        self._path = Path(path)
        self._forget()

    def _forget(self) -> None:
        self._file = 0
        self._read = 0
        self._document: Document | None = None

    def document(self, run: str) -> Document | None:
        """Return what is recorded so far of a run; None: the file is of another one."""
        if self._document is not None and self._document.run != run:
            self._forget()
        with self._path.open("rb") as file:
            found = os.fstat(file.fileno()).st_ino
            if found != self._file:  # written anew, as at the end of the run
                self._forget()
                self._file = found
            file.seek(self._read)
            for value in self._values(file.read()):
                if self._document is None:
                    self._document = document_from_json(value)
                else:
                    self._document.counts.add(part_from_json(value).counts)
        document = self._document
        return document if document is not None and document.run == run else None

    def _values(self, packed: bytes) -> Iterator[dict[str, Any]]:
        """Yield what is in each whole gzip member; the recorder may be writing the next."""
        while packed:
            member = zlib.decompressobj(wbits=31)
            text = member.decompress(packed)
            if not member.eof:
                return
            self._read += len(packed) - len(member.unused_data)
            packed = member.unused_data
            yield json.loads(text)


def look(
    journal: Journal, policy: Policy, earlier: Earlier, request: dict[str, Any]
) -> Verdict | None:
    """Return the verdict as of now; None: the file is of another run."""
    recording = journal.document(request["run"])
    if recording is None:
        return None
    if recording.state != "finished":
        if earlier.history is not None:
            earlier = earlier._replace(history=replace(earlier.history, ongoing=True))
        # Only the recorder's own process knows them.
        own = from_json(request["counts"])
        if all(mark.kind != "stopping" for mark in own.marks):  # as of now: as if it ended now
            own.marks.append(Mark(at=request["now"], kind="stopping"))
        recording.counts.marks, recording.counts.users = own.marks, own.users
        recording.ended = request["now"]
    run = run_so_far(recording, request["label"])
    return mask_verdict(evaluate(classify(run, policy), policy, *earlier))


def can_abort(policy: Policy) -> bool:
    """Say whether a run may be stopped for what it fails."""
    return policy.abort or any(threshold.abort for threshold in policy.thresholds)


def reason(verdict: Verdict) -> str:
    """Return what is certain to fail, if the run is to be stopped for that; "": it goes on."""
    failed = [check_line(check).sentence for check in verdict.checks if check.aborts]
    more = len(failed) - 1
    return "".join(failed[:1]) + (f"; {more:,} more" if more > 0 else "")


def main() -> None:
    """Answer the first request, which says how to judge, and then looks at the run."""
    with suppress(AttributeError, OSError):  # not everywhere
        os.nice(10)
    journal = Journal("")
    policy: Policy | None = None
    earlier = Earlier()
    for line in sys.stdin:
        request, started = json.loads(line), time.process_time()
        answer: dict[str, Any] = {"error": None}
        result = None
        try:
            if policy is None:
                # Not at the end of the run:
                parse_outputs(request["outputs"])
                warning_code(request["warning_exit_code"])
                journal = Journal(request["file"])
                policy = load_policy(
                    request["rules"], thresholds=request["thresholds"], abort=request["abort"]
                )
                earlier = earlier_for(
                    policy, request["earlier"], optional=request["optional"], encoding=None
                )
                answer["can_abort"] = can_abort(policy)
                answer["warnings"] = rules_passed_over(
                    request["rules"],
                    request["locustfiles"],
                    policy,
                    what="locustfile",
                    option="--loadgate-rules",
                )
            elif verdict := look(journal, policy, earlier, request):
                result, answer["abort"] = as_document(verdict), reason(verdict)
        except (LoadgateError, OSError) as problem:
            page = problem.page if isinstance(problem, LoadgateError) else "recorder"
            answer |= {"error": str(problem), "page": page}
        answer["seconds"] = time.process_time() - started
        sys.stdout.write(f"{json.dumps(answer)}\n{json.dumps(result)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
