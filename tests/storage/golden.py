"""What lies in the golden data directories, and how the one of today's format is written.

`python -m tests.storage.golden ARCHIVE.tar.gz` writes an archive. It is done once for each format
that was released; an archive that is there is never written again.
"""

import asyncio
import hashlib
import sys
import tarfile
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from ferrox.clock import SettableClock
from ferrox.records import VersionDraft, Versioning
from ferrox.storage.content import BlobLabel
from ferrox.storage.identities.root import RootCredentials
from ferrox.storage.store import Store

NOON_MS = 1_790_000_000_000
OWNER = "c" * 64
CREDENTIALS = RootCredentials("FRXGOLDEN", "golden-secret-of-a-test")
INLINE = b"inline bytes"
LARGE = hashlib.shake_128(b"golden").digest(300_000)
KEYS = {"inline.txt": INLINE, "large.bin": LARGE, "parts.bin": LARGE + INLINE, "empty": b""}
FACTS = {
    "headers": {"content-type": "text/plain"},
    "user_metadata": {"colour": "blau, später grün"},
    "tags": {"stage": "golden"},
}


async def pieces(data: bytes) -> AsyncIterator[bytes]:
    """A body."""
    yield data


async def fill(data_dir: Path) -> None:
    """Write one of everything that the format can hold."""
    store = await Store.open(data_dir, clock=SettableClock(NOON_MS))
    store.identities.save_root_credentials(CREDENTIALS)
    bucket, _ = await store.create_bucket("golden", OWNER, "us-east-1")
    for key in ("inline.txt", "large.bin", "empty"):
        draft = VersionDraft(key, hashlib.md5(KEYS[key]).hexdigest(), OWNER, **FACTS)  # type: ignore[arg-type]
        async with store.receive(
            pieces(KEYS[key]), (), BlobLabel("golden", key),
            size_hint=None, max_bytes=1 << 20, may_inline=True,
        ) as content:  # fmt: skip
            await store.add_version(bucket, draft, content)
    draft = VersionDraft("parts.bin", "0-2", OWNER)
    for is_completed in (True, False):
        upload = await store.create_upload(bucket, draft, None, None)
        for number, data in ((1, LARGE), (2, INLINE)):
            async with store.receive(
                pieces(data), (), BlobLabel("golden", "parts.bin"),
                size_hint=None, max_bytes=1 << 20, may_inline=False,
            ) as content:  # fmt: skip
                await store.add_part(upload, number, str(number), None, content)
        if is_completed:
            await store.complete_upload(upload, [1, 2], lambda parts: draft)
    kept, _ = await store.create_bucket("versions", OWNER, "us-east-1")
    kept = await store.set_versioning(kept, Versioning.ENABLED)
    for data in (b"one", b"two"):
        async with store.receive(
            pieces(data), (), BlobLabel("versions", "k"),
            size_hint=None, max_bytes=1 << 20, may_inline=True,
        ) as content:  # fmt: skip
            await store.add_version(kept, VersionDraft("k", "0", OWNER), content)
    await store.delete_object(kept, "k", None)
    await store.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(fill(Path(folder) / "data"))
        with tarfile.open(sys.argv[1], "w:gz") as archive:
            archive.add(Path(folder) / "data", arcname="data")
