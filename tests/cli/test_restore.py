"""`ferroxd restore`: what it takes, what it prints, what it refuses."""

import asyncio
from pathlib import Path

import pytest

from ferrox.cli import main, restore
from ferrox.clock import SettableClock
from ferrox.errors import StartError
from ferrox.protocol.dates import iso8601
from ferrox.records import Versioning
from ferrox.storage.store import Store
from tests.storage.verbs import put

START_MS = 1_700_000_000_000
"""In the past of whatever clock the machine has."""


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A data directory whose bucket was changed an hour after START_MS."""

    async def fill() -> None:
        clock = SettableClock(START_MS)
        store = await Store.open(tmp_path / "data", clock=clock)
        bucket, _ = await store.create_bucket("photos", "owner", "r")
        await store.create_bucket("plain", "owner", "r")
        bucket = await store.set_versioning(bucket, Versioning.ENABLED)
        await put(store, bucket, "kept", b"old")
        await put(store, bucket, "deleted", b"12345")
        clock.advance(3600)
        await put(store, bucket, "kept", b"new")
        await put(store, bucket, "made\n", b"made")
        await store.delete_object(bucket, "deleted", None)
        await store.close()

    asyncio.run(fill())
    return tmp_path / "data"


def keys(data_dir: Path) -> list[str]:
    async def look() -> list[str]:
        store = await Store.open(data_dir, clock=SettableClock(START_MS))
        bucket = store.bucket("photos")
        assert bucket is not None
        page = await store.list_objects(bucket, prefix="", delimiter="", after="", limit=10)
        await store.close()
        return [getattr(entry, "key", "") for entry in page.entries]

    return asyncio.run(look())


def ferroxd(data_dir: Path, *arguments: str) -> int:
    return main.main(["restore", "--data-dir", str(data_dir), *arguments])


def test_a_dry_run_only_says_what_would_be_done(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = ferroxd(data_dir, "photos", "--at", iso8601(START_MS), "--dry-run")
    lines = capsys.readouterr().out.splitlines()

    assert (0, ["kept", "made\n"]) == (status, keys(data_dir))
    assert [
        "bucket photos as of 2023-11-14T22:13:20.000Z",
        "2 objects would be restored, 8 bytes; 1 object would be hidden",
    ] == lines[:2]
    assert lines[2].startswith("  restore  deleted  (version ")
    assert "  hide     'made\\n'" == lines[4]


def test_a_bucket_is_restored(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = ferroxd(data_dir, "photos", f"--at={iso8601(START_MS)}")
    told = capsys.readouterr().out
    second = ferroxd(data_dir, "photos", "--at", iso8601(START_MS))

    assert (0, 0, ["deleted", "kept"]) == (first, second, keys(data_dir))
    assert "2 objects restored, 8 bytes; 1 object hidden" in told
    assert "0 objects restored, 0 bytes; 0 objects hidden" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((), "usage:"),
        (("photos",), "usage:"),
        (("photos", "plain", "--at", "2023-01-01"), "usage:"),
        (("photos", "--at"), "option --at needs a value"),
        (("photos", "--at", "yesterday"), "is no time"),
        (("photos", "--at", "9999-01-01T00:00:00Z"), "must not be in the future"),
        (("photos", "--at", "2023-01-01", "--force"), "unknown option --force"),
        (("nothing", "--at", "2023-01-01"), "there is no bucket nothing"),
        (("plain", "--at", "2023-01-01"), "keeps no versions"),
    ],
)
def test_what_cannot_be_done(
    data_dir: Path,
    arguments: tuple[str, ...],
    reason: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = ferroxd(data_dir, *arguments)

    assert 2 == status
    assert reason in capsys.readouterr().err
    assert ["kept", "made\n"] == keys(data_dir)


def test_a_directory_in_use_is_refused(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def meanwhile() -> int:
        store = await Store.open(data_dir, clock=SettableClock(START_MS))
        try:
            return await asyncio.to_thread(ferroxd, data_dir, "photos", "--at", iso8601(START_MS))
        finally:
            await store.close()

    assert 2 == asyncio.run(meanwhile())
    assert "in use by another ferroxd" in capsys.readouterr().err


def test_nothing_is_made_where_nothing_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = ferroxd(tmp_path / "nowhere", "photos", "--at", "2023-01-01")

    assert 2 == status
    assert "no data directory" in capsys.readouterr().err
    assert not (tmp_path / "nowhere").exists()


def test_help_says_that_the_server_must_be_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == restore.run(["--help"])
    assert "must be stopped" in capsys.readouterr().out


def test_settings_come_from_where_those_of_the_server_come_from(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FERROX_DATA_DIR", str(tmp_path))

    order = restore.parse(["photos", "--at", "2023-11-14T23:13:20+01:00"])

    assert (START_MS, tmp_path, False) == (order.at_ms, order.config.data_dir, order.dry_run)
    with pytest.raises(StartError, match="needs a value"):
        restore.parse(["photos", "--data-dir="])
