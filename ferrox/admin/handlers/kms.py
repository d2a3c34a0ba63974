"""Keys of KMS: what operators ask for is done by the handlers of its API, without permissions."""

from typing import TypeAlias

from ferrox.admin.backstage import AdminCall
from ferrox.admin.errors import Conflict
from ferrox.admin.handlers.accounts import page
from ferrox.admin.handlers.iam import Orders
from ferrox.admin.registry import answers
from ferrox.admin.schema import instant
from ferrox.admin.shapes.identities import OfAccount
from ferrox.admin.shapes.kms import (
    KmsAlias,
    KmsDeletion,
    KmsKeyPage,
    KmsKeyView,
    NewKmsKey,
    OneKmsKey,
)
from ferrox.operations.kms.call import NO_MASTER_KEY, KmsCall
from ferrox.operations.kms.handlers import HANDLERS
from ferrox.protocol.kms import operations as o
from ferrox.protocol.kms.decode import structure
from ferrox.storage.keys.kms_keys import KmsKeys
from ferrox.storage.keys.kms_records import KmsKey

AnyKmsKey: TypeAlias = OneKmsKey | KmsDeletion | KmsAlias
"""What names a key, whatever else it says."""


class _Keys:
    """What is done with the keys of one account."""

    def __init__(self, call: AdminCall, account: str) -> None:
        root = Orders(call, account).root
        if call.services.encryption.keys.kms_keys is None:
            raise Conflict(NO_MASTER_KEY)
        self._call = KmsCall(call.services, root, call.request, is_trusted=True)
        self.account_id = root.account_id
        self.keys: KmsKeys = self._call.keys

    def find(self, named: str) -> KmsKey:
        """A key of the account, by any of its names."""
        return self.keys.find(self.account_id, named)

    async def give(self, operation: o.AnyKmsOperation, key: KmsKey, **members: object) -> None:
        """Have an operation done with a key; it reads the member that names one there."""
        given = {"KeyId": key.key_id, "TargetKeyId": key.key_id, **members}
        await HANDLERS[operation.name](self._call, structure(operation.input, given))

    async def make(self, description: str) -> KmsKey:
        """Make a key."""
        args = structure(o.CreateKey.input, {"Description": description})
        made = await HANDLERS[o.CreateKey.name](self._call, args)
        return self.find(made.key_metadata.key_id)  # type: ignore[attr-defined] # its output

    def view(self, key: KmsKey) -> KmsKeyView:
        """A key as it is now."""
        key = self.find(key.key_id)
        aliases = self.keys.aliases(self.account_id)
        return KmsKeyView(
            key=key.key_id,
            account=key.account_id,
            arn=self.keys.arn(key),
            state=key.state.value,
            description=key.description,
            aliases=tuple(alias.name for alias in aliases if alias.key_id == key.key_id),
            versions=len(key.versions),
            created=instant(key.created_ms),
            rotates=instant(key.next_rotation_ms or None),
            deleted=instant(key.deletion_ms or None),
        )


@answers("CreateKmsKey")
async def create_key(call: AdminCall, args: NewKmsKey) -> KmsKeyView:
    """Make a key, and call it something."""
    keys = _Keys(call, args.account)
    made = await keys.make(args.description)
    if args.alias:
        await keys.give(o.CreateAlias, made, AliasName=args.alias)
    return keys.view(made)


@answers("ListKmsKeys")
async def list_keys(call: AdminCall, args: OfAccount) -> KmsKeyPage:
    """Return keys by id."""
    keys = _Keys(call, args.account)
    own = keys.keys.keys(keys.account_id)
    shown, following = page(own, [key.key_id for key in own], args)
    return KmsKeyPage(keys=tuple(keys.view(key) for key in shown), next=following)


@answers("GetKmsKey")
async def get_key(call: AdminCall, args: OneKmsKey) -> KmsKeyView:
    """Return a key."""
    keys = _Keys(call, args.account)
    return keys.view(keys.find(args.key))


@answers("EnableKmsKey")
async def enable_key(call: AdminCall, args: OneKmsKey) -> KmsKeyView:
    """Have a key used again."""
    return await _done(call, args, o.EnableKey)


@answers("DisableKmsKey")
async def disable_key(call: AdminCall, args: OneKmsKey) -> KmsKeyView:
    """Have a key not used, from the next request on."""
    return await _done(call, args, o.DisableKey)


@answers("RotateKmsKey")
async def rotate_key(call: AdminCall, args: OneKmsKey) -> KmsKeyView:
    """Have a key seal with new material."""
    return await _done(call, args, o.RotateKeyOnDemand)


@answers("CancelKmsKeyDeletion")
async def cancel_deletion(call: AdminCall, args: OneKmsKey) -> KmsKeyView:
    """Keep a key after all."""
    return await _done(call, args, o.CancelKeyDeletion)


@answers("ScheduleKmsKeyDeletion")
async def schedule_deletion(call: AdminCall, args: KmsDeletion) -> KmsKeyView:
    """Have a key deleted after some days."""
    return await _done(call, args, o.ScheduleKeyDeletion, PendingWindowInDays=args.days)


@answers("CreateKmsAlias")
async def create_alias(call: AdminCall, args: KmsAlias) -> KmsKeyView:
    """Give a key another name."""
    return await _done(call, args, o.CreateAlias, AliasName=args.alias)


async def _done(
    call: AdminCall, args: AnyKmsKey, operation: o.AnyKmsOperation, **members: object
) -> KmsKeyView:
    """Have something done with the key that is named."""
    keys = _Keys(call, args.account)
    key = keys.find(args.key)
    await keys.give(operation, key, **members)
    return keys.view(key)
