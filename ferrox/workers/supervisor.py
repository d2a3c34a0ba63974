"""The supervisor: forks the workers, starts dead ones again, hands signals on, ends last.

It serves nobody and runs no event loop and no thread, so that it can fork at any time: a process
that is forked gets everything that was imported, and nothing that runs. What is to be shared (the
lock of the data directory, listening sockets) was opened before.

Stop: SIGTERM and SIGINT tell every worker to stop; each drains by itself. Who has not ended when
the time is over is killed. SIGHUP goes to every worker if they have something to load anew, or if
a service manager sends it; otherwise it does what it does to other programs.
Death: a worker lives no longer than the supervisor. The kernel kills it (`end_with_parent`), and
where it cannot, the end of the control channel is noticed.
"""

import contextlib
import gc
import logging
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from typing import NoReturn

from ferrox import metrics, service_manager
from ferrox.errors import StartError
from ferrox.frozen import end_with_parent
from ferrox.workers.frames import Kind, Message
from ferrox.workers.hub import Hub
from ferrox.workers.restarts import Restarts

Work = Callable[[int, socket.socket], int]
"""What a worker does: given its number and its end of the control channel, until it is told to
stop by SIGTERM; returns its exit status."""

_HANDLED = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGHUP)
_CRASHED = 70
"""The exit status of a worker that ended by an exception nobody expected (EX_SOFTWARE)."""

log = logging.getLogger("ferrox.workers")


