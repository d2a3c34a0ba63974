"""The one place that says yes or no: which principal may do which action to which resource.

Every action an operation needs is asked for here, by its name in the S3 service authorization
reference: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html

An account's root may do everything to what its account owns, unless the policy of the bucket denies
it. Others, and callers who did not sign, may do what that policy or access control lists grant;
lists are looked at for nobody else.
"""

import re
from typing import Any, NamedTuple, Protocol

from ferrox.decision import Verdict
from ferrox.errors import AccessDenied, InvalidBucketOwnerAWSAccountID
from ferrox.iam import acl
from ferrox.iam.acl import Access
from ferrox.iam.document import Document, Question
from ferrox.iam.evaluate import Attached, decide
from ferrox.iam.patterns import Values
from ferrox.identity import Principal
from ferrox.records import BucketRecord, VersionAcl

_is_account_id = re.compile(r"[0-9]{12}").fullmatch

_NEVER_LOCKED_OUT = frozenset({"s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"})
"""What no policy can deny the owner's root: it could not be undone."""


class BucketPolicy(NamedTuple):
    """The policy of a bucket.

    is_restricted  it would let the public in, and the bucket's public access block takes it as
                   speaking to the bucket's own account only
    """

    document: Document
    is_restricted: bool


class Asking(NamedTuple):
    """Who wants to do what to what.

    version_id  of the object, where the request names one
    request     for the conditions of policies
    """

    principal: Principal
    action: str
    bucket: BucketRecord
    key: str = ""
    version_id: str | None = None
    request: Any = None

    @property
    def is_owner(self) -> bool:
        """Whether the caller's account owns the bucket."""
        return self.bucket.owner_id == self.principal.canonical_id


class Known(Protocol):
    """What the stored things say about access."""

    def access(self, bucket: BucketRecord) -> Access:
        """Return what a bucket's documents say about lists."""

    def policy(self, bucket: BucketRecord) -> BucketPolicy | None:
        """Return a bucket's policy."""

    def version_acl(
        self, bucket: BucketRecord, key: str, version_id: str | None
    ) -> VersionAcl | None:
        """Return the list of a version, of the newest if none is named."""

    def circumstances(self, asking: Asking) -> Values:
        """Return the condition keys of a request."""


class Authorizer:
    """Decides over the identities that exist: account roots, and callers who did not sign."""

    def __init__(self, known: Known | None = None) -> None:
        self._known = known

    def require(
        self,
        principal: Principal,
        action: str,
        bucket: BucketRecord | None,
        key: str = "",
        version_id: str | None = None,
        *,
        request: Any = None,
    ) -> None:
        """Return if `principal` may do `action` to bucket or object, else raise AccessDenied."""
        if bucket is None:
            if principal.is_anonymous:
                raise AccessDenied
            return
        known = self._known
        policy = None if known is None else known.policy(bucket)
        if policy is None and bucket.owner_id == principal.canonical_id:
            return
        asking = Asking(principal, action, bucket, key, version_id, request)
        if known is None or not _may(known, policy, asking):
            raise _denied(asking)

    def has_policy(self, bucket: BucketRecord | None) -> bool:
        """Whether the circumstances of a request can matter."""
        known = self._known
        return known is not None and bucket is not None and known.policy(bucket) is not None

    def require_undenied(
        self, principal: Principal, action: str, bucket: BucketRecord, key: str, *, request: Any
    ) -> None:
        """Raise only if a policy denies it: for what comes with something that was granted."""
        asking = Asking(principal, action, bucket, key, request=request)
        if self._by_policy(asking) is Verdict.EXPLICIT_DENY:
            raise _denied(asking)

    def require_beyond_lists(
        self, principal: Principal, action: str, bucket: BucketRecord, key: str, *, request: Any
    ) -> None:
        """`require` for what no access control list can grant: only ownership and policies."""
        asking = Asking(principal, action, bucket, key, request=request)
        verdict = self._by_policy(asking)
        is_granted = verdict is Verdict.ALLOWED or asking.is_owner
        if verdict is Verdict.EXPLICIT_DENY or not is_granted:
            raise _denied(asking)

    def _by_policy(self, asking: Asking) -> Verdict:
        """What the policy of the bucket says; without one, nothing."""
        known = self._known
        policy = None if known is None else known.policy(asking.bucket)
        if known is None or policy is None:
            return Verdict.IMPLICIT_DENY
        return _judged(known, policy, asking)

    def require_of_owner(
        self, principal: Principal, action: str, bucket: BucketRecord, key: str, version_id: str
    ) -> None:
        """`require` for an object that somebody else owns than the bucket's owner.

        To the object's list the bucket's owner is a caller like others, unless lists are off.
        """
        asking = Asking(principal, action, bucket, key, version_id)
        if asking.is_owner and not (self._known and _is_listed(self._known, asking)):
            raise _denied(asking)


