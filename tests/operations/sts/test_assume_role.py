"""operations/sts/assume_role.py: who may take which role, and what he has then."""

import re
from typing import Any

import pytest

from ferrox.decision import Source
from ferrox.identity import KeyStatus
from ferrox.protocol.message import Request, Response
from tests.sessions import ACCOUNT, OTHER_ACCOUNT, Caller, World, allowing, policy, trusting

READER = f"arn:aws:iam::{ACCOUNT}:role/reader"
ADA = f"arn:aws:iam::{ACCOUNT}:user/ada"
TAKE = {"RoleArn": READER, "RoleSessionName": "me"}
MAY_TAKE = allowing("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")


def refused(action: str = "sts:AssumeRole", user: str = ADA) -> tuple[int, str, str]:
    said = f"User: {user} is not authorized to perform: {action} on resource: {READER}"
    return 403, "AccessDenied", said


async def bucket_with_object(world: World) -> None:
    assert 200 == (await world.root.s3("PUT", "/bucket")).status
    assert 200 == (await world.root.s3("PUT", "/bucket/key", b"data")).status


async def test_a_session_has_the_permissions_of_its_role(world: World) -> None:
    await bucket_with_object(world)
    ada = await world.user("ada")
    await world.role("reader", trusting({"AWS": ADA}), allowing("s3:GetObject"))

    session = await ada.take("reader")

    assert 403 == (await ada.s3("GET", "/bucket/key")).status
    assert b"data" == (await session.s3("GET", "/bucket/key")).body
    assert 403 == (await session.s3("DELETE", "/bucket/key")).status


async def test_the_answer_says_all_of_a_session(world: World) -> None:
    ada = await world.user("ada")
    await world.role("reader", trusting({"AWS": ADA}))

    result = await ada.sts("AssumeRole", **TAKE, DurationSeconds="900")
    credentials = result["Credentials"]

    assert re.fullmatch("ASIA[A-Z2-7]{16}", credentials["AccessKeyId"])
    assert "2026-09-21T14:28:20Z" == credentials["Expiration"]
    assert str(len(credentials["SessionToken"])) == result["SessionTokenSize"]
    assert {
        "AssumedRoleId": "AROAreader:me",
        "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/me",
    } == result["AssumedRoleUser"]
    assert "PackedPolicySize" not in result
    assert {
        "UserId": "AROAreader:me",
        "Account": ACCOUNT,
        "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/me",
    } == await ada.within(result).sts("GetCallerIdentity")


@pytest.mark.parametrize(
    ("trusted", "may_take", "is_allowed"),
    [
        ({"AWS": ADA}, False, True),
        ({"AWS": ACCOUNT}, True, True),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, True, True),
        ({"AWS": ACCOUNT}, False, False),
        ({"AWS": OTHER_ACCOUNT}, True, False),
        ({"AWS": ADA + "m"}, True, False),
        ({"Federated": "accounts.google.com"}, True, False),
        ("*", False, True),
    ],
)
async def test_a_role_is_taken_by_whom_it_trusts(
    world: World, trusted: Any, may_take: bool, is_allowed: bool
) -> None:
    ada = await world.user("ada", *([MAY_TAKE] if may_take else []))
    await world.role("reader", trusting(trusted))

    answer = await ada.ask("sts", "AssumeRole", **TAKE)

    assert is_allowed == (answer.status == 200)
    if not is_allowed:
        assert refused() == await ada.denied("AssumeRole", **TAKE)


@pytest.mark.parametrize("named", ["the account", "the user"])
@pytest.mark.parametrize("may_take", [True, False])
async def test_from_another_account_both_sides_have_to_agree(
    world: World, named: str, may_take: bool
) -> None:
    bob = await world.user("bob", *([MAY_TAKE] if may_take else []), account_id=OTHER_ACCOUNT)
    bob_arn = f"arn:aws:iam::{OTHER_ACCOUNT}:user/bob"
    await world.role(
        "reader", trusting({"AWS": OTHER_ACCOUNT if named == "the account" else bob_arn})
    )

    if may_take:
        session = await bob.take("reader")
        assert ACCOUNT == (await session.sts("GetCallerIdentity"))["Account"]
    else:
        assert refused(user=bob_arn) == await bob.denied("AssumeRole", **TAKE)


