"""Resealing: the same bytes under other keys, verified on the way."""

import hashlib

import pytest

from ferrox.crypto.envelope import KeyEncryptionKey
from ferrox.errors import DataCorrupted
from ferrox.operations.resealing import resealed
from ferrox.protocol.ranges import Span
from ferrox.records import BucketRecord, Encryption
from ferrox.storage.content import BlobLabel
from ferrox.storage.store import Store
from tests.storage.verbs import BIG, blob_files, pattern, put, read

ONE = KeyEncryptionKey("c", bytes(range(32)))
OTHER = KeyEncryptionKey("c", bytes(range(1, 33)))
LABEL = BlobLabel("bucket", "b")


@pytest.fixture
async def bucket(store: Store) -> BucketRecord:
    made, _ = await store.create_bucket("bucket", "owner", "us-east-1")
    return made


@pytest.mark.parametrize("size_bytes", [0, 100, 100_000, BIG])
@pytest.mark.parametrize("former", [None, ONE])
@pytest.mark.parametrize("kek", [None, OTHER])
async def test_the_same_bytes_come_under_another_key(
    store: Store,
    bucket: BucketRecord,
    size_bytes: int,
    former: KeyEncryptionKey | None,
    kek: KeyEncryptionKey | None,
) -> None:
    data = pattern(size_bytes)
    original = await put(store, bucket, "a", data, kek=former)
    encryption = None if kek is None else Encryption("AES256")

    async with resealed(
        store, original, Span(0, size_bytes), LABEL,
        former=former, sealed=encryption, kek=kek, algorithm="SHA256", may_inline=True,
    ) as taken:  # fmt: skip
        draft = original.as_draft("b")._replace(encryption=encryption)
        version = await store.add_version(bucket, draft, taken.content)

    found = await store.read(version, 0, size_bytes, kek)
    whole = found if isinstance(found, bytes) else b"".join([block async for block in found])
    assert data == whole
    assert hashlib.md5(data, usedforsecurity=False).hexdigest() == taken.etag
    assert "SHA256" == taken.checksum.algorithm


async def test_a_range_is_taken(store: Store, bucket: BucketRecord) -> None:
    original = await put(store, bucket, "a", pattern(100_000))

    async with resealed(
        store, original, Span(10, 20), LABEL,
        former=None, sealed=None, kek=None, algorithm="CRC32", may_inline=True,
    ) as taken:  # fmt: skip
        version = await store.add_version(bucket, original.as_draft("b"), taken.content)

    assert pattern(100_000)[10:30] == await read(store, version)


async def test_what_does_not_open_leaves_nothing_behind(store: Store, bucket: BucketRecord) -> None:
    original = await put(store, bucket, "a", pattern(BIG), kek=ONE)

    with pytest.raises(DataCorrupted):
        async with resealed(
            store, original, Span(0, BIG), LABEL,
            former=OTHER, sealed=None, kek=None, algorithm="CRC32", may_inline=True,
        ):  # fmt: skip
            raise AssertionError("nothing was taken in")

    assert 1 == len(blob_files(store))
