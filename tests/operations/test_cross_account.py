"""Two accounts with a user each, and what they may do to each other's buckets.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-walkthroughs-managing-access.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
"""

from typing import Any

import pytest

from ferrox.clock import SettableClock
from ferrox.iam.acl import ALL_USERS, Ownership
from ferrox.identity import PrincipalKind, RoleRecord, Session
from ferrox.operations.access import BucketDefaults
from ferrox.storage.store import Store
from tests.callers import (
    add_account,
    add_user,
    bucket_policy,
    let_in,
    policy,
    user_of,
)
from tests.in_process import OTHER, OTHER_ACCESS_KEY, ROOT, Answer, InProcess

ADA, BOB = user_of(ROOT, "ada"), user_of(OTHER, "bob")
READ, WRITE, LIST = "s3:GetObject", "s3:PutObject", "s3:ListBucket"
ROLE_ARN = f"arn:aws:iam::{ROOT.account_id}:role/reader"
IN_ROLE = ROOT._replace(
    arn=f"arn:aws:sts::{ROOT.account_id}:assumed-role/reader/job",
    access_key_id="ASIAREADER",
    kind=PrincipalKind.ROLE_SESSION,
    user_id="AROAREADER:job",
    parent_arn=ROLE_ARN,
    session=Session(0, 2**50),
)
FEDERATED = ROOT._replace(
    arn=f"arn:aws:sts::{ROOT.account_id}:federated-user/eve",
    access_key_id="ASIAEVE",
    kind=PrincipalKind.FEDERATED,
    user_id=f"{ROOT.account_id}:eve",
    parent_arn=ADA.arn,
    session=Session(0, 2**50),
)


@pytest.fixture
async def shared(store: Store, clock: SettableClock) -> InProcess:
    """A bucket of the first account in which lists count, and both accounts' users."""
    s3 = InProcess(store, clock, bucket_defaults=BucketDefaults(Ownership.OBJECT_WRITER, False))
    add_account(s3, ROOT)
    add_account(s3, OTHER)
    add_user(s3, "ada")
    add_user(s3, "bob", account=OTHER)
    await s3.make_bucket()
    await s3.put("k")
    return s3


async def set_policy(s3: InProcess, *statements: dict[str, Any]) -> Answer:
    """Set the policy of the bucket."""
    answer = await s3.ask("PUT", "/bucket", {"policy": ""}, body=bucket_policy(*statements))
    assert answer.status == 204, answer.body
    return answer


async def statuses(s3: InProcess, *principals: Any, key: str = "k") -> list[int]:
    """What each gets who reads an object."""
    return [
        (await s3.get(key, access_key=principal.access_key_id)).status for principal in principals
    ]


BOTH = [
    ({"AWS": OTHER.account_id}, [], [403, 403]),
    ({"AWS": OTHER.account_id}, [READ], [403, 200]),
    ({"AWS": BOB.arn}, [], [403, 403]),
    ({"AWS": BOB.arn}, [READ], [403, 200]),
    ({"CanonicalUser": OTHER.canonical_id}, [READ], [403, 200]),
    ({"AWS": ADA.arn}, [READ], [200, 403]),
    ({"AWS": ROOT.account_id}, [READ], [403, 403]),
    ("*", [], [200, 403]),
    ("*", [READ], [200, 200]),
]


@pytest.mark.parametrize(("principal", "actions", "expected"), BOTH)
async def test_the_owners_user_needs_one_grant_the_other_two(
    shared: InProcess, principal: Any, actions: list[str], expected: list[int]
) -> None:
    await set_policy(shared, {"Principal": principal, "Action": READ})
    add_user(shared, "bob", *([policy(*actions)] if actions else []), account=OTHER)

    assert expected == await statuses(shared, ADA, BOB)


async def test_what_a_policy_grants_an_account_its_root_has(shared: InProcess) -> None:
    before = (await shared.get("k", access_key=OTHER_ACCESS_KEY)).status

    await set_policy(shared, {"Principal": {"AWS": OTHER.account_id}, "Action": READ})

    assert (403, 200) == (before, (await shared.get("k", access_key=OTHER_ACCESS_KEY)).status)


