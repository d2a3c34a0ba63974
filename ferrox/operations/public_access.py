"""The public access block of an account: read, set and removed by the account itself.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetPublicAccessBlock.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutPublicAccessBlock.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeletePublicAccessBlock.html

What it does to buckets, public_access_block says.
"""

from ferrox.document_errors import NoSuchPublicAccessBlockConfiguration
from ferrox.errors import AccessDenied
from ferrox.operations.call import Call
from ferrox.operations.documents import given
from ferrox.operations.public_access_block import TABLE, of_account
from ferrox.operations.registry import handles
from ferrox.protocol.control import (
    DeleteAccountPublicAccessBlock,
    GetAccountPublicAccessBlock,
    PutAccountPublicAccessBlock,
)
from ferrox.protocol.documents.access import complete_public_access_block
from ferrox.protocol.plain import as_plain, from_plain
from ferrox.protocol.shapes.access import (
    AccountInput,
    GetAccountPublicAccessBlockOutput,
    PublicAccessBlockConfiguration,
    PutAccountPublicAccessBlockInput,
)
from ferrox.protocol.shapes.groups import NoOutput

READ = "s3:GetAccountPublicAccessBlock"
WRITE = "s3:PutAccountPublicAccessBlock"


@handles(GetAccountPublicAccessBlock, action=READ)
async def get_account_public_access_block(
    call: Call, args: AccountInput
) -> GetAccountPublicAccessBlockOutput:
    """Show the settings of the caller's account."""
    _require_own(call, args)
    found = of_account(call.store.identities, call.principal.canonical_id)
    if found is None:
        raise NoSuchPublicAccessBlockConfiguration(AccountId=args.account_id)
    return GetAccountPublicAccessBlockOutput(
        public_access_block_configuration=from_plain(PublicAccessBlockConfiguration, found)
    )


@handles(PutAccountPublicAccessBlock, action=WRITE)
async def put_account_public_access_block(
    call: Call, args: PutAccountPublicAccessBlockInput
) -> NoOutput:
    """Replace all settings of the caller's account; what is not said is off."""
    _require_own(call, args)
    configuration = given(args)
    complete_public_access_block(configuration)
    settings, canonical_id = as_plain(configuration), call.principal.canonical_id
    await call.store.identities.change(lambda tx: tx.put_document(TABLE, canonical_id, settings))
    return NoOutput()


@handles(DeleteAccountPublicAccessBlock, action=WRITE)
async def delete_account_public_access_block(call: Call, args: AccountInput) -> NoOutput:
    """Remove the settings of the caller's account, if it has any."""
    _require_own(call, args)
    canonical_id = call.principal.canonical_id
    await call.store.identities.change(lambda tx: tx.delete_document(TABLE, canonical_id))
    return NoOutput()


def _require_own(call: Call, args: AccountInput) -> None:
    if args.account_id != call.principal.account_id:
        raise AccessDenied().because("the account is another one than the caller's")
