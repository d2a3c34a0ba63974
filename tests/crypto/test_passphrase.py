"""Keys derived from passphrases: as the RFC has it, once, and with the passphrase wiped."""

import json

import pytest

from ferrox.crypto.passphrase import SALT_BYTES, Derivation, Passphrase
from ferrox.crypto.sealing import KEY_BYTES

QUICK = Derivation(bytes(range(SALT_BYTES)), passes=1, memory_kib=64, lanes=1)
GOLDEN = "3bc181ec979546e57c6367f0b592ad4f916faecaddb9cc0ad8e97cddd17aafb9"


class Source:
    """Where a passphrase is read from."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.given: list[bytearray] = []

    def read(self) -> bytearray:
        self.given.append(bytearray(self.text))
        return self.given[-1]


def test_a_key_depends_on_passphrase_and_salt() -> None:
    one, other = Passphrase(Source(b"one").read), Passphrase(Source(b"other").read)
    salted = QUICK._replace(salt=bytes(SALT_BYTES))

    keys = {bytes(key) for key in (one.key(QUICK), other.key(QUICK), one.key(salted))}

    assert 3 == len(keys)
    assert {KEY_BYTES} == {len(key) for key in keys}


def test_a_key_that_an_earlier_build_derived_is_derived_again() -> None:
    assert GOLDEN == Passphrase(Source(b"golden").read).key(QUICK).hex()


def test_each_key_is_derived_once() -> None:
    source = Source(b"one")
    passphrase = Passphrase(source.read)

    assert passphrase.key(QUICK) is passphrase.key(QUICK)
    assert 1 == len(source.given)


def test_the_passphrase_is_wiped_after_use() -> None:
    source = Source(b"correct horse")

    Passphrase(source.read).key(QUICK)

    assert [bytearray(len(b"correct horse"))] == source.given


def test_another_derivation_reads_the_passphrase_as_it_is_now() -> None:
    source = Source(b"one")
    passphrase = Passphrase(source.read)
    passphrase.key(QUICK)
    source.text = b"other"
    salted = QUICK._replace(salt=bytes(SALT_BYTES))

    assert Passphrase(Source(b"other").read).key(salted) == passphrase.key(salted)


def test_what_leads_to_a_key_can_be_stored() -> None:
    derivation = Derivation.new()

    assert derivation == Derivation.from_plain(json.loads(json.dumps(derivation.plain())))
    assert derivation.salt != Derivation.new().salt


def test_what_is_derived_by_default_costs_what_the_rfc_recommends() -> None:
    assert (3, 64 * 1024, 4) == Derivation.new()[1:]


@pytest.mark.parametrize("field", ["passes", "memory_kib", "lanes"])
def test_parameters_are_used(field: str) -> None:
    passphrase = Passphrase(Source(b"one").read)
    harder = QUICK._replace(**{field: getattr(QUICK, field) * 2})

    assert passphrase.key(QUICK) != passphrase.key(harder)
