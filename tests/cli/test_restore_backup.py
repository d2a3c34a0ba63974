"""`ferroxd restore-backup`: what it takes, what it prints, how it ends."""

import json
from pathlib import Path

import pytest

from ferrox.cli.main import main
from ferrox.clock import SettableClock
from ferrox.storage.store import Store
from tests.storage.backup.filling import back_up, blob_paths, contents, fill

Words = pytest.CaptureFixture[str]

HOUR_MS = 60 * 60 * 1000


@pytest.fixture
async def dest(tmp_path: Path) -> Path:
    """Two snapshots, an hour apart."""
    store = await Store.open(tmp_path / "data", clock=SettableClock(1))
    bucket = await fill(store)
    await store.close()
    back_up(tmp_path / "data", tmp_path / "dest", HOUR_MS)
    store = await Store.open(tmp_path / "data", clock=SettableClock(1))
    await store.delete_object(bucket, "large", None)
    await store.close()
    back_up(tmp_path / "data", tmp_path / "dest", 2 * HOUR_MS)
    return tmp_path / "dest"


async def test_the_newest_snapshot_becomes_a_data_directory(
    dest: Path, tmp_path: Path, capsys: Words
) -> None:
    new = tmp_path / "new"

    assert 0 == main(["restore-backup", str(dest), "--data-dir", str(new)])

    assert f"{new} is a data directory as of 1970-01-01T02-00-00.000Z" in capsys.readouterr().out
    assert await contents(tmp_path / "data") == await contents(new)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1970-01-01T01-00-00.000Z", "1970-01-01T01-00-00.000Z"),
        ("1970-01-01T01:59:59Z", "1970-01-01T01-00-00.000Z"),
        ("1970-01-01T02:00:00Z", "1970-01-01T02-00-00.000Z"),
        ("2030-01-01T00:00:00Z", "1970-01-01T02-00-00.000Z"),
    ],
)
def test_a_snapshot_is_chosen_by_name_or_instant(
    dest: Path, tmp_path: Path, capsys: Words, text: str, found: str
) -> None:
    status = main(
        ["restore-backup", str(dest), "--data-dir", str(tmp_path / "new"), "--snapshot", text,
         "--json"]
    )  # fmt: skip

    report = json.loads(capsys.readouterr().out)
    assert (0, found) == (status, report["snapshot"])
    assert str(tmp_path / "new") == report["data_dir"]


def test_damage_is_status_1(dest: Path, tmp_path: Path, capsys: Words) -> None:
    victim = blob_paths(dest)[0]
    victim.unlink()
    command = ["restore-backup", str(dest), "--data-dir", str(tmp_path / "new")]

    assert 1 == main(command)
    assert "damaged in the backup: 1 blob," in capsys.readouterr().out
    assert 1 == main([*command, "--accept-losses"])
    assert f"lost: blob {victim.name}" in capsys.readouterr().out
    assert 2 == main(command), "it is a data directory now"


@pytest.mark.parametrize(
    "more",
    [
        [],
        ["--data-dir", "NEW", "stray"],
        ["--data-dir", "NEW", "--snapshot", "yesterday"],
        ["--data-dir", "NEW", "--snapshot", "1970-01-01T00:59:59Z"],
        ["--data-dir", "NEW", "--at", "1970-01-01T00:59:59Z"],
        ["--data-dir", "DATA"],
    ],
)
def test_a_mistake_is_one_line_and_status_2(
    dest: Path, tmp_path: Path, capsys: Words, more: list[str]
) -> None:
    paths = {"NEW": str(tmp_path / "new"), "DATA": str(tmp_path / "data")}

    assert 2 == main(["restore-backup", str(dest), *(paths.get(one, one) for one in more)])

    output = capsys.readouterr()
    assert ("", 1) == (output.out, output.err.count("\n"))
    assert not (tmp_path / "new").exists()


def test_a_damaged_record_leaves_the_other_snapshots(
    dest: Path, tmp_path: Path, capsys: Words
) -> None:
    newest = max((dest / "snapshots").iterdir())
    (newest / "snapshot.json").write_text("{}")
    command = ["restore-backup", str(dest), "--data-dir", str(tmp_path / "new")]

    assert 1 == main(command)
    assert "names an older one" in capsys.readouterr().out
    assert 1 == main([*command, "--snapshot", newest.name])
    assert 0 == main([*command, "--snapshot", "1970-01-01T01:30:00Z"])


def test_a_place_without_snapshots_is_refused(dest: Path, tmp_path: Path, capsys: Words) -> None:
    for snapshot in (dest / "snapshots").iterdir():
        (snapshot / "snapshot.json").unlink()

    assert 2 == main(["restore-backup", str(dest), "--data-dir", str(tmp_path / "new")])
    assert "no snapshots" in capsys.readouterr().err


def test_help_tells_it_from_restore(capsys: Words) -> None:
    assert 0 == main(["restore-backup", "--help"])

    assert "ferroxd restore." in capsys.readouterr().out
