import json

import pytest

from ferrox.errors import Fault
from ferrox.iam.managed import ARN_PREFIX
from ferrox.identity import GroupRecord, PolicyRecord, PolicyVersion, RoleRecord, UserRecord
from ferrox.operations.held_policies import boundary_of, compiled, held_by, managed_policy
from ferrox.storage.identities.names import Record
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.store import Store

ACCOUNT = "123456789012"
TEXT = json.dumps({"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}})
OWN = PolicyRecord(ACCOUNT, "own", "ANPA", 0, 0, (PolicyVersion("v1", TEXT, 0),), "v1", 1)
OF_AWS = f"{ARN_PREFIX}AmazonS3ReadOnlyAccess"
TEAM = GroupRecord(ACCOUNT, "team", "AGPA", 0, attached=(OF_AWS,), inline={"theirs": TEXT})
ADA = UserRecord(
    ACCOUNT,
    "ada",
    "AIDA",
    0,
    inline={"hers": TEXT},
    attached=(OWN.arn,),
    boundary=OF_AWS,
    groups=("team", "gone"),
)
READER = RoleRecord(ACCOUNT, "reader", "AROA", 0, "{}", inline={"its": TEXT})


async def keep(store: Store, *records: Record) -> None:
    def put(tx: Tx) -> None:
        for record in records:
            tx.put(record)

    await store.identities.change(put)


async def test_a_user_has_its_own_policies_and_those_of_its_groups(store: Store) -> None:
    await keep(store, OWN, TEAM, ADA)

    found = list(held_by(store.identities, ADA))

    assert [
        ("user", "hers", False, False),
        ("user", "own", True, False),
        ("group", "theirs", False, False),
        ("group", "AmazonS3ReadOnlyAccess", True, True),
    ] == [(one.owner_kind, one.name, one.is_managed, one.is_of_aws) for one in found]
    assert [
        f"the inline policy hers of {ADA.arn}",
        OWN.arn,
        f"the inline policy theirs of {TEAM.arn}",
        OF_AWS,
    ] == [one.document.name for one in found]


async def test_groups_and_roles_have_their_own(store: Store) -> None:
    await keep(store, TEAM, READER)

    assert ["theirs", "AmazonS3ReadOnlyAccess"] == [
        one.name for one in held_by(store.identities, TEAM)
    ]
    assert ["its"] == [one.name for one in held_by(store.identities, READER)]


async def test_a_boundary_is_held_apart(store: Store) -> None:
    bounded = boundary_of(store.identities, ADA)

    assert bounded is not None
    assert OF_AWS == bounded.arn
    assert boundary_of(store.identities, READER) is None
    assert boundary_of(store.identities, TEAM) is None


async def test_what_is_attached_and_not_there_lets_nobody_pass(store: Store) -> None:
    with pytest.raises(Fault, match="is attached and not there"):
        list(held_by(store.identities, ADA))


async def test_a_managed_policy_is_found_by_its_arn(store: Store) -> None:
    await keep(store, OWN)

    assert OWN == managed_policy(store.identities, OWN.arn)
    assert managed_policy(store.identities, f"{ARN_PREFIX}NoSuchPolicy") is None


def test_what_cannot_be_read_lets_nobody_pass() -> None:
    with pytest.raises(Fault, match="broken cannot be read"):
        compiled("{}", "broken")
