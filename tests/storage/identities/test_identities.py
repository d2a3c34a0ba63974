"""Root credentials: kept sealed, opened with their own key file only."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ferrox.errors import SealBroken
from ferrox.storage.identities.identities import Identities
from ferrox.storage.identities.root import RootCredentials
from ferrox.storage.settings import Settings

ROOT = RootCredentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    settings = Settings(tmp_path / "settings.db")
    yield settings
    settings.close()


@pytest.fixture
def key_path(tmp_path: Path) -> Path:
    return tmp_path / "settings.key"


def test_there_are_none_at_first_and_no_key_is_made(settings: Settings, key_path: Path) -> None:
    assert Identities(settings, key_path).root_credentials() is None
    assert not key_path.exists()


def test_saved_credentials_come_back(settings: Settings, key_path: Path) -> None:
    Identities(settings, key_path).save_root_credentials(ROOT)

    assert Identities(settings, key_path).root_credentials() == ROOT


def test_the_secret_is_nowhere_in_the_clear(settings: Settings, key_path: Path) -> None:
    Identities(settings, key_path).save_root_credentials(ROOT)

    for path in key_path.parent.iterdir():
        assert ROOT.secret_access_key.encode() not in path.read_bytes()
    assert ROOT.secret_access_key not in repr(ROOT)


def test_another_key_file_does_not_open_them(settings: Settings, key_path: Path) -> None:
    Identities(settings, key_path).save_root_credentials(ROOT)
    key_path.write_bytes(bytes(32))

    with pytest.raises(SealBroken, match=r"settings\.key"):
        Identities(settings, key_path).root_credentials()


def test_a_secret_moved_to_another_access_key_does_not_open(
    settings: Settings, key_path: Path
) -> None:
    Identities(settings, key_path).save_root_credentials(ROOT)
    document = settings.get("credentials", "root")
    assert document is not None
    settings.put("credentials", "root", document | {"access_key_id": "AKIDOTHER"})

    with pytest.raises(SealBroken):
        Identities(settings, key_path).root_credentials()
