"""Files of certificates: made once, never overwritten, keys for nobody else."""

import stat
from pathlib import Path

import pytest

from ferrox.cli import certificate_files
from ferrox.crypto.certificates import Issued
from ferrox.errors import StartError

ISSUED = Issued("certificate", "key")


def test_certificates_can_be_read_and_keys_cannot(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"

    certificate_files.write(folder, {"server": ISSUED, "client": ISSUED})

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) & 0o077 for path in folder.iterdir()}
    assert {"server.crt", "server.key", "client.crt", "client.key"} == set(modes)
    assert 0 == modes["server.key"] == modes["client.key"]
    assert ("certificate", "key") == (
        (folder / "server.crt").read_text(),
        (folder / "server.key").read_text(),
    )


@pytest.mark.parametrize("name", ["client.crt", "client.key"])
@pytest.mark.parametrize("is_link", [False, True])
def test_nothing_is_made_where_one_is_there(tmp_path: Path, name: str, is_link: bool) -> None:
    there = tmp_path / name
    if is_link:
        there.symlink_to("nowhere")
    else:
        there.write_text("precious")

    with pytest.raises(StartError, match=f"{name} is there already; nothing was made"):
        certificate_files.write(tmp_path, {"server": ISSUED, "client": ISSUED})

    assert [name] == [path.name for path in tmp_path.iterdir()]


def test_a_folder_that_cannot_be_is_a_start_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StartError, match=r"file: "):
        certificate_files.write(tmp_path / "file", {"server": ISSUED})


@pytest.mark.parametrize(
    ("own", "names"),
    [
        ("Box", ("localhost", "127.0.0.1", "::1", "box")),
        ("localhost", ("localhost", "127.0.0.1", "::1")),
        ("not a name", ("localhost", "127.0.0.1", "::1")),
    ],
)
def test_a_machine_knows_its_name(
    monkeypatch: pytest.MonkeyPatch, own: str, names: tuple[str, ...]
) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: own)

    assert names == certificate_files.own_names()
