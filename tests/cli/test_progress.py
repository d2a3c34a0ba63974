"""Bars on terminals, lines elsewhere."""

import io

from ferrox.cli.progress import Progress, told


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Watch:
    """A clock that goes on by so much at each look."""

    def __init__(self, step_s: float) -> None:
        self._now_s = 0.0
        self._step_s = step_s

    def __call__(self) -> float:
        self._now_s += self._step_s
        return self._now_s


def test_a_bar_moves_on_one_line_and_ends_it() -> None:
    terminal = Terminal()
    progress = Progress(terminal, Watch(1))

    tell = progress.stage("blobs")
    for done in (0, 512, 1024):
        tell(done, 1024)
    progress.close()
    progress.close()

    drawn = terminal.getvalue()
    assert (3, 1) == (drawn.count("\r"), drawn.count("\n"))
    assert "[###############...............]  50%  512 bytes of 1.0 KiB" in drawn
    assert drawn.endswith("\n")


def test_a_bar_is_not_drawn_more_often_than_anybody_can_see() -> None:
    terminal = Terminal()
    tell = Progress(terminal, Watch(0.001)).stage("blobs")

    for done in range(1000):
        tell(done, 1000)
    tell(1000, 1000)

    assert 8 <= terminal.getvalue().count("\r") <= 12
    assert "100%" in terminal.getvalue()


def test_elsewhere_it_is_a_line_every_ten_seconds() -> None:
    stream = io.StringIO()
    tell = Progress(stream, Watch(1)).stage("index")

    for done in range(25):
        tell(done, 25)

    assert 2 == len(stream.getvalue().splitlines())
    assert "\r" not in stream.getvalue()


def test_what_takes_no_time_says_nothing_elsewhere() -> None:
    stream = io.StringIO()
    progress = Progress(stream, Watch(0.001))

    progress.stage("blobs")(10, 10)
    progress.close()

    assert "" == stream.getvalue()


def test_the_rest_is_estimated() -> None:
    assert "blobs   25%  1.0 MiB of 4.0 MiB, 512.0 KiB/s, 6 s left" == told(
        "blobs", 1 << 20, 4 << 20, 2.0
    )
    assert "blobs  100%  0 bytes of 0 bytes, 0 bytes/s" == told("blobs", 0, 0, 0.0)
