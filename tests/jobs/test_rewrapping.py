"""jobs/rewrapping.py: what is under a former key comes under the current one, whatever happens."""

import logging
from pathlib import Path

import pytest

from ferrox.clock import SettableClock
from ferrox.crypto.sealing import Seal
from ferrox.errors import Fault
from ferrox.jobs.rewrapping import Rewrapping
from ferrox.records import Encryption, VersionDraft
from ferrox.storage.bodies import REWRAPPED_INLINE_AT_ONCE
from ferrox.storage.keys.ring import Ring
from ferrox.storage.keys.server_keys import KEPT_FOR_MS, ServerKeys
from tests.in_process import InProcess
from tests.sealing import AES256, sealing_with

LARGE = bytes(range(256)) * 1200
PART = bytes(5 * 1024 * 1024)


@pytest.fixture
def keys(s3: InProcess, clock: SettableClock) -> ServerKeys:
    keys = ServerKeys(s3.store.identities, Seal(bytes(32)), clock.now_ms())
    sealing_with(s3, Ring(keys))
    return keys


@pytest.fixture
def job(s3: InProcess, keys: ServerKeys, clock: SettableClock) -> Rewrapping:
    return Rewrapping(s3.store, keys, clock)


async def test_all_comes_under_the_new_key_and_stays_readable(
    s3: InProcess, keys: ServerKeys, job: Rewrapping
) -> None:
    await s3.make_bucket()
    count = REWRAPPED_INLINE_AT_ONCE * 2 + 1
    for number in range(count):
        await s3.put(f"k{number}", b"%d" % number, headers=AES256)
    await s3.put("large", LARGE, headers=AES256)
    before = await s3.store.data_key_counts()
    await keys.make(1)

    await job.work_once()

    assert {"s3/1": count + 1} == before
    assert {"s3/2": count + 1} == await s3.store.data_key_counts()
    assert LARGE == (await s3.get("large")).body
    assert b"7" == (await s3.get("k7")).body


async def test_a_round_tells_how_many_keys_are_done_and_are_left(
    s3: InProcess, keys: ServerKeys, job: Rewrapping, monkeypatch: pytest.MonkeyPatch
) -> None:
    await s3.make_bucket()
    count = REWRAPPED_INLINE_AT_ONCE + 1
    for number in range(count):
        await s3.put(f"k{number}", b"%d" % number, headers=AES256)
    await keys.make(1)
    told: list[tuple[int, int | None, str]] = []
    monkeypatch.setattr(job.rounds, "advance", lambda *progress: told.append(progress))

    await job.work_once()

    assert [(count - 1, count, "data keys"), (count, count, "data keys")] == told


async def test_parts_of_an_upload_that_began_under_a_former_key_follow(
    s3: InProcess, keys: ServerKeys, job: Rewrapping, clock: SettableClock
) -> None:
    await s3.make_bucket()
    begun = await s3.ask("POST", "/bucket/k", {"uploads": ""}, headers=AES256)
    query = {"uploadId": str(begun.document["UploadId"])}
    first = await s3.ask("PUT", "/bucket/k", query | {"partNumber": "1"}, body=PART)
    await keys.make(clock.now_ms())
    await job.work_once()
    clock.advance(KEPT_FOR_MS / 1000)
    await job.work_once()

    second = await s3.ask("PUT", "/bucket/k", query | {"partNumber": "2"}, body=LARGE)
    tags = [answer.headers["etag"] for answer in (first, second)]
    listed = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag></Part>"
        for number, tag in enumerate(tags, 1)
    )
    body = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()
    await s3.ask("POST", "/bucket/k", query, body=body)

    assert [] == keys.former()
    assert {"s3/2": 2} == await s3.store.data_key_counts()
    assert PART + LARGE == (await s3.get("k")).body


async def test_a_former_key_is_removed_when_nothing_can_come_under_it_any_more(
    s3: InProcess, keys: ServerKeys, job: Rewrapping, clock: SettableClock
) -> None:
    await s3.make_bucket()
    await s3.put("k", headers=AES256)
    await keys.make(clock.now_ms())

    await job.work_once()
    at_once = keys.former()
    clock.advance(KEPT_FOR_MS / 1000)
    await job.work_once()

    assert ["s3/1"] == at_once
    assert [] == keys.former()
    assert b"data" == (await s3.get("k")).body


async def test_what_gets_its_name_late_is_rewrapped_in_the_next_round(
    s3: InProcess, keys: ServerKeys, job: Rewrapping, clock: SettableClock
) -> None:
    await s3.make_bucket()
    former = keys.current()
    await keys.make(clock.now_ms())
    await job.work_once()
    bucket = s3.store.bucket("bucket")
    assert bucket is not None
    draft = VersionDraft("late", "etag", bucket.owner_id, encryption=Encryption("AES256"))
    await s3.store.add_version(bucket, draft, s3.store.hold(b"late", former))

    await job.work_once()

    assert {"s3/2": 1} == await s3.store.data_key_counts()
    assert b"late" == (await s3.get("late")).body


async def test_a_key_that_something_is_under_is_not_removed_however_old_it_is(
    s3: InProcess,
    keys: ServerKeys,
    job: Rewrapping,
    clock: SettableClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await s3.make_bucket()
    await s3.put("k", headers=AES256)
    await keys.make(clock.now_ms())
    clock.advance(2 * KEPT_FOR_MS / 1000)

    async def fail(*_: object) -> int:
        raise Fault("no")

    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(s3.store, "rewrap", fail)
        await job.work_once()

    assert ["s3/1"] == keys.former()
    assert "tried again later" in caplog.text
    await job.work_once()
    assert [] == keys.former()
    assert b"data" == (await s3.get("k")).body


async def test_a_rotation_that_was_cut_short_goes_on_where_it_was(
    s3: InProcess, keys: ServerKeys, clock: SettableClock, tmp_path: Path
) -> None:
    await s3.make_bucket()
    for number in range(REWRAPPED_INLINE_AT_ONCE + 1):
        await s3.put(f"k{number}", headers=AES256)
    await keys.make(clock.now_ms())
    await s3.store.rewrap(keys.find("s3/1"), keys.current())
    half = await s3.store.data_key_counts()

    anew = ServerKeys(s3.store.identities, Seal(bytes(32)), clock.now_ms())
    await Rewrapping(s3.store, anew, clock).work_once()

    assert {"s3/1": 1, "s3/2": REWRAPPED_INLINE_AT_ONCE} == half
    assert {"s3/2": REWRAPPED_INLINE_AT_ONCE + 1} == await s3.store.data_key_counts()
