"""The verbs of a store as short calls, and bytes to call them with."""

import hashlib
import os
from collections.abc import AsyncIterator
from typing import Any

from ferrox.crypto.envelope import KeyEncryptionKey
from ferrox.records import (
    UNLOCKED,
    BucketRecord,
    Encryption,
    Lock,
    PartRecord,
    UploadRecord,
    VersionDraft,
    VersionRecord,
)
from ferrox.storage.content import BlobLabel
from ferrox.storage.store import Store

BIG = 3 * 1024 * 1024
"""Long enough to be read as a stream."""


async def stream(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), 100_000):
        yield data[start : start + 100_000]


def pattern(size_bytes: int, seed: int = 0) -> bytes:
    """Bytes of which no two blocks are alike."""
    return hashlib.shake_128(b"%d" % seed).digest(size_bytes)


async def put(
    store: Store,
    bucket: BucketRecord,
    key: str,
    data: bytes,
    *,
    lock: Lock = UNLOCKED,
    kek: KeyEncryptionKey | None = None,
    **arguments: Any,
) -> VersionRecord:
    label = BlobLabel(bucket.name, key)
    encryption = None if kek is None else Encryption("AES256")
    async with store.receive(
        stream(data), [], label, size_hint=len(data), max_bytes=BIG * 2, may_inline=True, kek=kek
    ) as content:
        draft = VersionDraft(key, "etag", "owner", lock=lock, encryption=encryption)
        return await store.add_version(bucket, draft, content, **arguments)


async def add_part(
    store: Store,
    upload: UploadRecord,
    number: int,
    data: bytes,
    kek: KeyEncryptionKey | None = None,
) -> PartRecord:
    label = BlobLabel("bucket", upload.key, None, upload.upload_id, number)
    async with store.receive(
        stream(data), [], label, size_hint=None, max_bytes=BIG * 2, may_inline=False, kek=kek
    ) as content:
        return await store.add_part(upload, number, f"etag-{number}", None, content)


def assemble(upload: UploadRecord) -> Any:
    return lambda _: upload.draft._replace(etag="whole")


async def read(
    store: Store, version: VersionRecord, start: int = 0, length: int | None = None
) -> bytes:
    length = version.size_bytes - start if length is None else length
    found = await store.read(version, start, length)
    return found if isinstance(found, bytes) else b"".join([block async for block in found])


def shown(store: Store, bucket: BucketRecord, key: str) -> VersionRecord:
    version = store.version(bucket, key)
    assert version is not None
    return version


def blob_files(store: Store) -> list[str]:
    root = store.data_dir.blobs_path
    return sorted(name for _, _, names in os.walk(root) for name in names)
