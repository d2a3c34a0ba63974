"""What S3 adds to the evaluation of policies, for buckets and what is in them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-s3-evaluates-access-control.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html

- Access control lists are looked at only for those whom policies neither let pass nor deny.
- The policy of a bucket grants nothing of objects that are somebody else's; only their lists do.
- A bucket with a public policy whose public access block says RestrictPublicBuckets is closed to
  all other accounts.
- That there is no such object, only those may know who may list the bucket.
- Nothing that a policy says keeps the owner's root from reading, replacing and removing it.
"""

from typing import NamedTuple

from ferrox.decision import Decision, Verdict
from ferrox.iam import acl
from ferrox.iam.acl import Access, Ownership
from ferrox.iam.asking import Asking, BucketPolicy, Known, policies_of, resource_arn
from ferrox.iam.document import Question
from ferrox.iam.evaluate import Attached, decide
from ferrox.iam.principals import Named
from ferrox.identity import Principal
from ferrox.records import BucketRecord

LISTING = "s3:ListBucket"
"""Who may do this, may know that there is no such object."""

FOREIGN = Decision(
    Verdict.IMPLICIT_DENY,
    "the object belongs to another account than the bucket, and its access control list does not "
    "grant it",
)
_RESTRICTED = Decision(
    Verdict.EXPLICIT_DENY,
    "RestrictPublicBuckets in the public access block: the policy of the bucket is public, so the "
    "bucket is open to its own account only",
)
_IGNORED = Decision(
    Verdict.IMPLICIT_DENY,
    "IgnorePublicAcls in the public access block: what the access control list grants to everybody "
    "does not count",
)
_SWITCHED_OFF = Decision(
    Verdict.IMPLICIT_DENY,
    "BucketOwnerEnforced in the ownership controls: what the access control list grants does not "
    "count",
)
_NEVER_LOCKED_OUT = frozenset({"s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"})
"""What no policy can deny the owner's root: it could not be undone."""


class Case(NamedTuple):
    """A question about a bucket, with all that bears on it."""

    known: Known
    asking: Asking
    bucket: BucketRecord
    policy: BucketPolicy | None
    question: Question
    attached: Attached


def case_of(known: Known, asking: Asking, bucket: BucketRecord) -> Case:
    """Gather what bears on a question."""
    principal, policy = asking.principal, known.policy(bucket)
    is_own, is_root = is_owner(principal, bucket), principal.is_root
    is_sure = is_own and is_root and asking.action in _NEVER_LOCKED_OUT
    identity, boundary, sessions = policies_of(known, asking)
    attached = Attached(
        principal,
        is_own,
        identity,
        None if policy is None or is_sure else policy.document,
        boundary,
        sessions,
        is_root,
    )
    question = Question(
        asking.action, resource_arn(bucket, asking.key), known.circumstances(asking)
    )
    return Case(known, asking, bucket, policy, question, attached)


def decided(case: Case) -> Decision:
    """What policies say, then lists, then what may be known."""
    decision = by_policies(case)
    if decision.verdict is Verdict.EXPLICIT_DENY:
        return decision
    if not decision.is_allowed:
        return by_list(case, decision)
    if case.asking.action not in acl.OBJECT_PERMISSIONS:
        return decision
    if case.attached.is_same_account:
        return decision if case.attached.is_root else _unless_secret(case, decision)
    return _unless_secret(case, decision) if _is_in_reach(case) else by_list(case, FOREIGN)


def by_policies(case: Case) -> Decision:
    """What policies alone say."""
    if case.policy is not None and case.policy.is_restricted and not case.attached.is_same_account:
        return _RESTRICTED
    return decide(case.question, case.attached)


def by_list(case: Case, refusal: Decision) -> Decision:
    """What a list grants, whatever the bucket's policy grants.

    refusal  the answer if it grants nothing
    """
    access = case.known.access(case.bucket)
    named = _listed(case, access)
    if named is Named.NOT:
        return _unlisted(case, access) or refusal
    return decide(case.question, case.attached._replace(may_grant=False, listed=named))


def is_owner(principal: Principal, bucket: BucketRecord) -> bool:
    """Whether the caller's account owns the bucket."""
    return bucket.owner_id == principal.canonical_id


def _listed(case: Case, access: Access) -> Named:
    """How an access control list grants it."""
    principal, action, _, key, version_id, _ = case.asking
    if not access.has_lists:
        return Named.NOT
    if action not in acl.OBJECT_PERMISSIONS:
        return acl.granted_on_bucket(access, principal, action)
    version = case.known.version_acl(case.bucket, key, version_id)
    if version is None or version.is_delete_marker:
        # Who may list the bucket may know that there is nothing; to others that is a secret.
        return acl.granted_on_bucket(access, principal, LISTING)
    return acl.granted_on_object(access, version, principal, action)


def _unlisted(case: Case, access: Access) -> Decision | None:
    """The setting but for which a list would let everybody do it, if there is one."""
    if access.has_lists and not access.ignores_public_acls:
        return None
    wide_open = access._replace(ownership=Ownership.OBJECT_WRITER, ignores_public_acls=False)
    if _listed(case, wide_open) is not Named.BY_ITSELF:
        return None
    return _IGNORED if access.has_lists else _SWITCHED_OFF


def _is_in_reach(case: Case) -> bool:
    """Whether a bucket's policy can grant it: it cannot for objects that are somebody else's."""
    if not case.known.access(case.bucket).has_lists:
        return True
    version = case.known.version_acl(case.bucket, case.asking.key, case.asking.version_id)
    return version is None or version.owner_id in {"", case.bucket.owner_id}


def _unless_secret(case: Case, granted: Decision) -> Decision:
    """Refuse to tell that nothing is there to whoever may not list the bucket."""
    asking = case.asking
    version = case.known.version_acl(case.bucket, asking.key, asking.version_id)
    if version is not None and not version.is_delete_marker:
        return granted
    listing = asking._replace(action=LISTING, key="", version_id=None)
    decision = decided(case_of(case.known, listing, case.bucket))
    return granted if decision.is_allowed else decision._replace(action=LISTING)
