"""jobs/scrub.py: damage anywhere is found, told with whom it hurts, and forgotten when mended."""

import asyncio
import errno
import logging
import os
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ferrox.clock import SettableClock
from ferrox.crypto.sealing import Seal
from ferrox.errors import Fault
from ferrox.jobs import scrub as module
from ferrox.jobs.rounds import Progress
from ferrox.jobs.scrub import Pacer, Scrub, told
from ferrox.records import BucketRecord, VersionRecord
from ferrox.storage.blobs.examination import Examination
from ferrox.storage.keys.kms_keys import KmsKeys
from ferrox.storage.keys.ring import Ring
from ferrox.storage.keys.server_keys import ServerKeys
from ferrox.storage.metadata.findings import Finding, Holder, Holders
from ferrox.storage.metadata.scrubbing import Pass
from ferrox.storage.metadata.versions import crc32c
from ferrox.storage.scrubbing import Unreadable
from tests.in_process import InProcess
from tests.sealing import AES256, MINE, SSE, sealing_with

LARGE = bytes(range(256)) * 1200
PART = bytes(5 * 1024 * 1024)
DAY_S = 86_400


@pytest.fixture
async def server(s3: InProcess, clock: SettableClock) -> InProcess:
    root = Seal(bytes(32))
    keys = ServerKeys(s3.store.identities, root, clock.now_ms())
    ring = Ring(keys, KmsKeys(s3.store.identities, root, s3.region))
    sealing_with(s3, ring, takes_keys_in_the_open=True)
    await s3.make_bucket()
    return s3


def job(s3: InProcess, interval_s: float | None = 7 * DAY_S) -> Scrub:
    return Scrub(s3.store, s3.clock, interval_s=interval_s, rate_bytes=0)


async def scrub(s3: InProcess) -> Pass:
    """A whole pass, or the rest of one."""
    await job(s3).work_once()
    latest = s3.store.scrubbing.latest()
    assert latest is not None
    return latest


async def found(s3: InProcess) -> list[Finding]:
    return await s3.store.scrubbing.findings(("", 0), 1000)


async def problems(s3: InProcess) -> list[str]:
    return [told(finding) for finding in await found(s3)]


def bucket_of(s3: InProcess) -> BucketRecord:
    bucket = s3.store.bucket("bucket")
    assert bucket is not None
    return bucket


def version_of(s3: InProcess, key: str) -> VersionRecord:
    version = s3.store.version(bucket_of(s3), key)
    assert version is not None
    return version


def blob_of(s3: InProcess, key: str) -> Path:
    name = version_of(s3, key).extents[0].blob_name.hex()
    return s3.store.data_dir.blobs_path / name[-4:-2] / name[-2:] / name


def flip(path: Path, index: int) -> None:
    with path.open("r+b") as file:
        file.seek(index)
        (byte,) = file.read(1)
        file.seek(index)
        file.write(bytes([byte ^ 0x10]))


async def change_index(s3: InProcess, statement: str, *parameters: Any) -> None:
    await s3.store._database.write(lambda tx: tx.execute(statement, parameters).rowcount)


async def upload(s3: InProcess, key: str, parts: Sequence[bytes], **more: Any) -> str:
    """Begin an upload, and bring its parts."""
    begun = await s3.ask("POST", f"/bucket/{key}", {"uploads": ""}, **more)
    upload_id = str(begun.document["UploadId"])
    for number, body in enumerate(parts, 1):
        query = {"uploadId": upload_id, "partNumber": str(number)}
        assert 200 == (await s3.ask("PUT", f"/bucket/{key}", query, body=body)).status
    return upload_id


# What is sound