async def test_a_denial_of_the_caller_s_account_counts(world: World) -> None:
    deny = policy({"Effect": "Deny", "Action": "sts:*", "Resource": READER})
    ada = await world.user("ada", MAY_TAKE, deny)
    await world.role("reader", trusting({"AWS": ADA}))

    assert refused() == await ada.denied("AssumeRole", **TAKE)


async def test_a_role_that_is_not_there_is_refused_like_one_that_is(world: World) -> None:
    ada = await world.user("ada", MAY_TAKE)

    assert refused() == await ada.denied("AssumeRole", **TAKE)


async def test_a_role_is_called_by_its_whole_arn(world: World) -> None:
    ada = await world.user("ada")
    await world.role("reader", trusting({"AWS": ADA}), path="/team/")
    arn = f"arn:aws:iam::{ACCOUNT}:role/team/reader"

    assert refused() == await ada.denied("AssumeRole", **TAKE)
    result = await ada.sts("AssumeRole", **{**TAKE, "RoleArn": arn})

    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/me"
    assert session == result["AssumedRoleUser"]["Arn"]


async def test_the_root_of_an_account_takes_no_role(world: World) -> None:
    await world.role("reader", trusting({"AWS": ACCOUNT}))

    assert (403, "AccessDenied", "Roles may not be assumed by root accounts.") == (
        await world.root.denied("AssumeRole", **TAKE)
    )


async def test_an_external_id_can_be_asked_for(world: World) -> None:
    ada = await world.user("ada")
    condition = {"StringEquals": {"sts:ExternalId": "42"}}
    await world.role("reader", trusting({"AWS": ADA}, Condition=condition))

    assert refused() == await ada.denied("AssumeRole", **TAKE)
    assert refused() == await ada.denied("AssumeRole", **TAKE, ExternalId="43")
    assert 200 == (await ada.ask("sts", "AssumeRole", **TAKE, ExternalId="42")).status


async def test_the_name_of_the_session_can_be_asked_for(world: World) -> None:
    ada = await world.user("ada")
    condition = {"StringLike": {"sts:RoleSessionName": "${aws:username}"}}
    await world.role("reader", trusting({"AWS": ADA}, Condition=condition))

    assert refused() == await ada.denied("AssumeRole", **TAKE)
    assert 200 == (await ada.ask("sts", "AssumeRole", **{**TAKE, "RoleSessionName": "ada"})).status


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"RoleSessionName": "a b"}, "Member must satisfy regular expression pattern"),
        ({"RoleSessionName": "a"}, "Member must have length greater than or equal to 2"),
        ({"RoleArn": "reader"}, "Member must have length greater than or equal to 20"),
        ({"RoleArn": ADA}, f"{ADA} is invalid"),
        ({"RoleArn": f"arn:aws:iam::12:role/{'a' * 20}"}, "is invalid"),
        ({"DurationSeconds": "899"}, "Member must have value greater than or equal to 900"),
        ({"DurationSeconds": "43201"}, "Member must have value less than or equal to 43200"),
        (
            {"DurationSeconds": "7201"},
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ),
        ({"SourceIdentity": "aws:me"}, "Member must satisfy regular expression pattern"),
    ],
)
async def test_what_is_out_of_bounds_is_refused(
    world: World, parameters: dict[str, str], said: str
) -> None:
    ada = await world.user("ada")
    await world.role("reader", trusting({"AWS": ADA}, "sts:*"), max_session_s=7200)

    status, code, message = await ada.denied("AssumeRole", **{**TAKE, **parameters})

    assert (400, "ValidationError") == (status, code)
    assert said in message


