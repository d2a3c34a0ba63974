"""The key ring: what a server can seal, and say of what it cannot."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ferrox.crypto.sealing import Seal
from ferrox.errors import Fault, InvalidRequest
from ferrox.errors import NotImplemented as NotImplementedError_
from ferrox.records import Encryption
from ferrox.storage.identities.identities import Identities
from ferrox.storage.keys.ring import Ring
from ferrox.storage.keys.server_keys import ServerKeys
from ferrox.storage.settings import Settings

SSE_S3 = Encryption("AES256")


@pytest.fixture
def ring(tmp_path: Path) -> Iterator[Ring]:
    settings = Settings(tmp_path / "settings.db")
    identities = Identities(settings, tmp_path / "settings.key")
    yield Ring(ServerKeys(identities, Seal(bytes(32)), 1))
    settings.close()


def test_what_is_written_can_be_read(ring: Ring) -> None:
    writing = ring.for_writing(ring.resolve("AES256"))

    wrapped = writing.wrap(bytes(32), b"name")

    assert bytes(32) == ring.kek(writing.kek_id, SSE_S3).unwrap(wrapped, b"name")


def test_without_a_master_key_nothing_is_sealed_and_nothing_opened() -> None:
    empty = Ring()

    with pytest.raises(InvalidRequest, match="no master key"):
        empty.resolve("AES256")
    with pytest.raises(InvalidRequest, match="no master key"):
        empty.for_writing(SSE_S3)
    with pytest.raises(Fault, match="needs its master key"):
        empty.kek("s3/1", SSE_S3)


def test_a_key_of_another_kind_is_not_found(ring: Ring) -> None:
    with pytest.raises(Fault, match="no key of this server"):
        ring.kek("c", SSE_S3)
    with pytest.raises(NotImplementedError_):
        ring.resolve("aws:kms", "k")
    with pytest.raises(NotImplementedError_):
        ring.for_writing(Encryption("aws:kms", "k"))
