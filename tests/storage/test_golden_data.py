"""Data directories that earlier programs wrote are opened and read by today's."""

import tarfile
from pathlib import Path

import pytest

from ferrox.clock import SettableClock
from ferrox.storage.store import Store
from tests.storage.golden import CREDENTIALS, FACTS, KEYS, NOON_MS, OWNER

ARCHIVES = sorted((Path(__file__).parents[1] / "vectors" / "data_directories").glob("*.tar.gz"))


async def read_all(store: Store, key: str) -> bytes:
    bucket = store.bucket("golden")
    assert bucket is not None
    version = store.version(bucket, key)
    assert version is not None
    body = await store.read(version, 0, version.size_bytes)
    return body if isinstance(body, bytes) else b"".join([block async for block in body])


def test_there_is_a_golden_directory_of_every_format() -> None:
    assert ["format-1.tar.gz"] == [archive.name for archive in ARCHIVES]


@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda path: str(path.name))
async def test_everything_in_a_golden_directory_is_still_there(
    archive: Path, tmp_path: Path
) -> None:
    with tarfile.open(archive) as packed:
        packed.extraction_filter = getattr(tarfile, "data_filter", None)  # Python 3.11.4 has it
        packed.extractall(tmp_path)
    store = await Store.open(tmp_path / "data", clock=SettableClock(NOON_MS))

    assert KEYS == {key: await read_all(store, key) for key in KEYS}
    golden, versions = store.bucket("golden"), store.bucket("versions")
    assert golden is not None
    assert versions is not None
    assert CREDENTIALS == store.identities.root_credentials()
    assert ["golden", "versions"] == [
        bucket.name for bucket in await store.list_buckets(OWNER, "", "", 10)
    ]
    inline = store.version(golden, "inline.txt")
    assert inline is not None
    assert tuple(FACTS.values()) == (inline.headers, inline.user_metadata, inline.tags)
    listing = await store.list_objects(golden, prefix="", delimiter="", after="", limit=10)
    assert sorted(KEYS) == [getattr(entry, "key", "") for entry in listing.entries]
    uploads = await store.list_uploads(
        golden, prefix="", delimiter="", key_marker="", upload_id_marker="", limit=10
    )
    assert ["parts.bin"] == [getattr(entry, "key", "") for entry in uploads.entries]
    marker = store.version(versions, "k")
    assert marker is not None
    assert marker.is_delete_marker
    assert 0 == await store.remove_orphans()
    await store.close()
