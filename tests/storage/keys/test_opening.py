"""Opening a key ring: the same master key each time, or a start that says what is missing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ferrox.errors import InvalidRequest, StartError
from ferrox.storage.identities.identities import Identities
from ferrox.storage.keys.master_key import MasterKey
from ferrox.storage.keys.opening import open_ring
from ferrox.storage.settings import Settings

KEY = bytes(range(32))


@pytest.fixture
def identities(tmp_path: Path) -> Iterator[Identities]:
    settings = Settings(tmp_path / "settings.db")
    yield Identities(settings, tmp_path / "settings.key")
    settings.close()


def test_the_keys_of_one_start_are_those_of_the_next(identities: Identities) -> None:
    ring = open_ring(identities, MasterKey(KEY), 1, "us-east-1")
    first = ring.for_writing(ring.resolve("AES256"))
    wrapped = first.wrap(bytes(32), b"name")

    again = open_ring(identities, MasterKey(KEY), 2, "us-east-1")

    assert again.server_keys is not None
    assert bytes(32) == again.server_keys.find(first.kek_id).unwrap(wrapped, b"name")


def test_a_server_without_encrypted_objects_needs_no_key(identities: Identities) -> None:
    with pytest.raises(InvalidRequest, match="no master key"):
        open_ring(identities, None, 1, "us-east-1").resolve("AES256")


def test_a_server_with_encrypted_objects_does_not_start_without_their_key(
    identities: Identities,
) -> None:
    open_ring(identities, MasterKey(KEY), 1, "us-east-1")

    with pytest.raises(StartError, match="give their master key"):
        open_ring(identities, None, 2, "us-east-1")
    with pytest.raises(StartError, match="not the master key"):
        open_ring(identities, MasterKey(KEY[::-1]), 2, "us-east-1")
