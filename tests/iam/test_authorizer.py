"""Who may do what: roots everything to what they own, others what policies and lists grant."""

import json
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from ferrox.decision import Decision, Source, Verdict
from ferrox.errors import AccessDenied, InvalidBucketOwnerAWSAccountID
from ferrox.iam import acl
from ferrox.iam.acl import Access, Ownership
from ferrox.iam.asking import Asking, BucketPolicy, resource_arn
from ferrox.iam.authorizer import Authorizer, require_owner
from ferrox.iam.document import Document, Kind, parse
from ferrox.iam.evaluate import IdentityPolicies
from ferrox.iam.patterns import Values
from ferrox.identity import ANONYMOUS, Principal, PrincipalKind
from ferrox.records import BucketRecord, Grant, VersionAcl
from tests.in_process import OTHER, ROOT

BUCKET = BucketRecord(1, "photos", ROOT.canonical_id, "us-east-1", 0)
TO_OTHER = [Grant(acl.CANONICAL_USER, OTHER.canonical_id, acl.READ)]


NO_POLICIES = IdentityPolicies()


@dataclass
class Lists:
    """Lists that a test sets; each question is remembered."""

    bucket: list[Grant] | None = None
    version: VersionAcl | None = None
    asked_count: int = 0
    bucket_policy: BucketPolicy | None = None
    identities: IdentityPolicies = NO_POLICIES
    ownership: Ownership = Ownership.OBJECT_WRITER
    ignores_public_acls: bool = False

    def identity(self, principal: Principal) -> IdentityPolicies:
        return self.identities

    def policy(self, bucket: BucketRecord) -> BucketPolicy | None:
        return self.bucket_policy

    def circumstances(self, asking: Asking) -> Values:
        return {"aws:sourceip": (getattr(asking.request, "peer", ""),)}

    def access(self, bucket: BucketRecord) -> Access:
        self.asked_count += 1
        return Access(
            bucket.owner_id,
            self.ownership,
            ignores_public_acls=self.ignores_public_acls,
            grants=self.bucket,
        )

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
    Authorizer(lists).require_on(ROOT, "s3:ListAllMyBuckets", "arn:aws:s3:::*")
    assert 0 == lists.asked_count


def refusal(authorizer: Authorizer, principal: Principal, action: str, key: str = "") -> Decision:
    """What is left on a request that is refused."""
    request = SimpleNamespace(decision=None)
    with pytest.raises(AccessDenied) as refused:
        authorizer.require(principal, action, BUCKET, key, request=request)
    found = request.decision
    assert isinstance(found, Decision)
    return found._replace(reason=f"{refused.value.message}: {found.reason}")


def test_another_account_may_do_nothing_and_is_not_told_why() -> None:
    with pytest.raises(AccessDenied, match=r"^Access Denied$"):
        Authorizer().require(OTHER, "s3:GetObject", BUCKET, "k")


def test_nothing_is_anonymous() -> None:
    with pytest.raises(AccessDenied, match=r"^Access Denied$"):
        Authorizer().require(ANONYMOUS, "s3:GetObject", BUCKET, "k")
    request = SimpleNamespace(decision=None)
    with pytest.raises(AccessDenied, match=r"^Access Denied$"):
        Authorizer().require_on(ANONYMOUS, "s3:ListAllMyBuckets", "*", request=request)

    assert request.decision is not None


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


KEY_ARN = f"arn:aws:kms:us-east-1:{ROOT.account_id}:key/k"


def key_policy(principal: Principal, effect: str = "Allow") -> Document:
    """The policy of a key that speaks of this caller only."""
    statement = {"Effect": effect, "Principal": {"AWS": principal.arn}, "Action": "kms:Decrypt"}
    text = json.dumps({"Version": "2012-10-17", "Statement": statement | {"Resource": "*"}})
    return parse(text, Kind.RESOURCE, "the key policy")


