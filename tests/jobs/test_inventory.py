"""jobs/inventory.py: lists are written when they are due, whole, and once."""

import csv
import gzip
import hashlib
import io
import json
from typing import Any

import pytest

from ferrox.clock import SettableClock
from ferrox.crypto.sealing import Seal
from ferrox.errors import Fault
from ferrox.jobs import inventory as jobs
from ferrox.jobs.inventory import Inventory
from ferrox.jobs.publishing import publish
from ferrox.jobs.sealing import Sealing
from ferrox.protocol.plain import as_plain
from ferrox.protocol.shapes.inventory import (
    SSEKMS,
    SSES3,
    InventoryEncryption,
    InventoryFilter,
)
from ferrox.records import BucketRecord, Quota, Versioning
from ferrox.storage.bodies import once
from ferrox.storage.keys.kms_keys import KmsKeys
from ferrox.storage.keys.ring import Ring
from ferrox.storage.keys.server_keys import ServerKeys
from ferrox.storage.store import Store
from tests.protocol.test_inventory import configuration
from tests.sealing import unsealing

DAY_S = 86_400


@pytest.fixture
async def source(store: Store) -> BucketRecord:
    made, _ = await store.create_bucket("source", "owner", "us-east-1")
    return made


@pytest.fixture
async def lists(store: Store) -> BucketRecord:
    made, _ = await store.create_bucket("lists", "owner", "us-east-1")
    return made


async def configure(store: Store, source: BucketRecord, **more: Any) -> None:
    document = as_plain(configuration(**more))
    await store.put_bucket_document(source, "inventory/one", document)


async def put(store: Store, bucket: BucketRecord, *keys: str) -> None:
    for key in keys:
        await publish(store, unsealing(store), bucket, key, once(key.encode()), "text/plain")


async def holds(store: Store, bucket: BucketRecord) -> dict[str, bytes]:
    """Key → what it holds."""
    page = await store.list_objects(bucket, prefix="", delimiter="", after="", limit=100)
    found = {}
    for entry in page.entries:
        version = store.version(bucket, getattr(entry, "key"))  # noqa: B009 - no prefixes here
        assert version is not None
        body = await store.read(version, 0, version.size_bytes)
        assert isinstance(body, bytes)
        found[version.key] = body
    return found


async def rows(store: Store, lists: BucketRecord) -> list[list[str]]:
    """The lines of all data files."""
    found = await holds(store, lists)
    texts = [gzip.decompress(data).decode() for key, data in found.items() if key.endswith(".gz")]
    return [row for text in texts for row in csv.reader(io.StringIO(text))]


async def test_a_list_names_every_object(
    store: Store, clock: SettableClock, source: BucketRecord, lists: BucketRecord
) -> None:
    keys = [f"k{number:03}" for number in range(2 * jobs.PAGE_LIMIT + 1)]
    await put(store, source, *keys)
    await configure(store, source, prefix="all", optional_fields=["Size"])

    assert 1 == await Inventory(store, unsealing(store), clock).work_once()

    assert [["source", key, "4"] for key in keys] == await rows(store, lists)
    found = await holds(store, lists)
    folder = "all/source/one/2026-09-21T14-13Z/"
    manifest = found[f"{folder}manifest.json"]
    (file,) = json.loads(manifest)["files"]
    data = found[file["key"]]
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    assert (len(data), md5) == (file["size"], file["MD5checksum"])
    checksum = hashlib.md5(manifest, usedforsecurity=False).hexdigest().encode()
    assert checksum == found[f"{folder}manifest.checksum"]
    links = found["all/source/one/hive/dt=2026-09-21-14-13/symlink.txt"]
    assert f"s3://lists/{file['key']}\n".encode() == links


async def test_long_lists_are_cut_into_files(
    store: Store,
    clock: SettableClock,
    source: BucketRecord,
    lists: BucketRecord,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs, "PAGE_LIMIT", 2)
    monkeypatch.setattr(jobs, "LINES_PER_FILE", 2)
    await put(store, source, "a", "b", "c")
    await configure(store, source)
    await Inventory(store, unsealing(store), clock).work_once()

    found = await holds(store, lists)
    assert 2 == len([key for key in found if key.endswith(".csv.gz")])
    assert ["a", "b", "c"] == sorted(key for _, key in await rows(store, lists))


async def test_a_list_tells_how_far_it_is(
    store: Store,
    clock: SettableClock,
    source: BucketRecord,
    lists: BucketRecord,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs, "PAGE_LIMIT", 2)
    await put(store, source, "a", "b", "c")
    await configure(store, source)
    job = Inventory(store, unsealing(store), clock)
    told: list[tuple[int, int | None, str]] = []
    monkeypatch.setattr(job.rounds, "advance", lambda *progress: told.append(progress))

    await job.work_once()

    assert [(2, 3, "lines"), (3, 3, "lines")] == told


