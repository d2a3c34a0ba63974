"""An issuer's side of JSON Web Tokens: keys, key sets and tokens, by pycryptodome and hand."""

import base64
import json
from typing import Any, NamedTuple

from Crypto.Hash import SHA256, SHA384, SHA512
from Crypto.PublicKey import ECC, RSA
from Crypto.Signature import DSS, pkcs1_15

CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
_HASHES: dict[str, Any] = {"256": SHA256, "384": SHA384, "512": SHA512}


def encoded(data: bytes) -> str:
    """URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def encoded_json(value: object) -> str:
    return encoded(json.dumps(value).encode())


def number(value: int, size_bytes: int = 0) -> str:
    return encoded(int(value).to_bytes(size_bytes or (int(value).bit_length() + 7) // 8, "big"))


class SigningKey(NamedTuple):
    """A key pair of an issuer."""

    algorithm: str
    kid: str
    pair: Any

    @classmethod
    def make(cls, algorithm: str, kid: str = "one", bits: int = 2048) -> "SigningKey":
        """A new one."""
        is_curve = algorithm in CURVES
        pair = ECC.generate(curve=CURVES[algorithm]) if is_curve else RSA.generate(bits)
        return cls(algorithm, kid, pair)

    @property
    def jwk(self) -> dict[str, Any]:
        """The public half, as a key set shows it."""
        named = {"kid": self.kid, "use": "sig", "alg": self.algorithm}
        if self.algorithm in CURVES:
            point = self.pair.pointQ
            size_bytes = {"ES256": 32, "ES384": 48, "ES512": 66}[self.algorithm]
            x, y = (number(one, size_bytes) for one in (point.x, point.y))
            return {**named, "kty": "EC", "crv": CURVES[self.algorithm], "x": x, "y": y}
        return {**named, "kty": "RSA", "n": number(self.pair.n), "e": number(self.pair.e)}

    def sign(self, data: bytes) -> bytes:
        """The signature as RFC 7518 has it."""
        digest = _HASHES[self.algorithm[2:]].new(data)
        if self.algorithm in CURVES:
            return bytes(DSS.new(self.pair, "fips-186-3", encoding="binary").sign(digest))
        return bytes(pkcs1_15.new(self.pair).sign(digest))

    def token(self, claims: object, **header: object) -> str:
        """A signed token."""
        head = {"alg": self.algorithm, "typ": "JWT", "kid": self.kid, **header}
        signed = f"{encoded_json(head)}.{encoded_json(claims)}"
        return f"{signed}.{encoded(self.sign(signed.encode()))}"
