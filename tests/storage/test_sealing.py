"""Sealed bytes in a store: they come back under their keys, and are worth nothing without."""

import asyncio
import sqlite3
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.crypto.envelope import KeyEncryptionKey
from ferrox.errors import DataCorrupted, Fault, SealBroken, ServiceUnavailable, SourceChanged
from ferrox.records import BucketRecord, Encryption, Lock, VersionDraft, VersionRecord
from ferrox.storage.content import BlobLabel
from ferrox.storage.sealing import (
    open_inline,
    parse_inline,
    plain_bytes,
    rewrap_inline,
    seal_inline,
)
from ferrox.storage.store import Store
from tests.storage.verbs import (
    BIG,
    add_part,
    assemble,
    blob_files,
    pattern,
    put,
    read,
    shown,
    stream,
)

KEK = KeyEncryptionKey("s3:1", bytes(range(32)))
OTHER = KeyEncryptionKey("s3:2", bytes(range(1, 33)))
SSE_S3 = Encryption("AES256")


class Ring:
    """A key ring of one key.

    stale  the key that is about to be removed
    """

    def __init__(self, stale: str = "") -> None:
        self.stale = stale

    def kek(self, kek_id: str, encryption: Encryption) -> KeyEncryptionKey:
        assert SSE_S3 == encryption
        if kek_id != KEK.kek_id:
            raise Fault(f"no key {kek_id}")
        return KEK

    def require_fresh(self, kek_id: str, _now_ms: int) -> None:
        if kek_id == self.stale:
            raise ServiceUnavailable


@given(st.binary(min_size=1, max_size=500))
def test_inline_bytes_open_as_they_were_sealed(data: bytes) -> None:
    sealed = seal_inline(data, KEK)

    assert data == open_inline(sealed, KEK)
    assert len(data) == plain_bytes(sealed, SSE_S3)
    assert "s3:1" == parse_inline(sealed).key.kek_id


def test_inline_bytes_under_another_key_do_not_open() -> None:
    with pytest.raises(DataCorrupted):
        open_inline(seal_inline(b"data", KEK), OTHER)


def test_changing_the_key_leaves_the_ciphertext_alone() -> None:
    sealed = seal_inline(b"data", KEK)

    moved = rewrap_inline(sealed, KEK, OTHER)

    assert parse_inline(sealed)[1:] == parse_inline(moved)[1:]
    assert b"data" == open_inline(moved, OTHER)
    with pytest.raises(SealBroken):
        rewrap_inline(sealed, OTHER, KEK)


def test_every_changed_byte_of_inline_bytes_is_refused() -> None:
    sealed = seal_inline(b"data", KEK)

    for index in range(len(sealed)):
        changed = bytearray(sealed)
        changed[index] ^= 0x81
        with pytest.raises(DataCorrupted):
            open_inline(bytes(changed), KEK)
    for length in range(len(sealed)):
        with pytest.raises(DataCorrupted):
            open_inline(sealed[:length], KEK)


@pytest.mark.parametrize("size_bytes", [0, 1, 65_536, 65_537, 300_000, BIG])
async def test_sealed_bytes_come_back_as_they_went_in(
    store: Store, bucket: BucketRecord, size_bytes: int
) -> None:
    store.key_ring = Ring()
    data = pattern(size_bytes)

    written = await put(store, bucket, "a", data, kek=KEK)

    assert written == store.version(bucket, "a")
    assert SSE_S3 == written.encryption
    assert data == await read(store, written)
    assert data[1:-1] == await read(store, written, 1, max(size_bytes - 2, 0))


@pytest.mark.parametrize("size_bytes", [3000, 300_000])
async def test_sealed_bytes_lie_nowhere_in_clear(
    store: Store, bucket: BucketRecord, size_bytes: int
) -> None:
    data = pattern(size_bytes)
    written = await put(store, bucket, "a", data, kek=KEK)
    await store.probe()

    root = store.data_dir.path
    files = [path for path in root.rglob("*") if path.is_file()]
    stored = b"".join(path.read_bytes() for path in files)

    assert written.size_bytes == size_bytes
    assert not any(data[at : at + 24] in stored for at in range(0, size_bytes - 24, 1000))