class Supervisor:
    """Keeps `count` workers alive.

    stop_limit_s  how long workers may take to end after they were told to
    on_ready      called once, when all workers serve for the first time
    on_stop       called once, when the workers are about to be told to stop
    has_reload    whether SIGHUP means something to a worker
    stop_file     a pipe, socket or terminal whose end is another word to stop
    """

    def __init__(
        self,
        count: int,
        work: Work,
        *,
        stop_limit_s: float,
        on_ready: Callable[[], None],
        on_stop: Callable[[], None],
        has_reload: bool = False,
        stop_file: int | None = None,
    ) -> None:
        self._work = work
        self._stop_limit_s = stop_limit_s
        self._on_ready = on_ready
        self._on_stop = on_stop
        self._has_reload = has_reload
        self._stop_file = stop_file
        self._selector = selectors.DefaultSelector()
        self._hub = Hub(self._selector, self._hear, self._end_disorder)
        self._alarm = socket.socketpair()
        for end in self._alarm:
            end.setblocking(False)
        self._places = [_Place(number) for number in range(count)]
        self._status = 0
        self._failure: str | None = None
        self._is_complete = False
        self._is_told_to_stop = False
        self._is_told_to_reload = False
        self._kill_at_s: float | None = None

    def run(self) -> int:
        """Work until all workers have ended; return the exit status.

        raises  StartError when the server was never complete
        """
        gc.freeze()  # what is here now is never garbage: workers share it as long as they can
        if self._stop_file is not None:
            self._selector.register(self._stop_file, selectors.EVENT_READ, self._look_for_end)
        with self._waking_up():
            try:
                self._watch()
            finally:
                self._kill_all()
        self._close()
        if self._failure is not None and not self._is_complete:
            raise StartError(self._failure)
        return self._status

    def _watch(self) -> None:
        while True:
            self._reap()
            if self._is_told_to_stop and self._kill_at_s is None:
                self._begin_stop()
            if self._is_told_to_reload:
                self._is_told_to_reload = False
                self._signal_all(signal.SIGHUP)
                service_manager.tell_reloaded()
            if self._kill_at_s is None:
                self._start_due()
            elif not any(place.pid for place in self._places):
                return
            elif time.monotonic() >= self._kill_at_s:
                log.error("killing workers that did not end in %g s", self._stop_limit_s)
                self._status = 1
                return
            for key, events in self._selector.select(self._next_s()):
                key.data(events)

    def _next_s(self) -> float | None:
        """How long nothing is to be done unless something happens."""
        due = [place.start_at_s for place in self._places if not place.pid]
        if self._kill_at_s is not None:
            due = [self._kill_at_s]
        return max(0.0, min(due) - time.monotonic()) if due else None

    # Starting

    def _start_due(self) -> None:
        now_s = time.monotonic()
        for place in self._places:
            if not place.pid and place.start_at_s <= now_s:
                self._start(place)

    def _start(self, place: "_Place") -> None:
        end = self._hub.connect(place.number)
        try:
            place.pid = self._fork(place.number, end)
        except OSError as error:
            self._lose(place, f"cannot be started: {error.strerror}")
        finally:
            end.close()

    def _fork(self, number: int, end: socket.socket) -> int:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()  # a worker would say it again
        supervisor = os.getpid()
        # A signal in between would run the supervisor's handlers in the worker.
        signal.pthread_sigmask(signal.SIG_BLOCK, _HANDLED)
        try:
            pid = os.fork()
            if not pid:
                self._live(number, end, supervisor)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _HANDLED)
        return pid

    def _live(self, number: int, end: socket.socket, supervisor: int) -> NoReturn:
        """The whole life of a worker process."""
        status = _CRASHED
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            # Ctrl-C reaches every process of the terminal; the supervisor says what comes of it.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            if self._has_reload:  # what it loads first is new enough
                signal.signal(signal.SIGHUP, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _HANDLED)
            end_with_parent(supervisor)
            self._close()
            status = self._work(number, end)
        except BaseException:
            log.exception("worker %d ends by an error", number)
        finally:
            with contextlib.suppress(OSError, ValueError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(status)

    # Messages

    def _hear(self, worker: int, message: Message) -> None:
        place = self._places[worker]
        if message.kind is Kind.READY:
            place.ready_at_s = time.monotonic()
            if not self._is_complete and all(place.ready_at_s for place in self._places):
                self._is_complete = True
                self._on_ready()
        elif message.kind is Kind.FAILED:
            place.failure = message.payload.decode()

    def _end_disorder(self, worker: int, reason: str) -> None:
        """Have a worker replaced that can neither be asked nor told any more."""
        log.error("worker %d sends nonsense and is killed: %s", worker, reason)
        if self._places[worker].pid:  # it may have ended already
            os.kill(self._places[worker].pid, signal.SIGKILL)

    # Ends

    def _reap(self) -> None:
        """Take note of every process that has ended."""
        while any(place.pid for place in self._places):
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            for place in self._places:
                if place.pid == pid:
                    place.pid = 0
                    self._bury(place, os.waitstatus_to_exitcode(status))

    def _bury(self, place: "_Place", code: int) -> None:
        words = f"killed by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
        if self._kill_at_s is None and not self._is_told_to_stop:
            self._lose(place, words)
            return
        self._hub.disconnect(place.number)
        if code not in (0, -signal.SIGTERM):  # by the signal if it had not yet begun to serve
            log.error("worker %d: %s while it was to stop", place.number, words)
            self._status = 1

    def _lose(self, place: "_Place", reason: str) -> None:
        """Have a worker that ended started again, now or later, or give up."""
        self._hub.disconnect(place.number)  # it may have left word
        failure, place.failure = place.failure, None
        served_s = time.monotonic() - place.ready_at_s if place.ready_at_s else 0.0
        place.ready_at_s = None
        delay_s = place.restarts.delay_s(served_s)
        if failure and not self._is_complete:
            self._give_up(failure)
        elif delay_s is None:
            self._give_up(f"worker {place.number} ends as soon as it starts: {failure or reason}")
        else:
            metrics.WORKER_RESTARTS.inc()
            log.error("worker %d: %s; it is started again", place.number, failure or reason)
            place.start_at_s = time.monotonic() + delay_s

    def _give_up(self, reason: str) -> None:
        self._failure = reason
        if self._is_complete:
            self._status = 1
            log.critical("giving up: %s", reason)
        self._begin_stop()

    # Stopping

    def _begin_stop(self) -> None:
        self._kill_at_s = time.monotonic() + self._stop_limit_s
        self._on_stop()
        self._signal_all(signal.SIGTERM)

    def _kill_all(self) -> None:
        """Leave no worker behind."""
        self._signal_all(signal.SIGKILL)
        for place in self._places:
            if place.pid:
                os.waitpid(place.pid, 0)
                place.pid = 0

    def _signal_all(self, number: signal.Signals) -> None:
        for place in self._places:
            if place.pid:
                os.kill(place.pid, number)

    def _close(self) -> None:
        """Close what is open here: at the end, and in a process that was just forked."""
        self._hub.close()
        self._selector.close()
        for end in self._alarm:
            end.close()

    @contextlib.contextmanager
    def _waking_up(self) -> Iterator[None]:
        """Handle signals for the length of a block; each wakes the selector up."""
        heard, told = self._alarm
        self._selector.register(heard, selectors.EVENT_READ, lambda _: heard.recv(4096))
        former = {
            signal.SIGTERM: signal.signal(signal.SIGTERM, self._stop),
            signal.SIGINT: signal.signal(signal.SIGINT, self._stop),
            signal.SIGCHLD: signal.signal(signal.SIGCHLD, _do_nothing),
        }
        if self._has_reload:
            former[signal.SIGHUP] = signal.signal(signal.SIGHUP, self._reload)
        former_fd = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(former_fd)
            for number, handler in former.items():
                signal.signal(number, handler)

    def _look_for_end(self, _events: int) -> None:
        assert self._stop_file is not None  # noqa: S101 - what is looked at
        if not os.read(self._stop_file, 65_536):
            self._selector.unregister(self._stop_file)
            self._is_told_to_stop = True

    def _stop(self, number: int, frame: object) -> None:
        self._is_told_to_stop = True

    def _reload(self, number: int, frame: object) -> None:
        self._is_told_to_reload = True


class _Place:
    """Where a worker is, or is to be: the number stays, processes come and go."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.pid = 0
        self.start_at_s = 0.0
        self.ready_at_s: float | None = None
        self.failure: str | None = None
        self.restarts = Restarts()


def _do_nothing(number: int, frame: object) -> None:
    """SIGCHLD needs a handler, or it would not wake the selector up."""
