"""The keys of SSE-S3: one wraps, all unwrap, and none is readable without the root key."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ferrox.crypto.sealing import Seal
from ferrox.errors import Fault, SealBroken
from ferrox.storage.identities.identities import Identities
from ferrox.storage.keys.server_keys import KEPT_FOR_MS, NAMED_FOR_MS, ServerKey, ServerKeys
from ferrox.storage.settings import Settings

ROOT = Seal(bytes(range(32)))
DATA_KEY = bytes(32)


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    settings = Settings(tmp_path / "settings.db")
    yield settings
    settings.close()


@pytest.fixture
def identities(settings: Settings, tmp_path: Path) -> Identities:
    return Identities(settings, tmp_path / "settings.key")


def test_the_first_key_is_made_and_found_again(identities: Identities) -> None:
    wrapped = ServerKeys(identities, ROOT, 1).current().wrap(DATA_KEY, b"name")

    keys = ServerKeys(identities, ROOT, 2)

    assert "s3/1" == keys.current().kek_id
    assert DATA_KEY == keys.find("s3/1").unwrap(wrapped, b"name")
    assert keys.former() == []


def test_a_new_key_wraps_at_once_everywhere_and_the_former_still_unwraps(
    identities: Identities, settings: Settings, tmp_path: Path
) -> None:
    here = ServerKeys(identities, ROOT, 1)
    there = ServerKeys(Identities(settings, tmp_path / "settings.key"), ROOT, 1)
    wrapped = there.current().wrap(DATA_KEY, b"name")

    assert "s3/2" == here.make_now(2)

    assert "s3/2" == there.current().kek_id == here.current().kek_id
    assert ["s3/1"] == there.former()
    assert DATA_KEY == there.find("s3/1").unwrap(wrapped, b"name")


def test_keys_are_counted_on_beyond_nine(identities: Identities) -> None:
    keys = ServerKeys(identities, ROOT, 1)
    for number in range(2, 12):
        keys.make_now(number)

    assert "s3/11" == keys.current().kek_id
    assert [f"s3/{number}" for number in range(1, 11)] == keys.former()


def test_a_former_key_can_be_removed_and_the_current_one_cannot(identities: Identities) -> None:
    keys = ServerKeys(identities, ROOT, 1)
    keys.find("s3/1")
    keys.make_now(2)

    keys.remove_now("s3/1")

    assert keys.former() == []
    with pytest.raises(Fault, match="s3/1 is gone"):
        keys.find("s3/1")
    with pytest.raises(ValueError, match="in use"):
        keys.remove_now("s3/2")
    assert "s3/3" == keys.make_now(3), "no number is used twice"


@pytest.mark.parametrize("kek_id", ["s3/9", "s3/", "s3/x", "kms/1/1", ""])
def test_a_key_that_is_not_there_is_a_fault(identities: Identities, kek_id: str) -> None:
    with pytest.raises(Fault, match=r"gone|no key"):
        ServerKeys(identities, ROOT, 1).find(kek_id)


def test_another_root_key_opens_none(identities: Identities) -> None:
    ServerKeys(identities, ROOT, 1)

    with pytest.raises(SealBroken):
        ServerKeys(identities, Seal(bytes(32)), 1).current()


def test_a_former_key_is_named_for_a_while_and_kept_a_little_longer(
    identities: Identities,
) -> None:
    keys = ServerKeys(identities, ROOT, 1)
    keys.make_now(1000)
    keys.make_now(2000)

    assert keys.may_be_named("s3/1", 1000 + NAMED_FOR_MS - 1)
    assert not keys.may_be_named("s3/1", 1000 + NAMED_FOR_MS)
    assert keys.may_be_named("s3/2", 1000 + NAMED_FOR_MS), "its successor came later"
    assert keys.is_kept("s3/1", 1000 + KEPT_FOR_MS - 1)
    assert not keys.is_kept("s3/1", 1000 + KEPT_FOR_MS)
    assert keys.may_be_named("s3/3", 2000 + 2 * KEPT_FOR_MS)
    assert keys.is_kept("s3/3", 2000 + 2 * KEPT_FOR_MS)
    assert not keys.may_be_named("s3/4", 2000), "that is not there"


def test_of_keys_it_is_told_when_they_were_made_and_which_is_current(
    identities: Identities,
) -> None:
    keys = ServerKeys(identities, ROOT, 1)
    keys.make_now(2)

    assert [ServerKey("s3/1", 1, False), ServerKey("s3/2", 2, True)] == keys.known()