def test_a_key_is_for_those_whom_its_policy_names() -> None:
    request = SimpleNamespace(decision=None, peer="")

    Authorizer(Lists()).require_on_key(
        ROOT, "kms:Decrypt", KEY_ARN, key_policy(ROOT), request=request
    )

    assert request.decision is None, "nothing was refused"


@pytest.mark.parametrize(
    ("caller", "policy_of_key", "message"),
    [
        (ROOT, key_policy(OTHER), "because no resource-based policy allows the kms:Decrypt action"),
        (ROOT, key_policy(ROOT, "Deny"), "with an explicit deny in a resource-based policy"),
        (OTHER, key_policy(ROOT), f"kms:Decrypt on resource: {KEY_ARN}"),
    ],
)
def test_a_key_is_for_nobody_else_not_even_the_root(
    caller: Principal, policy_of_key: Document, message: str
) -> None:
    request = SimpleNamespace(decision=None, peer="")

    with pytest.raises(AccessDenied) as refused:
        Authorizer(Lists()).require_on_key(
            caller, "kms:Decrypt", KEY_ARN, policy_of_key, request=request
        )

    assert refused.value.message.endswith(message)
    assert Source.RESOURCE is request.decision.source
    assert (KEY_ARN, "kms:Decrypt") == (request.decision.resource, request.decision.action)


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
            request = SimpleNamespace(peer=address)
            authorizer.require(ANONYMOUS, "s3:GetObject", BUCKET, "k", request=request)
        except AccessDenied:
            return False
        return True

    assert may("203.0.113.9")
    assert not may("198.51.100.9")


def test_the_expected_owner_is_an_account_number() -> None:
    require_owner(ROOT.account_id, ROOT.account_id)
    for account_id in (OTHER.account_id, None):
        with pytest.raises(AccessDenied) as refused:
            require_owner(account_id, ROOT.account_id)
        assert ROOT.account_id in refused.value.reason
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


# Users

ADA = ROOT._replace(
    arn=f"arn:aws:iam::{ROOT.account_id}:user/ada",
    kind=PrincipalKind.USER,
    user_id="AIDAADA",
    user_name="ada",
)
BOB = OTHER._replace(
    arn=f"arn:aws:iam::{OTHER.account_id}:user/bob",
    kind=PrincipalKind.USER,
    user_id="AIDABOB",
    user_name="bob",
)
EVERYBODY = [Grant(acl.GROUP, acl.ALL_USERS, acl.READ)]
TO_ROOT = [Grant(acl.CANONICAL_USER, ROOT.canonical_id, acl.FULL_CONTROL)]


def own(*actions: str, effect: str = "Allow", resource: str = "*") -> Document:
    statement = {"Sid": "it", "Effect": effect, "Action": list(actions), "Resource": resource}
    return parse(json.dumps({"Statement": [statement]}), Kind.IDENTITY, "mine")


def having(*documents: Document) -> IdentityPolicies:
    return IdentityPolicies(documents)


