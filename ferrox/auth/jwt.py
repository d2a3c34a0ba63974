"""JSON Web Tokens as issuers of identities sign them: read with care, before anything is believed.

https://www.rfc-editor.org/rfc/rfc7519 (tokens)
https://www.rfc-editor.org/rfc/rfc7515 (signatures)
https://www.rfc-editor.org/rfc/rfc8725 (what went wrong with others)

Three parts: what it is signed by, what it claims, the signature over both. The algorithm must be
one of those that `ferrox.crypto.jws` has keys for, so a token that is not signed, or signed by
what is no secret, is none. Extensions that a reader must understand are not understood.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ferrox.crypto import jws
from ferrox.crypto.jws import PublicKey

MOST_CHARACTERS = 20_000
"""What a WebIdentityToken may have: the API says so."""

MOST_KEYS = 100
"""What is looked at of a key set."""


class InvalidJwtError(ValueError):
    """A text that is no token of an identity."""


class Jwt(NamedTuple):
    """What a token says; nobody has verified it yet.

    kid     which key of its issuer it names, "" if none
    signed  the bytes that the signature is over
    """

    algorithm: str
    kid: str
    claims: Mapping[str, Any]
    signed: bytes
    signature: bytes

    @property
    def issuer(self) -> str:
        """Who it says that made it; "" if it says nothing."""
        issuer = self.claims.get("iss")
        return issuer if isinstance(issuer, str) else ""


def parse(text: str) -> Jwt:
    """Read a token, without believing it; InvalidJwtError."""
    parts = text.split(".")
    if len(text) > MOST_CHARACTERS or len(parts) != 3 or not text.isascii():
        raise InvalidJwtError("a token has three parts")
    header, claims = _object(parts[0]), _object(parts[1])
    algorithm, kid = str(header.get("alg")), header.get("kid", "")
    if algorithm not in jws.ALGORITHMS or not isinstance(kid, str):
        raise InvalidJwtError("a token is signed by a key and an algorithm that are known")
    if "crit" in header or "b64" in header:
        raise InvalidJwtError("a token needs no extension to be understood")
    signed = f"{parts[0]}.{parts[1]}".encode()
    return Jwt(algorithm, kid, claims, signed, _bytes(parts[2]))


def key_for(token: Jwt, keys: Sequence[PublicKey]) -> PublicKey | None:
    """The key that a token names; one that names none can only mean the one there is."""
    usable = [key for key in keys if token.algorithm in key.algorithms]
    if token.kid:
        return next((key for key in usable if key.kid == token.kid), None)
    return usable[0] if len(usable) == 1 else None


def is_signed(token: Jwt, key: PublicKey) -> bool:
    """Whether the owner of a key made the token."""
    return jws.is_signed(key, token.algorithm, token.signed, token.signature)


def read_keys(document: bytes) -> list[PublicKey]:
    """The keys of a key set, as far as they can verify tokens; ValueError if it is no key set."""
    try:
        found = json.loads(document)
        shown = found["keys"][:MOST_KEYS]
    except (ValueError, RecursionError, TypeError, KeyError):
        raise ValueError("a key set is an object with a list of keys") from None
    return [key for key in map(jws.read_key, shown) if key is not None]


def _object(part: str) -> dict[str, Any]:
    text = _bytes(part)
    try:
        found = json.loads(text, object_pairs_hook=_unique)
        if b"\\u" in text:  # half of a surrogate pair is no character
            json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise InvalidJwtError("a part of a token is JSON in base64") from None
    if not isinstance(found, dict):
        raise InvalidJwtError("a part of a token is an object")
    return found


def _bytes(part: str) -> bytes:
    try:
        return jws.decode(part)
    except ValueError:
        raise InvalidJwtError("a part of a token is URL-safe base64") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; of two members of one name nobody knows which one is meant."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member of an object is there twice")
    return members