def _may(known: Known, policy: BucketPolicy | None, asking: Asking) -> bool:
    verdict = Verdict.IMPLICIT_DENY if policy is None else _judged(known, policy, asking)
    if verdict is Verdict.EXPLICIT_DENY:
        return False
    if asking.is_owner:
        return True
    if verdict is Verdict.ALLOWED and _is_in_reach(known, asking):
        return _may_know(known, policy, asking)
    return _is_listed(known, asking)


def _judged(known: Known, policy: BucketPolicy, asking: Asking) -> Verdict:
    """What the policy of the bucket says."""
    if asking.is_owner and asking.action in _NEVER_LOCKED_OUT:
        return Verdict.IMPLICIT_DENY
    arn = resource_arn(asking.bucket, asking.key)
    attached = Attached(asking.principal, asking.is_owner, resource=policy.document, is_root=True)
    verdict = decide(Question(asking.action, arn, known.circumstances(asking)), attached).verdict
    if verdict is Verdict.ALLOWED and policy.is_restricted and not asking.is_owner:
        return Verdict.IMPLICIT_DENY
    return verdict


def _is_in_reach(known: Known, asking: Asking) -> bool:
    """Whether a bucket's policy can grant it: it cannot for objects that are somebody else's."""
    if asking.action not in acl.OBJECT_PERMISSIONS or not known.access(asking.bucket).has_lists:
        return True
    version = known.version_acl(asking.bucket, asking.key, asking.version_id)
    return version is None or version.owner_id in {"", asking.bucket.owner_id}


def _may_know(known: Known, policy: BucketPolicy | None, asking: Asking) -> bool:
    """Whether a caller may learn what is there: that nothing is, only who may list may know."""
    if asking.action not in acl.OBJECT_PERMISSIONS:
        return True
    version = known.version_acl(asking.bucket, asking.key, asking.version_id)
    if version is not None and not version.is_delete_marker:
        return True
    return _may(known, policy, asking._replace(action="s3:ListBucket", key="", version_id=None))


def _is_listed(known: Known, asking: Asking) -> bool:
    """Whether an access control list grants it."""
    principal, action, bucket, key, version_id, _ = asking
    access = known.access(bucket)
    if action not in acl.OBJECT_PERMISSIONS:
        return acl.allows_on_bucket(access, principal, action)
    version = known.version_acl(bucket, key, version_id)
    if version is None or version.is_delete_marker:
        # Who may list the bucket may know that there is nothing; to others that is a secret.
        return acl.allows_on_bucket(access, principal, "s3:ListBucket")
    return acl.allows_on_object(access, version, principal, action)


def require_owner(account_id: str | None, expected_owner: str) -> None:
    """Hold a bucket, owned by this account, to the one that the request expects to own it."""
    if not _is_account_id(expected_owner):
        raise InvalidBucketOwnerAWSAccountID(
            "The value of the expected bucket owner parameter must be an AWS Account ID... "
            f"[{expected_owner}]"
        )
    if expected_owner != account_id:
        raise AccessDenied


def resource_arn(bucket: BucketRecord, key: str = "") -> str:
    """The name by which policies and messages speak of a bucket or an object."""
    return f"arn:aws:s3:::{bucket.name}/{key}" if key else f"arn:aws:s3:::{bucket.name}"


def _denied(asking: Asking) -> AccessDenied:
    if asking.principal.is_anonymous:
        return AccessDenied()
    return AccessDenied(
        f"User: {asking.principal.arn} is not authorized to perform: {asking.action} on resource: "
        f'"{resource_arn(asking.bucket, asking.key)}"'
    )
