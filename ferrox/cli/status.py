"""`ferroxd status`: how a server is, on a screen that follows it, or once.

Plain ANSI sequences on the second screen of a terminal: what was on the first one is there again
afterwards.
"""

import argparse
import json
import os
import select
import shutil
import signal
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn, TextIO

from ferrox.admin.endpoint import PREFIX
from ferrox.cli import admin_place
from ferrox.cli.admin_client import AdminClient, Refused
from ferrox.cli.status_rates import Rates, between
from ferrox.cli.status_screen import FINE, SPARK_WIDTH, Style, render
from ferrox.errors import StartError

PATH = f"{PREFIX}/status"
LEAST_S, MOST_S = 0.1, 3600.0
WIDTH = 80
"""Where there is no terminal that would say."""

_ENTER = "\x1b[?1049h\x1b[?25l"
"""To the second screen, without a cursor."""
_LEAVE = "\x1b[?25h\x1b[?1049l"
_HOME, _END_OF_LINE, _END_OF_SCREEN = "\x1b[H", "\x1b[K", "\x1b[J"

_DESCRIPTION = """\
Show how a server is: requests, latency, traffic, capacity, jobs, and what somebody should see to.
On a terminal it follows the server until q or Ctrl-C; elsewhere, or with --once, it looks for one
interval and prints what it saw. Exit status: 0 the server is well, 1 it is not (it is read-only,
something stored is damaged, the drive is full, a certificate has ended, a worker does not answer),
2 it could not be asked. Following it ends with 0.
"""


def run(arguments: Sequence[str]) -> int:
    """Show how a server is; StartError when it cannot be asked."""
    given = vars(_parser().parse_args(arguments))
    client = AdminClient(admin_place.taken(given))
    interval_s: float = given["interval"]
    is_once = given["once"] or given["json"] or not sys.stdout.isatty()
    try:
        if is_once:
            return _print_once(client, interval_s, as_json=given["json"])
        _follow(client, interval_s)
    except Refused as refusal:
        raise StartError(str(refusal)) from None
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - what is not printed yet goes nowhere
    except KeyboardInterrupt:
        pass
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = admin_place.Parser(
        prog="ferroxd status",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--once", action="store_true", help="print it once, whatever the terminal")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument(
        "--interval",
        type=_interval,
        default=1.0,
        metavar="SECONDS",
        help="how long rates are measured, and how often the screen is drawn (default: 1)",
    )
    admin_place.add_options(parser)
    return parser


def _interval(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not LEAST_S <= seconds <= MOST_S:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from {LEAST_S:g} to {MOST_S:g}")
    return seconds


def _ask(client: AdminClient) -> dict[str, Any]:
    answer: dict[str, Any] = client.ask("GET", PATH, {}, None)
    return answer


# Once


def _print_once(client: AdminClient, interval_s: float, *, as_json: bool) -> int:
    before = _ask(client)
    time.sleep(interval_s)
    status = _ask(client)
    rates = between(before, status)
    if as_json:
        print(json.dumps(status | {"rates": rates and rates._asdict()}, indent=2))
    else:
        is_terminal = sys.stdout.isatty()
        width = shutil.get_terminal_size((WIDTH, 24)).columns if is_terminal else 10_000
        print("\n".join(render(status, rates, width=width, style=_style(sys.stdout))))
    return 0 if status["is_well"] else 1


def _style(stream: TextIO) -> Style:
    """What a stream can show."""
    style = FINE if (stream.encoding or "").lower().replace("-", "") == "utf8" else Style()
    is_plain = not stream.isatty() or bool(os.environ.get("NO_COLOR"))
    return style._replace(has_colour=not is_plain and os.environ.get("TERM") != "dumb")


# Again and again


def _follow(client: AdminClient, interval_s: float) -> None:
    status = _ask(client)  # who cannot be asked at all is told before the screen changes
    rates: Rates | None = None
    history: deque[float] = deque(maxlen=SPARK_WIDTH)
    complaint = ""
    signal.signal(signal.SIGTERM, _end)
    with _second_screen(sys.stdout), _keys(sys.stdin) as keys:
        while True:
            _draw(status, rates, history, complaint)
            if keys.wait(interval_s):
                return
            try:
                before, status, complaint = status, _ask(client), ""
            except (StartError, Refused) as error:
                complaint, rates = f"{error}", None
                continue
            rates = between(before, status)
            history.append(rates.requests if rates is not None else 0.0)


def _end(*_: object) -> NoReturn:
    """End as by Ctrl-C, so that the terminal is left as it was."""
    raise KeyboardInterrupt


def _draw(
    status: dict[str, Any], rates: Rates | None, history: Sequence[float], complaint: str
) -> None:
    columns, rows = shutil.get_terminal_size((WIDTH, 24))
    lines = render(
        status,
        rates,
        width=columns,
        style=_style(sys.stdout),
        history=list(history),
        complaint=complaint,
    )
    drawn = "\n".join(line + _END_OF_LINE for line in lines[:rows])
    sys.stdout.write(_HOME + drawn + _END_OF_SCREEN)
    sys.stdout.flush()


@contextmanager
def _second_screen(stream: TextIO) -> Iterator[None]:
    stream.write(_ENTER)
    try:
        yield
    finally:
        stream.write(_LEAVE)
        stream.flush()


class _Keys:
    """What is typed while somebody looks."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    def wait(self, seconds: float) -> bool:
        """Wait for so long; whether it was said meanwhile that it is enough."""
        end_s = time.monotonic() + seconds
        while (left_s := end_s - time.monotonic()) > 0:
            if self._stream is None:
                time.sleep(left_s)
            elif select.select([self._stream], [], [], left_s)[0]:
                typed = os.read(self._stream.fileno(), 100)
                if not typed:
                    self._stream = None  # the keyboard is gone
                elif b"q" in typed.lower():
                    return True
        return False


@contextmanager
def _keys(stream: TextIO) -> Iterator[_Keys]:
    """Keys as they are typed, and unseen, for the length of a block; none where nobody types."""
    if not stream.isatty():
        yield _Keys(None)
        return
    import termios
    import tty

    before = termios.tcgetattr(stream)
    try:
        tty.setcbreak(stream)
        yield _Keys(stream)
    finally:
        termios.tcsetattr(stream, termios.TCSADRAIN, before)
