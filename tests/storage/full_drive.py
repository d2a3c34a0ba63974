"""A store on a drive of its own, filled to the brim; run inside a mount namespace of its own.

`unshare -rm python -m tests.storage.full_drive DIRECTORY OBJECT_BYTES` mounts a small drive on the
directory, tells its story, and prints what happened as JSON.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from ferrox.clock import SystemClock
from ferrox.errors import StorageFull
from ferrox.records import BucketRecord, VersionDraft
from ferrox.storage.content import BlobLabel
from ferrox.storage.store import Store

DRIVE = "8m"


async def body(data: bytes) -> AsyncIterator[bytes]:
    """The bytes of one object."""
    yield data


async def put(store: Store, bucket: BucketRecord, key: str, size_bytes: int) -> bool:
    """Whether there was room for one more object."""
    label = BlobLabel(bucket.name, key)
    data = os.urandom(size_bytes)
    try:
        async with store.receive(
            body(data), (), label, size_hint=None, max_bytes=1 << 30, may_inline=True
        ) as content:
            await store.add_version(bucket, VersionDraft(key, "etag", "owner"), content)
    except StorageFull:
        return False
    return True


async def delete(store: Store, bucket: BucketRecord, numbers: range) -> int:
    """How many of the objects could be deleted."""
    deleted_count = 0
    for number in numbers:
        try:
            await store.delete_object(bucket, str(number), None)
        except StorageFull:
            continue
        deleted_count += 1
    return deleted_count


async def tell(data_dir: Path, size_bytes: int) -> dict[str, object]:
    """Fill the drive, open the store again, and delete everything."""
    store = await Store.open(data_dir, clock=SystemClock())
    bucket, _ = await store.create_bucket("bucket", "owner", "us-east-1")
    stored_count = 0
    while await put(store, bucket, str(stored_count), size_bytes):
        stored_count += 1
    refused = [await put(store, bucket, f"one more {n}", 3000) for n in range(500)].count(False)
    half = stored_count // 2
    deleted_count = await delete(store, bucket, range(half, stored_count))
    await store.close()

    store = await Store.open(data_dir, clock=SystemClock())
    version = store.version(bucket, "0")
    read = await store.read(version, 0, version.size_bytes) if version else b""
    story: dict[str, object] = {
        "stored": stored_count,
        "small ones refused": refused,
        "read": len(read) if isinstance(read, bytes) else -1,
        "deleted": deleted_count + await delete(store, bucket, range(half)),
        "reaped": await store.reap(),
        "stored again": await put(store, bucket, "again", size_bytes),
        "read-only": store.read_only_reason,
    }
    await store.close()
    return story


if __name__ == "__main__":
    drive = sys.argv[1]
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DRIVE}", "tmpfs", drive], check=True)
    sys.stdout.write(json.dumps(asyncio.run(tell(Path(drive) / "data", int(sys.argv[2])))))
