"""jobs/reencryption.py: versions are sealed as their bucket asks, and nothing else changes."""

import asyncio
import base64
import hashlib
import logging
from typing import Any

import pytest

from ferrox.clock import SettableClock
from ferrox.crypto.sealing import Seal
from ferrox.errors import Fault, StorageFull
from ferrox.jobs import reencryption
from ferrox.jobs.reencryption import DOCUMENT, Progress, Reencryption, plan, progress_of
from ferrox.jobs.sealing import sealing_of
from ferrox.records import BucketRecord, Encryption, Versioning, VersionRecord
from ferrox.storage.keys.kms_keys import KmsKeys
from ferrox.storage.keys.ring import Ring
from ferrox.storage.keys.server_keys import ServerKeys
from tests.in_process import InProcess
from tests.sealing import AES256, MINE, SSE, sealing_with

LARGE = bytes(range(256)) * 1200
PART = bytes(5 * 1024 * 1024)
WANTED = Encryption("AES256")
DEFAULT = (
    "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>"
    "<SSEAlgorithm>{}</SSEAlgorithm>"
    "</ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>"
)


@pytest.fixture
async def server(s3: InProcess, clock: SettableClock) -> InProcess:
    root = Seal(bytes(32))
    keys = ServerKeys(s3.store.identities, root, clock.now_ms())
    ring = Ring(keys, KmsKeys(s3.store.identities, root, s3.region))
    sealing_with(s3, ring, takes_keys_in_the_open=True)
    await s3.make_bucket()
    return s3


def bucket_of(s3: InProcess, name: str = "bucket") -> BucketRecord:
    bucket = s3.store.bucket(name)
    assert bucket is not None
    return bucket


def version_of(s3: InProcess, key: str, version_id: str | None = None) -> VersionRecord:
    version = s3.store.version(bucket_of(s3), key, version_id)
    assert version is not None
    return version


async def configure(s3: InProcess, algorithm: str = "AES256") -> None:
    body = DEFAULT.format(algorithm).encode()
    answer = await s3.ask("PUT", "/bucket", {"encryption": ""}, body=body)
    assert 200 == answer.status, answer.body


async def reencrypt(s3: InProcess) -> Progress:
    """Ask for it, and see it done."""
    progress = Progress(s3.clock.now_ms())
    await s3.store.put_bucket_document(bucket_of(s3), DOCUMENT, progress._asdict())
    return await go_on(s3)


async def go_on(s3: InProcess) -> Progress:
    """Have the job work, and tell how far it is."""
    await Reencryption(s3.store, sealing_of(s3.services), s3.clock).work_once()
    document = s3.store.bucket_document(bucket_of(s3), DOCUMENT)
    assert document is not None
    return progress_of(document)


async def test_everything_but_the_seal_stays_as_it_is(server: InProcess) -> None:
    more = {
        "x-amz-meta-a": "b",
        "x-amz-tagging": "c=d",
        "content-type": "text/x",
        "x-amz-checksum-algorithm": "SHA256",
    }
    bodies = {"empty": b"", "small": b"small", "large": LARGE}
    for key, body in bodies.items():
        await server.put(key, body, headers=more)
    before = {key: (version_of(server, key), await server.get(key)) for key in bodies}
    listed = (await server.ask("GET", "/bucket", {"versions": ""})).body
    usage = server.store.usage(bucket_of(server))
    await configure(server)
    server.clock.advance(1000)

    progress = await reencrypt(server)

    assert (3, 3, 0) == (progress.looked_count, progress.resealed_count, progress.failed_count)
    assert len(LARGE) + 5 == progress.resealed_bytes
    assert listed == (await server.ask("GET", "/bucket", {"versions": ""})).body
    assert usage == server.store.usage(bucket_of(server))
    for key, (version, answer) in before.items():
        now = version_of(server, key)
        assert version._replace(encryption=WANTED, extents=now.extents) == now
        got = await server.get(key)
        assert (bodies[key], "AES256") == (got.body, got.headers.pop(SSE))
        changing = {"x-amz-request-id", "x-amz-id-2", "date"}
        assert answer.headers.keys() - changing == got.headers.keys() - changing
        assert all(answer.headers[one] == got.headers[one] for one in got.headers.keys() - changing)
    assert {"s3/1": 2} == await server.store.data_key_counts()


