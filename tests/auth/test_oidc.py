"""auth/oidc.py: claims are believed in their time, for their audience, under their own names."""

from typing import Any

import pytest

from ferrox.auth.oidc import (
    LEEWAY_S,
    SOURCE_IDENTITY_CLAIM,
    TAGS_CLAIM,
    WebIdentity,
    check,
    provider_url,
)
from ferrox.errors import S3Error
from ferrox.iam_errors import ExpiredIdentityToken, IDPRejectedClaim, InvalidIdentityToken

NOW_S = 1_700_000_000
URL = "login.example.com/Tenant"
CLAIMS: dict[str, Any] = {
    "iss": f"https://{URL}",
    "sub": "me",
    "aud": "app",
    "iat": NOW_S,
    "exp": NOW_S + 300,
}


def checked(client_ids: tuple[str, ...] = ("app",), **claims: object) -> WebIdentity:
    said = {**CLAIMS, **claims}
    return check({k: v for k, v in said.items() if v is not None}, URL, client_ids, NOW_S * 1000)


def test_claims_become_condition_keys() -> None:
    identity = checked(amr=["mfa", "pwd"], email_verified=True, level=2, address={"city": "x"})

    assert ("me", "app") == (identity.subject, identity.audience)
    assert {
        "login.example.com/tenant:sub": ("me",),
        "login.example.com/tenant:aud": ("app",),
        "login.example.com/tenant:amr": ("mfa", "pwd"),
        "login.example.com/tenant:email_verified": ("true",),
        "login.example.com/tenant:level": ("2",),
    }.items() <= identity.values.items()
    assert "login.example.com/tenant:address" not in identity.values
    assert "login.example.com/tenant:oaud" not in identity.values


@pytest.mark.parametrize(
    ("claims", "audience"),
    [
        ({"aud": "app"}, "app"),
        ({"aud": ["other", "app"]}, "app"),
        ({"aud": "resource", "azp": "app"}, "app"),
        ({"aud": ["app", "resource"], "azp": "app"}, "app"),
    ],
)
def test_a_token_is_for_one_of_the_clients(claims: dict[str, Any], audience: str) -> None:
    assert audience == checked(("first", "app"), **claims).audience


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "other"},
        {"aud": ""},
        {"aud": []},
        {"aud": {}},
        {"aud": "APP"},
        {"aud": ["other", ["app"]]},
        {"aud": "app", "azp": "other"},
        {"aud": "app", "azp": []},
    ],
)
def test_a_token_for_somebody_else_is_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(InvalidIdentityToken, match="Incorrect token audience"):
        checked(**claims)


def test_a_provider_without_clients_is_for_nobody() -> None:
    with pytest.raises(InvalidIdentityToken, match="audience"):
        checked(())


def test_the_party_that_a_token_was_issued_to_is_its_audience() -> None:
    values = checked(aud=["a", "b"], azp="app").values

    assert ("app",) == values["login.example.com/tenant:aud"]
    assert ("a", "b") == values["login.example.com/tenant:oaud"]


@pytest.mark.parametrize("name", ["aud", "exp", "iat", "iss", "sub"])
def test_what_every_token_has_must_be_there(name: str) -> None:
    with pytest.raises(InvalidIdentityToken, match=f"Missing a required claim: {name}"):
        checked(("app",), **{name: None})


@pytest.mark.parametrize(
    ("claims", "refusal"),
    [
        ({"exp": NOW_S - LEEWAY_S + 1}, None),
        ({"exp": NOW_S - LEEWAY_S}, ExpiredIdentityToken),
        ({"iat": NOW_S + LEEWAY_S}, None),
        ({"iat": NOW_S + LEEWAY_S + 1}, IDPRejectedClaim),
        ({"nbf": NOW_S + LEEWAY_S}, None),
        ({"nbf": NOW_S + LEEWAY_S + 1}, IDPRejectedClaim),
        ({"exp": float(NOW_S) + 0.5}, None),
        ({"exp": str(NOW_S)}, InvalidIdentityToken),
        ({"exp": True}, InvalidIdentityToken),
        ({"exp": float("inf")}, InvalidIdentityToken),
        ({"exp": float("nan")}, InvalidIdentityToken),
        ({"exp": 10**400}, InvalidIdentityToken),
        ({"nbf": -(10**400)}, InvalidIdentityToken),
        ({"nbf": "soon"}, InvalidIdentityToken),
    ],
)
def test_a_token_has_its_time(claims: dict[str, Any], refusal: type[S3Error] | None) -> None:
    if refusal is None:
        assert "me" == checked(**claims).subject
    else:
        with pytest.raises(refusal):
            checked(**claims)


