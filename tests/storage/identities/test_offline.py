"""What an operator does to identities while no server runs."""

from pathlib import Path

import pytest

from ferrox.config import Config
from ferrox.crypto.passphrase import Passphrase
from ferrox.errors import StartError
from ferrox.storage.data_dir import DataDir
from ferrox.storage.identities import offline
from ferrox.storage.identities.root import RootCredentials

ROOT = RootCredentials("FRXROOT", "root-secret-of-a-test")


@pytest.fixture
def plain(tmp_path: Path) -> Config:
    """A data directory whose secrets are under a key file."""
    config = Config(data_dir=tmp_path / "data")
    DataDir.open(config.data_dir).close()
    (config.data_dir / "settings.db").touch(0o600)
    with offline.opened(config) as identities:
        identities.save_root_credentials(ROOT)
    return config


def with_passphrase(config: Config, text: str) -> Config:
    file = config.data_dir.parent / text
    file.write_text(text + "\n")
    return Config(data_dir=config.data_dir, master_passphrase_file=file)


def is_open_to(config: Config) -> bool:
    with offline.opened(config) as identities:
        identities.unlock()
        return identities.root_credentials() == ROOT


def test_a_rotation_leaves_the_key_file_as_it_is(plain: Config) -> None:
    before = (plain.data_dir / "settings.key").read_bytes()

    rotation = offline.rotate_key(plain)

    assert (1, ()) == rotation
    assert is_open_to(plain)
    assert before == (plain.data_dir / "settings.key").read_bytes()


def test_a_key_file_gives_way_to_a_passphrase_and_comes_back(plain: Config) -> None:
    with_one = with_passphrase(plain, "correct horse")

    assert 1 == offline.rotate_key(with_one).secret_count
    assert is_open_to(with_one)
    assert not (plain.data_dir / "settings.key").exists()
    assert 1 == offline.rotate_key(with_one).secret_count
    assert is_open_to(with_one)

    offline.rotate_key(with_one, "key file")
    assert is_open_to(plain)


def test_one_passphrase_gives_way_to_another(plain: Config) -> None:
    first, second = with_passphrase(plain, "correct horse"), with_passphrase(plain, "second one")
    offline.rotate_key(first)

    offline.rotate_key(first, Passphrase(lambda: bytearray(b"second one")))

    assert is_open_to(second)
    with pytest.raises(StartError, match=r"^the master passphrase is not that of the secrets in"):
        offline.rotate_key(first)


def test_a_passphrase_that_is_needed_is_asked_for(plain: Config) -> None:
    offline.rotate_key(with_passphrase(plain, "correct horse"))

    with pytest.raises(StartError, match="give master_passphrase_file"):
        offline.rotate_key(plain)


def test_a_directory_in_use_is_left_alone(plain: Config) -> None:
    server = DataDir.open(plain.data_dir)

    with pytest.raises(StartError, match="is in use by another ferroxd"):
        offline.rotate_key(plain)

    server.close()


def test_no_directory_is_made(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="there is no data directory at"):
        offline.rotate_key(Config(data_dir=tmp_path / "none"))

    assert not (tmp_path / "none").exists()


def test_the_root_pair_is_found_beside_a_server(plain: Config) -> None:
    server = DataDir.open(plain.data_dir)

    found = offline.root_credentials(plain)

    server.close()
    assert ROOT == found


def test_where_no_server_ever_was_there_is_no_root_pair(tmp_path: Path) -> None:
    assert offline.root_credentials(Config(data_dir=tmp_path)) is None
