"""operations/sts/web_identity.py: a provider's token is worth the session of a role."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from ferrox.auth.oidc import SOURCE_IDENTITY_CLAIM, TAGS_CLAIM
from ferrox.operations.sts.provider_keys import REFRESH_MS
from tests.in_process import Answer
from tests.json_web import SigningKey
from tests.oidc_issuer import DISCOVERY, Issuer, issuing
from tests.queries import VERSIONS
from tests.sessions import ACCOUNT, Caller, World, allowing, policy, trusting

READER = f"arn:aws:iam::{ACCOUNT}:role/reader"
ACTION = "sts:AssumeRoleWithWebIdentity"
NO_TRUST = (403, "AccessDenied", f"Not authorized to perform {ACTION}")


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as running:
        yield running


@pytest.fixture
async def reader(world: World, issuer: Issuer) -> str:
    """The ARN of a provider that the role `reader` trusts."""
    provider = await world.provider(issuer.name, "app")
    await world.role("reader", trusting({"Federated": provider.arn}, ACTION), allowing("s3:*"))
    return provider.arn


def form_of(token: str, **parameters: str) -> str:
    form = {
        "Action": "AssumeRoleWithWebIdentity",
        "Version": VERSIONS["sts"],
        "RoleArn": READER,
        "RoleSessionName": "me",
        "WebIdentityToken": token,
        **parameters,
    }
    return urlencode(form)


async def ask(world: World, token: str, **parameters: str) -> Answer:
    """Exchange a token, unsigned as clients do."""
    body = form_of(token, **parameters).encode()
    headers = {
        "host": "127.0.0.1:9000",
        "content-type": "application/x-www-form-urlencoded",
        "content-length": str(len(body)),
    }
    return await world.server.send("POST", "/", "", headers, body)


async def exchanged(world: World, token: str, **parameters: str) -> Any:
    answer = await ask(world, token, **parameters)
    assert answer.status == 200, answer.body
    return answer.document["AssumeRoleWithWebIdentityResult"]


async def refused(world: World, token: str, **parameters: str) -> tuple[int, str, str]:
    answer = await ask(world, token, **parameters)
    assert answer.status >= 400, answer.body
    error = answer.document["Error"]
    return answer.status, error["Code"], error["Message"]


def token_of(world: World, issuer: Issuer, **claims: Any) -> str:
    return issuer.token(world.server.clock.now_ms(), **claims)


async def test_a_token_is_exchanged_for_a_session(
    world: World, issuer: Issuer, reader: str
) -> None:
    assert 200 == (await world.root.s3("PUT", "/bucket")).status
    assert 200 == (await world.root.s3("PUT", "/bucket/key", b"data")).status

    result = await exchanged(world, token_of(world, issuer))
    session = world.root.within(result)

    assert b"data" == (await session.s3("GET", "/bucket/key")).body
    assert ("user-1", "app", reader) == (
        result["SubjectFromWebIdentityToken"],
        result["Audience"],
        result["Provider"],
    )
    assert f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/me" == result["AssumedRoleUser"]["Arn"]
    assert "2026-09-21T15:13:20Z" == result["Credentials"]["Expiration"]


@pytest.mark.parametrize("algorithm", ["RS256", "ES384"])
async def test_providers_sign_in_several_ways(world: World, algorithm: str) -> None:
    with issuing(algorithm) as issuer:
        provider = await world.provider(issuer.name, "app")
        await world.role("reader", trusting({"Federated": provider.arn}, ACTION))

        assert await exchanged(world, token_of(world, issuer))


@pytest.mark.parametrize(
    ("condition", "claims", "is_allowed"),
    [
        ({"StringEquals": {"ISSUER:sub": "user-1"}}, {}, True),
        ({"StringEquals": {"ISSUER:sub": "user-2"}}, {}, False),
        ({"StringLike": {"ISSUER:sub": "repo:org/*"}}, {"sub": "repo:org/app:main"}, True),
        ({"StringEquals": {"ISSUER:aud": "app"}}, {"aud": ["x", "app"]}, True),
        ({"ForAnyValue:StringEquals": {"ISSUER:amr": "mfa"}}, {"amr": ["pwd", "mfa"]}, True),
        ({"ForAnyValue:StringEquals": {"ISSUER:amr": "mfa"}}, {"amr": ["pwd"]}, False),
        ({"StringEquals": {"ISSUER:groups": "admin"}}, {"groups": ["admin"]}, True),
        ({"StringEquals": {"sts:RoleSessionName": "me"}}, {}, True),
        ({"StringLike": {"aws:FederatedProvider": "*:oidc-provider/ISSUER"}}, {}, True),
        ({"StringEquals": {"other.example.com:sub": "user-1"}}, {}, False),
    ],
)
async def test_a_trust_policy_asks_for_claims(
    world: World, issuer: Issuer, condition: Any, claims: dict[str, Any], is_allowed: bool
) -> None:
    provider = await world.provider(issuer.name, "app")
    asked = json.loads(json.dumps(condition).replace("ISSUER", issuer.name))
    await world.role("reader", trusting({"Federated": provider.arn}, ACTION, Condition=asked))

    token = token_of(world, issuer, **claims)

    if is_allowed:
        assert await exchanged(world, token)
    else:
        assert NO_TRUST == await refused(world, token)


@pytest.mark.parametrize(
    "trust",
    [
        trusting({"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/other"}, ACTION),
        trusting({"Federated": "ISSUER"}, "sts:AssumeRole"),
        trusting({"AWS": ACCOUNT}, ACTION),
        policy(
            {"Principal": {"Federated": "ISSUER"}, "Action": ACTION},
            {"Effect": "Deny", "Principal": "*", "Action": ACTION},
        ),
    ],
)
async def test_a_role_has_to_trust_the_provider(world: World, issuer: Issuer, trust: str) -> None:
    provider = await world.provider(issuer.name, "app")
    await world.role("reader", trust.replace("ISSUER", provider.arn))

    assert NO_TRUST == await refused(world, token_of(world, issuer))


async def test_a_role_that_is_not_there_is_refused_like_one_that_is(
    world: World, issuer: Issuer
) -> None:
    await world.provider(issuer.name, "app")

    assert NO_TRUST == await refused(world, token_of(world, issuer))


async def test_a_provider_has_to_be_known_to_the_account_of_the_role(
    world: World, issuer: Issuer, reader: str
) -> None:
    elsewhere = f"arn:aws:iam::210987654321:role/{reader[-10:].replace(':', '')}"
    token = token_of(world, issuer)

    said = f"No OpenIDConnect provider found in your account for {issuer.url}"
    assert (400, "InvalidIdentityToken", said) == await refused(world, token, RoleArn=elsewhere)


@pytest.mark.parametrize(
    ("claims", "code", "said"),
    [
        ({"aud": "other"}, "InvalidIdentityToken", "Incorrect token audience"),
        ({"aud": None}, "InvalidIdentityToken", "Missing a required claim: aud"),
        ({"exp": 1}, "ExpiredTokenException", "Token expired: current date/time 1790000000 must"),
        ({"nbf": 2_000_000_000}, "IDPRejectedClaim", "The token is not valid yet"),
        ({"iss": None}, "InvalidIdentityToken", "No OpenIDConnect provider found"),
        ({"iss": "https://other.example.com"}, "InvalidIdentityToken", "No OpenIDConnect provider"),
    ],
)
async def test_claims_have_to_hold(
    world: World, issuer: Issuer, reader: str, claims: dict[str, Any], code: str, said: str
) -> None:
    _, found_code, message = await refused(world, token_of(world, issuer, **claims))

    assert reader
    assert code == found_code
    assert message.startswith(said)
    assert [] == issuer.asked


async def test_the_same_name_in_the_clear_is_another_provider(world: World) -> None:
    await world.provider("login.example.com", "app")
    owner = SigningKey.make("ES256")
    token = owner.token({"iss": "http://login.example.com", "sub": "me", "aud": "app"})

    _, code, message = await refused(world, token)

    assert "InvalidIdentityToken" == code
    assert message.startswith("No OpenIDConnect provider found")


async def test_a_token_that_somebody_else_signed_is_refused(
    world: World, issuer: Issuer, reader: str
) -> None:
    forged = SigningKey.make("ES256", issuer.keys[0].kid)
    published, issuer.keys = issuer.keys, [forged]
    token = token_of(world, issuer)
    issuer.keys = published

    assert reader
    assert (
        400,
        "InvalidIdentityToken",
        "The signature of the web identity token is not valid",
    ) == await refused(world, token)


@pytest.mark.parametrize("token", ["opaque", "a.b.c", "e30.e30.", "x" * 20_001])
async def test_what_is_no_token_is_refused(world: World, token: str, reader: str) -> None:
    status, code, message = await refused(world, token)

    assert reader
    assert (400, "ValidationError" if len(token) > 20_000 else "InvalidIdentityToken") == (
        status,
        code,
    )
    assert token not in message


async def test_a_provider_that_is_down_is_told_apart(
    world: World, issuer: Issuer, reader: str
) -> None:
    issuer.changed[DISCOVERY] = 500, b""

    status, code, _ = await refused(world, token_of(world, issuer))

    assert reader
    assert (400, "IDPCommunicationError") == (status, code)


async def test_a_provider_may_change_its_keys(world: World, issuer: Issuer, reader: str) -> None:
    assert await exchanged(world, token_of(world, issuer))
    issuer.rotate()

    assert reader
    assert "InvalidIdentityToken" == (await refused(world, token_of(world, issuer)))[1]
    world.server.clock.advance(REFRESH_MS / 1000)
    assert await exchanged(world, token_of(world, issuer))


async def test_a_session_outlives_its_token_and_ends_with_its_role(
    world: World, issuer: Issuer, reader: str
) -> None:
    assert 200 == (await world.root.s3("PUT", "/bucket")).status
    session = world.root.within(await exchanged(world, token_of(world, issuer)))

    world.server.clock.advance(1800)
    assert reader
    assert 200 == (await session.s3("HEAD", "/bucket")).status
    role = world.identities.role(ACCOUNT, "reader")
    assert role is not None
    await world.drop(role)

    assert 403 == (await session.s3("HEAD", "/bucket")).status


async def test_policies_of_the_session_limit_it(world: World, issuer: Issuer, reader: str) -> None:
    assert 200 == (await world.root.s3("PUT", "/bucket")).status
    result = await exchanged(
        world, token_of(world, issuer), Policy=allowing("s3:ListBucket"), DurationSeconds="900"
    )
    session = world.root.within(result)

    assert reader
    assert 200 == (await session.s3("HEAD", "/bucket")).status
    assert 403 == (await session.s3("PUT", "/bucket/key")).status
    assert 0 < int(result["PackedPolicySize"]) < 10


async def test_tags_and_source_identity_come_with_the_token(world: World, issuer: Issuer) -> None:
    provider = await world.provider(issuer.name, "app")
    claims: dict[str, Any] = {
        TAGS_CLAIM: {"principal_tags": {"Team": ["blue"]}},
        SOURCE_IDENTITY_CLAIM: "me@home",
    }
    actions = [ACTION, "sts:TagSession", "sts:SetSourceIdentity"]
    for count in (1, 2):
        role = trusting({"Federated": provider.arn}, *actions[:count])
        await world.role("reader", role)
        assert (403, "AccessDenied", f"Not authorized to perform {actions[count]}") == (
            await refused(world, token_of(world, issuer, **claims))
        )
    tagged = allowing("s3:*", resource="arn:aws:s3:::${aws:PrincipalTag/team}")
    await world.role("reader", trusting({"Federated": provider.arn}, *actions), tagged)
    for name in ("blue", "red"):
        assert 200 == (await world.root.s3("PUT", f"/{name}")).status

    result = await exchanged(world, token_of(world, issuer, **claims))
    session = world.root.within(result)

    assert "me@home" == result["SourceIdentity"]
    assert [200, 403] == [(await session.s3("HEAD", path)).status for path in ("/blue", "/red")]


async def test_a_provider_id_is_for_other_tokens(world: World, issuer: Issuer, reader: str) -> None:
    token = token_of(world, issuer)

    assert reader
    assert "ValidationError" == (await refused(world, token, ProviderId="www.amazon.com"))[1]
    assert "ValidationError" == (await refused(world, token, RoleArn="arn:aws:iam::1:role/x"))[1]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_token_may_come_in_the_address(
    world: World, issuer: Issuer, reader: str, method: str
) -> None:
    """AWS shows it so, and MinIO's clients send it so."""
    query = form_of(token_of(world, issuer))

    answer = await world.server.send(method, "/", query, {"host": "127.0.0.1:9000"})

    assert reader
    assert 200 == answer.status


async def test_a_session_goes_on_to_another_role(world: World, issuer: Issuer, reader: str) -> None:
    await world.role("reader", trusting({"Federated": reader}, ACTION), allowing("sts:*"))
    await world.role("next", trusting({"AWS": READER}))
    first = world.root.within(await exchanged(world, token_of(world, issuer)))

    second: Caller = await first.take("next")

    assert "AROAnext:me" == (await second.sts("GetCallerIdentity"))["UserId"]