async def test_old_bytes_are_gone_when_garbage_is_collected(server: InProcess) -> None:
    await server.put("k", LARGE)
    await configure(server)

    await reencrypt(server)
    await server.store.reap()

    files = [path for path in server.store.data_dir.blobs_path.rglob("*") if path.is_file()]
    assert 1 == len(files)
    assert LARGE[:256] not in files[0].read_bytes()


async def test_an_object_of_parts_keeps_its_tag_and_its_parts(server: InProcess) -> None:
    begun = await server.ask("POST", "/bucket/k", {"uploads": ""})
    query = {"uploadId": str(begun.document["UploadId"])}
    listed = ""
    for number, data in ((1, PART), (2, LARGE)):
        answer = await server.ask(
            "PUT", "/bucket/k", query | {"partNumber": f"{number}"}, body=data
        )
        tag = answer.headers["etag"]
        listed += f"<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag></Part>"
    body = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()
    await server.ask("POST", "/bucket/k", query, body=body)
    before = version_of(server, "k")
    await configure(server)

    await reencrypt(server)

    whole = await server.get("k")
    second = await server.ask("GET", "/bucket/k", {"partNumber": "2"})
    assert before.etag.endswith("-2")
    assert f'"{before.etag}"' == whole.headers["etag"]
    assert PART + LARGE == whole.body
    assert (206, LARGE, "2") == (second.status, second.body, second.headers["x-amz-mp-parts-count"])
    assert list(before.parts) == list(version_of(server, "k").parts)


async def test_all_versions_are_done_and_locked_ones_too(s3: InProcess, server: InProcess) -> None:
    headers = {"x-amz-bucket-object-lock-enabled": "true"}
    assert 200 == (await s3.ask("PUT", "/locked", headers=headers)).status
    md5 = base64.b64encode(hashlib.md5(b"first", usedforsecurity=False).digest()).decode()
    held = {"x-amz-object-lock-legal-hold": "ON", "content-md5": md5}
    first = await s3.put("k", b"first", bucket="locked", headers=held)
    await s3.put("k", b"second", bucket="locked")
    await s3.ask("DELETE", "/locked/k")
    bucket = bucket_of(s3, "locked")
    s3.services.encryption = server.services.encryption._replace(mode="default")
    await s3.store.put_bucket_document(bucket, DOCUMENT, Progress(1)._asdict())

    await Reencryption(s3.store, sealing_of(s3.services), s3.clock).work_once()

    version_id = first.headers["x-amz-version-id"]
    got = await s3.ask("GET", "/locked/k", {"versionId": version_id})
    assert (b"first", "AES256", "ON") == (
        got.body, got.headers[SSE], got.headers["x-amz-object-lock-legal-hold"],
    )  # fmt: skip
    assert {"s3/1": 2} == await s3.store.data_key_counts()
    gone = await s3.ask("DELETE", "/locked/k", {"versionId": version_id})
    assert 403 == gone.status


async def test_versions_under_keys_of_customers_are_counted_and_left(server: InProcess) -> None:
    await server.put("mine", b"mine", headers=MINE)
    await server.put("plain", b"plain")
    await configure(server)

    progress = await reencrypt(server)

    assert (2, 1, 1) == (progress.looked_count, progress.resealed_count, progress.customers_count)
    assert b"mine" == (await server.get("mine", headers=MINE)).body


async def test_copies_that_share_bytes_are_done_one_by_one(server: InProcess) -> None:
    await server.put("a", LARGE)
    await server.ask("PUT", "/bucket/b", headers={"x-amz-copy-source": "/bucket/a"})
    await server.ask("PUT", "/other")
    await server.ask("PUT", "/other/c", headers={"x-amz-copy-source": "/bucket/a"})
    await configure(server)

    progress = await reencrypt(server)

    assert 2 == progress.resealed_count
    assert LARGE == (await server.get("a")).body == (await server.get("b")).body
    elsewhere = await server.get("c", bucket="other")
    assert LARGE == elsewhere.body
    assert SSE not in elsewhere.headers


