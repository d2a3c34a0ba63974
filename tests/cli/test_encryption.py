"""cli/encryption.py: a stopped server gets another master key."""

import base64
from pathlib import Path

import pytest

from ferrox.cli.main import main
from ferrox.config import Config
from ferrox.errors import StartError
from ferrox.storage.claim import claim
from ferrox.storage.identities import offline
from ferrox.storage.keys.master_key import given_master_key
from ferrox.storage.keys.opening import open_ring

CHANGE = ["encryption", "change-master-key"]


@pytest.fixture
def former(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the master key, which the environment names."""
    path = tmp_path / "former.key"
    path.write_text(bytes(32).hex())
    monkeypatch.setenv("FERROX_SSE_MASTER_KEY_FILE", str(path))
    return path


@pytest.fixture
def data_dir(tmp_path: Path, former: Path) -> Path:
    """A data directory with a key."""
    path = tmp_path / "data"
    claim(path).close()
    (path / "settings.db").touch(0o600)
    assert "s3/1" == current(Config(data_dir=path, sse_master_key_file=former))
    return path


def current(config: Config) -> str:
    """The key that wraps, if the master key is the one of the settings."""
    with offline.opened(config) as identities:
        keys = open_ring(identities, given_master_key(config), 1, "us-east-1").server_keys
        assert keys is not None
        return keys.current().kek_id


@pytest.mark.parametrize(
    ("option", "setting", "content"),
    [
        ("--to-file", "sse_master_key_file", base64.b64encode(bytes(range(32))).decode()),
        ("--to-passphrase-file", "sse_passphrase_file", "correct horse battery"),
    ],
)
def test_the_server_starts_with_the_new_one_only(
    data_dir: Path,
    former: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    option: str,
    setting: str,
    content: str,
) -> None:
    path = tmp_path / "new"
    path.write_text(content + "\n")

    status = main([*CHANGE, option, str(path), "--data-dir", str(data_dir)])

    told = capsys.readouterr().out
    assert (0, "sealed under the new master key: 1 key;") == (status, told[:39])
    assert content not in told
    config = Config(data_dir=data_dir, **{setting: path})  # type: ignore[arg-type] # a path
    assert "s3/1" == current(config)
    with pytest.raises(StartError):
        current(Config(data_dir=data_dir, sse_master_key_file=former))


def test_a_server_keeps_its_directory(
    data_dir: Path, former: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = claim(data_dir)
    try:
        status = main([*CHANGE, "--to-file", str(former), "--data-dir", str(data_dir)])
    finally:
        held.close()

    assert 2 == status
    assert "is in use by another ferroxd" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--to-file"],
        ["--to-file", "a", "--to-passphrase-file", "b"],
        ["--to-file", "none"],
        ["more", "--to-file", "a"],
    ],
)
@pytest.mark.usefixtures("data_dir")
def test_what_is_not_understood_is_one_line(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert 2 == main([*CHANGE, *words])

    assert 1 == capsys.readouterr().err.count("\n")


def test_the_former_key_has_to_be_named(
    data_dir: Path,
    former: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("FERROX_SSE_MASTER_KEY_FILE")

    assert 2 == main([*CHANGE, "--to-file", str(former), "--data-dir", str(data_dir)])

    assert "name no master key" in capsys.readouterr().err


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main([*CHANGE, "--help"])
    assert "--to-passphrase-file" in capsys.readouterr().out
