"""What access control lists grant: every name of a list, ownership, block and caller."""

import pytest

from ferrox.iam import acl
from ferrox.iam.acl import (
    ALL_USERS,
    AUTHENTICATED_USERS,
    FULL_CONTROL,
    GROUP,
    LOG_DELIVERY,
    READ,
    WRITE,
    Access,
    Ownership,
)
from ferrox.identity import ANONYMOUS, Principal
from ferrox.records import BucketRecord, Grant, VersionAcl
from tests.in_process import OTHER, ROOT

BUCKET = BucketRecord(1, "photos", ROOT.canonical_id, "us-east-1", 0)
THIRD = Principal("1" * 12, "e" * 64, "third", "arn:aws:iam::111111111111:root", "AKIATHIRD")

LISTS_ON = (Ownership.OBJECT_WRITER, Ownership.BUCKET_OWNER_PREFERRED)

# Who may do what to a bucket by its list, where lists count and the public is not ignored.
BUCKET_TABLE: dict[str, dict[str, set[Principal]]] = {
    "private": {},
    "public-read": {READ: {OTHER, ANONYMOUS}},
    "public-read-write": {READ: {OTHER, ANONYMOUS}, WRITE: {OTHER, ANONYMOUS}},
    "authenticated-read": {READ: {OTHER}},
    "log-delivery-write": {},
    "aws-exec-read": {},
    "bucket-owner-read": {},
    "bucket-owner-full-control": {},
}


@pytest.mark.parametrize("name", sorted(acl.CANNED_FOR_BUCKETS))
@pytest.mark.parametrize("ownership", list(Ownership))
@pytest.mark.parametrize("ignores_public_acls", [False, True])
def test_what_lists_with_names_grant_on_a_bucket(
    name: str, ownership: Ownership, ignores_public_acls: bool
) -> None:
    owner_id = ROOT.canonical_id
    access = Access(
        owner_id,
        ownership,
        ignores_public_acls=ignores_public_acls,
        grants=acl.canned(name, owner_id, owner_id),
    )

    for action, permission in acl.BUCKET_PERMISSIONS.items():
        granted = BUCKET_TABLE[name].get(permission, set())
        counts = ownership in LISTS_ON and not ignores_public_acls
        for caller in (OTHER, ANONYMOUS):
            expected = counts and caller in granted
            assert expected == bool(acl.granted_on_bucket(access, caller, action)), (
                action,
                caller,
            )


# The same for an object of OTHER in the bucket of ROOT; the owner of an object may do everything.
OBJECT_TABLE: dict[str, dict[str, set[Principal]]] = {
    "private": {},
    "public-read": {READ: {ROOT, THIRD, ANONYMOUS}},
    "public-read-write": {READ: {ROOT, THIRD, ANONYMOUS}},
    "authenticated-read": {READ: {ROOT, THIRD}},
    "aws-exec-read": {},
    "bucket-owner-read": {READ: {ROOT}},
    "bucket-owner-full-control": {
        permission: {ROOT} for permission in (READ, acl.READ_ACP, acl.WRITE_ACP)
    },
}


@pytest.mark.parametrize("name", sorted(acl.CANNED))
@pytest.mark.parametrize("ignores_public_acls", [False, True])
def test_what_lists_with_names_grant_on_an_object(name: str, ignores_public_acls: bool) -> None:
    access = Access(ROOT.canonical_id, ignores_public_acls=ignores_public_acls)
    grants = acl.canned(name, OTHER.canonical_id, ROOT.canonical_id)
    version = VersionAcl(1, "null", OTHER.canonical_id, False, grants)
    is_ignored = ignores_public_acls and acl.is_public(grants)

    for action, permission in acl.OBJECT_PERMISSIONS.items():
        granted = OBJECT_TABLE[name].get(permission, set())
        for caller in (ROOT, THIRD, ANONYMOUS):
            expected = caller in granted and not is_ignored
            assert expected == bool(acl.granted_on_object(access, version, caller, action)), action
        assert acl.granted_on_object(access, version, OTHER, action)