async def test_a_session_lasts_as_long_as_its_role_allows(world: World) -> None:
    ada = await world.user("ada")
    await world.role("reader", trusting({"AWS": ADA}), max_session_s=7200)

    result = await ada.sts("AssumeRole", **TAKE, DurationSeconds="7200")

    assert "2026-09-21T16:13:20Z" == result["Credentials"]["Expiration"]


async def test_a_session_ends_in_time(world: World) -> None:
    await bucket_with_object(world)
    ada = await world.user("ada")
    await world.role("reader", trusting({"AWS": ADA}), allowing("s3:*"))
    session = await ada.take("reader")

    world.server.clock.advance(3599)
    assert 200 == (await session.s3("GET", "/bucket/key")).status
    world.server.clock.advance(1)
    ended = await session.s3("GET", "/bucket/key")

    assert (400, "ExpiredToken") == (ended.status, ended.code)
    assert (403, "ExpiredToken", "The security token included in the request is expired") == (
        await session.denied("GetCallerIdentity")
    )


@pytest.mark.parametrize("cause", ["key disabled", "key deleted", "user deleted"])
async def test_a_session_ends_with_the_key_that_asked_for_it(world: World, cause: str) -> None:
    await bucket_with_object(world)
    ada = await world.user("ada")
    await world.role("reader", trusting({"AWS": ADA}), allowing("s3:*"))
    session = await ada.take("reader")
    assert 200 == (await session.s3("GET", "/bucket/key")).status

    key, user = world.identities.key(ada.access_key), world.identities.user(ACCOUNT, "ada")
    assert key is not None
    assert user is not None
    if cause == "key disabled":
        await world.keep(key._replace(status=KeyStatus.INACTIVE))
    else:
        await world.drop(key if cause == "key deleted" else user)
    ended = await session.s3("GET", "/bucket/key")

    assert (403, "InvalidAccessKeyId") == (ended.status, ended.code)


async def test_a_session_ends_with_its_role_even_if_there_is_another_one(world: World) -> None:
    await bucket_with_object(world)
    ada = await world.user("ada")
    role = await world.role("reader", trusting({"AWS": ADA}), allowing("s3:*"))
    session = await ada.take("reader")

    await world.drop(role)
    ended = await session.s3("GET", "/bucket/key")
    await world.keep(role._replace(role_id="AROAANOTHER"))
    still_ended = await session.s3("GET", "/bucket/key")

    assert ["InvalidAccessKeyId"] * 2 == [ended.code, still_ended.code]


async def test_what_a_role_may_do_changes_under_its_sessions(world: World) -> None:
    await bucket_with_object(world)
    ada = await world.user("ada")
    role = await world.role("reader", trusting({"AWS": ADA}), allowing("s3:*"))
    session = await ada.take("reader")

    await world.keep(role._replace(inline={}))

    assert 403 == (await session.s3("GET", "/bucket/key")).status


async def chained(world: World, **parameters: str) -> Caller:
    """Somebody in the session of the role `first`, which may take `reader`."""
    ada = await world.user("ada", MAY_TAKE)
    first = await world.role("first", trusting({"AWS": ACCOUNT}, "sts:*"), MAY_TAKE)
    await world.role(
        "reader", trusting({"AWS": first.arn}, "sts:*"), allowing("s3:*"), max_session_s=7200
    )
    return await ada.take("first", **parameters)


async def test_roles_are_taken_in_chains_of_an_hour(world: World) -> None:
    await bucket_with_object(world)
    first = await chained(world)

    session = await first.take("reader", DurationSeconds="3600")
    denied = await first.denied("AssumeRole", **TAKE, DurationSeconds="3601")

    assert 200 == (await session.s3("GET", "/bucket/key")).status
    assert (400, "ValidationError") == denied[:2]
    assert denied[2] == (
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
        "role chaining"
    )