@pytest.mark.parametrize(
    ("grantee", "expected"),
    [
        (f"id={OTHER.canonical_id}", {(): [403, 403, 200], (READ,): [200, 200, 200]}),
        (f"id={ROOT.canonical_id}", {(): [403, 403, 403], (READ,): [200, 403, 403]}),
        (f"uri={ALL_USERS}", {(): [200, 403, 200], (READ,): [200, 200, 200]}),
    ],
)
async def test_a_list_names_accounts_and_not_their_users(
    shared: InProcess, grantee: str, expected: dict[tuple[str, ...], list[int]]
) -> None:
    await shared.put("listed", headers={"x-amz-grant-read": grantee})

    found = {}
    for actions in expected:
        policies = [policy(*actions)] if actions else []
        add_user(shared, "ada", *policies)
        add_user(shared, "bob", *policies, account=OTHER)
        root = await shared.get("listed", access_key=OTHER_ACCESS_KEY)
        found[actions] = [*await statuses(shared, ADA, BOB, key="listed"), root.status]

    assert expected == found


async def test_an_object_is_its_writers_until_its_list_says_otherwise(shared: InProcess) -> None:
    await set_policy(shared, {"Principal": {"AWS": OTHER.account_id}, "Action": "s3:*"})
    add_user(shared, "ada", policy("s3:*"))
    add_user(shared, "bob", policy("s3:*"), account=OTHER)
    bob = BOB.access_key_id
    await shared.put("theirs", access_key=bob)
    before = await statuses(shared, ADA, BOB, key="theirs")

    given = await shared.ask(
        "PUT", "/bucket/theirs", {"acl": ""}, access_key=bob,
        headers={"x-amz-acl": "bucket-owner-full-control"},
    )  # fmt: skip

    assert 200 == given.status
    assert [403, 200] == before
    assert [200, 200] == await statuses(shared, ADA, BOB, key="theirs")
    add_user(shared, "ada")
    assert [403, 200] == await statuses(shared, ADA, BOB, key="theirs")


async def test_the_buckets_policy_does_not_reach_what_others_wrote(shared: InProcess) -> None:
    everything = {"AWS": [ADA.arn, OTHER.account_id]}
    await set_policy(shared, {"Principal": everything, "Action": "s3:*"})
    await shared.put("theirs", access_key=OTHER_ACCESS_KEY)

    assert [200, 403] == [
        (await shared.get(key, access_key=ADA.access_key_id)).status for key in ("k", "theirs")
    ]


async def test_where_lists_are_off_everything_is_the_buckets_owners(shared: InProcess) -> None:
    await set_policy(shared, {"Principal": {"AWS": OTHER.account_id}, "Action": "s3:*"})
    await shared.put("theirs", access_key=OTHER_ACCESS_KEY)
    add_user(shared, "ada", policy(READ, LIST))
    enforced = b"<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership>"
    await shared.ask(
        "PUT", "/bucket", {"ownershipControls": ""}, body=enforced + b"</Rule></OwnershipControls>"
    )

    assert [200] == await statuses(shared, ADA, key="theirs")


async def test_a_copy_needs_permission_on_both_sides(shared: InProcess) -> None:
    add_user(shared, "bob", policy("s3:*"), account=OTHER)
    bob = BOB.access_key_id
    made = await shared.ask("PUT", "/bobs", access_key=bob)

    async def copy() -> int:
        headers = {"x-amz-copy-source": "/bucket/k"}
        return (await shared.ask("PUT", "/bobs/k", headers=headers, access_key=bob)).status

    refused = await copy()
    await set_policy(shared, {"Principal": {"AWS": BOB.arn}, "Action": READ})

    assert [200, 403, 200] == [made.status, refused, await copy()]


async def test_the_buckets_of_a_user_are_the_accounts(shared: InProcess) -> None:
    ada = add_user(shared, "ada", policy("s3:ListAllMyBuckets", "s3:CreateBucket"))
    bob = add_user(
        shared, "bob", policy("s3:ListAllMyBuckets", resource="arn:aws:s3:::*"), account=OTHER
    )

    made = await shared.ask("PUT", "/adas", access_key=ada)
    of_ada, of_bob = [await shared.ask("GET", "/", access_key=key) for key in (ada, bob)]

    assert 200 == made.status
    assert ["adas", "bucket"] == [one["Name"] for one in of_ada.document["Buckets"]["Bucket"]]
    assert ROOT.canonical_id == of_ada.document["Owner"]["ID"]
    assert of_bob.document["Buckets"] is None


async def test_only_in_the_own_account_a_caller_is_told_what_is_missing(shared: InProcess) -> None:
    add_user(shared, "bob", policy("s3:*"), account=OTHER)

    ours, theirs, nobodys = [
        await shared.get("k", access_key=ADA.access_key_id),
        await shared.get("k", access_key=BOB.access_key_id),
        await shared.get("k", is_signed=False),
    ]

    assert ours.document["Message"] == (
        f"User: {ADA.arn} is not authorized to perform: s3:GetObject on resource: "
        '"arn:aws:s3:::bucket/k" because no identity-based policy allows the s3:GetObject action'
    )
    assert ["Access Denied"] * 2 == [theirs.document["Message"], nobodys.document["Message"]]


