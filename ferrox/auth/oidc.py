"""What an identity provider says of its user: the claims of a token, and when they are believed.

https://openid.net/specs/openid-connect-core-1_0.html#IDToken
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html (tags in tokens)

A role's trust policy asks for claims as condition keys: the provider's URL without its scheme, a
colon, the name of the claim. Who may use a token is its audience, or where the token names one
(azp) the party it was issued to; then `aud` is that party in policies, and `oaud` the audience.
"""

import math
import re
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from ferrox.iam_errors import (
    ExpiredIdentityToken,
    IDPRejectedClaim,
    InvalidIdentityToken,
)

LEEWAY_S = 60
"""How far the clocks of issuer and server may be apart."""

REQUIRED = ("aud", "exp", "iat", "iss", "sub")

MOST_SUBJECT_CHARACTERS = 255

TAGS_CLAIM = "https://aws.amazon.com/tags"
SOURCE_IDENTITY_CLAIM = "https://aws.amazon.com/source_identity"

_is_source_identity = re.compile(r"(?:[\w+=,.@-]{2,64})?", re.ASCII).fullmatch


class WebIdentity(NamedTuple):
    """Whom a token names.

    audience         the one of the provider's clients that it was made for
    values           condition keys in lower case
    tags             for the session, as are keys of those that go on to further ones
    source_identity  who that is in the words of the provider, ""  if it does not say
    """

    subject: str
    audience: str
    values: Mapping[str, tuple[str, ...]]
    tags: tuple[tuple[str, str], ...] = ()
    transitive_tags: tuple[str, ...] = ()
    source_identity: str = ""


def provider_url(issuer: str) -> str | None:
    """How IAM calls a provider: its address without the scheme; None if it is no such address."""
    scheme, separator, url = issuer.partition("://")
    return url if separator and url and scheme in {"https", "http"} else None


def check(
    claims: Mapping[str, Any], url: str, client_ids: Collection[str], now_ms: int
) -> WebIdentity:
    """Whom the claims of a provider's token name, if they hold now and are meant for this server.

    raises  InvalidIdentityToken, ExpiredIdentityToken or IDPRejectedClaim
    """
    for name in REQUIRED:
        if name not in claims:
            raise InvalidIdentityToken(f"Missing a required claim: {name}")
    _check_time(claims, now_ms // 1000)
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= MOST_SUBJECT_CHARACTERS:
        raise InvalidIdentityToken("The sub claim of the token is not a name")
    audiences = _texts(claims["aud"])
    parties = _texts(claims["azp"]) if "azp" in claims else audiences
    audience = next((one for one in parties if one in client_ids), None)
    if audience is None:
        raise InvalidIdentityToken("Incorrect token audience")
    said = {name: _texts(value) for name, value in claims.items()}
    said["aud"] = parties
    if "azp" in claims:
        said["oaud"] = audiences
    return WebIdentity(
        subject,
        audience,
        _condition_keys(url, said),
        *_session_tags(claims.get(TAGS_CLAIM, {})),
        _source_identity(claims.get(SOURCE_IDENTITY_CLAIM, "")),
    )


def _check_time(claims: Mapping[str, Any], now_s: int) -> None:
    """Hold the token against the clock."""
    ends_s = _instant_s(claims, "exp")
    if ends_s <= now_s - LEEWAY_S:
        raise ExpiredIdentityToken(
            f"Token expired: current date/time {now_s} must be before "
            f"the expiration date/time {int(ends_s)}"
        )
    for name in ("iat", "nbf"):
        if name in claims and _instant_s(claims, name) > now_s + LEEWAY_S:
            raise IDPRejectedClaim(f"The token is not valid yet: its {name} claim is in the future")


def _instant_s(claims: Mapping[str, Any], name: str) -> float:
    value = claims[name]
    try:
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return value
    except OverflowError:  # a whole number that no float is as large as
        pass
    raise InvalidIdentityToken(f"The {name} claim of the token is not a time")


def _condition_keys(url: str, said: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    """Claims by their keys. Case does not count in those, so a claim must not pass for another."""
    keys: dict[str, tuple[str, ...]] = {}
    for name in sorted(said, key=lambda name: name != name.lower()):
        if said[name]:
            keys.setdefault(f"{url}:{name}".lower(), said[name])
    return keys


def _session_tags(claim: object) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """The tags that a token gives to the session, each a list of one value, and the keys that go
    on."""
    match claim:
        case {"principal_tags": dict() as tags, "transitive_tag_keys": list() as keys}:
            pass
        case {"principal_tags": dict() as tags}:
            keys = []
        case {} if not claim:
            return (), ()
        case _:
            raise _malformed_tags()
    pairs = tuple((key, _texts(value)) for key, value in tags.items())
    if any(len(values) != 1 for _, values in pairs) or not all(isinstance(k, str) for k in keys):
        raise _malformed_tags()
    return tuple((key, values[0]) for key, values in pairs), tuple(keys)


def _malformed_tags() -> InvalidIdentityToken:
    return InvalidIdentityToken(f"The {TAGS_CLAIM} claim of the token is malformed")


def _source_identity(claim: object) -> str:
    if not isinstance(claim, str) or not _is_source_identity(claim):
        raise InvalidIdentityToken(f"The {SOURCE_IDENTITY_CLAIM} claim of the token is malformed")
    return claim


def _texts(value: object) -> tuple[str, ...]:
    """A claim as values of a condition key: one or several; nothing of what has parts itself."""
    values = value if isinstance(value, list) else [value]
    texts = []
    for one in values:
        if isinstance(one, bool):
            texts.append("true" if one else "false")
        elif isinstance(one, str | int | float):
            texts.append(str(one))
    return tuple(texts)
