"""The one place that says yes or no: which principal may do which action to which resource.

Every action an operation needs is asked for here, by its name in the service authorization
reference: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html

`evaluate` decides over policies, `bucket_access` says what S3 adds to it. An account's root may do
everything to what its account owns, unless the bucket's policy denies it: this is the common case,
and asks for nothing but that policy.

Every refusal leaves its decision on the request; what the caller is told, `refusals` says. That an
access control list was what let the caller pass is a fact for the access log of the bucket.
"""

import re
from typing import Any

from ferrox.decision import Decision, Source, Verdict
from ferrox.errors import AccessDenied, InvalidBucketOwnerAWSAccountID
from ferrox.iam import refusals
from ferrox.iam.asking import Asking, Known, NothingKnown, policies_of, resource_arn
from ferrox.iam.bucket_access import (
    FOREIGN,
    LISTING,
    Case,
    by_list,
    by_policies,
    case_of,
    decided,
    is_owner,
)
from ferrox.iam.document import Document, Question
from ferrox.iam.evaluate import LISTED, Attached, decide
from ferrox.iam.principals import Named
from ferrox.identity import Principal
from ferrox.records import BucketRecord

_is_account_id = re.compile(r"[0-9]{12}").fullmatch

_OWNED = Decision(Verdict.ALLOWED, "the root of an account may do everything to what it owns")