READER = having(own("s3:GetObject"))
LISTER = having(own("s3:GetObject", "s3:ListBucket"))


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (Lists(version=THERE), False),
        (Lists(version=THERE, identities=READER), True),
        (Lists(version=THERE, bucket_policy=policy("Allow", "s3:GetObject")), True),
        (Lists(version=THERE, bucket_policy=policy("Allow", "s3:*", {"AWS": ADA.arn})), True),
        (
            Lists(version=THERE, bucket_policy=policy("Allow", "s3:*", {"AWS": ADA.account_id})),
            False,
        ),
        (Lists(version=THERE, identities=READER, bucket_policy=policy("Deny", "s3:*")), False),
        (Lists(version=THERE, identities=having(own("s3:*", effect="Deny"))), False),
        # what is not there
        (Lists(identities=READER), False),
        (Lists(identities=LISTER), True),
        (Lists(identities=READER, bucket_policy=policy("Allow", "s3:ListBucket")), True),
        (Lists(identities=READER, bucket_policy=policy("Allow", "s3:GetObject")), False),
        # lists: the owner's own say nothing of its users, those for everybody do
        (Lists(TO_ROOT, version=THERE._replace(grants=TO_ROOT)), False),
        (Lists(version=THERE._replace(grants=EVERYBODY)), True),
        (Lists(version=THERE._replace(grants=EVERYBODY), ignores_public_acls=True), False),
        (
            Lists(
                version=THERE._replace(grants=EVERYBODY),
                ownership=Ownership.BUCKET_OWNER_ENFORCED,
            ),
            False,
        ),
    ],
)
def test_a_user_of_the_owner_needs_a_grant(known: Lists, expected: bool) -> None:
    assert is_allowed(known, ADA, "s3:GetObject", "k") is expected


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (Lists(version=THERE, identities=READER), False),
        (Lists(version=THERE, bucket_policy=policy("Allow", "s3:GetObject")), False),
        (Lists(version=THERE, bucket_policy=policy("Allow", "s3:*", {"AWS": BOB.arn})), False),
        (Lists(None, THERE, 0, policy("Allow", "s3:GetObject", OTHERS), READER), True),
        (Lists(None, THERE, 0, policy("Allow", "s3:GetObject", {"AWS": BOB.arn}), READER), True),
        (Lists(None, THERE, 0, policy("Allow", "s3:PutObject", OTHERS), READER), False),
        (Lists(None, THERE, 0, policy("Deny", "s3:GetObject", OTHERS), READER), False),
        # lists name accounts; users need what is granted from their own policies, too
        (Lists(None, THERE._replace(grants=TO_OTHER)), False),
        (Lists(None, THERE._replace(grants=TO_OTHER), identities=READER), True),
        (Lists(None, THERE._replace(grants=EVERYBODY)), False),
        (Lists(None, THERE._replace(grants=EVERYBODY), identities=READER), True),
        # their own account's objects in a foreign bucket
        (Lists(None, THERE._replace(owner_id=BOB.canonical_id)), False),
        (Lists(None, THERE._replace(owner_id=BOB.canonical_id), identities=READER), True),
        # what is not there
        (Lists(None, None, 0, policy("Allow", "s3:GetObject", OTHERS), READER), False),
        (Lists(None, None, 0, policy("Allow", "s3:*", OTHERS), READER), False),
        (Lists(None, None, 0, policy("Allow", "s3:*", OTHERS), LISTER), True),
    ],
)
def test_a_user_of_another_account_needs_two_grants(known: Lists, expected: bool) -> None:
    assert is_allowed(known, BOB, "s3:GetObject", "k") is expected


def test_a_bucket_with_a_restricted_policy_is_closed_to_other_accounts_whatever_lists_say() -> None:
    known = Lists(EVERYBODY, THERE, 0, policy("Allow", "s3:*", is_restricted=True), LISTER)

    assert not is_allowed(known, BOB, "s3:ListBucket")
    assert not is_allowed(known, ANONYMOUS, "s3:ListBucket")
    assert is_allowed(known, ADA, "s3:ListBucket")


@pytest.mark.parametrize(
    ("grants", "identities", "bucket_policy", "expected"),
    [
        (None, READER, None, False),
        (TO_ROOT, READER, None, True),
        (TO_ROOT, having(), policy("Allow", "s3:*", {"AWS": ADA.arn}), False),
        (EVERYBODY, having(), None, True),
        (EVERYBODY, having(), policy("Deny", "s3:*"), False),
    ],
)
def test_a_user_needs_the_list_of_an_object_that_is_somebody_elses(
    grants: list[Grant] | None,
    identities: IdentityPolicies,
    bucket_policy: BucketPolicy | None,
    expected: bool,
) -> None:
    version = THERE._replace(owner_id=OTHER.canonical_id, grants=grants)
    authorizer = Authorizer(Lists(None, version, 0, bucket_policy, identities))

    def may() -> bool:
        try:
            authorizer.require_of_owner(ADA, "s3:GetObject", BUCKET, "k", "v")
        except AccessDenied:
            return False
        return True

    assert may() is expected