async def test_versions_and_delete_markers_are_listed_when_asked_for(
    store: Store, clock: SettableClock, source: BucketRecord, lists: BucketRecord
) -> None:
    versioned = await store.set_versioning(source, Versioning.ENABLED)
    await put(store, versioned, "k", "k")
    await store.delete_object(versioned, "k", None)
    await configure(store, versioned, versions="All")
    await Inventory(store, unsealing(store), clock).work_once()

    assert [["true", "true"], ["false", "false"], ["false", "false"]] == [
        row[3:] for row in await rows(store, lists)
    ]


async def test_locks_are_told_of_when_asked_for(
    store: Store, clock: SettableClock, source: BucketRecord, lists: BucketRecord
) -> None:
    await put(store, source, "k")
    await configure(store, source, optional_fields=["ObjectLockLegalHoldStatus"])
    await Inventory(store, unsealing(store), clock).work_once()

    assert [["source", "k", "Off"]] == await rows(store, lists)


async def test_a_prefix_leaves_the_rest_out(
    store: Store, clock: SettableClock, source: BucketRecord, lists: BucketRecord
) -> None:
    await put(store, source, "a/1", "b/1")
    await configure(store, source, filter=InventoryFilter(prefix="a/"))
    await Inventory(store, unsealing(store), clock).work_once()

    assert [["source", "a/1"]] == await rows(store, lists)


async def test_an_empty_bucket_has_an_empty_list(
    store: Store, clock: SettableClock, source: BucketRecord, lists: BucketRecord
) -> None:
    await configure(store, source)

    assert 1 == await Inventory(store, unsealing(store), clock).work_once()
    assert [] == await rows(store, lists)


async def test_the_next_list_comes_a_day_later_whoever_writes_it(
    store: Store, clock: SettableClock, source: BucketRecord, lists: BucketRecord
) -> None:
    await configure(store, source)
    counts = [await Inventory(store, unsealing(store), clock).work_once()]
    clock.advance(DAY_S - 1)
    counts.append(await Inventory(store, unsealing(store), clock).work_once())
    clock.advance(1)
    counts.append(await Inventory(store, unsealing(store), clock).work_once())

    assert [1, 0, 1] == counts


@pytest.mark.parametrize("owner", [None, "stranger"])
async def test_a_list_without_a_destination_is_told_of_once_a_day(
    store: Store,
    clock: SettableClock,
    source: BucketRecord,
    caplog: pytest.LogCaptureFixture,
    owner: str | None,
) -> None:
    if owner is not None:
        await store.create_bucket("lists", owner, "us-east-1")
    await configure(store, source)

    assert [0, 0] == [await Inventory(store, unsealing(store), clock).work_once() for _ in range(2)]
    assert 1 == caplog.text.count("its owner has no bucket lists")


async def test_a_list_that_failed_is_tried_again(
    store: Store,
    clock: SettableClock,
    source: BucketRecord,
    lists: BucketRecord,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await configure(store, source)
    await store.set_quota(lists, Quota(max_bytes=1))
    assert 0 == await Inventory(store, unsealing(store), clock).work_once()
    assert "inventory one of bucket source failed" in caplog.text

    await store.set_quota(lists, Quota())

    assert 1 == await Inventory(store, unsealing(store), clock).work_once()


async def test_a_store_that_cannot_be_read_is_told_of(
    store: Store,
    clock: SettableClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail(_prefix: str) -> None:
        raise Fault("the disk is gone")

    monkeypatch.setattr(store, "documents_of_all_buckets", fail)

    assert 0 == await Inventory(store, unsealing(store), clock).work_once()
    assert "the disk is gone" in caplog.text


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        (InventoryEncryption(sses3=SSES3()), "AES256"),
        (InventoryEncryption(ssekms=SSEKMS(key_id="alias/aws/s3")), "aws:kms"),
    ],
)
async def test_a_list_is_encrypted_as_its_destination_says(
    store: Store,
    clock: SettableClock,
    source: BucketRecord,
    lists: BucketRecord,
    asked: InventoryEncryption,
    wanted: str,
) -> None:
    root = Seal(bytes(32))
    kms_keys = KmsKeys(store.identities, root, "us-east-1")
    store.key_ring = ring = Ring(ServerKeys(store.identities, root, 1), kms_keys)
    sealing = Sealing(store, ring, clock, lambda _: None, encrypts_unasked=False)
    await put(store, source, "a")
    wished = configuration()
    destination = wished.destination.s3_bucket_destination
    destination.encryption = asked
    await store.put_bucket_document(source, "inventory/one", as_plain(wished))

    await Inventory(store, sealing, clock).work_once()

    found = await holds(store, lists)
    versions = [store.version(lists, key) for key in found]
    assert 4 == len(versions)
    assert [["source", "a"]] == await rows(store, lists)
    assert {wanted} == {
        version.encryption.sse for version in versions if version and version.encryption
    }
