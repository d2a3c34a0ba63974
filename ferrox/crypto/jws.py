"""Signatures of JSON Web Tokens: the public keys of an issuer, and whether one made a signature.

https://www.rfc-editor.org/rfc/rfc7517 (keys)
https://www.rfc-editor.org/rfc/rfc7518 (algorithms)

A key decides which algorithms it can be asked for: that of an elliptic curve has exactly one, an
RSA key those that its owner leaves. There are no shared secrets here and no unsigned tokens, so
what a token says of its own algorithm can only be one of these, or wrong.
"""

import base64
from collections.abc import Mapping
from typing import Any, NamedTuple

RSA_ALGORITHMS = frozenset({"RS256", "RS384", "RS512"})
"""Padded as PKCS #1 1.5 has it."""

CURVES = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
"""Each curve with the algorithm that is its own."""

ALGORITHMS = RSA_ALGORITHMS | set(CURVES.values())

LEAST_RSA_BITS = 2048
MOST_RSA_BITS = 8192
"""More would let an issuer keep this server busy."""

EXPONENTS = range(3, 1 << 32, 2)


class PublicKey(NamedTuple):
    """A key that tokens are signed by; `kid` is how its owner calls it, "" if not at all."""

    kid: str
    algorithms: frozenset[str]
    key: Any


def read_key(jwk: object) -> PublicKey | None:
    """A key of a key set; None if it is no key, or one that none of the algorithms is made for."""
    if not isinstance(jwk, dict) or jwk.get("use", "sig") != "sig":
        return None
    operations = jwk.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        return None
    try:
        match jwk.get("kty"):
            case "RSA":
                key, algorithms = _rsa(jwk), RSA_ALGORITHMS
            case "EC":
                key, algorithms = _curve(jwk), frozenset({CURVES[jwk["crv"]]})
            case _:
                return None
    except (ValueError, KeyError, TypeError):
        return None
    if "alg" in jwk:
        algorithms &= {str(jwk["alg"])}
    kid = jwk.get("kid", "")
    return PublicKey(kid, algorithms, key) if algorithms and isinstance(kid, str) else None


def is_signed(key: PublicKey, algorithm: str, signed: bytes, signature: bytes) -> bool:
    """Whether the owner of the key signed these bytes so."""
    if algorithm not in key.algorithms:
        return False
    from Crypto.Signature import DSS, pkcs1_15

    verifier: Any = (
        pkcs1_15.new(key.key)
        if algorithm in RSA_ALGORITHMS
        else DSS.new(key.key, "fips-186-3", encoding="binary")
    )
    try:
        verifier.verify(_digest(algorithm, signed), signature)
    except ValueError:
        return False
    return True


def _rsa(jwk: Mapping[str, Any]) -> Any:
    from Crypto.PublicKey import RSA

    modulus, exponent = _number(jwk["n"]), _number(jwk["e"])
    if not LEAST_RSA_BITS <= modulus.bit_length() <= MOST_RSA_BITS or exponent not in EXPONENTS:
        raise ValueError("an RSA key of an unusual size")
    return RSA.construct((modulus, exponent))


def _curve(jwk: Mapping[str, Any]) -> Any:
    from Crypto.PublicKey import ECC

    # A point that is not on its curve is a ValueError.
    return ECC.construct(curve=jwk["crv"], point_x=_number(jwk["x"]), point_y=_number(jwk["y"]))


def _digest(algorithm: str, data: bytes) -> Any:
    """The hash whose size the name of an algorithm ends with."""
    from Crypto.Hash import SHA256, SHA384, SHA512

    return {"256": SHA256, "384": SHA384, "512": SHA512}[algorithm[2:]].new(data)


def decode(text: str) -> bytes:
    """Bytes of URL-safe base64 without padding, as tokens and keys have them; ValueError."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise ValueError("not URL-safe base64") from None
    if base64.urlsafe_b64encode(data).rstrip(b"=") != text.encode():
        raise ValueError("not the only form of these bytes")
    return data


def _number(text: str) -> int:
    return int.from_bytes(decode(text), "big")
