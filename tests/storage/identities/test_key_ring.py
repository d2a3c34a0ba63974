"""The key ring: made when it is needed, and what was sealed before there was one still opens."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from ferrox.crypto.sealing import Seal
from ferrox.errors import SealBroken
from ferrox.storage.identities.key_ring import KeyRing, place
from ferrox.storage.identities.outer_key import OuterKeys
from ferrox.storage.key_file import load_or_create_key_file
from ferrox.storage.settings import Settings

CONTEXT = place("keys", "one", "sealed_key")


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    settings = Settings(tmp_path / "settings.db")
    yield settings
    settings.close()


@pytest.fixture
def key_path(tmp_path: Path) -> Path:
    return tmp_path / "settings.key"


def ring_of(settings: Settings, key_path: Path) -> KeyRing:
    return KeyRing(settings, OuterKeys(key_path, settings.path, None))


def test_what_one_process_seals_every_process_opens(settings: Settings, key_path: Path) -> None:
    sealed = ring_of(settings, key_path).seal(b"secret", CONTEXT)

    assert b"secret" == ring_of(settings, key_path).open(sealed, CONTEXT)


def test_the_ring_is_made_once(settings: Settings, key_path: Path) -> None:
    one, other = ring_of(settings, key_path), ring_of(settings, key_path)

    ids = {ring.seal(b"secret", CONTEXT).partition(":")[0] for ring in (one, other, one)}

    assert 1 == len(ids)


def test_a_secret_opens_in_its_place_only(settings: Settings, key_path: Path) -> None:
    ring = ring_of(settings, key_path)
    sealed = ring.seal(b"secret", CONTEXT)

    with pytest.raises(SealBroken):
        ring.open(sealed, place("keys", "two", "sealed_key"))


def test_secrets_of_the_time_before_rings_open(settings: Settings, key_path: Path) -> None:
    sealed = Seal(load_or_create_key_file(key_path)).seal(b"secret", CONTEXT)
    ring = ring_of(settings, key_path)

    assert b"secret" == ring.open(sealed, CONTEXT)
    ring.seal(b"new", CONTEXT)
    assert b"secret" == ring_of(settings, key_path).open(sealed, CONTEXT)


def test_a_ring_of_a_change_that_failed_is_not_used_again(
    settings: Settings, key_path: Path
) -> None:
    ring = ring_of(settings, key_path)
    with contextlib.suppress(KeyError), settings.changing():
        ring.seal(b"lost", CONTEXT)
        raise KeyError

    sealed = ring.seal(b"secret", CONTEXT)

    assert b"secret" == ring_of(settings, key_path).open(sealed, CONTEXT)


def test_another_key_file_is_named(settings: Settings, key_path: Path) -> None:
    sealed = ring_of(settings, key_path).seal(b"secret", CONTEXT)
    key_path.write_bytes(bytes(32))

    with pytest.raises(SealBroken, match=r"^the key file .*key is not that of the secrets in .*db"):
        ring_of(settings, key_path).open(sealed, CONTEXT)


def test_no_key_is_in_the_clear(settings: Settings, key_path: Path) -> None:
    ring = ring_of(settings, key_path)
    ring.seal(b"secret", CONTEXT)

    stored = b"".join(path.read_bytes() for path in settings.path.parent.glob("settings.db*"))

    keys = [bytes(seal._key) for seal in ring._seals.values()]
    assert [False] == [key in stored or key.hex().encode() in stored for key in keys]