def test_an_expired_token_is_told_when_it_ended() -> None:
    with pytest.raises(ExpiredIdentityToken) as refusal:
        checked(exp=NOW_S - 600)

    assert "ExpiredTokenException" == refusal.value.code
    assert (
        f"Token expired: current date/time {NOW_S} must be before "
        f"the expiration date/time {NOW_S - 600}" == refusal.value.message
    )


@pytest.mark.parametrize("subject", [5, "", ["me"], "a" * 256])
def test_a_subject_is_a_name(subject: object) -> None:
    with pytest.raises(InvalidIdentityToken):
        checked(sub=subject)


@pytest.mark.parametrize("others_first", [True, False])
def test_a_claim_does_not_pass_for_another_by_its_case(others_first: bool) -> None:
    others: dict[str, Any] = {"SUB": "admin", "Aud": "other"}
    claims = {**others, **CLAIMS} if others_first else {**CLAIMS, **others}

    values = check(claims, URL, ("app",), NOW_S * 1000).values

    assert ("me",) == values["login.example.com/tenant:sub"]
    assert ("app",) == values["login.example.com/tenant:aud"]


@pytest.mark.parametrize(
    ("claim", "tags", "transitive"),
    [
        ({}, (), ()),
        ({"principal_tags": {}}, (), ()),
        ({"principal_tags": {"Team": ["blue"], "a": "b"}}, (("Team", "blue"), ("a", "b")), ()),
        (
            {"principal_tags": {"Team": ["blue"]}, "transitive_tag_keys": ["Team"]},
            (("Team", "blue"),),
            ("Team",),
        ),
    ],
)
def test_a_token_may_bring_tags(
    claim: object, tags: tuple[tuple[str, str], ...], transitive: tuple[str, ...]
) -> None:
    identity = checked(("app",), **{TAGS_CLAIM: claim})

    assert (tags, transitive) == (identity.tags, identity.transitive_tags)


@pytest.mark.parametrize(
    "claim",
    [
        "tags",
        ["tags"],
        {"other": 1},
        {"principal_tags": ["a"]},
        {"principal_tags": {"a": ["b", "c"]}},
        {"principal_tags": {"a": []}},
        {"principal_tags": {"a": {"b": "c"}}},
        {"principal_tags": {"a": "b"}, "transitive_tag_keys": [["a"]]},
    ],
)
def test_tags_in_another_form_are_refused(claim: object) -> None:
    with pytest.raises(InvalidIdentityToken, match="tags claim"):
        checked(("app",), **{TAGS_CLAIM: claim})


def test_a_token_may_say_who_began() -> None:
    assert "me@home" == checked(("app",), **{SOURCE_IDENTITY_CLAIM: "me@home"}).source_identity
    assert "" == checked().source_identity
    for claim in (5, "m", "a b", "a" * 65):
        with pytest.raises(InvalidIdentityToken, match="source_identity"):
            checked(("app",), **{SOURCE_IDENTITY_CLAIM: claim})


@pytest.mark.parametrize(
    ("issuer", "url"),
    [
        ("https://login.example.com", "login.example.com"),
        ("https://login.example.com/", "login.example.com/"),
        ("http://127.0.0.1:80/a", "127.0.0.1:80/a"),
        ("login.example.com", None),
        ("ftp://login.example.com", None),
        ("https://", None),
        ("", None),
    ],
)
def test_a_provider_is_called_by_its_address(issuer: str, url: str | None) -> None:
    assert url == provider_url(issuer)
