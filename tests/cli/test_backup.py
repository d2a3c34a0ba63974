"""`ferroxd backup`: what it takes, what it prints, how it ends."""

import json
import os
from pathlib import Path

import pytest

from ferrox.cli.main import main
from ferrox.clock import SettableClock
from ferrox.storage.store import Store
from tests.storage.backup.filling import blob_paths, fill


@pytest.fixture
async def data_dir(tmp_path: Path) -> Path:
    store = await Store.open(tmp_path / "data", clock=SettableClock(1))
    await fill(store)
    await store.close()
    return tmp_path / "data"


Words = pytest.CaptureFixture[str]


def backup(data_dir: Path, *arguments: str) -> int:
    return main(["backup", "--data-dir", str(data_dir), *arguments])


def test_a_backup_is_made_listed_and_verified(
    data_dir: Path, tmp_path: Path, capsys: Words
) -> None:
    dest = str(tmp_path / "dest")

    assert [0, 0, 0] == [
        backup(data_dir, dest),
        main(["backup", "list", dest]),
        main(["backup", "verify", dest]),
    ]

    output = capsys.readouterr().out
    assert "2 objects and 3 versions in all; 3 blobs: 3 copied (58" in output
    assert "settings.key" in output
    assert 2 == output.count("2 objects and 3 versions in all, 3 blobs with 585.9 KiB")
    assert output.endswith("every byte is as written\n")


def test_reports_are_json(data_dir: Path, tmp_path: Path, capsys: Words) -> None:
    dest = str(tmp_path / "dest")
    backup(data_dir, dest)
    capsys.readouterr()

    assert 0 == backup(data_dir, dest, "--keep", "1", "--json")
    made = json.loads(capsys.readouterr().out)
    main(["backup", "list", dest, "--json"])
    listed = json.loads(capsys.readouterr().out)
    main(["backup", "verify", dest, "--json"])
    verified = json.loads(capsys.readouterr().out)

    assert (0, 3, 1) == (
        made["copied_blobs"], made["present_blobs"], len(made["removed_snapshots"]),
    )  # fmt: skip
    assert Path(made["path"]).is_dir()
    assert [made["snapshot"]] == [one["snapshot"] for one in listed["snapshots"]]
    assert ([], 0) == (verified["damage"], verified["removed"])


def test_damage_in_the_data_directory_is_status_1(
    data_dir: Path, tmp_path: Path, capsys: Words
) -> None:
    victim = blob_paths(data_dir)[0]
    victim.unlink()

    assert 1 == backup(data_dir, str(tmp_path / "dest"))

    output = capsys.readouterr().out
    assert f"damaged: blob {victim.name} is missing" in output
    assert "  needed by bucket/" in output


def test_damage_in_the_backup_is_status_1(data_dir: Path, tmp_path: Path, capsys: Words) -> None:
    dest = tmp_path / "dest"
    backup(data_dir, str(dest))
    blob_paths(dest)[0].write_bytes(b"damaged")
    capsys.readouterr()

    assert 1 == main(["backup", "verify", str(dest)])
    assert "damaged: 1 thing in all" in capsys.readouterr().out
    assert 1 == main(["backup", "verify", str(dest), "--drop-damaged"])
    assert "removed 1 damaged blob," in capsys.readouterr().out
    assert 0 == backup(data_dir, str(dest))
    assert 0 == main(["backup", "verify", str(dest)])


def test_a_record_that_is_damaged_is_status_1(
    data_dir: Path, tmp_path: Path, capsys: Words
) -> None:
    dest = tmp_path / "dest"
    backup(data_dir, str(dest))
    (snapshot,) = (dest / "snapshots").iterdir()
    (snapshot / "snapshot.json").write_text("{}")

    assert 1 == main(["backup", "list", str(dest)])
    assert "its record is DAMAGED" in capsys.readouterr().out
    assert 1 == main(["backup", "verify", str(dest)])
    assert "snapshot.json: is not what was written" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["list"],
        ["verify"],
        ["a", "b"],
        ["list", "a", "b"],
        ["dest", "--keep", "0"],
        ["dest", "--keep", "many"],
        ["dest", "--drop-damaged"],
        ["list", "dest", "--keep", "3"],
        ["dest", "--frobnicate"],
        ["list", "/does/not/exist"],
        ["verify", "/does/not/exist"],
    ],
)
def test_a_mistake_is_one_line_and_status_2(
    data_dir: Path, arguments: list[str], capsys: Words
) -> None:
    assert 2 == backup(data_dir, *arguments)

    output = capsys.readouterr()
    assert ("", 1) == (output.out, output.err.count("\n"))


def test_a_place_that_cannot_be_read_is_one_line_and_status_2(
    data_dir: Path, tmp_path: Path, capsys: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup(data_dir, str(tmp_path / "dest"))
    capsys.readouterr()

    def refuse(path: Path) -> list[str]:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "listdir", refuse)

    for command in ("list", "verify"):
        assert 2 == main(["backup", command, str(tmp_path / "dest")])
        assert capsys.readouterr().err.endswith("snapshots: Permission denied\n")


def test_help_says_what_is_not_in_it(capsys: Words) -> None:
    assert 0 == main(["backup", "--help"])

    assert "MASTER KEY of encrypted objects is NOT in it" in capsys.readouterr().out