async def test_a_chain_ends_with_the_key_that_began_it(world: World) -> None:
    await bucket_with_object(world)
    session = await (await chained(world)).take("reader")
    key = world.identities.key(f"FRX{ACCOUNT}ada")
    assert key is not None

    await world.keep(key._replace(status=KeyStatus.INACTIVE))

    assert "InvalidAccessKeyId" == (await session.s3("GET", "/bucket/key")).code


async def test_the_source_identity_stays_through_a_chain(world: World) -> None:
    first = await chained(world, SourceIdentity="ada")

    result = await first.sts("AssumeRole", **TAKE)
    same = await first.sts("AssumeRole", **TAKE, SourceIdentity="ada")
    denied = await first.denied("AssumeRole", **TAKE, SourceIdentity="eve")

    assert ("ada", "ada") == (result["SourceIdentity"], same["SourceIdentity"])
    assert (403, "AccessDenied") == denied[:2]


async def test_tags_go_on_as_far_as_they_are_transitive(world: World) -> None:
    first = await chained(
        world,
        **{
            "Tags.member.1.Key": "Team", "Tags.member.1.Value": "blue",
            "Tags.member.2.Key": "Shoe", "Tags.member.2.Value": "43",
            "TransitiveTagKeys.member.1": "team",
        },
    )  # fmt: skip
    for name in ("red", "blue"):
        assert 200 == (await world.root.s3("PUT", f"/{name}")).status
    reader = world.identities.role(ACCOUNT, "reader")
    assert reader is not None
    team = allowing("s3:*", resource="arn:aws:s3:::${aws:PrincipalTag/Team}*")
    shoe = policy(
        {
            "Action": "s3:*",
            "Resource": "arn:aws:s3:::red*",
            "Condition": {"StringEquals": {"aws:PrincipalTag/Shoe": "43"}},
        }
    )
    await world.keep(reader._replace(inline={"team": team, "shoe": shoe}))

    session = await first.take("reader")
    denied = await first.denied(
        "AssumeRole", **TAKE, **{"Tags.member.1.Key": "TEAM", "Tags.member.1.Value": "red"}
    )

    assert 200 == (await session.s3("HEAD", "/blue")).status
    assert 403 == (await session.s3("HEAD", "/red")).status
    assert (400, "InvalidParameterValue") == denied[:2]


@pytest.mark.parametrize(
    ("missing", "parameters"),
    [
        ("sts:TagSession", {"Tags.member.1.Key": "a", "Tags.member.1.Value": "b"}),
        ("sts:SetSourceIdentity", {"SourceIdentity": "ada"}),
    ],
)
async def test_what_goes_with_a_session_is_a_permission_of_its_own(
    world: World, missing: str, parameters: dict[str, str]
) -> None:
    ada = await world.user("ada")
    role = await world.role("reader", trusting({"AWS": ADA}, "sts:AssumeRole"))

    assert refused(missing) == await ada.denied("AssumeRole", **TAKE, **parameters)
    await world.keep(role._replace(trust_policy=trusting({"AWS": ADA}, "sts:AssumeRole", missing)))

    assert 200 == (await ada.ask("sts", "AssumeRole", **TAKE, **parameters)).status


async def test_tags_of_the_request_can_be_asked_for(world: World) -> None:
    ada = await world.user("ada")
    condition = {
        "StringEquals": {"aws:RequestTag/Team": "blue"},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["Team"]},
    }
    await world.role("reader", trusting({"AWS": ADA}, "sts:*", Condition=condition))

    for team, status in (("blue", 200), ("red", 403)):
        tag = {"Tags.member.1.Key": "Team", "Tags.member.1.Value": team}
        assert status == (await ada.ask("sts", "AssumeRole", **TAKE, **tag)).status


@pytest.mark.parametrize("parameter", ["SerialNumber", "TokenCode"])
async def test_nobody_has_a_second_factor(world: World, parameter: str) -> None:
    ada = await world.user("ada")
    await world.role("reader", trusting({"AWS": ADA}))
    value = "123456" if parameter == "TokenCode" else "GAHT12345678"

    status, code, message = await ada.denied("AssumeRole", **TAKE, **{parameter: value})

    assert (403, "AccessDenied") == (status, code)
    assert message.startswith("MultiFactorAuthentication failed")