def test_where_lists_are_off_no_object_is_anybody_elses() -> None:
    version = THERE._replace(owner_id=OTHER.canonical_id)
    known = Lists(version=version)

    def ask() -> None:
        Authorizer(known).require_of_owner(ADA, "s3:GetObject", BUCKET, "k", "v")

    with pytest.raises(AccessDenied):
        ask()
    known.ownership = Ownership.BUCKET_OWNER_ENFORCED
    ask()


@pytest.mark.parametrize("principal", [ADA, BOB])
def test_only_the_root_is_never_locked_out(principal: Principal) -> None:
    known = Lists(bucket_policy=policy("Deny", "s3:*"), identities=having(own("s3:*")))

    assert not is_allowed(known, principal, "s3:DeleteBucketPolicy")
    assert is_allowed(known, ROOT, "s3:DeleteBucketPolicy")


def may_undenied(known: Lists, principal: Principal) -> bool:
    try:
        Authorizer(known).require_undenied(principal, "s3:PutObjectAcl", BUCKET, "k", request=None)
    except AccessDenied:
        return False
    return True


def test_what_comes_with_a_grant_the_callers_own_account_has_to_grant_too() -> None:
    setter = having(own("s3:PutObjectAcl"))

    assert may_undenied(Lists(), ROOT)
    assert may_undenied(Lists(), OTHER)
    assert may_undenied(Lists(), ANONYMOUS)
    assert not may_undenied(Lists(), BOB)
    assert may_undenied(Lists(identities=setter), BOB)
    assert not may_undenied(Lists(), ADA)
    assert not may_undenied(Lists(identities=setter, bucket_policy=policy("Deny", "s3:*")), ADA)


def test_a_user_may_do_to_the_service_what_its_policies_say() -> None:
    maker = having(own("s3:CreateBucket", resource="arn:aws:s3:::team-*"))
    authorizer = Authorizer(Lists(identities=maker))

    authorizer.require_on(ADA, "s3:CreateBucket", "arn:aws:s3:::team-photos")
    with pytest.raises(AccessDenied) as refused:
        authorizer.require_on(ADA, "s3:CreateBucket", "arn:aws:s3:::photos")

    assert refused.value.message == (
        f"User: {ADA.arn} is not authorized to perform: s3:CreateBucket on resource: "
        '"arn:aws:s3:::photos" because no identity-based policy allows the s3:CreateBucket action'
    )


ROLE = f"arn:aws:iam::{ROOT.account_id}:role/reader"


def trusting(principal: Any) -> Document:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return parse(json.dumps({"Statement": statement}), Kind.TRUST, "the trust policy")


TAKER = having(own("sts:AssumeRole"))


@pytest.mark.parametrize(
    ("principal", "identities", "trust", "expected"),
    [
        (ADA, TAKER, {"AWS": ROOT.account_id}, True),
        (ADA, TAKER, {"AWS": OTHER.account_id}, False),
        (ADA, having(), {"AWS": ROOT.account_id}, False),
        (ADA, having(), {"AWS": ADA.arn}, True),
        (BOB, having(), {"AWS": BOB.arn}, False),
        (BOB, TAKER, {"AWS": BOB.arn}, True),
        (OTHER, having(), {"AWS": OTHER.account_id}, True),
        (ROOT, having(), {"AWS": OTHER.account_id}, False),
    ],
)
def test_only_those_take_a_role_whom_it_trusts(
    principal: Principal, identities: IdentityPolicies, trust: Any, expected: bool
) -> None:
    authorizer = Authorizer(Lists(identities=identities))

    def may() -> bool:
        try:
            authorizer.require_to_take(
                principal, "sts:AssumeRole", ROLE, trusting(trust), request=None
            )
        except AccessDenied:
            return False
        return True

    assert may() is expected


