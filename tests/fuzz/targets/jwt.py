"""Tokens of identity providers and their key sets: read with care, and none believed unsigned."""

import json

from ferrox.auth import jwt
from ferrox.auth.jwt import InvalidJwtError
from tests.fuzz.target import Target, wire_text
from tests.json_web import encoded, encoded_json

_KEY_SET = {
    "keys": [
        {
            "kty": "EC",
            "crv": "P-256",
            "kid": "one",
            "alg": "ES256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        },
        {
            "kty": "RSA",
            "n": encoded(b"\xc1" * 256),
            "e": "AQAB",
            "use": "sig",
            "key_ops": ["verify"],
        },
    ]
}
"""The first is the key of RFC 7515, appendix A.3; nobody has the other half of the second."""

_RFC_TOKEN = (
    b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
    b"cGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8IS"
    b"lSApmWQxfKTUJqPP3-Kg6NU1Q"
)
_KEYS = jwt.read_keys(json.dumps(_KEY_SET).encode())


def check(data: bytes) -> None:
    """Read an input as a key set, or as a token, which is believed if it is the one of the RFC."""
    if data[:1] in {b"{", b"["}:
        _check_keys(data)
        return
    try:
        token = jwt.parse(wire_text(data))
    except InvalidJwtError:
        return
    assert isinstance(token.issuer, str)
    key = jwt.key_for(token, _KEYS)
    if key is not None:
        assert token.algorithm in key.algorithms
        if jwt.is_signed(token, key):
            assert _RFC_TOKEN.rpartition(b".")[0] == token.signed


def _check_keys(data: bytes) -> None:
    try:
        keys = jwt.read_keys(data)
    except ValueError:
        return
    for key in keys:
        assert key.algorithms
        assert key.kid.encode("utf-8", "surrogatepass") is not None
        token = jwt.Jwt(min(key.algorithms), key.kid, {}, b"signed", bytes(64))
        assert not jwt.is_signed(token, key)


TARGET = Target(
    check,
    seeds=(
        _RFC_TOKEN,
        json.dumps(_KEY_SET).encode(),
        *(
            f"{encoded_json(header)}.{encoded_json({'iss': 'https://a'})}.{encoded(bytes(64))}".encode()
            for header in (
                {"alg": "none"},
                {"alg": "RS256", "kid": "one", "typ": "JWT"},
                {"alg": "ES256", "crit": ["b64"], "b64": False},
            )
        ),
    ),
    words=(
        *(
            b'"kty":"RSA"',
            b'"kty":"EC"',
            b'"crv":"P-521"',
            b'"alg":',
            b'"use":"enc"',
            b'"key_ops":[',
        ),
        *(
            b'"n":"',
            b'"e":"',
            b'"x":"',
            b'"y":"',
            b'"keys":[',
            b"eyJhbGciOiJ",
            b".",
            b"null",
            b"[]",
        ),
    ),
)
