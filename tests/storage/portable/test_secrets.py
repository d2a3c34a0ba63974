"""Secrets of an export: whose passphrase opens them, and which texts stay the same."""

from typing import Any

import pytest

from ferrox.crypto.passphrase import Passphrase
from ferrox.errors import SealBroken, StartError
from ferrox.storage.portable.secrets import ExportSeal, key_place, version_place
from tests.storage.portable.filling import PASSPHRASE, words


def entry(seal: ExportSeal, secret: str) -> dict[str, Any]:
    sealed = seal.seal(secret.encode(), key_place("AKIA1"))
    return {"access_keys": [{"access_key_id": "AKIA1", "secret": sealed}]}


def test_what_is_sealed_opens_in_its_place_only() -> None:
    seal = ExportSeal.new(PASSPHRASE, words())
    text = seal.seal(b"secret", key_place("AKIA1"))

    assert b"secret" == ExportSeal.of(PASSPHRASE, words()).open(text, key_place("AKIA1"))
    for place in (key_place("AKIA2"), version_place("AKIA1", 1)):
        with pytest.raises(SealBroken):
            seal.open(text, place)
    with pytest.raises(SealBroken):
        seal.open(None, key_place("AKIA1"))


def test_another_passphrase_is_found_out() -> None:
    other = Passphrase(lambda: bytearray(b"wrong horse battery"))

    with pytest.raises(StartError, match="not the passphrase"):
        ExportSeal.of(other, words())


@pytest.mark.parametrize(
    "damaged",
    [
        {},
        [],
        {"derivation": {}, "word": ""},
        {"derivation": {"salt": "zz"}, "word": ""},
        {"derivation": {"salt": "00", "passes": 10**9}, "word": ""},
        {"derivation": {"salt": "00", "memory_kib": 2**30}, "word": ""},
    ],
)
def test_what_is_not_understood_is_refused_before_it_costs_anything(damaged: Any) -> None:
    with pytest.raises(StartError, match="not understood"):
        ExportSeal.of(PASSPHRASE, {"secrets": damaged})


def test_what_says_the_same_stays_the_same_text() -> None:
    former = words() | {"accounts": [entry(ExportSeal.new(PASSPHRASE, words()), "one")]}
    seal = ExportSeal.new(PASSPHRASE, former)

    again, other = entry(seal, "one"), entry(seal, "two")

    assert former["accounts"][0] == again
    assert former["accounts"][0] != other
    assert former["secrets"] == seal.words


def test_a_former_export_under_another_passphrase_is_not_gone_on_with() -> None:
    other = Passphrase(lambda: bytearray(b"another passphrase"))
    former = words() | {"accounts": [entry(ExportSeal.new(PASSPHRASE, words()), "one")]}

    seal = ExportSeal.new(other, former)

    assert former["secrets"] != seal.words
    assert former["accounts"][0] != entry(seal, "one")
