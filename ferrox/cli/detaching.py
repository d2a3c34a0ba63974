"""`ferroxd --detach`: start a server that goes on in the background, return when it is ready.

The program is started once more, as a session leader of its own: a one-file program has launchers,
and they remove what they unpacked when what they started has ended. What that server logs goes to a
file that is still there when the server has crashed; FERROX_LOG says where it is.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

from ferrox import client_environment
from ferrox.clock import SystemClock
from ferrox.config import Config
from ferrox.storage import detached_log

_KILL_AFTER_S = 10.0


def run(arguments: Sequence[str], settings: Config) -> int:
    """Print the variables of a new server and return 0, or say why there is none.

    arguments  of `serve`, as they were given
    """
    path, file = detached_log.make(settings.ephemeral_dir, os.environ, SystemClock().now_ms())
    with _removed_unless_used(path), file as log, _nothing() as nothing:
        command = [*program(), "serve", *arguments, "--detach=off", "--print-env=json"]
        environment = {
            **os.environ,
            "PYINSTALLER_RESET_ENVIRONMENT": "1",
            detached_log.VARIABLE: str(path),
        }
        with _ended_unless_done(
            lambda: subprocess.Popen(  # noqa: S603 - this program, with what it was given itself
                command,
                env=environment,
                stdin=nothing,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        ) as server:
            assert server.stdout is not None  # noqa: S101 - for the type checker: it is a pipe
            line = server.stdout.readline()
            if not line:
                path.unlink(missing_ok=True)
                return _failed(server, log)
    variables = json.loads(line)
    variables["FERROX_PID"] = str(server.pid)
    variables["FERROX_LOG"] = str(path)
    sys.stdout.write(client_environment.text(settings.print_env or "shell", variables))
    sys.stdout.flush()
    return 0


def program() -> list[str]:
    """How this program is started, as the beginning of a command line."""
    if not getattr(sys, "frozen", False):
        return [sys.executable, *_options_and_script()]
    from ferrox import frozen

    return [str(frozen.path())]


def _options_and_script() -> Iterator[str]:
    """What stands between the interpreter and our own arguments."""
    count = len(sys.orig_argv) - len(sys.argv[1:])
    return iter(sys.orig_argv[1:count])


@contextlib.contextmanager
def _removed_unless_used(log: Path) -> Iterator[None]:
    """Leave no log behind of a server that is not there."""
    try:
        yield
    except BaseException:
        log.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def _nothing() -> Iterator[int]:
    """An input without anything in it, where there may be no /dev/null."""
    reading, writing = os.pipe()
    os.close(writing)
    try:
        yield reading
    finally:
        os.close(reading)


@contextlib.contextmanager
def _ended_unless_done(
    start: Callable[[], "subprocess.Popen[bytes]"],
) -> Iterator["subprocess.Popen[bytes]"]:
    """Start a server, and leave none behind when we are interrupted, however early."""
    early: list[int] = []  # what came before there was a server to end
    interrupt = signal.getsignal(signal.SIGINT)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: early.append(received))
    server = start()
    try:
        signal.signal(signal.SIGTERM, lambda received, _frame: sys.exit(128 + received))
        signal.signal(signal.SIGINT, interrupt)
        for received in early:
            signal.raise_signal(received)
        yield server
    except BaseException:
        server.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(_KILL_AFTER_S)
        server.kill()
        raise


def _failed(server: "subprocess.Popen[bytes]", log: IO[bytes]) -> int:
    """Say what the server said."""
    status = server.wait()
    log.seek(0)
    shutil.copyfileobj(log, sys.stderr.buffer)
    return status or 1