async def test_without_its_keys_a_store_reads_nothing_that_is_sealed(
    store: Store, bucket: BucketRecord
) -> None:
    small = await put(store, bucket, "small", b"data", kek=KEK)
    big = await put(store, bucket, "big", pattern(100_000), kek=KEK)

    for version in (small, big):
        with pytest.raises(Fault, match="has no keys"):
            await read(store, version)


async def test_a_key_that_the_caller_brings_opens_too(store: Store, bucket: BucketRecord) -> None:
    data = pattern(100_000)
    small = await put(store, bucket, "small", b"data", kek=OTHER)
    big = await put(store, bucket, "big", data, kek=OTHER)

    assert b"ata" == await store.read(small, 1, 3, OTHER)
    assert data == await store.read(big, 0, len(data), OTHER)
    with pytest.raises(DataCorrupted):
        await store.read(big, 0, len(data), KEK)


async def test_an_upload_of_sealed_parts_is_read_as_one(store: Store, bucket: BucketRecord) -> None:
    store.key_ring = Ring()
    draft = VersionDraft("a", "etag", "owner", encryption=SSE_S3)
    upload = await store.create_upload(bucket, draft, None, None)
    first, second = pattern(300_000), pattern(5_000, 1)
    await add_part(store, upload, 1, first, KEK)
    await add_part(store, upload, 2, second, KEK)
    found = store.upload(bucket, "a", upload.upload_id)
    assert found is not None
    assert SSE_S3 == found.draft.encryption

    version = await store.complete_upload(found, [1, 2], assemble(found))

    assert SSE_S3 == version.encryption
    assert first + second == await read(store, version)
    assert second[:10] == await read(store, version, 300_000, 10)


async def test_a_copy_shares_what_is_sealed(store: Store, bucket: BucketRecord) -> None:
    store.key_ring = Ring()
    data = pattern(100_000)
    for key, stored in (("big", data), ("small", b"data")):
        source = await put(store, bucket, key, stored, kek=KEK)
        draft = source.as_draft(f"copy of {key}")

        copy = await store.copy_version(bucket, draft, source)

        assert stored == await read(store, copy)
    assert 1 == len(blob_files(store))


async def test_nothing_is_shared_with_what_is_sealed_otherwise(
    store: Store, bucket: BucketRecord
) -> None:
    source = await put(store, bucket, "a", pattern(100_000), kek=KEK)
    draft = source.as_draft("b")._replace(encryption=None)

    with pytest.raises(ValueError, match="sealed as they are"):
        await store.copy_version(bucket, draft, source)


async def test_what_should_be_sealed_is_never_stored_otherwise(
    store: Store, bucket: BucketRecord
) -> None:
    label = BlobLabel(bucket.name, "a")
    draft = VersionDraft("a", "etag", "owner", encryption=SSE_S3)
    for data in (b"data", pattern(100_000)):
        async with store.receive(
            stream(data), [], label, size_hint=None, max_bytes=BIG, may_inline=True
        ) as content:
            with pytest.raises(ValueError, match="whether its bytes are sealed"):
                await store.add_version(bucket, draft, content)

    assert store.version(bucket, "a") is None
    assert blob_files(store) == []


async def test_blobs_that_change_places_do_not_open(store: Store, bucket: BucketRecord) -> None:
    store.key_ring = Ring()
    version = await put(store, bucket, "a", pattern(100_000), kek=KEK)
    await put(store, bucket, "b", pattern(100_000, 1), kek=KEK)
    names = (name for path in blob_files(store) for name in store.data_dir.path.rglob(path))
    first, second = names
    ours, theirs = first.read_bytes(), second.read_bytes()
    first.write_bytes(theirs)
    second.write_bytes(ours)

    with pytest.raises(DataCorrupted, match="holds the bytes of blob"):
        await read(store, version)


