"""Who may do what: owners everything, others what lists grant."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from ferrox.errors import AccessDenied, InvalidBucketOwnerAWSAccountID
from ferrox.iam import acl
from ferrox.iam.acl import Access
from ferrox.iam.authorizer import Asking, Authorizer, BucketPolicy, require_owner, resource_arn
from ferrox.iam.document import Kind, parse
from ferrox.iam.patterns import Values
from ferrox.identity import ANONYMOUS, Principal
from ferrox.records import BucketRecord, Grant, VersionAcl
from tests.in_process import OTHER, ROOT

BUCKET = BucketRecord(1, "photos", ROOT.canonical_id, "us-east-1", 0)
TO_OTHER = [Grant(acl.CANONICAL_USER, OTHER.canonical_id, acl.READ)]


@dataclass
class Lists:
    """Lists that a test sets; each question is remembered."""

    bucket: list[Grant] | None = None
    version: VersionAcl | None = None
    asked_count: int = 0
    bucket_policy: BucketPolicy | None = None

    def policy(self, bucket: BucketRecord) -> BucketPolicy | None:
        return self.bucket_policy

    def circumstances(self, asking: Asking) -> Values:
        return {"aws:sourceip": (str(asking.request),)}

    def access(self, bucket: BucketRecord) -> Access:
        self.asked_count += 1
        return Access(bucket.owner_id, grants=self.bucket)

    def version_acl(
        self, bucket: BucketRecord, key: str, version_id: str | None
    ) -> VersionAcl | None:
        found = self.version
        return found if found and version_id in {None, found.version_id} else None


def is_allowed(lists: Lists, principal: Principal, action: str, *resource: str) -> bool:
    try:
        Authorizer(lists).require(principal, action, BUCKET, *resource)
    except AccessDenied:
        return False
    return True


def test_the_root_of_an_account_may_do_everything_to_what_it_owns_and_no_list_is_asked() -> None:
    lists = Lists()

    assert is_allowed(lists, ROOT, "s3:GetObject", "k")
    assert is_allowed(lists, ROOT, "s3:DeleteBucket")
    assert Authorizer(lists).require(ROOT, "s3:ListAllMyBuckets", None) is None  # type: ignore[func-returns-value]
    assert 0 == lists.asked_count


def test_another_account_may_do_nothing_and_is_told_what_was_missing() -> None:
    with pytest.raises(AccessDenied, match=r"s3:GetObject on resource: .*arn:aws:s3:::photos/k"):
        Authorizer().require(OTHER, "s3:GetObject", BUCKET, "k")


@pytest.mark.parametrize("bucket", [BUCKET, None])
def test_nothing_is_anonymous(bucket: BucketRecord | None) -> None:
    with pytest.raises(AccessDenied, match="Access Denied"):
        Authorizer().require(ANONYMOUS, "s3:GetObject", bucket, "k")


def test_the_list_of_a_bucket_decides_over_the_bucket() -> None:
    lists = Lists(bucket=TO_OTHER)

    assert is_allowed(lists, OTHER, "s3:ListBucket")
    assert not is_allowed(lists, OTHER, "s3:PutObject", "k")
    assert not is_allowed(lists, ANONYMOUS, "s3:ListBucket")


def test_the_list_of_an_object_decides_over_the_object() -> None:
    version = VersionAcl(1, "v1", ROOT.canonical_id, False, TO_OTHER)
    lists = Lists(version=version)

    assert is_allowed(lists, OTHER, "s3:GetObject", "k")
    assert is_allowed(lists, OTHER, "s3:GetObjectVersion", "k", "v1")
    assert not is_allowed(lists, OTHER, "s3:GetObjectVersion", "k", "v2")
    assert not is_allowed(lists, OTHER, "s3:ListBucket")
    assert not is_allowed(lists, ANONYMOUS, "s3:GetObject", "k")


@pytest.mark.parametrize("version", [None, VersionAcl(1, "v", "", True, None)])
def test_who_may_list_may_know_that_nothing_is_there(version: VersionAcl | None) -> None:
    assert is_allowed(Lists(TO_OTHER, version), OTHER, "s3:GetObject", "k")
    assert not is_allowed(Lists(None, version), OTHER, "s3:GetObject", "k")


@pytest.mark.parametrize("grants", [None, [Grant(acl.CANONICAL_USER, ROOT.canonical_id, acl.READ)]])
def test_an_object_of_somebody_else_is_not_the_bucket_owners_to_read(
    grants: list[Grant] | None,
) -> None:
    lists = Lists(version=VersionAcl(1, "v", OTHER.canonical_id, False, grants))

    def ask(principal: Principal) -> None:
        Authorizer(lists).require_of_owner(principal, "s3:GetObject", BUCKET, "k", "v")

    ask(OTHER)  # whom `require` was asked about
    if grants:
        ask(ROOT)
    else:
        with pytest.raises(AccessDenied):
            ask(ROOT)


def policy(
    effect: str, action: str, principal: Any = "*", *, is_restricted: bool = False, **more: Any
) -> BucketPolicy:
    statement = {
        "Effect": effect,
        "Principal": principal,
        "Action": action,
        "Resource": ["arn:aws:s3:::photos", "arn:aws:s3:::photos/*"],
        **more,
    }
    return BucketPolicy(parse(json.dumps({"Statement": statement}), Kind.RESOURCE), is_restricted)


OTHERS = {"AWS": OTHER.account_id}
THERE = VersionAcl(1, "v", ROOT.canonical_id, False, None)


@pytest.mark.parametrize(
    ("bucket_policy", "principal", "action", "expected"),
    [
        (policy("Allow", "s3:GetObject"), ANONYMOUS, "s3:GetObject", True),
        (policy("Allow", "s3:GetObject"), ANONYMOUS, "s3:PutObject", False),
        (policy("Allow", "s3:GetObject", OTHERS), ANONYMOUS, "s3:GetObject", False),
        (policy("Allow", "s3:PutObject", OTHERS), OTHER, "s3:PutObject", True),
        (policy("Allow", "s3:GetObject", is_restricted=True), ANONYMOUS, "s3:GetObject", False),
        (policy("Allow", "s3:GetObject", is_restricted=True), OTHER, "s3:GetObject", False),
        (policy("Deny", "s3:GetObject"), ROOT, "s3:GetObject", False),
        (policy("Deny", "s3:GetObject"), ROOT, "s3:PutObject", True),
        (policy("Deny", "s3:GetObject", OTHERS), ROOT, "s3:GetObject", True),
        (policy("Deny", "s3:*"), ROOT, "s3:DeleteBucketPolicy", True),
        (policy("Deny", "s3:*"), ROOT, "s3:PutBucketPolicy", True),
        (policy("Deny", "s3:*"), ROOT, "s3:GetBucketPolicy", True),
        (policy("Deny", "s3:*"), ROOT, "s3:PutBucketAcl", False),
        (policy("Allow", "s3:DeleteBucketPolicy", OTHERS), OTHER, "s3:DeleteBucketPolicy", True),
    ],
)
def test_the_policy_of_a_bucket_grants_and_denies(
    bucket_policy: BucketPolicy, principal: Principal, action: str, expected: bool
) -> None:
    lists = Lists(version=THERE, bucket_policy=bucket_policy)

    assert is_allowed(lists, principal, action, "k") is expected


def test_what_a_policy_denies_no_list_grants() -> None:
    lists = Lists(bucket=TO_OTHER, bucket_policy=policy("Deny", "s3:ListBucket", OTHERS))

    assert not is_allowed(lists, OTHER, "s3:ListBucket")


def test_what_a_policy_does_not_speak_of_lists_decide() -> None:
    lists = Lists(bucket=TO_OTHER, bucket_policy=policy("Deny", "s3:GetObject"))

    assert is_allowed(lists, OTHER, "s3:ListBucket")


def test_a_policy_cannot_grant_the_objects_of_others_than_the_buckets_owner() -> None:
    foreign = THERE._replace(owner_id=OTHER.canonical_id)
    lists = Lists(version=foreign, bucket_policy=policy("Allow", "s3:GetObject"))

    assert not is_allowed(lists, ANONYMOUS, "s3:GetObject", "k")


@pytest.mark.parametrize("version", [None, THERE._replace(is_delete_marker=True)])
def test_that_nothing_is_there_a_policy_tells_only_who_may_list(version: VersionAcl | None) -> None:
    reading = Lists(version=version, bucket_policy=policy("Allow", "s3:GetObject"))
    listing = Lists(version=version, bucket_policy=policy("Allow", "s3:*"))

    assert not is_allowed(reading, ANONYMOUS, "s3:GetObject", "k")
    assert is_allowed(listing, ANONYMOUS, "s3:GetObject", "k")


def test_a_policy_asks_for_the_circumstances_of_the_request() -> None:
    condition = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    lists = Lists(version=THERE, bucket_policy=policy("Allow", "s3:*", Condition=condition))
    authorizer = Authorizer(lists)

    def may(address: str) -> bool:
        try:
            authorizer.require(ANONYMOUS, "s3:GetObject", BUCKET, "k", request=address)
        except AccessDenied:
            return False
        return True

    assert may("203.0.113.9")
    assert not may("198.51.100.9")


def test_the_expected_owner_is_an_account_number() -> None:
    require_owner(ROOT.account_id, ROOT.account_id)
    for account_id in (OTHER.account_id, None):
        with pytest.raises(AccessDenied):
            require_owner(account_id, ROOT.account_id)
    with pytest.raises(InvalidBucketOwnerAWSAccountID, match=r"\[root\]"):
        require_owner(ROOT.account_id, "root")


def test_resources_have_arns() -> None:
    assert "arn:aws:s3:::photos" == resource_arn(BUCKET)
    assert "arn:aws:s3:::photos/a/b" == resource_arn(BUCKET, "a/b")


@pytest.mark.parametrize(
    ("bucket_policy", "principal", "expected"),
    [
        (None, ROOT, True),
        (None, OTHER, False),
        (None, ANONYMOUS, False),
        (policy("Allow", "s3:AbortMultipartUpload", OTHERS), OTHER, True),
        (policy("Allow", "s3:AbortMultipartUpload", OTHERS), ANONYMOUS, False),
        (policy("Deny", "s3:AbortMultipartUpload"), ROOT, False),
    ],
)
def test_beyond_lists_only_ownership_and_policies_count(
    bucket_policy: BucketPolicy | None, principal: Principal, expected: bool
) -> None:
    grants = [Grant(acl.GROUP, acl.ALL_USERS, acl.FULL_CONTROL)]
    authorizer = Authorizer(Lists(bucket=grants, bucket_policy=bucket_policy))

    def is_allowed_beyond() -> bool:
        try:
            authorizer.require_beyond_lists(
                principal, "s3:AbortMultipartUpload", BUCKET, "k", request=None
            )
        except AccessDenied:
            return False
        return True

    assert is_allowed_beyond() is expected
