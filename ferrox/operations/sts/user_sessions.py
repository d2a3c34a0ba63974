"""GetSessionToken and GetFederationToken: sessions with the permissions of the user who asks.

https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html

The first is the user again, for a while. The second is somebody else, whom only the caller knows:
it may do what both the user may and the policies that come with it grant.
"""

from ferrox.errors import AccessDenied
from ferrox.identity import PARTITION, Principal, PrincipalKind
from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.registry import handles
from ferrox.operations.sts import giving, session_contents
from ferrox.operations.sts.assume_role import NO_SECOND_FACTOR
from ferrox.operations.sts.role_sessions import TAG_SESSION
from ferrox.protocol.sts.credentials import (
    FederatedUser,
    GetFederationTokenInput,
    GetFederationTokenOutput,
    GetSessionTokenInput,
    GetSessionTokenOutput,
)
from ferrox.protocol.sts.operations import GetFederationToken, GetSessionToken

DEFAULT_DURATION_S = 43_200
MOST_OF_ROOT_S = 3_600
"""Of sessions of the root of an account, whatever it asks for."""


@handles(GetSessionToken)
async def get_session_token(call: IamCall, args: GetSessionTokenInput) -> GetSessionTokenOutput:
    """Give the caller a key that ends by itself."""
    if args.serial_number is not None or args.token_code is not None:
        raise AccessDenied(NO_SECOND_FACTOR)
    session = giving.session_of(call, _duration_s(call, args.duration_seconds))
    output = GetSessionTokenOutput()
    giving.give(call, call.principal, session, output, args.minimum_session_token_size or 0)
    return output


@handles(GetFederationToken)
async def get_federation_token(
    call: IamCall, args: GetFederationTokenInput
) -> GetFederationTokenOutput:
    """Give somebody whom the caller knows a part of the caller's permissions, for a while."""
    caller = call.principal
    federated_id = f"{caller.account_id}:{args.name}"
    arn = f"arn:{PARTITION}:sts::{caller.account_id}:federated-user/{args.name}"
    tags = session_contents.read_tags(((tag.key, tag.value) for tag in args.tags or ()), ())
    if tags.pairs:
        call.request.values = tags.condition_keys
        call.services.authorizer.require_on(caller, TAG_SESSION, arn, request=call.request)
    session = giving.session_of(call, _duration_s(call, args.duration_seconds))._replace(
        policies=session_contents.read_policies(call.identities, caller.account_id, args),
        tags=tags.pairs,
    )
    principal = Principal(
        caller.account_id,
        caller.canonical_id,
        caller.display_name,
        arn,
        "",
        PrincipalKind.FEDERATED,
        federated_id,
        parent_arn=caller.arn,
    )
    output = GetFederationTokenOutput(
        federated_user=FederatedUser(federated_user_id=federated_id, arn=arn)
    )
    giving.give(call, principal, session, output, args.minimum_session_token_size or 0)
    return output


def _duration_s(call: IamCall, wanted_s: int | None) -> int:
    duration_s = wanted_s or DEFAULT_DURATION_S
    return min(duration_s, MOST_OF_ROOT_S) if call.principal.is_root else duration_s
