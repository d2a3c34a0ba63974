"""Who somebody is: GetCallerIdentity, which everybody may ask.

https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""

from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.registry import handles
from ferrox.protocol.sts.callers import GetCallerIdentityInput, GetCallerIdentityOutput
from ferrox.protocol.sts.operations import GetCallerIdentity


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
