"""crypto/jws.py: a key verifies what its owner signed, by its own algorithm, and nothing else."""

import base64
import functools
from typing import Any

import pytest

from ferrox.crypto.jws import ALGORITHMS, PublicKey, decode, is_signed, read_key
from tests.json_web import SigningKey, number

DATA = b"what was signed"

# RFC 7515, appendix A.3: a token signed by ES256.
RFC_JWK = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
RFC_SIGNED = (
    b"eyJhbGciOiJFUzI1NiJ9"
    b".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
    b"cGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
)
RFC_SIGNATURE = (
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
)


@functools.cache
def signing_key(algorithm: str) -> SigningKey:
    """Made once in a process: RSA keys take a moment."""
    return SigningKey.make(algorithm)


def public(jwk: dict[str, Any]) -> PublicKey:
    key = read_key(jwk)
    assert key is not None
    return key


@pytest.mark.parametrize("algorithm", sorted(ALGORITHMS))
def test_what_the_owner_signed_is_signed(algorithm: str) -> None:
    owner = signing_key(algorithm)
    signature = owner.sign(DATA)
    key = public(owner.jwk)

    assert ("one", frozenset({algorithm})) == (key.kid, key.algorithms)
    assert is_signed(key, algorithm, DATA, signature)
    assert not is_signed(key, algorithm, DATA + b".", signature)
    assert not is_signed(key, algorithm, DATA, bytes([signature[0] ^ 1]) + signature[1:])
    assert not is_signed(key, algorithm, DATA, b"")


def test_the_example_of_the_standard_is_signed() -> None:
    assert is_signed(public(RFC_JWK), "ES256", RFC_SIGNED, decode(RFC_SIGNATURE))


@pytest.mark.parametrize("asked", ["none", "HS256", "RS384", "ES256", "PS256", "EdDSA", ""])
def test_a_key_answers_for_its_own_algorithm_only(asked: str) -> None:
    owner = signing_key("RS256")

    assert not is_signed(public(owner.jwk), asked, DATA, owner.sign(DATA))


def test_a_key_without_algorithm_answers_for_those_of_its_kind() -> None:
    jwk = {name: value for name, value in signing_key("RS256").jwk.items() if name != "alg"}
    key = public(jwk)

    assert {"RS256", "RS384", "RS512"} == key.algorithms
    for algorithm in key.algorithms:
        owner = signing_key("RS256")._replace(algorithm=algorithm)
        assert is_signed(key, algorithm, DATA, owner.sign(DATA))


def test_a_signature_of_a_curve_in_another_form_is_none() -> None:
    from Crypto.Hash import SHA256
    from Crypto.Signature import DSS

    owner = signing_key("ES256")
    der = DSS.new(owner.pair, "fips-186-3", encoding="der").sign(SHA256.new(DATA))

    assert not is_signed(public(owner.jwk), "ES256", DATA, bytes(der))


@pytest.mark.parametrize(
    "changed",
    [
        {"use": "enc"},
        {"key_ops": ["sign"]},
        {"key_ops": "verify"},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "OKP", "crv": "Ed25519"},
        {"kty": ["RSA"]},
        {"alg": "HS256"},
        {"alg": "ES256"},
        {"alg": "PS256"},
        {"kid": 1},
        {"n": ""},
        {"n": 5},
        {"n": None},
        {"n": "!"},
        {"n": number(1 << 1023)},
        {"n": number((1 << 8192) + 1)},
        {"e": number(1 << 33)},
        {"e": "AA"},
        {"e": "AQ"},
    ],
)
def test_what_is_no_key_for_signatures_is_passed_over(changed: dict[str, object]) -> None:
    assert read_key({**signing_key("RS256").jwk, **changed}) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"crv": "P-192"},
        {"crv": "secp256k1"},
        {"crv": 256},
        {"crv": ["P-256"]},
        {"x": RFC_JWK["y"]},
        {"y": ""},
        {"alg": "ES384"},
        {"kty": "RSA"},
    ],
)
def test_what_is_no_point_of_its_curve_is_passed_over(changed: dict[str, object]) -> None:
    assert read_key({**RFC_JWK, **changed}) is None


@pytest.mark.parametrize("jwk", [None, [], "key", 5, {}])
def test_what_is_no_object_is_no_key(jwk: object) -> None:
    assert read_key(jwk) is None


@pytest.mark.parametrize("text", ["A", "AB=", "A+/A", "AA==", "ÄÄ", "AB CD", "AB\n", "AB"])
def test_only_the_one_form_of_bytes_is_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"base64|only form"):
        decode(text)


def test_bytes_are_read_in_their_url_safe_form() -> None:
    data = bytes(range(256))

    assert data == decode(base64.urlsafe_b64encode(data).rstrip(b"=").decode())
