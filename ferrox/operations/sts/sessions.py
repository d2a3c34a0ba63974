"""What temporary credentials may not ask for, whatever policies say.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
"""

from ferrox.errors import AccessDenied
from ferrox.iam_errors import InvalidClientTokenId
from ferrox.identity import Principal, PrincipalKind
from ferrox.protocol.query.operation import AnyQueryOperation
from ferrox.protocol.query.service import QueryService
from ferrox.protocol.sts.operations import (
    AssumeRole,
    GetCallerIdentity,
    GetFederationToken,
    GetSessionToken,
)

_OF_LASTING_KEYS = (GetSessionToken, GetFederationToken)


def refuse_session(principal: Principal, operation: AnyQueryOperation) -> None:
    """Refuse an operation that the caller's kind of session may not ask for."""
    if principal.session is None or operation is GetCallerIdentity:
        return
    is_of_role = principal.kind is PrincipalKind.ROLE_SESSION
    is_federated = principal.kind is PrincipalKind.FEDERATED
    if operation.service is QueryService.IAM:
        if not is_of_role and (is_federated or not principal.session.is_mfa):
            raise InvalidClientTokenId
    elif operation in _OF_LASTING_KEYS or not (
        is_of_role or (operation is AssumeRole and not is_federated)
    ):
        raise AccessDenied(f"Cannot call {operation.name} with session credentials")
