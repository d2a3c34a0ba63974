"""Sealed secrets open for the right key, context and text, and for nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.crypto.sealing import KEY_BYTES, Seal
from ferrox.errors import SealBroken

KEY = bytes(range(KEY_BYTES))
GOLDEN = "v1.1B447AcXG9Z4BfbtbIFAogb38z4rtcrQxcjUBUtBCEIAtOr3uH0n9e4"


@given(st.binary(max_size=200), st.text(max_size=40))
def test_what_is_sealed_opens_in_its_context(plaintext: bytes, context: str) -> None:
    seal = Seal(KEY)

    assert plaintext == seal.open(seal.seal(plaintext, context), context)


def test_a_secret_sealed_by_an_earlier_build_opens() -> None:
    assert Seal(KEY).open(GOLDEN, "golden context") == b"golden secret"


def test_sealing_twice_gives_different_texts() -> None:
    seal = Seal(KEY)

    assert seal.seal(b"secret", "here") != seal.seal(b"secret", "here")


def test_the_text_does_not_show_the_secret() -> None:
    assert "secret" not in Seal(KEY).seal(b"secret", "here")


def test_another_key_does_not_open() -> None:
    sealed = Seal(KEY).seal(b"secret", "here")

    with pytest.raises(SealBroken):
        Seal(bytes(KEY_BYTES)).open(sealed, "here")


def test_another_context_does_not_open() -> None:
    sealed = Seal(KEY).seal(b"secret", "here")

    with pytest.raises(SealBroken):
        Seal(KEY).open(sealed, "there")


def test_no_changed_character_opens() -> None:
    sealed = Seal(KEY).seal(b"a secret of 21 bytes.", "here")

    for index in range(len(sealed)):
        for other in {"A", "B", "C", "D"} - {sealed[index]}:
            with pytest.raises(SealBroken):
                Seal(KEY).open(sealed[:index] + other + sealed[index + 1 :], "here")


def test_a_text_that_decodes_to_the_same_bytes_is_not_the_same() -> None:
    """The last character of the text carries bits that base64 does not use."""
    sealed = Seal(KEY).seal(b"a secret of 21 bytes.", "here")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twin = sealed[:-1] + alphabet[alphabet.index(sealed[-1]) ^ 1]

    with pytest.raises(SealBroken):
        Seal(KEY).open(twin, "here")


@pytest.mark.parametrize("text", ["", "v1.", "v1.AAAA", "v2.AAAA", "not sealed", "v1.é", "v1.A"])
def test_what_is_no_sealed_secret_is_refused(text: str) -> None:
    with pytest.raises(SealBroken):
        Seal(KEY).open(text, "here")


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Seal(b"short")
