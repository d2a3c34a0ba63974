"""storage/spool.py: lines survive the process that wrote them, and none is taken twice."""

import asyncio
import os
from pathlib import Path

import pytest

from ferrox.clock import SettableClock
from ferrox.storage import spool as spools
from ferrox.storage.spool import Batch, Spool

DAY = "20260923"


class Taker:
    """Takes batches, or refuses to."""

    def __init__(self, *, is_willing: bool = True) -> None:
        self.is_willing = is_willing
        self.batches: list[Batch] = []

    async def __call__(self, batch: Batch) -> bool:
        self.batches.append(batch)
        return self.is_willing

    @property
    def data(self) -> list[bytes]:
        return [batch.data for batch in self.batches]


@pytest.fixture
def spool(tmp_path: Path, clock: SettableClock) -> Spool:
    return Spool(tmp_path / "spool", clock, max_age_s=60, max_bytes=1000)


def reader(tmp_path: Path, clock: SettableClock) -> Spool:
    """The spool as the process sees it that delivers."""
    return Spool(tmp_path / "spool", clock, max_age_s=60, max_bytes=1000)


async def test_lines_are_taken_when_they_are_old_enough(
    spool: Spool, tmp_path: Path, clock: SettableClock
) -> None:
    spool.add(7, DAY, "one")
    await spool.flush()
    early = Taker()
    assert 0 == await reader(tmp_path, clock).deliver(early)
    spool.add(7, DAY, "two")
    clock.advance(60)
    await spool.flush()

    late = Taker()
    assert 1 == await reader(tmp_path, clock).deliver(late)

    assert ([], [b"one\ntwo\n"]) == (early.data, late.data)
    assert (7, DAY) == late.batches[0][:2]
    assert [] == list((tmp_path / "spool").iterdir())


async def test_many_lines_do_not_wait(spool: Spool, clock: SettableClock) -> None:
    spool.add(7, DAY, 999 * "x")
    await spool.flush()
    taker = Taker()
    await spool.deliver(taker)

    assert [999 * b"x" + b"\n"] == taker.data


async def test_buckets_and_days_are_kept_apart(spool: Spool) -> None:
    spool.add(7, DAY, "a")
    spool.add(8, DAY, "b")
    spool.add(7, "20260924", "c")
    await spool.close()
    taker = Taker()

    assert 3 == await spool.deliver(taker)
    assert [(7, DAY, b"a\n"), (7, "20260924", b"c\n"), (8, DAY, b"b\n")] == sorted(
        (batch.source, batch.day, batch.data) for batch in taker.batches
    )


async def test_lines_that_cannot_be_delivered_stay(spool: Spool) -> None:
    spool.add(7, DAY, "a")
    await spool.close()
    refusing, willing = Taker(is_willing=False), Taker()

    assert (0, 1) == (await spool.deliver(refusing), await spool.deliver(willing))
    assert refusing.batches == willing.batches


async def test_the_lines_of_a_dead_process_are_taken(spool: Spool, tmp_path: Path) -> None:
    path = tmp_path / "spool"
    path.mkdir()
    (path / f"7.{DAY}.0123456789ABCDEF").write_bytes(b"whole\ncu")  # which nobody has locked
    taker = Taker()

    await spool.deliver(taker)

    assert [Batch(7, DAY, "0123456789ABCDEF", b"whole\n")] == taker.batches


async def test_a_file_without_lines_is_removed(spool: Spool, tmp_path: Path) -> None:
    path = tmp_path / "spool"
    path.mkdir()
    (path / f"7.{DAY}.0123456789ABCDEF").touch()
    (path / "strange").touch()
    taker = Taker()

    assert 0 == await spool.deliver(taker)
    assert ([], ["strange"]) == (taker.data, os.listdir(path))


async def test_too_many_lines_in_memory_are_dropped(
    spool: Spool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(spools, "MEMORY_BYTES", 3)
    for line in ("abcd", "dropped", "dropped"):
        spool.add(7, DAY, line)
    await spool.close()
    taker = Taker()
    await spool.deliver(taker)

    assert [b"abcd\n"] == taker.data
    assert "dropped 2 lines" in caplog.text


async def test_a_full_spool_takes_no_more(
    spool: Spool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    spool.add(7, DAY, "a")
    await spool.flush()
    monkeypatch.setattr(spools, "DISK_BYTES", 1)
    spool.add(7, DAY, "b")
    await spool.close()
    taker = Taker()
    await spool.deliver(taker)

    assert [b"a\n"] == taker.data
    assert "the spool is full" in caplog.text


async def test_few_files_are_open_at_a_time(
    spool: Spool, tmp_path: Path, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spools, "OPEN_FILES", 1)
    for source in (1, 2):
        spool.add(source, DAY, "a")
        await spool.flush()
    taker = Taker()
    await reader(tmp_path, clock).deliver(taker)

    assert [1] == [batch.source for batch in taker.batches]


async def test_a_disk_that_fails_is_told_of(
    spool: Spool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "spool").touch()
    spool.add(7, DAY, "a")
    await spool.flush()

    assert "lines of access logs are lost" in caplog.text


async def test_what_waits_at_the_end_is_written(
    spool: Spool, tmp_path: Path, clock: SettableClock
) -> None:
    task = asyncio.get_running_loop().create_task(spool.run())
    await asyncio.sleep(0)
    spool.add(7, DAY, "a")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    taker = Taker()
    await reader(tmp_path, clock).deliver(taker)

    assert [b"a\n"] == taker.data
