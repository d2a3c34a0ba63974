"""Who somebody is: GetCallerIdentity, which everybody may ask, and GetAccessKeyInfo.

https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html
"""

from ferrox.iam_errors import ValidationError
from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.registry import handles
from ferrox.protocol.sts.callers import (
    GetAccessKeyInfoInput,
    GetAccessKeyInfoOutput,
    GetCallerIdentityInput,
    GetCallerIdentityOutput,
)
from ferrox.protocol.sts.operations import GetAccessKeyInfo, GetCallerIdentity


@handles(GetCallerIdentity)
async def get_caller_identity(
    call: IamCall, _args: GetCallerIdentityInput
) -> GetCallerIdentityOutput:
    """Tell the caller its account, its ARN and its id; the root's id is that of the account."""
    principal = call.principal
    return GetCallerIdentityOutput(
        user_id=principal.user_id or principal.account_id,
        account=principal.account_id,
        arn=principal.arn,
    )


@handles(GetAccessKeyInfo)
async def get_access_key_info(call: IamCall, args: GetAccessKeyInfoInput) -> GetAccessKeyInfoOutput:
    """Tell whose account a lasting key belongs to, whether it works or not.

    Temporary ones are not kept anywhere: of those the caller's own is known.
    """
    if args.access_key_id == call.principal.access_key_id:
        return GetAccessKeyInfoOutput(account=call.principal.account_id)
    key = call.identities.key(args.access_key_id)
    if key is None:
        raise ValidationError(f"The access key ID {args.access_key_id} is not known.")
    return GetAccessKeyInfoOutput(account=key.account_id)
