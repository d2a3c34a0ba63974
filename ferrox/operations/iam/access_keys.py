"""Access keys: of users, and of the root of an account.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html
Whoever names no user means himself. The secret is shown once, when the key is made. The key pair
with which the server was started belongs to its settings and is not among these.
"""

from ferrox import ids
from ferrox.iam_errors import NoSuchEntity, ValidationError
from ferrox.identity import KeyRecord, KeyStatus
from ferrox.operations.iam import paging, quotas, users
from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.registry import handles
from ferrox.protocol.iam.access_keys import (
    AccessKey,
    AccessKeyLastUsed,
    AccessKeyMetadata,
    CreateAccessKeyInput,
    CreateAccessKeyOutput,
    DeleteAccessKeyInput,
    GetAccessKeyLastUsedInput,
    GetAccessKeyLastUsedOutput,
    ListAccessKeysInput,
    ListAccessKeysOutput,
    UpdateAccessKeyInput,
)
from ferrox.protocol.iam.operations import (
    CreateAccessKey,
    DeleteAccessKey,
    GetAccessKeyLastUsed,
    ListAccessKeys,
    UpdateAccessKey,
)
from ferrox.protocol.query.operation import Nothing
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.identities.view import IdentityView

NOT_APPLICABLE = "N/A"
"""What is said of the use of a key that was never used."""

_EXPIRED = "Expired"


@handles(CreateAccessKey)
async def create_access_key(call: IamCall, args: CreateAccessKeyInput) -> CreateAccessKeyOutput:
    """Make a key; a user has two at most, so that one can take the place of the other."""
    name = users.named(call, args.user_name)
    access_key_id, secret = ids.access_key_id(), ids.secret_access_key()

    def create(tx: Tx) -> KeyRecord:
        owner = users.find(tx, call.account_id, name).name if name else ""
        count = len(tx.keys(call.account_id, owner))
        quotas.require_room(count, quotas.ACCESS_KEYS_PER_USER, "AccessKeysPerUser")
        sealed = call.identities.seal_secret(access_key_id, secret)
        key = KeyRecord(access_key_id, call.account_id, owner, sealed, call.clock.now_ms())
        tx.put(key)
        return key

    key = await call.identities.change(create)
    return CreateAccessKeyOutput(
        access_key=AccessKey(
            user_name=_owner(call, key),
            access_key_id=key.access_key_id,
            status=key.status,
            secret_access_key=secret,
            create_date=key.created_ms,
        )
    )


@handles(DeleteAccessKey)
async def delete_access_key(call: IamCall, args: DeleteAccessKeyInput) -> Nothing:
    """Remove a key; it stops working with the next request."""
    name = users.named(call, args.user_name)
    await call.identities.change(lambda tx: tx.delete(_find(tx, call, name, args.access_key_id)))
    return Nothing()


@handles(ListAccessKeys)
async def list_access_keys(call: IamCall, args: ListAccessKeysInput) -> ListAccessKeysOutput:
    """Tell of the keys of a user, without their secrets."""
    name = users.named(call, args.user_name)
    if name:
        users.find(call.identities, call.account_id, name)
    keys = call.identities.keys(call.account_id, name)
    page = paging.cut(keys, args, lambda key: key.access_key_id)
    return ListAccessKeysOutput(
        access_key_metadata=[
            AccessKeyMetadata(
                user_name=_owner(call, key),
                access_key_id=key.access_key_id,
                status=_status(call, key),
                create_date=key.created_ms,
            )
            for key in page.items
        ],
        is_truncated=page.is_truncated,
        marker=page.marker,
    )


@handles(UpdateAccessKey)
async def update_access_key(call: IamCall, args: UpdateAccessKeyInput) -> Nothing:
    """Let a key work, or not."""
    name = users.named(call, args.user_name)
    if args.status == _EXPIRED:
        raise ValidationError(
            f"1 validation error detected: Value '{_EXPIRED}' at 'status' failed to satisfy "
            "constraint: Member must satisfy enum value set: [Active, Inactive]"
        )

    def update(tx: Tx) -> None:
        key = _find(tx, call, name, args.access_key_id)
        tx.put(key._replace(status=KeyStatus(args.status)))

    await call.identities.change(update)
    return Nothing()


@handles(GetAccessKeyLastUsed)
async def get_access_key_last_used(
    call: IamCall, args: GetAccessKeyLastUsedInput
) -> GetAccessKeyLastUsedOutput:
    """Tell when a key was used last, and for what."""
    key = call.identities.key(args.access_key_id)
    if key is None or key.account_id != call.account_id:
        raise _absent(args.access_key_id)
    use = call.services.store.key_uses.find(key.access_key_id)
    last_used = AccessKeyLastUsed(
        last_used_date=use.used_ms if use else None,
        service_name=use.service if use else NOT_APPLICABLE,
        region=use.region if use else NOT_APPLICABLE,
    )
    return GetAccessKeyLastUsedOutput(user_name=_owner(call, key), access_key_last_used=last_used)


def _find(identities: IdentityView, call: IamCall, name: str, access_key_id: str) -> KeyRecord:
    """The key of this user with this id; NoSuchEntity."""
    if name:
        users.find(identities, call.account_id, name)
    key = identities.key(access_key_id)
    if key is None or (key.account_id, key.user_name.lower()) != (call.account_id, name.lower()):
        raise _absent(access_key_id)
    return key


def _owner(call: IamCall, key: KeyRecord) -> str:
    """Whose a key is, as documents say it."""
    return key.user_name or users.root_name(call)


def _status(call: IamCall, key: KeyRecord) -> str:
    has_expired = key.expires_ms is not None and key.expires_ms <= call.clock.now_ms()
    return _EXPIRED if has_expired else key.status


def _absent(access_key_id: str) -> NoSuchEntity:
    return NoSuchEntity(f"The Access Key with id {access_key_id} cannot be found.")
