"""What a server does about what nobody asked to have encrypted."""

from pathlib import Path

import pytest

from ferrox.crypto.sealing import Seal
from ferrox.errors import AccessDenied, InvalidRequest
from ferrox.operations.encryption_rules import EncryptionRules
from ferrox.records import Encryption
from ferrox.storage.identities.identities import Identities
from ferrox.storage.keys.ring import Ring
from ferrox.storage.keys.server_keys import ServerKeys
from ferrox.storage.settings import Settings


def test_it_is_left_alone_by_default() -> None:
    assert EncryptionRules(Ring()).unasked() is None


def test_it_can_be_encrypted(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.db")
    identities = Identities(settings, tmp_path / "settings.key")
    ring = Ring(ServerKeys(identities, Seal(bytes(32)), 1))

    assert Encryption("AES256") == EncryptionRules(ring, "default").unasked()
    settings.close()


def test_it_can_be_refused() -> None:
    with pytest.raises(AccessDenied):
        EncryptionRules(Ring(), "required").unasked()


def test_without_a_master_key_it_is_refused_rather_than_stored_in_clear() -> None:
    with pytest.raises(InvalidRequest, match="no master key"):
        EncryptionRules(Ring(), "default").unasked()