async def test_what_is_under_another_key_comes_under_the_one_that_is_asked_for(
    server: InProcess,
) -> None:
    await server.put("k", LARGE, headers=AES256)
    await configure(server, "aws:kms")

    first, second = await reencrypt(server), await reencrypt(server)

    got = await server.get("k")
    assert (LARGE, "aws:kms") == (got.body, got.headers[SSE])
    assert (1, 0) == (first.resealed_count, second.resealed_count)
    assert hashlib.md5(LARGE, usedforsecurity=False).hexdigest() == got.headers["etag"].strip('"')
    assert ["kms"] == [one.partition("/")[0] for one in await server.store.data_key_counts()]


async def test_versions_that_lose_a_key_of_kms_which_somebody_chose_are_counted(
    server: InProcess,
) -> None:
    await server.put("plain", b"plain")
    await server.put("chosen", b"chosen", headers={SSE: "aws:kms"})
    await configure(server, "AES256")
    bucket = bucket_of(server)

    planned = await plan(server.store, bucket, WANTED, 0)
    done, again = await reencrypt(server), await reencrypt(server)

    assert (2, 1) == (planned.resealed_count, planned.rekeyed_count)
    assert (2, 1) == (done.resealed_count, done.rekeyed_count)
    assert (0, 0) == (again.resealed_count, again.rekeyed_count)


