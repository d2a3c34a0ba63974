import asyncio
import base64
import contextlib
import hashlib
import logging

import pytest

from ferrox.clock import SettableClock
from ferrox.errors import Fault
from ferrox.jobs.upkeep import Upkeep
from ferrox.storage.store import Store
from tests.in_process import InProcess


def blob_count(store: Store) -> int:
    return sum(1 for path in store.data_dir.blobs_path.rglob("*") if path.is_file())


async def test_replaced_bytes_are_removed(s3: InProcess, clock: SettableClock) -> None:
    await s3.make_bucket()
    await s3.put("k", b"1" * 200_000)
    await s3.put("k", b"2" * 200_000)

    await Upkeep(s3.store, clock, upload_expiry_s=3600, interval_s=3600).work_once()

    assert 1 == blob_count(s3.store)


async def test_uploads_that_nobody_finished_are_aborted_when_they_are_old(
    s3: InProcess, clock: SettableClock
) -> None:
    await s3.make_bucket()
    begun = await s3.ask("POST", "/bucket/k", {"uploads": ""})
    query = {"partNumber": "1", "uploadId": str(begun.document["UploadId"])}
    await s3.ask("PUT", "/bucket/k", query, body=b"part")
    upkeep = Upkeep(s3.store, clock, upload_expiry_s=3600, interval_s=3600)

    await upkeep.work_once()
    young = (await s3.ask("GET", "/bucket", {"uploads": ""})).document
    clock.advance(3601)
    await upkeep.work_once()
    old = (await s3.ask("GET", "/bucket", {"uploads": ""})).document

    assert "Upload" in young
    assert "Upload" not in old
    assert 0 == blob_count(s3.store)


async def test_a_lifecycle_rule_says_when_the_uploads_it_is_about_are_aborted(
    s3: InProcess, clock: SettableClock
) -> None:
    """They were aborted after a day whatever their bucket said."""
    await s3.make_bucket()
    rule = (
        "<LifecycleConfiguration><Rule><ID>slow</ID><Filter><Prefix>slow/</Prefix></Filter>"
        "<Status>Enabled</Status><AbortIncompleteMultipartUpload><DaysAfterInitiation>7"
        "</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule></LifecycleConfiguration>"
    )
    digest = base64.b64encode(hashlib.md5(rule.encode()).digest()).decode()
    set_up = await s3.ask(
        "PUT", "/bucket", {"lifecycle": ""}, headers={"content-md5": digest}, body=rule.encode()
    )
    assert 200 == set_up.status, set_up.body
    for key in ("slow/k", "k"):
        assert 200 == (await s3.ask("POST", f"/bucket/{key}", {"uploads": ""})).status
    clock.advance(3601)

    await Upkeep(s3.store, clock, upload_expiry_s=3600, interval_s=3600).work_once()

    left = (await s3.ask("GET", "/bucket", {"uploads": ""})).document["Upload"]
    assert "slow/k" == left["Key"]


async def test_work_goes_on_after_a_fault(
    s3: InProcess,
    clock: SettableClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    rounds = asyncio.Event()
    calls = 0

    async def reap() -> int:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise Fault("the disk is asleep")
        rounds.set()
        return 0

    monkeypatch.setattr(s3.store, "reap", reap)
    upkeep = Upkeep(s3.store, clock, upload_expiry_s=3600, interval_s=0)

    with caplog.at_level(logging.WARNING):
        task = asyncio.get_running_loop().create_task(upkeep.run())
        await rounds.wait()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    assert "the disk is asleep" in caplog.text


async def test_orphans_are_looked_for_at_the_start_after_a_failure_and_after_a_crash(
    s3: InProcess, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes: list[int | Fault] = [Fault("worker 1 does not answer"), 0, 2]
    calls = 0

    async def remove_orphans() -> int:
        nonlocal calls
        calls += 1
        outcome = outcomes.pop(0)
        if isinstance(outcome, Fault):
            raise outcome
        return outcome

    monkeypatch.setattr(s3.store, "remove_orphans", remove_orphans)
    upkeep = Upkeep(s3.store, clock, upload_expiry_s=3600, interval_s=3600)
    counts = []
    for _ in range(3):
        await upkeep.work_once()
        counts.append(calls)
    upkeep.note_crash()
    await upkeep.work_once()

    assert [1, 2, 2, 3] == [*counts, calls]


async def test_a_crash_does_not_wait_for_the_next_round(
    s3: InProcess, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds: asyncio.Queue[None] = asyncio.Queue()
    calls = 0

    async def remove_orphans() -> int:
        nonlocal calls
        calls += 1
        rounds.put_nowait(None)
        return 0

    monkeypatch.setattr(s3.store, "remove_orphans", remove_orphans)
    upkeep = Upkeep(s3.store, clock, upload_expiry_s=3600, interval_s=3600)
    task = asyncio.get_running_loop().create_task(upkeep.run())
    await rounds.get()

    upkeep.note_crash()
    async with asyncio.timeout(30):
        await rounds.get()

    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert 2 == calls


@pytest.mark.parametrize("error", [Fault("no room"), OSError(5, "broken"), ValueError("a mistake")])
async def test_one_piece_of_work_does_not_depend_on_another(
    s3: InProcess,
    clock: SettableClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    async def fail(*_: object) -> int:
        raise error

    await s3.make_bucket()
    await s3.put("k", b"1" * 200_000)
    await s3.put("k", b"2" * 200_000)
    monkeypatch.setattr(s3.store, "abort_uploads_older_than", fail)

    with caplog.at_level(logging.WARNING):
        await Upkeep(s3.store, clock, upload_expiry_s=3600, interval_s=3600).work_once()

    assert 1 == blob_count(s3.store)
    assert str(error) in caplog.text