@pytest.mark.parametrize("action", sorted(acl.OBJECT_PERMISSIONS))
def test_where_lists_are_off_objects_are_their_buckets_owners_alone(action: str) -> None:
    access = Access(ROOT.canonical_id, Ownership.BUCKET_OWNER_ENFORCED)
    grants = [Grant(GROUP, ALL_USERS, FULL_CONTROL)]
    version = VersionAcl(1, "null", OTHER.canonical_id, False, grants)

    assert acl.granted_on_object(access, version, ROOT, action)
    for caller in (OTHER, THIRD, ANONYMOUS):
        assert not acl.granted_on_object(access, version, caller, action)


def test_an_owner_who_granted_himself_nothing_may_still_change_the_list() -> None:
    access = Access(ROOT.canonical_id)
    version = VersionAcl(1, "null", OTHER.canonical_id, False, [])

    allowed = {
        action
        for action in acl.OBJECT_PERMISSIONS
        if acl.granted_on_object(access, version, OTHER, action)
    }

    expected = {
        "s3:GetObjectAcl",
        "s3:GetObjectVersionAcl",
        "s3:PutObjectAcl",
        "s3:PutObjectVersionAcl",
    }
    assert expected == allowed


def test_what_nobody_signed_for_is_nobody_elses() -> None:
    """Callers who do not sign are not one caller: none of them owns what another one wrote."""
    access = Access(ROOT.canonical_id)
    named = [Grant(acl.CANONICAL_USER, "", FULL_CONTROL)]
    of_nobody = VersionAcl(1, "null", acl.ANONYMOUS_OWNER_ID, False, None)

    for action in acl.OBJECT_PERMISSIONS:
        assert not acl.granted_on_object(access, of_nobody, ANONYMOUS, action)
        unnamed = of_nobody._replace(owner_id="", grants=named)
        assert not acl.granted_on_object(access, unnamed, ANONYMOUS, action)


@pytest.mark.parametrize(
    "action", ["s3:DeleteBucket", "s3:PutBucketPolicy", "s3:DeleteObjectVersion"]
)
def test_no_list_grants_what_only_owners_and_policies_do(action: str) -> None:
    access = Access(ROOT.canonical_id, grants=[Grant(GROUP, ALL_USERS, FULL_CONTROL)])
    version = VersionAcl(1, "null", ROOT.canonical_id, False, access.grants)

    assert not acl.granted_on_bucket(access, OTHER, action)
    assert not acl.granted_on_object(access, version, OTHER, action)


def test_a_grant_is_for_the_account_that_it_names() -> None:
    access = Access(
        ROOT.canonical_id, grants=[Grant(acl.CANONICAL_USER, OTHER.canonical_id, WRITE)]
    )

    assert acl.granted_on_bucket(access, OTHER, "s3:PutObject")
    assert not acl.granted_on_bucket(access, OTHER, "s3:ListBucket")
    assert not acl.granted_on_bucket(access, THIRD, "s3:PutObject")
    assert not acl.granted_on_bucket(access, ANONYMOUS, "s3:PutObject")


@pytest.mark.parametrize(
    ("group", "expected"),
    [(ALL_USERS, True), (AUTHENTICATED_USERS, True), (LOG_DELIVERY, False)],
)
def test_public_is_what_is_granted_to_everybody_or_every_account(
    group: str, expected: bool
) -> None:
    grants = [*acl.only_owner("a"), Grant(GROUP, group, READ)]

    assert expected == acl.is_public(grants)
    assert not acl.is_private(grants, "a")
    assert acl.is_private(acl.only_owner("a"), "a")
    assert not acl.is_private(acl.only_owner("a"), "b")


def test_the_bucket_says_what_counts() -> None:
    block = {"BlockPublicAcls": True, "IgnorePublicAcls": False}
    controls = {"Rule": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    grants = [Grant(GROUP, ALL_USERS, READ)]

    access = acl.access_of(BUCKET, controls, block, acl.list_document(grants))

    expected = Access(ROOT.canonical_id, Ownership.BUCKET_OWNER_PREFERRED, True, False, grants)
    assert expected == access
    assert Access(ROOT.canonical_id) == acl.access_of(BUCKET, None, None, None)
    assert grants == access.in_force


def test_where_lists_are_off_the_buckets_own_is_its_owners_alone() -> None:
    access = Access(
        "a", Ownership.BUCKET_OWNER_ENFORCED, grants=[Grant(GROUP, ALL_USERS, FULL_CONTROL)]
    )

    assert acl.only_owner("a") == access.in_force