class Authorizer:
    """Decides; the operations enforce by calling `require` before they act."""

    def __init__(self, known: Known | None = None) -> None:
        self._known: Known = known or NothingKnown()

    def require(
        self,
        principal: Principal,
        action: str,
        bucket: BucketRecord,
        key: str = "",
        version_id: str | None = None,
        *,
        request: Any = None,
    ) -> None:
        """Return if `principal` may do `action` to bucket or object, else raise AccessDenied."""
        if not self._is_free(principal, bucket):
            asking = Asking(principal, action, bucket, key, version_id, request)
            case = case_of(self._known, asking, bucket)
            _require(case, decided(case))

    def decision(self, asking: Asking, bucket: BucketRecord) -> Decision:
        """Whether it may be done, and why; nobody is refused anything by this."""
        if self._is_free(asking.principal, bucket):
            return _OWNED
        return decided(case_of(self._known, asking, bucket))

    def require_on(
        self, principal: Principal, action: str, resource: str, *, request: Any = None
    ) -> None:
        """`require` for what no policy of a resource speaks of, given by its ARN.

        The identities of an account, the account itself, and buckets that do not exist yet.
        """
        asking = Asking(principal, action, None, request=request)
        decision = self._decision_on(asking, resource)
        if not decision.is_allowed:
            noted = _noted(asking, resource, decision)
            raise AccessDenied if principal.is_anonymous else refusals.denied(noted)

    def require_to_take(
        self, principal: Principal, action: str, role_arn: str, trust: Document, *, request: Any
    ) -> None:
        """`require` for a role, whose trust policy has to name who takes it."""
        asking = Asking(principal, action, None, request=request)
        is_own = role_arn.split(":")[4] == principal.account_id
        decision = self._decision_on(asking, role_arn, is_own=is_own, trust=trust)
        if not decision.is_allowed:
            noted = _noted(asking, role_arn, decision)
            raise refusals.denied(noted) if is_own else refusals.denied_elsewhere(noted)

    def require_on_key(
        self, principal: Principal, action: str, key_arn: str, policy: Document, *, request: Any
    ) -> None:
        """`require` for a key of KMS, whose policy has to let the caller pass."""
        asking = Asking(principal, action, None, request=request)
        is_own = key_arn.split(":")[4] == principal.account_id
        decision = self._decision_on(asking, key_arn, is_own=is_own, trust=policy)
        if decision.is_allowed:
            return
        if decision.source is Source.TRUST:  # which a key's policy is like, and not called
            reason = "the key policy does not grant it"
            if decision.verdict is Verdict.EXPLICIT_DENY:
                reason = decision.reason
            decision = decision._replace(source=Source.RESOURCE, reason=reason)
        noted = _noted(asking, key_arn, decision)
        raise refusals.denied(noted) if is_own else refusals.denied_elsewhere(noted)

    def depends_on_circumstances(self, principal: Principal, bucket: BucketRecord | None) -> bool:
        """Whether policies may have conditions on what the request says."""
        if not (principal.is_root or principal.is_anonymous):
            return True
        return bucket is not None and self._known.policy(bucket) is not None

    def require_undenied(
        self, principal: Principal, action: str, bucket: BucketRecord, key: str, *, request: Any
    ) -> None:
        """`require` for what comes with something that the resource granted: unless it denies it.

        The caller's own account has to grant it all the same.
        """
        if not self._is_free(principal, bucket):
            case = self._case(Asking(principal, action, bucket, key, request=request), bucket)
            _require(case, decide(case.question, case.attached._replace(listed=Named.BY_ACCOUNT)))

    def require_beyond_lists(
        self, principal: Principal, action: str, bucket: BucketRecord, key: str, *, request: Any
    ) -> None:
        """`require` for what no access control list can grant: only ownership and policies."""
        if not self._is_free(principal, bucket):
            case = self._case(Asking(principal, action, bucket, key, request=request), bucket)
            _require(case, by_policies(case))

    def require_of_owner(
        self,
        principal: Principal,
        action: str,
        bucket: BucketRecord,
        key: str,
        version_id: str,
        *,
        request: Any = None,
    ) -> None:
        """`require` for an object that somebody else owns than the bucket's owner.

        To the object's list the bucket's owner is a caller like others, unless lists are off.
        """
        if is_owner(principal, bucket) and self._known.access(bucket).has_lists:
            asking = Asking(principal, action, bucket, key, version_id, request)
            case = self._case(asking, bucket)
            _require(case, by_list(case, FOREIGN))

    def refusal(
        self,
        principal: Principal,
        action: str,
        bucket: BucketRecord,
        key: str = "",
        *,
        reason: str,
        request: Any,
    ) -> AccessDenied:
        """The refusal of what a setting of the bucket prevents; the reason names it."""
        asking = Asking(principal, action, bucket, key, request=request)
        decision = Decision(Verdict.EXPLICIT_DENY, reason)
        noted = _noted(asking, resource_arn(bucket, key), decision)
        return refusals.prevented(noted) if is_owner(principal, bucket) else AccessDenied()

    def _is_free(self, principal: Principal, bucket: BucketRecord) -> bool:
        """Whether nothing can keep the caller from what it asks for."""
        return (
            bucket.owner_id == principal.canonical_id
            and principal.is_root
            and self._known.policy(bucket) is None
        )

    def _case(self, asking: Asking, bucket: BucketRecord) -> Case:
        return case_of(self._known, asking, bucket)

    def _decision_on(
        self, asking: Asking, resource: str, *, is_own: bool = True, trust: Document | None = None
    ) -> Decision:
        principal = asking.principal
        identity, boundary, sessions = policies_of(self._known, asking)
        attached = Attached(
            principal,
            is_own,
            identity,
            trust,
            boundary,
            sessions,
            principal.is_root,
            must_be_named=trust is not None,
        )
        question = Question(asking.action, resource, self._known.circumstances(asking))
        return decide(question, attached)


def _require(case: Case, decision: Decision) -> None:
    """Raise what the caller is told, who may have been refused something else than was asked."""
    asking, bucket = case.asking, case.bucket
    if decision.is_allowed:
        if decision == LISTED and asking.request is not None:
            asking.request.facts["acl_required"] = "Yes"
        return
    if decision.action == LISTING:
        asking = asking._replace(action=LISTING, key="")
    noted = _noted(asking, resource_arn(bucket, asking.key), decision)
    raise refusals.denied(noted) if case.attached.is_same_account else AccessDenied()


def _noted(asking: Asking, resource: str, decision: Decision) -> Decision:
    """The whole decision, left on the request."""
    noted = decision._replace(
        principal=asking.principal.arn, action=asking.action, resource=resource
    )
    if asking.request is not None:
        asking.request.decision = noted
    return noted


def require_owner(account_id: str | None, expected_owner: str) -> None:
    """Hold a bucket, owned by this account, to the one that the request expects to own it."""
    if not _is_account_id(expected_owner):
        raise InvalidBucketOwnerAWSAccountID(
            "The value of the expected bucket owner parameter must be an AWS Account ID... "
            f"[{expected_owner}]"
        )
    if expected_owner != account_id:
        raise AccessDenied().because(f"the bucket is not of account {expected_owner}")