async def test_that_nothing_is_there_only_those_learn_who_may_list(shared: InProcess) -> None:
    reader = await shared.get("absent", access_key=add_user(shared, "ada", policy(READ)))
    lister = await shared.get("absent", access_key=add_user(shared, "ada", policy(READ, LIST)))
    writer = await shared.get("absent", access_key=add_user(shared, "ada", policy(LIST)))

    assert [(403, "AccessDenied"), (404, "NoSuchKey"), (403, "AccessDenied")] == [
        (answer.status, answer.code) for answer in (reader, lister, writer)
    ]
    assert "s3:ListBucket" in reader.document["Message"]
    assert "s3:GetObject" in writer.document["Message"]


async def test_a_boundary_limits_what_a_users_own_policies_grant(shared: InProcess) -> None:
    ada = add_user(shared, "ada", policy("s3:*"), boundary=policy(READ))
    await set_policy(shared, {"Principal": {"AWS": ADA.arn}, "Action": WRITE})

    read = await shared.get("k", access_key=ada)
    listed = await shared.ask("GET", "/bucket", access_key=ada)
    written = await shared.ask("PUT", "/bucket/new", body=b"x", access_key=ada)

    assert [200, 403, 200] == [read.status, listed.status, written.status]
    assert "because no permissions boundary allows the s3:ListBucket action" in str(
        listed.document["Message"]
    )


def give_role(s3: InProcess, *policies: str) -> None:
    """Make the role, with these policies."""
    inline = {f"policy-{number}": text for number, text in enumerate(policies)}
    role = RoleRecord(ROOT.account_id, "reader", "AROAREADER", 0, "{}", inline=inline)
    s3.store.identities.change_now(lambda tx: tx.put(role))


@pytest.mark.parametrize(
    ("named", "of_session", "expected"),
    [
        (None, (), 403),
        (ROLE_ARN, (), 200),
        (ROLE_ARN, (policy(WRITE),), 403),
        (ROLE_ARN, (policy(WRITE), policy(READ)), 200),
        (IN_ROLE.arn, (policy(WRITE),), 200),
        (f"arn:aws:iam::{ROOT.account_id}:root", (policy(READ),), 403),
    ],
)
async def test_a_session_is_named_by_itself_or_by_its_role(
    shared: InProcess, named: str | None, of_session: tuple[str, ...], expected: int
) -> None:
    give_role(shared)
    if named:
        await set_policy(shared, {"Principal": {"AWS": named}, "Action": READ})
    session = Session(0, 2**50, policies=of_session)

    key = let_in(shared, IN_ROLE._replace(session=session))

    assert expected == (await shared.get("k", access_key=key)).status


async def test_a_session_has_what_its_role_and_its_own_policies_grant_both(
    shared: InProcess,
) -> None:
    give_role(shared, policy(READ, WRITE))
    session = Session(0, 2**50, policies=(policy(READ, LIST),))
    key = let_in(shared, IN_ROLE._replace(session=session))

    read = await shared.get("k", access_key=key)
    written = await shared.ask("PUT", "/bucket/new", body=b"x", access_key=key)
    listed = await shared.ask("GET", "/bucket", access_key=key)

    assert [200, 403, 403] == [read.status, written.status, listed.status]
    assert "because no session policy allows the s3:PutObject action" in str(
        written.document["Message"]
    )
    assert "because no identity-based policy allows" in str(listed.document["Message"])


async def test_a_federated_user_has_a_part_of_what_its_user_has(shared: InProcess) -> None:
    add_user(shared, "ada", policy(READ, WRITE))
    session = Session(0, 2**50, policies=(policy(READ),))
    limited = let_in(shared, FEDERATED._replace(session=session))
    nothing = let_in(shared, FEDERATED._replace(access_key_id="ASIANOTHING"))

    read = await shared.get("k", access_key=limited)
    written = await shared.ask("PUT", "/bucket/new", body=b"x", access_key=limited)

    assert [200, 403] == [read.status, written.status]
    assert 403 == (await shared.get("k", access_key=nothing)).status


HOME = policy(
    READ,
    resource=[
        "arn:aws:s3:::bucket/home/${aws:username}/*",
        "arn:aws:s3:::bucket/team/${aws:PrincipalTag/team, 'nobody'}/*",
        "arn:aws:s3:::bucket/id/${aws:userid}/*",
    ],
)


