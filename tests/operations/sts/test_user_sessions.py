"""operations/sts/user_sessions.py: the user again, or a part of him for somebody else."""

import pytest

from ferrox.identity import KeyStatus
from tests.sessions import ACCOUNT, Caller, World, allowing, policy

BUCKET = "/bucket"


async def make_bucket(world: World) -> None:
    assert 200 == (await world.root.s3("PUT", BUCKET)).status


async def test_a_user_gets_a_key_that_ends(world: World) -> None:
    await make_bucket(world)
    ada = await world.user("ada", allowing("s3:*"))

    result = await ada.sts("GetSessionToken", DurationSeconds="900")
    session = ada.within(result)

    assert "2026-09-21T14:28:20Z" == result["Credentials"]["Expiration"]
    assert 200 == (await session.s3("HEAD", BUCKET)).status
    assert await ada.sts("GetCallerIdentity") == await session.sts("GetCallerIdentity")
    world.server.clock.advance(900)
    assert 400 == (await session.s3("HEAD", BUCKET)).status


@pytest.mark.parametrize(
    ("parameters", "of_user", "of_root"),
    [
        ({}, "2026-09-22T02:13:20Z", "2026-09-21T15:13:20Z"),
        ({"DurationSeconds": "129600"}, "2026-09-23T02:13:20Z", "2026-09-21T15:13:20Z"),
        ({"DurationSeconds": "1000"}, "2026-09-21T14:30:00Z", "2026-09-21T14:30:00Z"),
    ],
)
async def test_the_root_has_an_hour_and_others_half_a_day(
    world: World, parameters: dict[str, str], of_user: str, of_root: str
) -> None:
    ada = await world.user("ada", allowing("sts:*"))
    for action, more in (("GetSessionToken", {}), ("GetFederationToken", {"Name": "bob"})):
        results = [await who.sts(action, **more, **parameters) for who in (ada, world.root)]

        assert [of_user, of_root] == [one["Credentials"]["Expiration"] for one in results]


async def test_the_session_of_the_root_is_the_root(world: World) -> None:
    session = world.root.within(await world.root.sts("GetSessionToken"))

    assert 200 == (await session.s3("PUT", BUCKET)).status
    assert ACCOUNT == (await session.sts("GetCallerIdentity"))["UserId"]


async def test_a_session_changes_with_the_user_and_ends_with_its_key(world: World) -> None:
    await make_bucket(world)
    ada = await world.user("ada", allowing("s3:*"))
    session = ada.within(await ada.sts("GetSessionToken"))
    user, key = world.identities.user(ACCOUNT, "ada"), world.identities.key(ada.access_key)
    assert user is not None
    assert key is not None

    await world.keep(user._replace(inline={}))
    assert 403 == (await session.s3("HEAD", BUCKET)).status
    await world.keep(user, key._replace(status=KeyStatus.INACTIVE))
    ended = await session.s3("GET", BUCKET)
    assert "InvalidAccessKeyId" == ended.code
    await world.keep(key)
    assert 200 == (await session.s3("HEAD", BUCKET)).status


async def test_somebody_else_may_do_what_both_the_user_and_the_policy_allow(world: World) -> None:
    await make_bucket(world)
    ada = await world.user(
        "ada", allowing("s3:ListBucket", "s3:GetObject", "sts:GetFederationToken")
    )
    result = await ada.sts(
        "GetFederationToken", Name="bob", Policy=allowing("s3:ListBucket", "s3:PutObject")
    )
    bob = ada.within(result)

    assert {
        "FederatedUserId": f"{ACCOUNT}:bob",
        "Arn": f"arn:aws:sts::{ACCOUNT}:federated-user/bob",
    } == result["FederatedUser"]
    assert f"{ACCOUNT}:bob" == (await bob.sts("GetCallerIdentity"))["UserId"]
    assert 200 == (await bob.s3("HEAD", BUCKET)).status
    assert 403 == (await bob.s3("PUT", "/bucket/key")).status
    assert 403 == (await bob.s3("GET", "/bucket/key")).status


async def test_somebody_without_a_policy_may_do_what_resources_let_him(world: World) -> None:
    await make_bucket(world)
    ada = await world.user("ada", allowing("s3:*", "sts:*"))
    bob = ada.within(await ada.sts("GetFederationToken", Name="bob"))
    assert 403 == (await bob.s3("HEAD", BUCKET)).status

    let_in = policy(
        {
            "Principal": {"AWS": f"arn:aws:sts::{ACCOUNT}:federated-user/bob"},
            "Action": "s3:ListBucket",
            "Resource": "arn:aws:s3:::bucket",
        }
    )
    answer = await world.server.ask("PUT", BUCKET, {"policy": ""}, body=let_in.encode())
    assert 204 == answer.status

    assert 200 == (await bob.s3("HEAD", BUCKET)).status


async def test_the_root_gives_what_the_policy_says(world: World) -> None:
    await make_bucket(world)
    result = await world.root.sts(
        "GetFederationToken", Name="bob", Policy=allowing("s3:ListBucket")
    )
    bob = world.root.within(result)

    assert 200 == (await bob.s3("HEAD", BUCKET)).status
    assert 403 == (await bob.s3("DELETE", BUCKET)).status


async def test_to_give_a_part_is_a_permission(world: World) -> None:
    ada = await world.user("ada", allowing("sts:AssumeRole"))

    status, code, message = await ada.denied("GetFederationToken", Name="bob")

    assert (403, "AccessDenied") == (status, code)
    assert f"sts:GetFederationToken on resource: arn:aws:sts::{ACCOUNT}:federated-user/bob" in (
        message
    )
    assert 200 == (await ada.ask("sts", "GetSessionToken")).status


async def test_to_give_tags_is_a_permission_of_its_own(world: World) -> None:
    tag = {"Tags.member.1.Key": "Team", "Tags.member.1.Value": "blue"}
    condition = {"StringEquals": {"aws:RequestTag/team": "blue"}}
    may_tag = policy({"Action": "sts:TagSession", "Resource": "*", "Condition": condition})
    ada = await world.user("ada", allowing("sts:GetFederationToken"))
    eve = await world.user("eve", allowing("sts:GetFederationToken", "s3:*"), may_tag)
    tagged = allowing("s3:*", resource="arn:aws:s3:::${aws:PrincipalTag/Team}")
    for name in ("blue", "red"):
        assert 200 == (await world.root.s3("PUT", f"/{name}")).status

    assert "AccessDenied" == (await ada.denied("GetFederationToken", Name="bob", **tag))[1]
    red = {**tag, "Tags.member.1.Value": "red"}
    assert "AccessDenied" == (await eve.denied("GetFederationToken", Name="bob", **red))[1]
    bob = eve.within(await eve.sts("GetFederationToken", Name="bob", Policy=tagged, **tag))

    assert [200, 403] == [(await bob.s3("HEAD", path)).status for path in ("/blue", "/red")]


@pytest.mark.parametrize("name", ["b", "b b", "b" * 33])
async def test_somebody_has_a_name(world: World, name: str) -> None:
    assert "ValidationError" == (await world.root.denied("GetFederationToken", Name=name))[1]


async def test_nobody_has_a_second_factor(world: World) -> None:
    ada: Caller = await world.user("ada")

    status, code, message = await ada.denied("GetSessionToken", TokenCode="123456")

    assert (403, "AccessDenied") == (status, code)
    assert message.startswith("MultiFactorAuthentication failed, unable to validate MFA code.")
