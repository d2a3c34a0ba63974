"""Keys: made, told of, enabled, disabled, and given up.

https://docs.aws.amazon.com/kms/latest/developerguide/key-states.html
https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
"""

from ferrox.kms_errors import InvalidState, UnsupportedOperation
from ferrox.operations.kms import policies, tags
from ferrox.operations.kms.amending import change, material_id
from ferrox.operations.kms.call import KmsCall
from ferrox.operations.kms.paging import cut
from ferrox.operations.kms.registry import handles
from ferrox.protocol.kms import operations as o
from ferrox.protocol.kms.cryptography import SYMMETRIC
from ferrox.protocol.kms.keys import (
    CreateKeyInput,
    KeyIdOutput,
    KeyListEntry,
    KeyMetadata,
    KeyMetadataOutput,
    ListKeysOutput,
    Nothing,
    OneKey,
    Paged,
    ScheduleKeyDeletionInput,
    ScheduleKeyDeletionOutput,
    UpdateKeyDescriptionInput,
)
from ferrox.storage.keys.kms_records import MS_PER_DAY, KeyState, KmsKey, key_arn

KEYS_ON_A_PAGE = 100


@handles(o.CreateKey)
async def create_key(call: KmsCall, args: CreateKeyInput) -> KeyMetadataOutput:
    """Make a key."""
    _refuse_other_kinds(args)
    tagged = tags.checked(args.tags or (), {})
    if tagged:
        call.require(o.TagResource.action, key_arn(call.keys.region, call.account_id, "*"))
    policy = args.policy or ""
    if policy:
        policies.check(call, None, policy, is_bypassed=args.bypass_policy_lockout_safety_check)
    keys, now_ms = call.keys, call.clock.now_ms()
    made = await keys.change(
        lambda tx: keys.put(
            tx,
            keys.make(tx, call.account_id, now_ms)._replace(
                description=args.description, tags=tagged, policy=policy
            ),
        )
    )
    return KeyMetadataOutput(key_metadata=metadata(call, made))


@handles(o.DescribeKey)
async def describe_key(call: KmsCall, args: OneKey) -> KeyMetadataOutput:
    """Tell of a key."""
    key = call.key(args.key_id, o.On.KEY_IN_USE)
    return KeyMetadataOutput(key_metadata=metadata(call, key))


@handles(o.ListKeys)
async def list_keys(call: KmsCall, args: Paged) -> ListKeysOutput:
    """List the keys of the account."""
    own = call.keys.keys(call.account_id)
    shown, told = cut(own, lambda key: key.key_id, args, KEYS_ON_A_PAGE)
    entries = [KeyListEntry(key_id=key.key_id, key_arn=call.keys.arn(key)) for key in shown]
    return ListKeysOutput(keys=entries, **told)


@handles(o.EnableKey)
async def enable_key(call: KmsCall, args: OneKey) -> Nothing:
    """Have a key used again."""
    return await _set_state(call, args, KeyState.ENABLED)


@handles(o.DisableKey)
async def disable_key(call: KmsCall, args: OneKey) -> Nothing:
    """Have a key not used, by nobody, from the next request on."""
    return await _set_state(call, args, KeyState.DISABLED)


@handles(o.UpdateKeyDescription)
async def update_key_description(call: KmsCall, args: UpdateKeyDescriptionInput) -> Nothing:
    """Say what a key is for."""
    await change(call, args.key_id, lambda key: key._replace(description=args.description))
    return Nothing()


@handles(o.ScheduleKeyDeletion)
async def schedule_key_deletion(
    call: KmsCall, args: ScheduleKeyDeletionInput
) -> ScheduleKeyDeletionOutput:
    """Have a key deleted after some days, during which it is not used."""
    days = args.pending_window_in_days
    deletion_ms = call.clock.now_ms() + days * MS_PER_DAY
    key = await change(
        call,
        args.key_id,
        lambda key: key._replace(
            state=KeyState.PENDING_DELETION, deletion_ms=deletion_ms, pending_days=days
        ),
    )
    return ScheduleKeyDeletionOutput(
        key_id=call.keys.arn(key),
        deletion_date=key.deletion_ms,
        key_state=key.state.value,
        pending_window_in_days=days,
    )


@handles(o.CancelKeyDeletion)
async def cancel_key_deletion(call: KmsCall, args: OneKey) -> KeyIdOutput:
    """Keep a key after all; it is disabled then."""

    def keep(key: KmsKey) -> KmsKey:
        if key.state is not KeyState.PENDING_DELETION:
            raise InvalidState(f"{call.keys.arn(key)} is not pending deletion.")
        return key._replace(state=KeyState.DISABLED, deletion_ms=0, pending_days=0)

    key = await change(call, args.key_id, keep, is_kept=False)
    return KeyIdOutput(key_id=call.keys.arn(key))


def metadata(call: KmsCall, key: KmsKey) -> KeyMetadata:
    """What is told of a key."""
    return KeyMetadata(
        aws_account_id=key.account_id,
        key_id=key.key_id,
        arn=call.keys.arn(key),
        creation_date=key.created_ms,
        enabled=key.state is KeyState.ENABLED,
        description=key.description,
        key_state=key.state.value,
        deletion_date=key.deletion_ms or None,
        key_manager="AWS" if key.is_aws_managed else "CUSTOMER",
        encryption_algorithms=[SYMMETRIC],
        current_key_material_id=material_id(key),
    )


async def _set_state(call: KmsCall, args: OneKey, state: KeyState) -> Nothing:
    await change(call, args.key_id, lambda key: key._replace(state=state))
    return Nothing()


def _refuse_other_kinds(args: CreateKeyInput) -> None:
    """Refuse what is no symmetric key of this server's own making."""
    spec = args.key_spec or args.customer_master_key_spec or SYMMETRIC
    usage, origin = args.key_usage or "ENCRYPT_DECRYPT", args.origin or "AWS_KMS"
    wanted = {"KeySpec": spec, "KeyUsage": usage, "Origin": origin}
    there_is = {"KeySpec": SYMMETRIC, "KeyUsage": "ENCRYPT_DECRYPT", "Origin": "AWS_KMS"}
    for name, value in wanted.items():
        if value != there_is[name]:
            raise UnsupportedOperation(f"{name} {value} is not supported by this server.")
    if args.multi_region or args.custom_key_store_id or args.xks_key_id:
        raise UnsupportedOperation(
            "Keys of several Regions and of other key stores are not supported by this server."
        )