@pytest.mark.parametrize(
    ("key", "tags", "expected"),
    [
        ("home/ada/k", {}, 200),
        ("home/bob/k", {}, 403),
        ("home/*/k", {}, 403),
        ("id/AIDAADA/k", {}, 200),
        ("team/blue/k", {"Team": "blue"}, 200),
        ("team/blue/k", {"Team": "*"}, 403),
        ("team/nobody/k", {}, 200),
        ("team/nobody/k", {"Team": "blue"}, 403),
    ],
)
async def test_policies_speak_of_the_caller_by_variables(
    shared: InProcess, key: str, tags: dict[str, str], expected: int
) -> None:
    await shared.put(key)
    access_key = add_user(shared, "ada", HOME, tags=tags)

    assert expected == (await shared.get(key, access_key=access_key)).status


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"aws:PrincipalAccount": ROOT.account_id}}, 200),
        ({"StringEquals": {"aws:ResourceAccount": ROOT.account_id}}, 200),
        ({"StringEquals": {"s3:ResourceAccount": "${aws:PrincipalAccount}"}}, 200),
        ({"StringEquals": {"s3:ResourceAccount": OTHER.account_id}}, 403),
        ({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, 200),
        ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, 403),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/a*"}}, 200),
        ({"StringEquals": {"aws:PrincipalType": "User"}}, 200),
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, 403),
        ({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}, 200),
        ({"Bool": {"aws:SecureTransport": "true"}}, 403),
        ({"DateLessThan": {"aws:CurrentTime": "2026-12-31T00:00:00Z"}}, 200),
        ({"DateGreaterThan": {"aws:CurrentTime": "2026-12-31T00:00:00Z"}}, 403),
        ({"Bool": {"aws:ViaAWSService": "false", "aws:PrincipalIsAWSService": "false"}}, 200),
        ({"StringEquals": {"aws:username": "ada"}}, 200),
    ],
)
async def test_policies_of_users_have_conditions(
    shared: InProcess, condition: dict[str, Any], expected: int
) -> None:
    key = add_user(shared, "ada", policy(READ, Condition=condition))

    assert expected == (await shared.get("k", access_key=key)).status


async def test_a_change_of_policies_counts_at_the_next_request(shared: InProcess) -> None:
    found = []
    for policies in ([], [policy(READ)], [policy(READ), policy(READ, effect="Deny")], []):
        found += await statuses(shared, *[ADA] * bool(add_user(shared, "ada", *policies)))

    assert [403, 200, 403, 403] == found


async def test_the_owners_root_is_never_locked_out_but_users_are(shared: InProcess) -> None:
    ada = add_user(shared, "ada", policy("s3:*"))
    await set_policy(shared, {"Effect": "Deny", "Principal": "*", "Action": "s3:*"})

    refused = await shared.ask("DELETE", "/bucket", {"policy": ""}, access_key=ada)
    removed = await shared.ask("DELETE", "/bucket", {"policy": ""})

    assert [403, 204] == [refused.status, removed.status]
    assert "with an explicit deny in a resource-based policy" in str(refused.document["Message"])


@pytest.mark.parametrize(
    ("named", "is_accepted"),
    [
        (ADA.arn, True),
        (BOB.arn, True),
        (f"arn:aws:iam::{ROOT.account_id}:user/eve", False),
        (f"arn:aws:iam::{ROOT.account_id}:user/team/ada", False),
        (f"arn:aws:iam::{ROOT.account_id}:user/Ada", False),
        (f"arn:aws:iam::{OTHER.account_id}:user/ada", False),
        (ROLE_ARN, True),
        (f"arn:aws:iam::{ROOT.account_id}:role/writer", False),
        (IN_ROLE.arn, True),
        (f"arn:aws:sts::{ROOT.account_id}:assumed-role/writer/job", False),
        (f"arn:aws:sts::{ROOT.account_id}:federated-user/anybody", True),
        ("arn:aws:iam::999999999999:user/stranger", True),
        (f"arn:aws:iam::{ROOT.account_id}:root", True),
    ],
)
@pytest.mark.parametrize("element", ["Principal", "NotPrincipal"])
async def test_a_policy_cannot_name_who_does_not_exist_here(
    shared: InProcess, named: str, is_accepted: bool, element: str
) -> None:
    give_role(shared)
    document = bucket_policy({"Effect": "Deny", element: {"AWS": named}, "Action": READ})

    answer = await shared.ask("PUT", "/bucket", {"policy": ""}, body=document)

    if is_accepted:
        assert 204 == answer.status
    else:
        assert (400, "MalformedPolicy") == (answer.status, answer.code)
        assert "Invalid principal in policy" == answer.document["Message"]
