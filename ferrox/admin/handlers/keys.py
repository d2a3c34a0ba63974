"""Access keys of users and of the roots of accounts, and the key that their secrets are under."""

from ferrox.admin.backstage import AdminCall
from ferrox.admin.errors import Conflict, NotFound
from ferrox.admin.handlers.accounts import page
from ferrox.admin.handlers.iam import Orders
from ferrox.admin.handlers.users import make_key
from ferrox.admin.registry import answers
from ferrox.admin.schema import instant
from ferrox.admin.shapes.identities import (
    KeyPage,
    KeyPair,
    KeysOf,
    KeyStatusChange,
    KeyView,
    NewKey,
    OneKey,
)
from ferrox.admin.shapes.server import KeyRotated, KeyRotation
from ferrox.identity import KeyRecord
from ferrox.protocol.iam import operations as iam
from ferrox.storage.identities.rotation import Target
from ferrox.storage.key_file import passphrase_of


@answers("RotateSealingKey")
async def rotate_sealing_key(call: AdminCall, args: KeyRotation) -> KeyRotated:
    """Seal all secrets anew; see docs/secrets.md."""
    to: Target = None
    if args.to == "passphrase":
        to = passphrase_of(call.backstage.config)
        if to is None:
            raise Conflict("The settings have no master passphrase; see docs/secrets.md.")
    elif args.to == "key-file":
        to = "key file"
    count, unreadable = await call.services.store.identities.rotate_key(to)
    return KeyRotated(secrets=count, unreadable=unreadable)


@answers("CreateAccessKey")
async def create_key(call: AdminCall, args: NewKey) -> KeyPair:
    """Make an access key."""
    return await make_key(Orders(call, args.account), args.user)


@answers("ListAccessKeys")
async def list_keys(call: AdminCall, args: KeysOf) -> KeyPage:
    """Return access keys by id."""
    orders = Orders(call, args.account)
    users = [user.name for user in orders.identities.users(orders.account_id)]
    names = ["", *users] if args.user is None else [args.user]
    keys = [key for name in names for key in orders.identities.keys(orders.account_id, name)]
    shown, following = page(keys, [key.access_key_id for key in keys], args)
    return KeyPage(keys=tuple(_view(call, key) for key in shown), next=following)


@answers("GetAccessKey")
async def get_key(call: AdminCall, args: OneKey) -> KeyView:
    """Return one access key."""
    return _view(call, _found(call, args.key))


@answers("UpdateAccessKey")
async def update_key(call: AdminCall, args: KeyStatusChange) -> KeyView:
    """Have an access key work, or not."""
    key = _found(call, args.key)
    orders = Orders(call, key.account_id)
    user = key.user_name or None
    await orders.give(iam.UpdateAccessKey, UserName=user, AccessKeyId=args.key, Status=args.status)
    return _view(call, _found(call, args.key))


@answers("DeleteAccessKey")
async def delete_key(call: AdminCall, args: OneKey) -> None:
    """Remove an access key."""
    key = _found(call, args.key)
    orders = Orders(call, key.account_id)
    await orders.give(iam.DeleteAccessKey, UserName=key.user_name or None, AccessKeyId=args.key)


def _found(call: AdminCall, access_key_id: str) -> KeyRecord:
    key = call.services.store.identities.key(access_key_id)
    if key is None:
        raise NotFound(f"There is no access key {access_key_id}.")
    return key


def _view(call: AdminCall, key: KeyRecord) -> KeyView:
    use = call.services.store.key_uses.find(key.access_key_id)
    return KeyView(
        access_key_id=key.access_key_id,
        account_id=key.account_id,
        user=key.user_name or None,
        status=key.status.value,
        created=instant(key.created_ms),
        expires=instant(key.expires_ms),
        last_used=instant(use.used_ms) if use is not None else None,
        last_service=use.service if use is not None else None,
    )
