"""The table of operations of STS.

https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html
A role is assumed with permission of its trust policy, for which its operations ask themselves;
nobody needs permission to know who he is.
"""

from typing import Any

from ferrox.protocol.query.operation import QueryOperation, Resource
from ferrox.protocol.query.service import QueryService
from ferrox.protocol.sts import callers, credentials

STS = QueryService.STS
NOTHING = Resource.NOTHING
FEDERATED = Resource.FEDERATED_USER

# fmt: off
AssumeRole = QueryOperation(
    STS, "AssumeRole", credentials.AssumeRoleInput, credentials.AssumeRoleOutput, NOTHING)
AssumeRoleWithWebIdentity = QueryOperation(
    STS, "AssumeRoleWithWebIdentity", credentials.AssumeRoleWithWebIdentityInput,
    credentials.AssumeRoleWithWebIdentityOutput, NOTHING)
GetSessionToken = QueryOperation(
    STS, "GetSessionToken", credentials.GetSessionTokenInput, credentials.GetSessionTokenOutput,
    NOTHING)
GetFederationToken = QueryOperation(
    STS, "GetFederationToken", credentials.GetFederationTokenInput,
    credentials.GetFederationTokenOutput, FEDERATED)
GetCallerIdentity = QueryOperation(
    STS, "GetCallerIdentity", callers.GetCallerIdentityInput, callers.GetCallerIdentityOutput,
    NOTHING)
GetAccessKeyInfo = QueryOperation(
    STS, "GetAccessKeyInfo", callers.GetAccessKeyInfoInput, callers.GetAccessKeyInfoOutput,
    Resource.ANYTHING)
# fmt: on

OPERATIONS: dict[str, QueryOperation[Any, Any]] = {
    name: row for name, row in globals().copy().items() if isinstance(row, QueryOperation)
}
"""Every row, by its name."""

UNSIGNED = AssumeRoleWithWebIdentity
"""The one operation for callers without credentials: a token of somebody else is theirs."""