async def test_it_goes_on_where_it_was_cut_short(
    server: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reencryption, "PAGE_LIMIT", 2)
    for number in range(5):
        await server.put(f"k{number}", b"%d" % number)
    await configure(server)
    reseal, calls = server.store.reseal_version, 0

    async def full(*arguments: Any) -> None:
        nonlocal calls
        calls += 1
        if calls > 3:
            raise StorageFull("no room")
        await reseal(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(server.store, "reseal_version", full)
        half = await reencrypt(server)
    whole = await go_on(server)

    assert (None, 2, 2) == (half.ended_ms, half.looked_count, half.resealed_count)
    assert ("no room", "") == (half.error, whole.error)
    assert whole.ended_ms == server.clock.now_ms()
    assert 5 == whole.looked_count
    assert 4 == whole.resealed_count, "one was done and not counted, when it was cut short"
    assert {"s3/1": 5} == await server.store.data_key_counts()


async def test_it_tells_how_many_versions_were_looked_at(
    server: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reencryption, "PAGE_LIMIT", 2)
    for number in range(3):
        await server.put(f"k{number}", b"%d" % number)
    await configure(server)
    await server.store.put_bucket_document(
        bucket_of(server), DOCUMENT, Progress(server.clock.now_ms())._asdict()
    )
    job = Reencryption(server.store, sealing_of(server.services), server.clock)
    told: list[tuple[int, int | None, str]] = []
    monkeypatch.setattr(job.rounds, "advance", lambda *progress: told.append(progress))

    await job.work_once()

    assert [(0, 3, "versions"), (2, 3, "versions"), (3, 3, "versions")] == told


async def test_what_is_replaced_meanwhile_is_left_as_it_came(
    server: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    await server.put("k", LARGE)
    await server.put("gone", LARGE)
    await configure(server)
    reseal = server.store.reseal_version

    async def late(version: VersionRecord, *arguments: Any) -> None:
        if version.key == "k":
            await server.put("k", b"newer", headers={SSE: "aws:kms"})
        else:
            await server.ask("DELETE", "/bucket/gone")
        await reseal(version, *arguments)

    monkeypatch.setattr(server.store, "reseal_version", late)
    progress = await reencrypt(server)
    await server.store.reap()

    assert (2, 0, 0) == (progress.looked_count, progress.resealed_count, progress.failed_count)
    assert b"newer" == (await server.get("k")).body
    assert 404 == (await server.get("gone")).status
    assert not [path for path in server.store.data_dir.blobs_path.rglob("*") if path.is_file()]


async def test_what_comes_to_lie_above_another_meanwhile_is_done_all_the_same(
    server: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    await server.store.set_versioning(bucket_of(server), Versioning.ENABLED)
    await server.put("k", LARGE)
    await configure(server)
    sealed_versions = server.store.sealed_versions

    async def early(bucket: BucketRecord, *arguments: Any) -> Any:
        page = await sealed_versions(bucket, *arguments)
        if page:
            await server.store.bring_delete_marker(bucket, "k", "version-of-another", 1)
        return page

    monkeypatch.setattr(server.store, "sealed_versions", early)
    progress = await reencrypt(server)

    assert (1, 1) == (progress.looked_count, progress.resealed_count)
    assert WANTED == version_of(server, "k").encryption


async def test_readers_and_writers_go_on_beside_it(server: InProcess) -> None:
    for number in range(20):
        await server.put(f"k{number}", LARGE)
    await configure(server)

    async def read() -> None:
        for number in range(20):
            got = await server.get(f"k{number}")
            assert LARGE == got.body, number
            await server.store.reap()

    async def copy() -> None:
        for number in range(20):
            source = {"x-amz-copy-source": f"/bucket/k{number}"}
            answer = await server.ask("PUT", f"/bucket/copy{number}", headers=source)
            assert 200 == answer.status, answer.body

    await asyncio.gather(reencrypt(server), read(), copy())
    await server.store.reap()

    for number in range(20):
        assert LARGE == (await server.get(f"k{number}")).body
        assert LARGE == (await server.get(f"copy{number}")).body


async def test_what_cannot_be_read_is_counted_and_the_rest_is_done(
    server: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    await server.put("a", LARGE)
    await server.put("b", LARGE)
    (name, *_) = version_of(server, "a").extents[0]
    (path,) = server.store.data_dir.blobs_path.rglob(f"*{name.hex()}*")
    path.write_bytes(path.read_bytes()[:-5000])
    await configure(server)

    with caplog.at_level(logging.WARNING):
        progress = await reencrypt(server)

    assert (2, 1, 1) == (progress.looked_count, progress.resealed_count, progress.failed_count)
    assert progress.error
    assert "a version of a in bucket bucket" in caplog.text
    assert LARGE == (await server.get("b")).body


async def test_it_waits_for_a_key_that_cannot_be_used(server: InProcess) -> None:
    await server.put("k", b"data")
    body = DEFAULT.format("aws:kms").replace(
        "</SSEAlgorithm>", "</SSEAlgorithm><KMSMasterKeyID>none</KMSMasterKeyID>"
    )
    await server.ask("PUT", "/bucket", {"encryption": ""}, body=body.encode())

    waiting = await reencrypt(server)
    await configure(server)
    done = await go_on(server)

    assert (None, 0) == (waiting.ended_ms, waiting.looked_count)
    assert waiting.error
    assert (1, "") == (done.resealed_count, done.error)


async def test_a_fault_ends_the_round_and_not_the_job(
    server: InProcess, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(_name: str) -> list[BucketRecord]:
        raise Fault("no")

    monkeypatch.setattr(server.store, "buckets_with_document", fail)
    with caplog.at_level(logging.WARNING):
        await Reencryption(server.store, sealing_of(server.services), server.clock).work_once()

    assert "tried again later" in caplog.text


async def test_a_plan_counts_and_changes_nothing(server: InProcess) -> None:
    await server.put("mine", b"mine", headers=MINE)
    await server.put("plain", LARGE)
    await server.put("sealed", b"sealed", headers=AES256)
    before = version_of(server, "plain")

    planned = await plan(server.store, bucket_of(server), WANTED, 7)

    assert Progress(7, None, None, 3, 1, len(LARGE), 1) == planned
    assert before == version_of(server, "plain")
    assert server.store.bucket_document(bucket_of(server), DOCUMENT) is None