async def test_a_sound_store_is_gone_through_and_has_no_findings(server: InProcess) -> None:
    await server.put("empty", b"")
    await server.put("small", b"small")
    await server.put("large", LARGE)
    await server.put("sealed small", b"sealed", headers=AES256)
    await server.put("sealed large", LARGE, headers=AES256)
    await server.put("kms", LARGE, headers={SSE: "aws:kms", f"{SSE}-context": "eyJhIjoiYiJ9"})
    await server.put("theirs", LARGE, headers=MINE)
    await server.put("theirs too", b"small", headers=MINE)
    await upload(server, "parts", [PART, LARGE])

    done = await scrub(server)

    assert [] == await found(server)
    assert (6, 3, 8, 2, 0) == (
        done.blob_count, done.inline_count, done.version_count - 2, done.unopened_count,
        done.problem_count,
    )  # fmt: skip
    assert done.done_bytes == done.total_bytes
    assert 4 * len(LARGE) + len(PART) < done.done_bytes
    assert server.clock.now_ms() == done.ended_ms


async def test_an_empty_store_is_gone_through(server: InProcess) -> None:
    done = await scrub(server)

    assert (0, 0, 0) == (done.blob_count, done.total_bytes, done.problem_count)


# Damage


@pytest.mark.parametrize("headers", [{}, AES256, MINE])
async def test_damage_in_every_region_of_a_blob_is_found_and_told_once(
    server: InProcess, headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    await server.put("k", LARGE, headers=headers)
    path, version = blob_of(server, "k"), version_of(server, "k")
    size = path.stat().st_size
    caplog.set_level(logging.ERROR)

    for index in (0, len(LARGE) - 1, len(LARGE), len(LARGE) + 20, size - 60, size - 30, size - 1):
        flip(path, index)
        await scrub(server)
        await scrub(server)
        (finding,) = await found(server)
        assert path.name in finding.problem
        assert Holders(1, (Holder("bucket", "k", version.version_id),)) == finding.holders
        (line,) = [one.getMessage() for one in caplog.records if one.name == "ferrox.scrub"]
        assert line.startswith(f"damaged: {finding.problem}; it is needed by bucket/k (version")
        flip(path, index)
        await scrub(server)
        assert [] == await found(server)
        caplog.clear()


async def test_a_missing_blob_is_told_with_all_that_needs_it(server: InProcess) -> None:
    await server.put("a", LARGE)
    await server.ask("PUT", "/bucket/b\x07", headers={"x-amz-copy-source": "/bucket/a"})
    upload_id = await upload(server, "c", [PART])
    query = {"uploadId": upload_id, "partNumber": "2"}
    await server.ask("PUT", "/bucket/c", query, headers={"x-amz-copy-source": "/bucket/a"})
    blob_of(server, "a").unlink()

    done = await scrub(server)

    (line,) = await problems(server)
    name = blob_of(server, "a").name
    assert line == (
        f"damaged: blob {name} is missing; it is needed by bucket/a (version null),"
        f" bucket/'b\\x07' (version null), bucket/c (part 2 of upload {upload_id})"
    )
    assert 1 == done.problem_count


async def test_many_that_need_it_are_counted(
    server: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ferrox.storage.metadata.findings.MOST_HOLDERS", 2)
    monkeypatch.setattr("ferrox.storage.scrubbing.HOLDERS_AT_ONCE", 1)
    await server.put("a", LARGE)
    for key in "bcd":
        await server.ask("PUT", f"/bucket/{key}", headers={"x-amz-copy-source": "/bucket/a"})
    blob_of(server, "a").unlink()

    await scrub(server)

    (line,) = await problems(server)
    assert line.endswith("bucket/a (version null), bucket/b (version null) and 2 more")


async def test_the_log_is_not_flooded_and_all_is_told_in_the_end(
    server: InProcess, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("ferrox.storage.scrubbing.MOST_TOLD", 2)
    monkeypatch.setattr(module, "MOST_TOLD", 3)
    monkeypatch.setattr(module, "HOLDERS_SHARE", 10**9)
    for number in range(7):
        await server.put(f"k{number}", LARGE)
        blob_of(server, f"k{number}").unlink()
    caplog.set_level(logging.ERROR)

    await scrub(server)

    lines = [one.getMessage() for one in caplog.records if one.name == "ferrox.scrub"]
    assert ["damaged"] * 3 == [line.split(":")[0] for line in lines[:3]]
    assert ["more is damaged than the log should be filled with: see the findings"] == lines[3:]
    assert [1] * 7 == [one.holders.total for one in await found(server) if one.holders]


async def test_a_swapped_pair_of_blobs_is_found(server: InProcess) -> None:
    for key in "ab":
        await server.put(key, LARGE + key.encode())
    one, other = blob_of(server, "a"), blob_of(server, "b")
    one.rename(one.with_name("aside"))
    other.rename(one)
    one.with_name("aside").rename(other)

    await scrub(server)

    assert [True, True] == ["holds the bytes of blob" in line for line in await problems(server)]


async def test_damaged_bytes_in_the_index_are_found_sealed_or_not(server: InProcess) -> None:
    await server.put("plain", b"plain")
    await server.put("sealed", b"sealed", headers=AES256)
    await server.put("theirs", b"theirs", headers=MINE)
    await server.put("short", b"short")
    await server.put("forged", b"forged", headers=AES256)
    await server.put("form", b"form", headers=AES256)
    await server.put("sound", b"sound")
    for key in ("plain", "sealed", "theirs"):
        version = version_of(server, key).version
        await change_index(
            server, "UPDATE inline_data SET crc32c = crc32c + 1 WHERE version = ?", version
        )
    for key, statement in {
        "short": "UPDATE versions SET size_bytes = 4 WHERE version = ?",
        "form": "UPDATE inline_data SET kek_id = 'another' WHERE version = ?",
    }.items():
        await change_index(server, statement, version_of(server, key).version)
    await forge(server, version_of(server, "forged").version)

    await scrub(server)

    lines = await problems(server)
    assert 6 == len(lines)
    for key, words in {
        "plain": "fail their CRC-32C",
        "sealed": "fail their CRC-32C",
        "theirs": "fail their CRC-32C",
        "short": "are 5 where 4 are wanted",
        "form": "are sealed under another key",
        "forged": "sealed bytes of the index",
    }.items():
        (line,) = [line for line in lines if f"bucket/{key} (" in line]
        assert words in line


async def forge(server: InProcess, version: int) -> None:
    """Change a bit of sealed bytes in the index, and their checksum with it."""
    data = server.store._database.read(
        lambda reader: reader.execute(
            "SELECT data FROM inline_data WHERE version = ?", (version,)
        ).fetchone()[0]
    )
    forged = data[:-1] + bytes([data[-1] ^ 1])
    await change_index(
        server, "UPDATE inline_data SET data = ?, crc32c = ? WHERE version = ?",
        forged, crc32c(forged), version,
    )  # fmt: skip


async def test_versions_and_parts_that_name_what_is_not_there_are_found(
    server: InProcess,
) -> None:
    for key in ("unknown", "longer", "manifest", "sum"):
        await server.put(key, LARGE)
    await server.put("bytes", b"bytes")
    upload_id = await upload(server, "open", [PART])
    unknown = version_of(server, "unknown").extents[0].blob_name
    await change_index(server, "DELETE FROM blobs WHERE name = ?", unknown)
    for key, statement in {
        "bytes": "DELETE FROM inline_data WHERE version = ?",
        "manifest": "UPDATE versions SET manifest = substr(manifest, 1, 30) WHERE version = ?",
        "sum": "UPDATE versions SET size_bytes = 7 WHERE version = ?",
    }.items():
        await change_index(server, statement, version_of(server, key).version)
    longer = version_of(server, "longer").extents[0].blob_name
    await change_index(server, "UPDATE blobs SET size_bytes = 5 WHERE name = ?", longer)
    await change_index(server, "UPDATE parts SET manifest = NULL")

    await scrub(server)

    lines = await problems(server)
    for key, words in {
        "unknown": f"the index does not know blob {unknown.hex()}, which it names",
        "longer": f"it reaches beyond the end of blob {longer.hex()}",
        "manifest": "a manifest of the index fails its CRC-32C",
        "sum": f"its manifest holds {len(LARGE)} bytes where 7 are wanted",
        "bytes": "has not the bytes it should have",
        "open": f"part 1: its manifest holds 0 bytes where {len(PART)} are wanted",
    }.items():
        (line,) = [line for line in lines if f"bucket/{key} (" in line and "blob" != line[9:13]]
        assert words in line
    assert [True] == [f"(upload {upload_id})" in line for line in lines if "bucket/open" in line]
    assert 7 == len(lines), "the file of the longer one is not as long as its row says, too"


async def test_a_blob_whose_data_key_does_not_open_is_found(server: InProcess) -> None:
    await server.put("k", LARGE, headers=AES256)
    await change_index(server, "UPDATE blobs SET wrapped_key = zeroblob(60)")

    await scrub(server)

    (line,) = await problems(server)
    assert "a data key does not open under s3/1" in line


async def test_a_damaged_index_is_found_and_the_rest_is_gone_through(
    server: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    await server.put("small", b"small")
    await server.put("large", LARGE)
    flip(blob_of(server, "large"), 0)

    async def fail(*_: Any) -> Any:
        raise Unreadable("the index cannot be read: malformed")

    with monkeypatch.context() as patch:
        patch.setattr(server.store.scrubbing, "inline", fail)
        done = await scrub(server)
    during = await problems(server)
    await scrub(server)
    after = await problems(server)

    assert (1, server.clock.now_ms()) == (done.blob_count, done.ended_ms)
    assert "damaged: the index cannot be read: malformed" in during
    assert 2 == len(during)
    assert 1 == len(after)
    assert "segment 0" in after[0]


# What is no damage


async def test_what_is_deleted_in_the_middle_of_its_examination_is_not_missing(
    server: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    await server.put("k", PART)
    step = Examination.step
    loop = asyncio.get_running_loop()
    steps = 0

    def stepped(self: Examination) -> int:
        nonlocal steps
        steps += 1
        if steps == 2:
            gone = asyncio.run_coroutine_threadsafe(remove(server, "k"), loop)
            gone.result()
        return step(self)

    monkeypatch.setattr(Examination, "step", stepped)

    done = await scrub(server)

    assert (0, 0, []) == (done.blob_count, done.problem_count, await found(server))
    assert 2 == steps, "it lets go of what nobody needs"


async def remove(server: InProcess, key: str) -> None:
    await server.ask("DELETE", f"/bucket/{key}")
    await server.store.reap()


async def test_what_is_reaped_before_it_is_opened_is_not_missing(
    server: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    await server.put("k", LARGE)
    examine = server.store._blobs.examine
    loop = asyncio.get_running_loop()

    def late(*arguments: Any, **more: Any) -> Examination:
        asyncio.run_coroutine_threadsafe(remove(server, "k"), loop).result()
        return examine(*arguments, **more)

    monkeypatch.setattr(server.store._blobs, "examine", late)

    done = await scrub(server)

    assert (0, 0, []) == (done.blob_count, done.problem_count, await found(server))


async def test_what_is_wrong_once_and_right_the_second_time_is_only_logged(
    server: InProcess, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await server.put("k", LARGE)
    preadv, calls = os.preadv, 0

    def flaky(*arguments: Any) -> int:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise OSError(errno.EIO, "Input/output error")
        return preadv(*arguments)

    monkeypatch.setattr(os, "preadv", flaky)

    done = await scrub(server)

    assert (1, 0, []) == (done.blob_count, done.problem_count, await found(server))
    assert "read again, it is sound" in caplog.text


async def test_findings_of_what_is_gone_are_not_shown(server: InProcess) -> None:
    await server.put("large", LARGE)
    await server.put("small", b"small")
    await upload(server, "open", [PART])
    flip(blob_of(server, "large"), 0)
    await change_index(server, "UPDATE inline_data SET crc32c = 1")
    await change_index(server, "UPDATE parts SET size_bytes = 1")
    await scrub(server)
    before = await server.store.scrubbing.finding_count()

    for key in ("large", "small"):
        await server.ask("DELETE", f"/bucket/{key}")
    (listed,) = (await server.store.list_uploads(
        bucket_of(server), prefix="", delimiter="", key_marker="", upload_id_marker="", limit=9
    )).entries  # fmt: skip
    await server.store.abort_upload(listed)  # type: ignore[arg-type] # no common prefix

    assert 3 == before
    assert 0 == await server.store.scrubbing.finding_count()
    assert [] == await found(server)


async def test_what_was_mended_is_forgotten_when_the_next_pass_begins(
    server: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    await server.put("large", LARGE)
    await server.put("small", b"small")
    await server.put("sum", LARGE)
    flip(blob_of(server, "large"), 0)
    await change_index(server, "UPDATE inline_data SET crc32c = crc32c + 1")
    version = version_of(server, "sum").version
    await change_index(server, "UPDATE versions SET size_bytes = 1 WHERE version = ?", version)
    await scrub(server)
    before = await server.store.scrubbing.finding_count()
    flip(blob_of(server, "large"), 0)
    await change_index(server, "UPDATE inline_data SET crc32c = crc32c - 1")
    await change_index(
        server, "UPDATE versions SET size_bytes = ? WHERE version = ?", len(LARGE), version
    )

    async def fail(**_: Any) -> int:
        raise Fault("that is enough")

    monkeypatch.setattr(server.store.scrubbing, "count", fail)
    await scrub(server)

    assert (3, 0) == (before, await server.store.scrubbing.finding_count())


async def test_who_needs_what_is_still_damaged_is_looked_for_anew(
    server: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    await server.put("a", LARGE)
    await server.ask("PUT", "/bucket/b", headers={"x-amz-copy-source": "/bucket/a"})
    blob_of(server, "a").unlink()
    await scrub(server)
    await server.ask("DELETE", "/bucket/a")
    caplog.clear()

    await scrub(server)

    (finding,) = await found(server)
    assert finding.holders is not None
    assert ["b"] == [holder.key for holder in finding.holders.first]
    assert "damaged" not in caplog.text, "it was told"


# Going on


async def test_a_pass_that_was_cut_short_goes_on_where_it_was(
    server: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEEP_INTERVAL_S", 0.0)
    for number in range(6):
        await server.put(f"k{number}", LARGE)
    examine = server.store._blobs.examine
    names: list[bytes] = []

    def counted(name: bytes, *arguments: Any, **more: Any) -> Examination:
        if len(names) == 3:
            raise OSError(errno.EMFILE, "Too many open files")
        names.append(name)
        return examine(name, *arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr(server.store._blobs, "examine", counted)
        half = await scrub(server)
    seen = list(names)
    names.clear()
    monkeypatch.setattr(server.store._blobs, "examine", counted)
    whole = await scrub(server)

    assert (None, 3, 6) == (half.ended_ms, half.blob_count, whole.blob_count)
    assert half.number == whole.number
    assert whole.ended_ms == server.clock.now_ms()
    assert whole.done_bytes == whole.total_bytes == 6 * len(LARGE)
    assert sorted(seen + names) == sorted(
        version_of(server, f"k{number}").extents[0].blob_name for number in range(6)
    )


async def test_who_is_cancelled_keeps_the_place(
    server: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        await server.put(f"k{number}", LARGE)
    work = job(server)
    blob, second = server.store.scrubbing.blob, asyncio.Event()

    async def slow(*arguments: Any) -> Any:
        if work._pass.blob_count == 1:
            second.set()
            await asyncio.sleep(1000)
        return await blob(*arguments)

    monkeypatch.setattr(server.store.scrubbing, "blob", slow)
    task = asyncio.get_running_loop().create_task(work.work_once())
    await second.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    kept = server.store.scrubbing.latest()
    assert kept is not None
    assert (None, 1) == (kept.ended_ms, kept.blob_count)


async def test_findings_from_before_it_was_cut_short_stay(
    server: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    await server.put("a", LARGE)
    server.clock.advance(1)
    await server.put("b", LARGE)
    flip(blob_of(server, "a"), 0)
    blob, calls = server.store.scrubbing.blob, 0

    async def fail(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise OSError(errno.EMFILE, "Too many open files")
        return await blob(*arguments)

    monkeypatch.setattr(server.store.scrubbing, "blob", fail)
    half = await scrub(server)
    whole = await scrub(server)

    assert (None, 1) == (half.ended_ms, half.problem_count)
    assert (2, 1) == (whole.blob_count, whole.problem_count)
    assert 1 == len(await found(server))


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=12,
    derandomize=True,
)
@given(seed=st.integers(0, 10**6))
async def test_wherever_a_server_is_killed_all_damage_is_found_in_the_end(
    server: InProcess, seed: int
) -> None:
    chance = random.Random(seed)
    damaged: set[Any] = set()
    for number in range(6):
        await server.put(f"large{number}", LARGE + seed.to_bytes(4, "big"))
        await server.put(f"small{number}", b"small")
        if chance.random() < 0.4:
            path = blob_of(server, f"large{number}")
            flip(path, chance.randrange(len(LARGE)))
            damaged.add(bytes.fromhex(path.name))
        if chance.random() < 0.4:
            version = version_of(server, f"small{number}").version
            statement = "UPDATE inline_data SET crc32c = crc32c + 1 WHERE version = ?"
            await change_index(server, statement, version)
            damaged.add(version)
    await scrub(server)  # what is left of other examples
    server.clock.advance(1)
    await server.store.scrubbing.keep(Pass(10**6 + seed, server.clock.now_ms()))
    deaths = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "KEEP_INTERVAL_S", chance.choice([0.0, 1000.0]))
        while (latest := server.store.scrubbing.latest()) is None or latest.ended_ms is None:
            await killed_at(server, chance.randrange(1, 40))
            deaths += 1
            assert deaths < 500, "it comes to no end"

    assert damaged == {finding.name for finding in await found(server)}


async def killed_at(server: InProcess, calls_left: int) -> None:
    """Have the scrub work until it has looked so often: then nothing more is written down."""
    store = server.store.scrubbing
    is_dead = False
    keep = store.keep

    def dying(function: Any) -> Any:
        async def look(*arguments: Any, **more: Any) -> Any:
            nonlocal calls_left, is_dead
            calls_left -= 1
            if not calls_left:
                is_dead = True
                raise OSError(errno.EMFILE, "the server is killed")
            return await function(*arguments, **more)

        return look

    async def keep_alive(one: Pass) -> None:
        if not is_dead:
            await keep(one)

    with pytest.MonkeyPatch.context() as patch:
        for name in ("blob", "inline", "versions", "parts", "note", "tell", "settle"):
            patch.setattr(store, name, dying(getattr(store, name)))
        patch.setattr(store, "keep", keep_alive)
        await job(server).work_once()


async def test_a_store_that_takes_no_writes_is_left_alone(
    server: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    await server.put("k", LARGE)
    server.store._database.refuse_writes("the drive is broken")

    await job(server).work_once()
    is_due = await job(server)._is_due()

    assert (None, False) == (server.store.scrubbing.latest(), is_due)


async def test_a_mistake_is_logged_and_the_pass_waits(
    server: InProcess, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(**_: Any) -> int:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(server.store.scrubbing, "count", fail)
        half = await scrub(server)
    whole = await scrub(server)

    assert "the scrub waits" in caplog.text
    assert (None, server.clock.now_ms()) == (half.ended_ms, whole.ended_ms)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=15,
    derandomize=True,
)
@given(seed=st.integers(0, 10**6))
async def test_whatever_others_do_meanwhile_only_damage_is_found(
    server: InProcess, seed: int
) -> None:
    """Puts, copies, deletes and the reaper at any moment; what was damaged before is found."""
    chance = random.Random(seed)
    for number in range(8):
        await server.put(f"k{number}", LARGE + bytes([number]))
        await server.put(f"damaged{number}", LARGE + bytes([number]))
    damaged = {blob_of(server, f"damaged{number}") for number in range(0, 8, 3)}
    for path in damaged:
        flip(path, chance.randrange(len(LARGE)))
    is_over = asyncio.Event()

    async def disturb() -> None:
        while not is_over.is_set():
            key = f"k{chance.randrange(8)}"
            match chance.randrange(4):
                case 0:
                    await server.put(key, LARGE + bytes([chance.randrange(256)]))
                case 1:
                    await server.ask("DELETE", f"/bucket/{key}")
                case 2:
                    source = {"x-amz-copy-source": f"/bucket/k{chance.randrange(8)}"}
                    await server.ask("PUT", f"/bucket/{key}", headers=source)
                case _:
                    await server.store.reap()

    disturbing = asyncio.get_running_loop().create_task(disturb())
    await scrub(server)
    is_over.set()
    await disturbing

    names = {finding.name for finding in await found(server)}
    assert {bytes.fromhex(path.name) for path in damaged} == names


# When


async def test_a_new_store_is_left_for_a_day(server: InProcess) -> None:
    work, due = job(server), []
    for hours in (0, 1, 22.9, 0.2):
        server.clock.advance(hours * 3600)
        due.append(await work._is_due())

    assert [False, False, False, True] == due


async def test_passes_begin_an_interval_apart(server: InProcess) -> None:
    work, due = job(server, 2 * DAY_S), []
    await work.work_once()
    for hours in (1, 46.9, 0.2, -60):
        server.clock.advance(hours * 3600)
        due.append(await work._is_due())

    assert [False, False, True, True] == due, "a clock that was set back does not stop it"


async def test_without_an_interval_only_what_was_begun_goes_on(server: InProcess) -> None:
    work = job(server, None)
    never = [await work._is_due()]
    server.clock.advance(100 * DAY_S)
    never.append(await work._is_due())
    await server.store.scrubbing.keep(Pass(5, 1))

    assert [False, False] == never
    assert await work._is_due() is True


async def test_who_asks_has_it_work_and_sees_how_far_it_is(
    server: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    await server.put("k", LARGE)
    work = job(server, None)
    told: list[Progress] = []
    monkeypatch.setattr(work.rounds, "advance", lambda *progress: told.append(Progress(*progress)))
    over = asyncio.Event()
    rest = work.rounds.rest

    async def rest_or_end(pause_s: float) -> bool:
        if work.rounds.count:
            over.set()
        return await rest(pause_s)

    monkeypatch.setattr(work.rounds, "rest", rest_or_end)
    work.rounds.ask()
    task = asyncio.get_running_loop().create_task(work.run())
    await over.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert Progress(len(LARGE), len(LARGE), "bytes") == told[-1]
    latest = server.store.scrubbing.latest()
    assert latest is not None
    assert (1, server.clock.now_ms()) == (latest.number, latest.ended_ms)


async def test_a_pace_is_kept_and_nothing_is_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s, slept = 100.0, []

    async def sleep(seconds: float) -> None:
        nonlocal now_s
        slept.append(round(seconds, 6))
        now_s += seconds

    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now_s, raising=False)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    pace = Pacer(1000)
    await pace(500)
    now_s += 0.2
    await pace(500)
    now_s += 100
    await pace(500)

    assert [0.5, 0.5, 0.5] == slept
    await Pacer(0)(10**9)
    assert 0 == slept[-1]
