"""The recorder's listeners: what each event of Locust means, by the role of the process."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from typing import Any, TypeVar, cast

import gevent
import gevent.lock
import locust.runners
from locust import __version__ as locust_version

from loadgate.errors import LoadgateError
from loadgate.published import address, see
from loadgate.recorder.abort import watch
from loadgate.recorder.blocks import count_blocks
from loadgate.recorder.collector import Collector
from loadgate.recorder.drain import drain
from loadgate.recorder.exit import Exit, say
from loadgate.recorder.file import RecordingFile
from loadgate.recorder.live import Live
from loadgate.recorder.messages import Sender, take_report
from loadgate.recorder.options import Options, add_options, options_of
from loadgate.recorder.run import Run
from loadgate.recorder.verdict import ERROR, Judgement, judge
from loadgate.recorder.web import Answers, offer
from loadgate.recorder.workers import ACKNOWLEDGE
from loadgate.recording.document import LOCAL, Totals

_Listener = TypeVar("_Listener", bound=Callable[..., None])
_FLUSH = 2
"""Seconds between the parts of a run without workers."""
RUN_OPTION = "loadgate_run"
"""Among the parsed options, which Locust hands to its workers: the id of the run."""


def _safe(listener: _Listener) -> _Listener:
    """Let a listener raise nothing: it would stop those behind it."""

    @functools.wraps(listener)
    def safe(self: Recorder, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as the listener
        try:
            listener(self, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
            self.fail(error)

    return cast("_Listener", safe)


class Recorder:
    """Listens to the events of one environment."""

    def __init__(self, events: Any) -> None:  # noqa: ANN401 - Locust's own
        """Add the listeners; the role is known once there is a runner."""
        self.environment: Any = None
        self.options = Options()
        self.run: Run | None = None
        self.collector = Collector()
        self.exit = Exit()
        self._sender = Sender(self.collector)
        self._file = RecordingFile("")
        self._folder = ""
        self._stopped = False
        self._ending = gevent.lock.RLock()
        self._finishing: Any = None
        self.live: Live | None = None
        """The verdict while the run is on; None: of a worker, or not begun."""
        self._lacking: list[str] = []
        for name in _LISTENED:
            event = getattr(events, name, None)
            if event is None:
                self._lacking.append(f"events.{name}")
            else:
                event.add_listener(getattr(self, f"on_{name}"))
        events.request.add_listener(self.collector.request)
        events.user_error.add_listener(self.collector.user_error)
        count_blocks(events.request, self.collector.user_error)

    # --- the role ---------------------------------------------------------------------------------

    @property
    def runner(self) -> Any:  # noqa: ANN401 - Locust's own
        """Locust's runner; None: there is none yet."""
        return None if self.environment is None else self.environment.runner

    @property
    def is_worker(self) -> bool:
        """Whether this process is a worker."""
        return isinstance(self.runner, locust.runners.WorkerRunner)

    @property
    def is_master(self) -> bool:
        """Whether this process has workers."""
        return isinstance(self.runner, locust.runners.MasterRunner)

    def fail(self, error: Exception) -> None:
        """Count an error of the recorder itself."""
        if self.run is None:
            self.collector.fail(error)
        else:
            self.run.fail(error)

    # --- beginning --------------------------------------------------------------------------------

    def on_init_command_line_parser(self, parser: Any, **_: Any) -> None:  # noqa: ANN401
        """Add the options; a locustfile that has them, too, is told so by the parser."""
        add_options(parser)

    def on_init(self, environment: Any, **_: Any) -> None:  # noqa: ANN401 - Locust's own
        """Take the environment; end at once where the run cannot be recorded or judged."""
        try:
            self.begin(environment)
        except (LoadgateError, OSError) as error:
            say(str(error), error.page if isinstance(error, LoadgateError) else "recorder")
            sys.exit(ERROR)
        if not self.is_worker:
            self.exit.owe()

    def begin(self, environment: Any) -> None:  # noqa: ANN401 - Locust's own
        """Take the environment, and remove the recording of an earlier run.

        Raises:
            OutputError: The recording cannot be written.
            LoadgateError: The run cannot be judged: the policy has a problem.
        """
        if self.environment is not None:
            return
        self.environment = environment
        self.options = options_of(environment.parsed_options)
        self._file = RecordingFile(self.options.file)
        self._folder = os.getcwd()
        if self.is_worker:
            self.runner.register_message(ACKNOWLEDGE, self._on_acknowledge)
        else:
            self.run = Run(self._file, locust_version, started=False)
            if self.options.outputs:  # those of an earlier run go, whatever becomes of this one
                judge(self.options, self._folder)
            self.live = Live(self.options, self._folder)
            self.live.prepare()
            for text in self.live.warnings:
                say(text, "rules")
            gevent.spawn(self._tick)
            if getattr(environment, "web_ui", None) is not None:
                answers = Answers(self.options, self._folder, self.live, lambda: self.run)
                offer(environment.web_ui, answers)

    @_safe
    def on_test_start(self, environment: Any, **_: Any) -> None:  # noqa: ANN401 - Locust's own
        """Begin a recording."""
        self._stopped = False
        # Other listeners may clean up by requests: ours comes behind them.
        _put_last(environment.events.test_stop, self.on_test_stop)
        runner, parsed = environment.runner, environment.parsed_options
        # A worker that joins late may begin while its runner is being made, before `init`.
        if runner is None or isinstance(runner, locust.runners.WorkerRunner):
            run = getattr(parsed, RUN_OPTION, None)
            self._sender.begin(run, getattr(runner, "client_id", ""))
            return
        self.begin(environment)
        self.run = Run(self._file, locust_version, started=True)
        self._sender.begin(self.run.id, LOCAL)
        self.run.mark("start")
        if parsed is not None:
            setattr(parsed, RUN_OPTION, self.run.id)
        for worker in self._workers():
            self.run.ledger.expect(worker)
        if self.live is not None and self.live.can_abort:
            gevent.spawn(self._watch, self.live, self.run)

    def _workers(self) -> list[str]:
        if not self.is_master:
            return [LOCAL]
        missing = locust.runners.STATE_MISSING
        return [id_ for id_, client in self.runner.clients.items() if client.state != missing]

    # --- while the run is on ----------------------------------------------------------------------

    def _tick(self) -> None:
        """Note the users each second; in a run without workers, write what is new."""
        seconds = 0
        while True:
            gevent.sleep(1)
            seconds += 1
            self._note(flush=seconds % _FLUSH == 0)

    @_safe
    def _note(self, *, flush: bool) -> None:
        if self.run is None or self.run.document.started is None:
            return
        if not self._stopped:
            self.run.users(self.runner.user_count)
            if flush and not self.is_master:
                self._sender.hand_over(self.run, final=False)

    @_safe
    def _watch(self, live: Live, run: Run) -> None:
        """Stop a run that is certain to fail."""
        watch(live, run, self.environment, lambda: run is self.run)

    @_safe
    def on_spawning_complete(self, user_count: int, **_: Any) -> None:  # noqa: ANN401
        """Note that all users are there."""
        if self.run is not None:
            self.run.mark("spawned", user_count)
            if self.environment.reset_stats:
                self.run.mark("reset")

    @_safe
    def on_reset_stats(self, **_: Any) -> None:  # noqa: ANN401 - Locust's own
        """Note that Locust's statistics begin anew; the recording does not."""
        if self.run is not None:
            self.run.mark("reset")

    # --- workers and their master -----------------------------------------------------------------

    @_safe
    def on_report_to_master(self, data: dict[str, Any], **_: Any) -> None:  # noqa: ANN401
        """Send what is new, and what the master has not acknowledged."""
        self._sender.report(data, final=self._stopped)

    @_safe
    def _on_acknowledge(self, msg: Any, **_: Any) -> None:  # noqa: ANN401 - Locust's own
        self._sender.acknowledged(**msg.data)

    @_safe
    def on_worker_connect(self, client_id: str, **_: Any) -> None:  # noqa: ANN401
        """Expect a worker that joins."""
        if self.run is not None and not self._stopped:
            self.run.ledger.expect(client_id)

    @_safe
    def on_worker_report(self, client_id: str, data: dict[str, Any], **_: Any) -> None:  # noqa: ANN401
        """Take what a worker sends."""
        if self.run is not None and self.run.document.started is not None:
            take_report(self.runner, self.run, client_id, data)

    # --- the end ----------------------------------------------------------------------------------

    @_safe
    def on_test_stopping(self, **_: Any) -> None:  # noqa: ANN401 - Locust's own
        """Note that users begin to stop."""
        if self.run is not None:
            self.run.mark("stopping", self.runner.user_count)

    @_safe
    def on_test_stop(self, **_: Any) -> None:  # noqa: ANN401 - Locust's own
        """Finish the recording: all users have stopped."""
        self._stopped = True
        if self.run is None:
            self._sender.send_last(self.runner)
            return
        self.run.mark("stop")
        if self.is_master:
            self._finishing = gevent.spawn(self._finish, self.run)
        else:
            self._finish(self.run)

    @_safe
    def _finish(self, run: Run) -> None:
        """Wait for the workers' last parts, and write the recording."""
        if self.is_master:
            drain(self.runner, run.ledger, run.fail)
        # A master makes requests only where a listener does.
        own = not self.is_master or self.collector.recorded or self.collector.errors
        if own and run.document.started is not None:
            self._sender.hand_over(run, final=True)
        if run is self.run:  # no other run has begun
            total = self.environment.stats.total
            reset = any(mark.kind == "reset" for mark in run.document.counts.marks)
            run.document.lacking = self._lacking
            run.finish(
                Totals(requests=total.num_requests, failures=total.num_failures, reset=reset)
            )

    @_safe
    def on_quitting(self, **_: Any) -> None:  # noqa: ANN401 - Locust's own
        """Stop the users, finish the recording and set the exit code: the gate's."""
        if self.runner is None:
            return
        with self._ending:  # a further signal waits for the end that is on
            if self.exit.judgement is None:
                self._end_and_judge()

    def _end_and_judge(self) -> None:
        other = self.environment.process_exit_code
        if not self.is_worker:
            # Whatever goes wrong below, a run without a verdict has not passed.
            self.environment.process_exit_code = ERROR
        # Other listeners may print or exit: the verdict comes behind them.
        _put_last(self.environment.events.quit, self.on_quit)
        self._end()
        if self.run is not None and self.live is not None:
            judgement = self._judge(self.run, self.live)
            self.exit.judged(self.environment, judgement, other)

    @_safe
    def _end(self) -> None:
        if not self.is_master:  # Locust's own listener has stopped the master
            self.runner.stop()
        if self.run is None:
            self._sender.send_last(self.runner)
            return
        if self._finishing is not None:
            self._finishing.join()
        self._finish(self.run)

    def _judge(self, run: Run, live: Live) -> Judgement:
        live.close()
        if run.written:
            return judge(self.options, self._folder, warned=bool(live.warnings))
        # What is in the file may be of another run.
        text = f"loadgate: the recording is incomplete: {'; '.join(run.document.errors)}"
        return Judgement(code=ERROR, text=f"{text}\n{see(address('recorder'))}\n")

    @_safe
    def on_quit(self, exit_code: int, **_: Any) -> None:  # noqa: ANN401 - Locust's own
        """Print the verdict behind Locust's tables."""
        self.exit.tell(exit_code)


def _put_last(event: Any, listener: Callable[..., None]) -> None:  # noqa: ANN401 - Locust's own
    event.remove_listener(listener)
    event.add_listener(listener)


_LISTENED = tuple(name.removeprefix("on_") for name in vars(Recorder) if name.startswith("on_"))
