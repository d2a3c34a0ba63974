"""Claims of tokens that are signed: believed or refused, and what is believed can be sealed."""

import json

from ferrox.auth import jwt, oidc
from ferrox.auth.session_token import SessionToken, SessionTokens
from ferrox.clock import SettableClock
from ferrox.crypto.sealing import Seal
from ferrox.errors import S3Error
from ferrox.identity import Principal, PrincipalKind, Session
from tests.fuzz.target import Target, check_refusal
from tests.json_web import encoded, encoded_json

_NOW_MS = 1_369_353_600_000
_TOKENS = SessionTokens(Seal(bytes(32)), SettableClock(_NOW_MS))
_URL = "login.example.com"
_HEADER = encoded_json({"alg": "ES256"})


def check(data: bytes) -> None:
    """Hold claims against their provider, and make a session of whom they name."""
    try:
        claims = jwt.parse(f"{_HEADER}.{encoded(data)}.").claims
    except jwt.InvalidJwtError:
        return
    try:
        found = oidc.check(claims, _URL, {"client", "other"}, _NOW_MS)
    except S3Error as error:
        check_refusal(error)
        return
    assert found.audience in {"client", "other"}
    assert 0 < len(found.subject) <= oidc.MOST_SUBJECT_CHARACTERS
    assert claims["exp"] > _NOW_MS / 1000 - oidc.LEEWAY_S
    assert all(key == key.lower() and values for key, values in found.values.items())
    session = Session(
        _NOW_MS,
        _NOW_MS + 1,
        tags=found.tags,
        transitive_tags=found.transitive_tags,
        source_identity=found.source_identity,
        subject=found.subject,
    )
    principal = Principal("1", "c", "o", "arn", "ASIA", PrincipalKind.ROLE_SESSION, session=session)
    token = _TOKENS.seal(SessionToken("ASIA", "secret", principal))
    assert principal == _TOKENS.open(token, "ASIA").principal


_CLAIMS = {
    "iss": f"https://{_URL}",
    "sub": "repo:octo/hello:ref:refs/heads/main",
    "aud": "client",
    "exp": 1_369_353_700,
    "iat": 1_369_353_500,
}
TARGET = Target(
    check,
    seeds=tuple(
        json.dumps(_CLAIMS | more).encode()
        for more in (
            {},
            {
                "aud": ["other", "client"],
                "azp": "client",
                "nbf": 1,
                "Sub": "x",
                "amr": [1, True, 0.5],
            },
            {oidc.TAGS_CLAIM: {"principal_tags": {"a": ["b"]}, "transitive_tag_keys": ["a"]}},
            {oidc.SOURCE_IDENTITY_CLAIM: "somebody"},
            {"exp": 0},
        )
    ),
    words=(
        *(b'"aud":', b'"azp":', b'"sub":', b'"nbf":', b'"exp":', b'"iat":', b"1e400", b"\\ud800"),
        *(b"principal_tags", b"transitive_tag_keys", b"NaN", b"Infinity", b"null", b"9" * 400),
        *(oidc.TAGS_CLAIM.encode(), oidc.SOURCE_IDENTITY_CLAIM.encode()),
    ),
)
