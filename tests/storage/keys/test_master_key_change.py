"""Another master key: all keys come under it, and the former opens nothing any more."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from ferrox.crypto.passphrase import Passphrase
from ferrox.crypto.sealing import Seal
from ferrox.errors import SealBroken, StartError
from ferrox.storage.identities.identities import Identities
from ferrox.storage.keys.master_key import Given, MasterKey
from ferrox.storage.keys.master_key_change import change_master_key
from ferrox.storage.keys.opening import open_ring
from ferrox.storage.keys.ring import Ring
from ferrox.storage.settings import Settings

FORMER, NEW = MasterKey(bytes(32)), MasterKey(bytes(range(32)))


@pytest.fixture
def identities(tmp_path: Path) -> Iterator[Identities]:
    settings = Settings(tmp_path / "settings.db")
    yield Identities(settings, tmp_path / "settings.key")
    settings.close()


def ring(identities: Identities, given: Given) -> Ring:
    return open_ring(identities, given, 1, "us-east-1")


def passphrase() -> Passphrase:
    return Passphrase(lambda: bytearray(b"correct horse"))


@pytest.mark.parametrize(
    "way",
    [(FORMER, NEW), (FORMER, passphrase()), (passphrase(), NEW)],
    ids=["key to key", "key to passphrase", "passphrase to key"],
)
def test_all_keys_are_the_same_under_another_master_key(
    identities: Identities, tmp_path: Path, way: tuple[Given, Given]
) -> None:
    former, given = way
    before = ring(identities, former)
    assert before.server_keys is not None
    assert before.kms_keys is not None
    before.server_keys.make_now(2)
    keys = before.kms_keys
    key = asyncio.run(
        keys.change(lambda tx: keys.add_version(tx, keys.make(tx, "1", 1), 2, "ON_DEMAND"))
    )
    alias = keys.s3_key("1", 3)
    keks = [
        *(before.server_keys.find(one) for one in ("s3/1", "s3/2")),
        *(keys.kek(f"kms/{key.key_id}/{number}", "") for number in (1, 2)),
        keys.kek(f"kms/{alias.key_id}/1", ""),
    ]
    wrapped = {kek.kek_id: kek.wrap(bytes(32), b"name") for kek in keks}

    count = change_master_key(identities, former, given)

    assert 4 == count
    after = ring(Identities(identities._settings, tmp_path / "settings.key"), given)
    assert after.server_keys is not None
    assert after.kms_keys is not None
    for kek_id, one in wrapped.items():
        is_kms = kek_id.startswith("kms/")
        kek = after.kms_keys.kek(kek_id, "") if is_kms else after.server_keys.find(kek_id)
        assert bytes(32) == kek.unwrap(one, b"name")
    assert alias == after.kms_keys.s3_key("1", 4)._replace(versions=alias.versions)
    with pytest.raises(StartError):
        ring(identities, former)


def test_a_wrong_former_key_changes_nothing(identities: Identities) -> None:
    ring(identities, FORMER)

    with pytest.raises(StartError, match="not the master key"):
        change_master_key(identities, NEW, MasterKey(bytes([7]) * 32))

    assert ring(identities, FORMER).server_keys is not None


def test_one_key_that_does_not_open_takes_everything_back(identities: Identities) -> None:
    ring(identities, FORMER)
    broken = {"key": Seal(bytes([1]) * 32).seal(bytes(32), "kek/2"), "created_ms": 1}
    identities.change_now(lambda tx: tx.put_document("sse", "kek/2", broken))

    with pytest.raises(SealBroken):
        change_master_key(identities, FORMER, NEW)

    server_keys = ring(identities, FORMER).server_keys
    assert server_keys is not None
    assert "s3/1" == server_keys.find("s3/1").kek_id


def test_without_a_master_key_there_is_nothing_to_change(identities: Identities) -> None:
    with pytest.raises(StartError, match="no master key"):
        change_master_key(identities, FORMER, NEW)


def test_what_was_sealed_under_the_former_key_is_in_no_file_any_more(
    identities: Identities, tmp_path: Path
) -> None:
    ring(identities, FORMER)
    document = identities.document("sse", "kek/1")
    assert document is not None

    change_master_key(identities, FORMER, NEW)

    files = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert document["key"].encode() not in files