def test_the_policies_of_a_caller_are_found_once_for_a_request() -> None:
    found = []

    class Counting(Lists):
        def identity(self, principal: Principal) -> IdentityPolicies:
            found.append(principal)
            return LISTER

    authorizer = Authorizer(Counting(version=THERE))
    request = SimpleNamespace(decision=None, remembered=None)
    for principal in (ADA, ADA, BOB):
        authorizer.decision(Asking(principal, "s3:GetObject", BUCKET, "k", None, request), BUCKET)

    assert [ADA, BOB] == found


@pytest.mark.parametrize(
    ("known", "principal", "source", "reason"),
    [
        (Lists(version=THERE), ADA, Source.IDENTITY, "no policy of the caller grants it"),
        (
            Lists(version=THERE, identities=having(own("s3:*", effect="Deny"))),
            ADA,
            Source.IDENTITY,
            "statement it of mine denies it",
        ),
        (
            Lists(version=THERE._replace(grants=EVERYBODY), ignores_public_acls=True),
            ANONYMOUS,
            Source.RESOURCE,
            "IgnorePublicAcls in the public access block",
        ),
        (
            Lists(EVERYBODY, THERE, ownership=Ownership.BUCKET_OWNER_ENFORCED),
            ANONYMOUS,
            Source.RESOURCE,
            "nothing grants this to everyone",
        ),
        (
            Lists(
                version=THERE._replace(grants=EVERYBODY),
                ownership=Ownership.BUCKET_OWNER_ENFORCED,
            ),
            ANONYMOUS,
            Source.RESOURCE,
            "BucketOwnerEnforced in the ownership controls",
        ),
        (
            Lists(bucket_policy=policy("Allow", "s3:*", is_restricted=True)),
            OTHER,
            Source.RESOURCE,
            "RestrictPublicBuckets in the public access block",
        ),
    ],
)
def test_a_refusal_leaves_its_reason(
    known: Lists, principal: Principal, source: Source, reason: str
) -> None:
    decision = refusal(Authorizer(known), principal, "s3:GetObject", "k")

    assert reason in decision.reason
    assert (source, principal.arn) == (decision.source, decision.principal)
    assert ("s3:GetObject", "arn:aws:s3:::photos/k") == (decision.action, decision.resource)


def test_who_may_not_know_that_nothing_is_there_lacks_the_permission_to_list() -> None:
    decision = refusal(Authorizer(Lists(identities=READER)), ADA, "s3:GetObject", "k")

    assert ("s3:ListBucket", "arn:aws:s3:::photos") == (decision.action, decision.resource)
    assert decision.reason.startswith(
        f"User: {ADA.arn} is not authorized to perform: s3:ListBucket on resource: "
        '"arn:aws:s3:::photos" because no identity-based policy allows the s3:ListBucket action: '
    )


def test_a_setting_that_is_in_the_way_is_named() -> None:
    request = SimpleNamespace(decision=None)

    refused = Authorizer().refusal(
        ADA, "s3:PutObjectAcl", BUCKET, "k", reason="it is set so", request=request
    )

    assert refused.message == (
        f"User: {ADA.arn} is not authorized to perform: s3:PutObjectAcl on resource: "
        '"arn:aws:s3:::photos/k" because it is set so.'
    )
    assert request.decision.reason == "it is set so"
    assert request.decision.verdict is Verdict.EXPLICIT_DENY
    elsewhere = Authorizer().refusal(OTHER, "s3:PutBucketAcl", BUCKET, reason="so", request=None)
    assert elsewhere.message == "Access Denied"


def test_circumstances_matter_to_users_and_where_there_is_a_policy() -> None:
    plain = Authorizer(Lists())
    with_policy = Authorizer(Lists(bucket_policy=policy("Allow", "s3:GetObject")))

    assert not plain.depends_on_circumstances(ROOT, BUCKET)
    assert not plain.depends_on_circumstances(ANONYMOUS, BUCKET)
    assert plain.depends_on_circumstances(ADA, BUCKET)
    assert with_policy.depends_on_circumstances(ROOT, BUCKET)
    assert not with_policy.depends_on_circumstances(ROOT, None)
