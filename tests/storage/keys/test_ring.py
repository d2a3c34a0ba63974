"""The key ring: what a server can seal, and say of what it cannot."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from ferrox.crypto.sealing import Seal
from ferrox.errors import Fault, InvalidRequest, S3Error, SealBroken
from ferrox.records import Encryption
from ferrox.storage.identities.identities import Identities
from ferrox.storage.keys.kms_keys import KmsKeys
from ferrox.storage.keys.kms_records import KeyState
from ferrox.storage.keys.ring import Ring
from ferrox.storage.keys.server_keys import ServerKeys
from ferrox.storage.settings import Settings

ACCOUNT = "123456789012"
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


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Ring]:
    settings = Settings(tmp_path / "settings.db")
    identities = Identities(settings, tmp_path / "settings.key")
    root = Seal(bytes(32))
    yield Ring(ServerKeys(identities, root, 1), KmsKeys(identities, root, "eu-west-1"))
    settings.close()


def keys_of(ring: Ring) -> KmsKeys:
    assert ring.kms_keys is not None
    return ring.kms_keys


async def test_a_key_of_kms_opens_only_under_the_context_it_sealed_with(both: Ring) -> None:
    key = await keys_of(both).change(lambda tx: keys_of(both).make(tx, ACCOUNT, 1))
    sealed = both.resolve("aws:kms", key.key_id, '{"a":"b"}', account_id=ACCOUNT)
    writing = both.for_writing(sealed)
    wrapped = writing.wrap(bytes(32), b"name")

    opened = both.kek(writing.kek_id, sealed).unwrap(wrapped, b"name")

    assert bytes(32) == opened
    with pytest.raises(SealBroken):
        both.kek(writing.kek_id, sealed._replace(context="")).unwrap(wrapped, b"name")


async def test_the_key_for_objects_is_made_once_in_an_account(both: Ring) -> None:
    unnamed = both.resolve("aws:kms", account_id=ACCOUNT, now_ms=1)
    named = both.resolve("aws:kms", "alias/aws/s3", account_id=ACCOUNT, now_ms=2)
    elsewhere = both.resolve("aws:kms", account_id="210987654321", now_ms=3)

    assert unnamed == named != elsewhere
    assert unnamed.key_id.startswith(f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/")


async def test_a_key_that_cannot_be_used_is_told_as_s3_does(both: Ring) -> None:
    keys = keys_of(both)
    key = await keys.change(lambda tx: keys.make(tx, ACCOUNT, 1))
    sealed = both.resolve("aws:kms", key.key_id, account_id=ACCOUNT)
    kek_id = both.for_writing(sealed).kek_id

    for state, code in (
        (KeyState.DISABLED, "KMS.DisabledException"),
        (KeyState.PENDING_DELETION, "KMS.KMSInvalidStateException"),
    ):
        changed = key._replace(state=state)
        await keys.change(partial(keys.put, key=changed))
        for use in (
            lambda: both.for_writing(sealed),
            lambda: both.kek(kek_id, sealed),
            lambda: both.resolve("aws:kms", key.key_id, account_id=ACCOUNT),
        ):
            with pytest.raises(S3Error) as refusal:
                use()
            assert (400, code) == (refusal.value.status, refusal.value.code)


async def test_what_is_sealed_is_opened_in_another_region(both: Ring, tmp_path: Path) -> None:
    sealed = both.resolve("aws:kms", account_id=ACCOUNT)
    writing = both.for_writing(sealed)
    wrapped = writing.wrap(bytes(32), b"name")
    settings = Settings(tmp_path / "settings.db")
    identities = Identities(settings, tmp_path / "settings.key")

    moved = Ring(None, KmsKeys(identities, Seal(bytes(32)), "us-west-2"))

    assert sealed.key_id.endswith(moved.kms_key(sealed).key_id)
    assert bytes(32) == moved.kek(writing.kek_id, sealed).unwrap(wrapped, b"name")
    settings.close()


@pytest.mark.parametrize("name", ["k", "alias/none", "arn:aws:kms:eu-west-1:1:key/k", "arn:x"])
def test_a_key_that_nobody_has_is_told_as_s3_does(both: Ring, name: str) -> None:
    with pytest.raises(S3Error) as refusal:
        both.resolve("aws:kms", name, account_id=ACCOUNT)

    assert "KMS.NotFoundException" == refusal.value.code


def test_without_keys_of_kms_nothing_is_sealed_under_them(ring: Ring) -> None:
    with pytest.raises(InvalidRequest, match="no master key"):
        ring.resolve("aws:kms", "k")
    with pytest.raises(InvalidRequest, match="no master key"):
        ring.for_writing(Encryption("aws:kms", "k"))
    with pytest.raises(Fault, match="needs its master key"):
        ring.kek("kms/k/1", SSE_S3)
