"""cli/key_rotation.py: secrets are sealed anew while no server runs."""

from pathlib import Path

import pytest

from ferrox.cli.main import main
from ferrox.config import Config
from ferrox.storage.claim import claim
from ferrox.storage.identities import offline
from ferrox.storage.identities.root import RootCredentials

PAIR = RootCredentials("AKIAROOT", "secret-of-root")


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A data directory with a secret."""
    path = tmp_path / "data"
    claim(path).close()
    (path / "settings.db").touch(0o600)
    with offline.opened(Config(data_dir=path)) as identities:
        identities.save_root_credentials(PAIR)
    return path


def test_secrets_are_sealed_anew(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (data_dir / "settings.db").read_bytes()

    status = main(["key", "rotate", "--offline", "--data-dir", str(data_dir)])

    with offline.opened(Config(data_dir=data_dir)) as identities:
        found = identities.root_credentials()
    assert (0, PAIR) == (status, found)
    assert "sealed under a new key: 1 secret\n" == capsys.readouterr().out
    assert before != (data_dir / "settings.db").read_bytes()


def test_a_server_keeps_its_directory(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    held = claim(data_dir)
    try:
        status = main(["key", "rotate", "--offline", "--data-dir", str(data_dir)])
    finally:
        held.close()

    assert 2 == status
    assert "is in use by another ferroxd" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["more"], ["--to", "passphrase"], ["--to", ""]])
def test_what_is_not_understood_is_one_line(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert 2 == main(["key", "rotate", "--offline", *words])

    assert 1 == capsys.readouterr().err.count("\n")


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main(["key", "rotate", "--offline", "--help"])
    assert "usage: ferroxd key rotate --offline" in capsys.readouterr().out