async def test_data_keys_that_change_places_do_not_open(store: Store, bucket: BucketRecord) -> None:
    store.key_ring = Ring()
    version = await put(store, bucket, "a", pattern(100_000), kek=KEK)
    other = await put(store, bucket, "b", pattern(100_000, 1), kek=KEK)
    index = sqlite3.connect(store.data_dir.index_path)
    with index:
        (foreign,) = index.execute(
            "SELECT wrapped_key FROM blobs WHERE name = ?", (other.extents[0].blob_name,)
        ).fetchone()
        index.execute("UPDATE blobs SET wrapped_key = ?", (foreign,))
    index.close()

    with pytest.raises(DataCorrupted, match="does not open under s3:1"):
        await read(store, version)


async def test_all_that_is_under_one_key_comes_under_another(
    store: Store, bucket: BucketRecord
) -> None:
    sealed = {f"{size}": pattern(size) for size in (10, 3000, 70_000, 300_000)}
    for key, data in sealed.items():
        await put(store, bucket, key, data, kek=KEK)
    await put(store, bucket, "plain", b"plain")
    await put(store, bucket, "other", b"other", kek=OTHER)
    files = {
        path: path.read_bytes() for path in store.data_dir.blobs_path.rglob("*") if path.is_file()
    }

    counts = [await store.rewrap(KEK, OTHER), await store.rewrap(KEK, OTHER)]

    assert [4, 0] == counts
    for key, data in sealed.items():
        version = store.version(bucket, key)
        assert version is not None
        assert data == await read_with(store, version, OTHER)
        with pytest.raises(DataCorrupted):
            await read_with(store, version, KEK)
    assert 2 == len(files)
    assert files == {path: path.read_bytes() for path in files}, "no byte of them was touched"


async def read_with(store: Store, version: VersionRecord, kek: KeyEncryptionKey) -> bytes:
    found = await store.read(version, 0, version.size_bytes, kek)
    assert isinstance(found, bytes)
    return found


