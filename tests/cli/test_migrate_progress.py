"""migrate_progress.py: how far it is, on a terminal and elsewhere."""

import asyncio
import io

import pytest

from ferrox.cli import migrate_progress
from ferrox.cli.migrate_progress import Progress


class Time:
    """A clock that is told."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def _progress(*, is_terminal: bool) -> tuple[Progress, io.StringIO, Time]:
    out, time = io.StringIO(), Time()
    progress = Progress(out, is_terminal=is_terminal, clock=time)
    progress.begin("photos")
    progress.pass_by(1, 1024)
    progress.move(1024)
    progress.pass_by(1, 0)
    time.now_s = 2.0
    return progress, out, time


def test_elsewhere_there_are_lines() -> None:
    progress, out, _ = _progress(is_terminal=False)

    progress.draw()
    progress.end()

    assert "photos: 2 versions, 1.0 KiB copied, 512 bytes/s\n" == out.getvalue()


def test_on_a_terminal_there_is_a_bar_once_all_is_counted() -> None:
    progress, out, _ = _progress(is_terminal=True)
    progress.count(3, 4096)

    progress.draw()
    progress.counted()
    progress.draw()
    progress.end()

    before, after, end = out.getvalue().split("\r\x1b[K")[1:]
    assert before.startswith("photos: 2 versions")
    assert after.startswith("[############            ]  50% 0:00:02 left  photos: 2 versions")
    assert "" == end


@pytest.mark.parametrize(
    ("counted", "share"), [((4, 0), " 50%"), ((0, 0), "100%"), ((9, 1), "100%")]
)
def test_the_share_is_that_of_bytes_or_else_of_versions(
    counted: tuple[int, int], share: str
) -> None:
    progress, out, _ = _progress(is_terminal=True)
    progress.count(*counted)
    progress.counted()

    progress.draw()

    assert f"] {share}" in out.getvalue()


def test_what_was_never_drawn_is_not_taken_away() -> None:
    progress, out, _ = _progress(is_terminal=True)

    progress.end()

    assert "" == out.getvalue()


async def test_it_is_shown_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate_progress, "LINES_S", 0.001)
    progress, _, _ = _progress(is_terminal=False)
    drawn: asyncio.Queue[str] = asyncio.Queue()
    monkeypatch.setattr(progress, "draw", lambda: drawn.put_nowait("drawn"))

    shown = asyncio.ensure_future(progress.show())
    async with asyncio.timeout(10):
        times = [await drawn.get() for _ in range(3)]
    shown.cancel()

    assert ["drawn"] * 3 == times


@pytest.mark.parametrize(
    ("counted", "left"), [(2048, "0:00:02 left"), (7_374_848, ""), (102_400, "0:03:18 left")]
)
def test_the_rest_takes_as_long_as_what_is_done(counted: int, left: str) -> None:
    progress, out, _ = _progress(is_terminal=True)
    progress.count(1, counted * 2)
    progress.counted()

    progress.draw()

    assert left in out.getvalue()
    assert bool(left) is ("left" in out.getvalue())