async def test_context_assertions_are_not_implemented(world: World) -> None:
    ada = await world.user("ada")
    parameters = {"ProvidedContexts.member.1.ContextAssertion": "assertion"}

    assert 501 == (await ada.denied("AssumeRole", **TAKE, **parameters))[0]


async def test_a_token_is_as_large_as_it_is_asked_for(world: World) -> None:
    ada = await world.user("ada")
    await world.role("reader", trusting({"AWS": ADA}))

    result = await ada.sts("AssumeRole", **TAKE, MinimumSessionTokenSize="4096")

    assert int(result["SessionTokenSize"]) in range(4096, 4100)
    assert "67" == result["SessionTokenUtilization"]
    assert ACCOUNT == (await ada.within(result).sts("GetCallerIdentity"))["Account"]


async def test_a_refusal_leaves_its_reason(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = await world.user("ada", MAY_TAKE)
    asked: list[Request] = []
    answer = world.server.pipeline.answer

    async def watched(request: Request) -> Response:
        asked.append(request)
        return await answer(request)

    monkeypatch.setattr(world.server.pipeline, "answer", watched)
    await ada.denied("AssumeRole", **TAKE)
    await world.role("reader", trusting({"AWS": OTHER_ACCOUNT}))
    await ada.denied("AssumeRole", **TAKE)

    decisions = [request.decision for request in asked]
    assert [(ADA, "sts:AssumeRole", READER, Source.TRUST)] * 2 == [
        (one.principal, one.action, one.resource, one.source) for one in decisions if one
    ]
    assert decisions[0] != decisions[1]


@pytest.mark.parametrize("key", ["iam:ResourceTag/team", "aws:ResourceTag/Team"])
async def test_policies_may_depend_on_the_tags_of_the_role(world: World, key: str) -> None:
    locked = {"StringEquals": {key: "locked"}}
    no = policy({"Effect": "Deny", "Action": "sts:*", "Resource": "*", "Condition": locked})
    ada = await world.user("ada", MAY_TAKE, no)
    role = await world.role("reader", trusting({"AWS": ACCOUNT}), tags={"Team": "locked"})

    assert refused() == await ada.denied("AssumeRole", **TAKE)
    await world.keep(role._replace(tags={"Team": "open"}))
    await ada.take("reader")


async def test_policies_may_keep_their_account_to_its_own_roles(world: World) -> None:
    elsewhere = {"StringNotEquals": {"aws:ResourceAccount": OTHER_ACCOUNT}}
    no = policy({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": elsewhere})
    free = await world.user("ada", MAY_TAKE, account_id=OTHER_ACCOUNT)
    kept = await world.user("eve", MAY_TAKE, no, account_id=OTHER_ACCOUNT)
    await world.role("reader", trusting({"AWS": OTHER_ACCOUNT}))

    await free.take("reader")
    assert (403, "AccessDenied") == (await kept.denied("AssumeRole", **TAKE))[:2]


async def test_a_path_that_looks_like_a_user_gives_none_of_that_users_permissions(
    world: World,
) -> None:
    await world.user("boss", allowing("*"))
    ada = await world.user("ada", allowing("iam:CreateRole", "sts:AssumeRole"))
    trust = trusting({"AWS": ACCOUNT})
    named = {"RoleName": "boss", "Path": "/x:user/"}
    role = await ada.iam("CreateRole", **named, AssumeRolePolicyDocument=trust)

    taken = await ada.sts("AssumeRole", RoleArn=role["Role"]["Arn"], RoleSessionName="me")

    assert (403, "AccessDenied") == (await ada.within(taken).refused("ListUsers"))[:2]
    assert 403 == (await ada.within(taken).s3("GET", "/")).status