async def test_what_is_replaced_while_keys_change_stays_as_it_is(
    store: Store, bucket: BucketRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(store, bucket, "a", b"former", kek=KEK)
    replaced = asyncio.Event()
    to_thread = asyncio.to_thread

    async def slowly(function: Callable[[], object]) -> object:
        result = await to_thread(function)
        await put(store, bucket, "a", b"newer", kek=KEK)
        replaced.set()
        return result

    monkeypatch.setattr("ferrox.storage.bodies.asyncio.to_thread", slowly)
    await store.rewrap(KEK, OTHER)
    monkeypatch.undo()

    assert replaced.is_set()
    version = store.version(bucket, "a")
    assert version is not None
    assert b"newer" == await read_with(store, version, KEK)
    assert 1 == await store.rewrap(KEK, OTHER)
    assert b"newer" == await read_with(store, version, OTHER)


async def test_data_keys_are_counted_by_the_key_that_they_are_under(
    store: Store, bucket: BucketRecord
) -> None:
    await put(store, bucket, "plain", pattern(70_000))
    for key, size_bytes in (("a", 10), ("b", 70_000), ("c", 0)):
        await put(store, bucket, key, pattern(size_bytes), kek=KEK)
    await put(store, bucket, "d", b"other", kek=OTHER)

    assert {"s3:1": 2, "s3:2": 1} == await store.data_key_counts()


async def reseal(
    store: Store, version: VersionRecord, data: bytes, kek: KeyEncryptionKey | None
) -> None:
    """Have the bytes of a version taken in once more, and put in its place."""
    label = BlobLabel("bucket", version.key)
    async with store.receive(
        stream(data), [], label, size_hint=None, max_bytes=BIG * 2, may_inline=True, kek=kek
    ) as content:
        await store.reseal_version(version, content, SSE_S3 if kek else None)


@pytest.mark.parametrize("size_bytes", [0, 10, 70_000, BIG])
@pytest.mark.parametrize("inline_limit_bytes", [0, 100_000], ids=["to blobs", "to the index"])
async def test_a_version_that_is_sealed_anew_is_the_same_in_all_else(
    store: Store, bucket: BucketRecord, size_bytes: int, inline_limit_bytes: int
) -> None:
    store.key_ring = Ring()
    data = pattern(size_bytes)
    hold = Lock(legal_hold=True)
    before = await put(store, bucket, "a", data, lock=hold)
    copy = await store.copy_version(bucket, before.as_draft("copy"), before)
    store.inline_limit_bytes = inline_limit_bytes

    await reseal(store, before, data, KEK)

    after = store.version(bucket, "a")
    assert after is not None
    assert before._replace(encryption=SSE_S3, extents=after.extents) == after
    assert data == await read(store, after)
    assert data == await read(store, copy), "which lies where it lay"
    assert (1 if size_bytes else 0) == sum((await store.data_key_counts()).values())
    await reseal(store, after, data, None)
    assert data == await read(store, shown(store, bucket, "a"))
    assert {} == await store.data_key_counts()
    await store.reap()
    named = {one.extents[0].blob_name for one in (copy, shown(store, bucket, "a")) if one.extents}
    assert len(named) == len(blob_files(store))


async def test_who_holds_the_record_of_before_is_told_to_look_again(
    store: Store, bucket: BucketRecord
) -> None:
    store.key_ring = Ring()
    other, _ = await store.create_bucket("other", "owner", "us-east-1")
    for key, size_bytes in (("small", 10), ("large", BIG)):
        data = pattern(size_bytes)
        before = await put(store, bucket, key, data)
        await reseal(store, before, data, KEK)
        await store.reap()

        with pytest.raises(SourceChanged):
            await read(store, before)
        with pytest.raises(SourceChanged):
            await store.copy_version(other, before.as_draft("copy"), before)
        with pytest.raises(SourceChanged):
            await reseal(store, before, data, None)
        assert data == await read(store, shown(store, bucket, key))
    assert 1 == len(blob_files(store)), "of what was refused nothing is left"


async def test_what_a_reader_has_open_stays_until_it_is_read(
    store: Store, bucket: BucketRecord
) -> None:
    data = pattern(BIG)
    before = await put(store, bucket, "a", data)
    found = await store.read(before, 0, len(data))
    assert not isinstance(found, bytes)

    await reseal(store, before, data, KEK)
    await store.reap()

    assert data == b"".join([block async for block in found])


async def test_bytes_are_never_replaced_by_others(store: Store, bucket: BucketRecord) -> None:
    before = await put(store, bucket, "a", b"data")

    with pytest.raises(ValueError, match="keeps its bytes"):
        await reseal(store, before, b"other data", KEK)
    with pytest.raises(ValueError, match="says whether"):
        await store.reseal_version(before, store.hold(b"data", KEK), None)

    assert before == store.version(bucket, "a")


@pytest.mark.parametrize("size_bytes", [10, 70_000])
async def test_nothing_gets_a_name_under_a_key_that_is_about_to_be_removed(
    store: Store, bucket: BucketRecord, size_bytes: int
) -> None:
    store.key_ring = Ring(stale=KEK.kek_id)

    with pytest.raises(ServiceUnavailable):
        await put(store, bucket, "a", pattern(size_bytes), kek=KEK)

    assert store.version(bucket, "a") is None
    assert [] == blob_files(store)
    await put(store, bucket, "b", pattern(size_bytes), kek=OTHER)


@pytest.mark.parametrize("size_bytes", [10, 70_000])
async def test_what_is_damaged_keeps_nothing_else_under_a_former_key(
    store: Store, bucket: BucketRecord, size_bytes: int, caplog: pytest.LogCaptureFixture
) -> None:
    for key in ("a", "b"):
        await put(store, bucket, key, pattern(size_bytes), kek=KEK)
    stranger = KeyEncryptionKey(KEK.kek_id, bytes(32))
    await put(store, bucket, "stranger", pattern(size_bytes), kek=stranger)

    counts = [await store.rewrap(KEK, OTHER), await store.rewrap(KEK, OTHER)]

    assert [2, 0] == counts
    assert {"s3:1": 1, "s3:2": 2} == await store.data_key_counts()
    assert "stays under its former key" in caplog.text
    assert pattern(size_bytes) == await read_with(store, shown(store, bucket, "a"), OTHER)
