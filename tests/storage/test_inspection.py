"""A look at an index that somebody else has open, or nobody."""

import sqlite3
from pathlib import Path

import pytest

from ferrox.clock import SettableClock
from ferrox.errors import Fault, StartError
from ferrox.lifecycle_records import LifecycleAction, LifecycleVerdict
from ferrox.records import VersionDraft
from ferrox.storage.inspection import inspecting
from ferrox.storage.store import Store
from tests.storage.verbs import put

EXPIRE = LifecycleVerdict(LifecycleAction.EXPIRE, "rule")


async def test_what_was_committed_is_seen_beside_an_open_store(
    store: Store, clock: SettableClock
) -> None:
    bucket, _ = await store.create_bucket("bucket", "owner", "r")
    with inspecting(store.data_dir.path) as inspection:
        await put(store, bucket, "k", b"data")
        await store.create_upload(bucket, VersionDraft("k", "", "owner"), None, None)
        revised = await store.put_bucket_document(bucket, "lifecycle", {"Rule": []})

        found = inspection.bucket("bucket")
        versions = await inspection.expiring_versions(bucket, "", None, lambda _: EXPIRE, 0)
        uploads = await inspection.expiring_uploads(bucket, "", None, lambda *_: EXPIRE)

        assert (revised, None) == (found, inspection.bucket("other"))
        assert {"Rule": []} == inspection.bucket_document(revised, "lifecycle")
        assert [] == inspection.lifecycle_reports(revised)
        assert ["k", "k"] == [one.step.key for one in versions.candidates + uploads.candidates]


async def test_a_closed_directory_can_be_looked_at_and_is_left_as_it_is(
    tmp_path: Path, clock: SettableClock
) -> None:
    store = await Store.open(tmp_path / "data", clock=clock)
    await store.create_bucket("bucket", "owner", "r")
    await store.close()
    before = (tmp_path / "data" / "index.db").read_bytes()

    with inspecting(tmp_path / "data") as inspection:
        assert inspection.bucket("bucket") is not None

    assert before == (tmp_path / "data" / "index.db").read_bytes()
    await (await Store.open(tmp_path / "data", clock=clock)).close()


async def test_nothing_can_be_written(store: Store) -> None:
    with inspecting(store.data_dir.path) as inspection, pytest.raises(Fault, match="readonly"):
        inspection.read(lambda reader: reader.execute("DELETE FROM versions"))


def test_what_is_not_there_is_not_made(tmp_path: Path) -> None:
    with (
        pytest.raises(StartError, match=r"no data directory .*; --data-dir"),
        inspecting(tmp_path / "no"),
    ):
        pass

    assert [] == list(tmp_path.iterdir())


def test_another_format_and_another_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    with pytest.raises(StartError, match="index format 1"), inspecting(tmp_path):
        pass

    path.write_bytes(b"no database" * 1000)
    with pytest.raises(StartError, match="cannot be read"), inspecting(tmp_path):
        pass
