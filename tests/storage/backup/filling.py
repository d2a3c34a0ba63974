"""A data directory worth backing up, and what it holds told as one value."""

import os
from pathlib import Path
from typing import Any

from ferrox.clock import SettableClock
from ferrox.records import BucketRecord, UploadRecord, VersionDraft, Versioning, VersionSummary
from ferrox.storage.backup.databases import Progress, no_progress
from ferrox.storage.backup.making import Backup, make
from ferrox.storage.store import Store
from tests.storage.verbs import add_part, pattern, put, read

BLOB = 200_000
"""Too long to lie in the index."""


async def fill(store: Store) -> BucketRecord:
    """Small and large objects, a former version, an upload under way, secrets."""
    store.identities.root_account()
    store.identities.session_seal.renew()
    bucket, _ = await store.create_bucket("bucket", "owner", "us-east-1")
    bucket = await store.set_versioning(bucket, Versioning.ENABLED)
    await put(store, bucket, "small", b"small")
    await put(store, bucket, "large", pattern(BLOB, 1))
    await put(store, bucket, "large", pattern(BLOB, 2))
    upload = await store.create_upload(bucket, VersionDraft("open", "", "owner"), None, None)
    await add_part(store, upload, 1, pattern(BLOB, 3))
    return bucket


async def contents(data_dir: Path) -> dict[str, Any]:
    """Every version's bytes, and the parts of uploads, as a server would serve them."""
    store = await Store.open(data_dir, clock=SettableClock(1))
    try:
        store.identities.unlock()
        bucket = store.bucket("bucket")
        assert bucket is not None
        found: dict[str, Any] = {}
        page = await store.list_versions(
            bucket, prefix="", delimiter="", key_marker="", version_id_marker="", limit=1000
        )
        for entry in page.entries:
            assert isinstance(entry, VersionSummary)
            version = store.version(bucket, entry.key, entry.version_id)
            assert version is not None
            found[f"{version.key}/{version.version_id}"] = await read(store, version)
        uploads = await store.list_uploads(
            bucket, prefix="", delimiter="", key_marker="", upload_id_marker="", limit=10
        )
        for upload in uploads.entries:
            assert isinstance(upload, UploadRecord)
            parts, _ = await store.list_parts(upload, 0, 10)
            found[upload.upload_id] = [(part.part_number, part.etag) for part in parts]
        return found
    finally:
        await store.close()


def back_up(data_dir: Path, destination: Path, at_ms: int = 1, **options: Any) -> Backup:
    """One more snapshot."""
    return make(data_dir, destination, SettableClock(at_ms), **options)


def silent(_name: str) -> Progress:
    """Nobody wants to know how far it is."""
    return no_progress


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a directory."""
    return {
        os.path.relpath(os.path.join(where, name), folder): Path(where, name).read_bytes()
        for where, _, names in os.walk(folder)
        for name in names
    }


def blob_paths(folder: Path) -> list[Path]:
    """The blob files below a data directory, or below a place of backups."""
    return sorted(path for path in (folder / "blobs").rglob("*") if path.is_file())
