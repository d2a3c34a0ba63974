"""What is said of a refusal beyond the error: to those who run the server, and to few callers.

Every refusal is remembered with its reason (accounting/refusals.py). A caller that sends
`x-ferrox-explain: 1` gets the reason in the error document of its own request, if the server knows
who it is and it may: the operator's root, and whoever is allowed ferrox:Explain. That permission is
one of the caller's own account, so it explains nothing about buckets and roles of others: their
policies are none of its business. Whoever could not be verified is never told anything, nor is
whoever comes with something that was signed for him: a presigned URL or an upload form.
"""

from collections.abc import Mapping

from ferrox.errors import AccessDenied, S3Error
from ferrox.identity import Principal
from ferrox.operations.call import Services
from ferrox.protocol.message import Request

HEADER = "x-ferrox-explain"
ACTION = "ferrox:Explain"

UNEXPLAINED: Mapping[str, str] = {}


def refused(services: Services, request: Request, error: S3Error) -> Mapping[str, str]:
    """Remember a refusal; return what its caller is told of the reason, element by element."""
    request.facts["error_code"] = error.code
    refusal = services.ledger.refusals.note(request, error)
    if refusal is None or request.headers.get(HEADER) != "1" or not _may_know(services, request):
        return UNEXPLAINED
    return refusal.explanation()


def _may_know(services: Services, request: Request) -> bool:
    """Whether the caller may have its request explained. The decision about that stays as it is."""
    principal = request.principal
    if principal is None or principal.is_anonymous or request.facts.get("auth_type") != "header":
        return False
    if services.is_operator(principal):
        return True
    if request.bucket is not None and request.bucket.owner_id != principal.canonical_id:
        return False
    decision = request.decision
    if decision is not None and not _is_own(services, principal, decision.resource):
        return False
    resource = f"arn:aws:ferrox::{principal.account_id}:refusal/{request.request_id}"
    try:
        services.authorizer.require_on(principal, ACTION, resource, request=request)
    except AccessDenied:
        return False
    finally:
        request.decision = decision
    return True


def _is_own(services: Services, principal: Principal, arn: str) -> bool:
    """Whether what was refused is of the caller's account: a role, or what is copied, need not be.

    What is nobody's, as all buckets and the policies of AWS, counts as its own.
    """
    if not arn.startswith("arn:"):
        return True
    *_, account_id, name = arn.split(":", 5)
    if account_id.isdigit():
        return account_id == principal.account_id
    bucket = services.store.bucket(name.partition("/")[0])
    return bucket is None or bucket.owner_id == principal.canonical_id
