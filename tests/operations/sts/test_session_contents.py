"""operations/sts/session_contents.py: policies and tags of sessions are checked and limited."""

import random
import string

import pytest

from ferrox.iam_errors import InvalidParameterValue, PackedPolicyTooLarge
from ferrox.identity import PolicyRecord, PolicyVersion, Session
from ferrox.operations.sts.session_contents import Tags, packed_size, read_tags, with_inherited
from tests.sessions import ACCOUNT, World, allowing, trusting

TAKE = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/worker", "RoleSessionName": "me"}
READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"


def managed(name: str, *actions: str, path: str = "/") -> PolicyRecord:
    versions = (PolicyVersion("v1", allowing(*actions), 0),)
    return PolicyRecord(ACCOUNT, name, f"ANPA{name}", 0, 0, versions, "v1", 1, path)


async def worker(world: World) -> None:
    assert 200 == (await world.root.s3("PUT", "/bucket")).status
    await world.role("worker", trusting({"AWS": ACCOUNT}), allowing("s3:*"))


async def test_a_session_may_do_what_one_of_its_policies_allows(world: World) -> None:
    await worker(world)
    ada = await world.user("ada", allowing("sts:*", "s3:*"))
    put = managed("put", "s3:PutObject", path="/team/")
    await world.keep(put)

    session = await ada.take(
        "worker",
        Policy=allowing("s3:ListBucket"),
        **{"PolicyArns.member.1.arn": READ_ONLY, "PolicyArns.member.2.arn": put.arn},
    )

    assert 200 == (await session.s3("PUT", "/bucket/key", b"data")).status
    assert b"data" == (await session.s3("GET", "/bucket/key")).body
    assert 200 == (await session.s3("HEAD", "/bucket")).status
    assert 403 == (await session.s3("DELETE", "/bucket/key")).status
    await world.drop(put)
    assert 403 == (await session.s3("PUT", "/bucket/key")).status
    assert 200 == (await session.s3("GET", "/bucket/key")).status


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:iam::{ACCOUNT}:policy/absent",
        f"arn:aws:iam::{ACCOUNT}:policy/other/put",
        "arn:aws:iam::210987654321:policy/put",
        "arn:aws:iam::aws:policy/NoSuchPolicyAtAll",
        f"arn:aws:iam::{ACCOUNT}:role/worker",
    ],
)
async def test_only_policies_of_the_account_limit_sessions(world: World, arn: str) -> None:
    await worker(world)
    ada = await world.user("ada", allowing("sts:*"))
    await world.keep(managed("put", "s3:PutObject"))

    status, code, _ = await ada.denied("AssumeRole", **TAKE, **{"PolicyArns.member.1.arn": arn})

    assert (400, "ValidationError") == (status, code)


async def test_a_session_has_ten_managed_policies(world: World) -> None:
    await worker(world)
    ada = await world.user("ada", allowing("sts:*"))
    arns = {f"PolicyArns.member.{number}.arn": READ_ONLY for number in range(1, 12)}

    status, code, message = await ada.denied("AssumeRole", **TAKE, **arns)
    arns.popitem()

    assert (400, "ValidationError") == (status, code)
    assert "'policyArns' failed to satisfy constraint" in message
    assert 200 == (await ada.ask("sts", "AssumeRole", **TAKE, **arns)).status


@pytest.mark.parametrize("text", ["{", "[]", '{"Statement": []} x', trusting("*")])
async def test_what_is_no_policy_is_refused(world: World, text: str) -> None:
    await worker(world)
    ada = await world.user("ada", allowing("sts:*"))

    assert "MalformedPolicyDocument" == (await ada.denied("AssumeRole", **TAKE, Policy=text))[1]


async def test_policies_have_a_room(world: World) -> None:
    await worker(world)
    ada = await world.user("ada", allowing("sts:*"))
    rng = random.Random(1)
    names = ["".join(rng.choices(string.ascii_letters, k=60)) for _ in range(80)]
    text = allowing(*(f"s3:{name}" for name in names))

    status, code, message = await ada.denied("AssumeRole", **TAKE, Policy=text)

    assert (400, "PackedPolicyTooLarge") == (status, code)
    assert message.startswith("Packed policy consumes 1")
    assert message.endswith("% of allotted space, please use smaller policy.")


def test_the_room_of_a_session_is_told_in_percent() -> None:
    assert packed_size(Session(0, 1)) is None
    assert 1 <= (packed_size(Session(0, 1, tags=(("a", "b"),))) or 0) <= 3
    with pytest.raises(PackedPolicyTooLarge):
        packed_size(Session(0, 1, policies=(random.Random(2).randbytes(9000).hex(),)))


@pytest.mark.parametrize(
    ("given", "transitive", "said"),
    [
        ([("Team", "a"), ("team", "b")], [], "Duplicate tag keys found"),
        ([("aws:team", "a")], [], "aws: prefixed"),
        ([("AWS:team", "a")], [], "aws: prefixed"),
        ([("Team", "a")], ["Shoe"], "must be included in the requested tags"),
        ([], ["Team"], "must be included in the requested tags"),
    ],
)
def test_tags_that_make_no_sense_are_refused(
    given: list[tuple[str, str]], transitive: list[str], said: str
) -> None:
    with pytest.raises(InvalidParameterValue, match=said):
        read_tags(given, transitive)


def test_tags_go_on_with_their_session() -> None:
    before = Session(0, 1, tags=(("Team", "blue"), ("Shoe", "43")), transitive_tags=("team",))

    after = with_inherited(Tags((("Hat", "9"),), ("Hat",)), before)

    assert Tags((("Team", "blue"), ("Hat", "9")), ("team", "Hat")) == after
    assert Tags() == with_inherited(Tags(), Session(0, 1, tags=(("Team", "blue"),)))
    assert Tags() == with_inherited(Tags(), None)
    with pytest.raises(InvalidParameterValue, match="conflicts with a transitive tag key"):
        with_inherited(Tags((("TEAM", "red"),)), before)


def test_policies_may_ask_about_tags() -> None:
    assert {
        "aws:requesttag/team": ("blue",),
        "aws:tagkeys": ("Team",),
        "sts:transitivetagkeys": ("Team",),
    } == Tags((("Team", "blue"),), ("Team",)).condition_keys
    assert {} == Tags().condition_keys
