"""Rotation: new material for a key, on demand or by itself; what was sealed before stays readable.

https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
"""

from ferrox.kms_errors import LimitExceeded
from ferrox.operations.kms.amending import change, material_id
from ferrox.operations.kms.call import KmsCall
from ferrox.operations.kms.paging import cut
from ferrox.operations.kms.registry import handles
from ferrox.protocol.kms import operations as o
from ferrox.protocol.kms.keys import (
    EnableKeyRotationInput,
    GetKeyRotationStatusOutput,
    KeyIdOutput,
    ListKeyRotationsInput,
    ListKeyRotationsOutput,
    Nothing,
    OneKey,
    Rotation,
)
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.keys.kms_records import DEFAULT_ROTATION_DAYS, KmsKey

MOST_ON_DEMAND = 25
ROTATIONS_ON_A_PAGE = 100


@handles(o.EnableKeyRotation)
async def enable_key_rotation(call: KmsCall, args: EnableKeyRotationInput) -> Nothing:
    """Have a key rotate by itself, every year if nothing else is said."""
    now_ms = call.clock.now_ms()

    def amend(key: KmsKey) -> KmsKey:
        call.keys.require_usable(key)
        days = args.rotation_period_in_days or key.rotation_days or DEFAULT_ROTATION_DAYS
        since_ms = key.rotates_from_ms if days == key.rotation_days else now_ms
        return key._replace(rotation_days=days, rotates_from_ms=since_ms)

    await change(call, args.key_id, amend)
    return Nothing()


@handles(o.DisableKeyRotation)
async def disable_key_rotation(call: KmsCall, args: OneKey) -> Nothing:
    """Have a key rotate on demand only."""

    def amend(key: KmsKey) -> KmsKey:
        call.keys.require_usable(key)
        return key._replace(rotation_days=0, rotates_from_ms=0)

    await change(call, args.key_id, amend)
    return Nothing()


@handles(o.GetKeyRotationStatus)
async def get_key_rotation_status(call: KmsCall, args: OneKey) -> GetKeyRotationStatusOutput:
    """Tell whether and when a key rotates by itself."""
    key = call.key(args.key_id)
    return GetKeyRotationStatusOutput(
        key_id=call.keys.arn(key),
        key_rotation_enabled=bool(key.next_rotation_ms),
        rotation_period_in_days=key.rotation_days or None,
        next_rotation_date=key.next_rotation_ms or None,
    )


@handles(o.RotateKeyOnDemand)
async def rotate_key_on_demand(call: KmsCall, args: OneKey) -> KeyIdOutput:
    """Have a key seal with new material from now on."""
    keys, key, now_ms = call.keys, call.key(args.key_id), call.clock.now_ms()

    def work(tx: Tx) -> None:
        now = keys.fresh(tx, key)
        keys.require_usable(now)
        kinds = [version.rotation_type for version in now.rotations]
        if kinds.count("ON_DEMAND") >= MOST_ON_DEMAND:
            raise LimitExceeded(
                f"The limit of {MOST_ON_DEMAND} on-demand rotations of {keys.arn(key)} is reached."
            )
        keys.add_version(tx, now, now_ms, "ON_DEMAND")

    await keys.change(work)
    return KeyIdOutput(key_id=keys.arn(key))


@handles(o.ListKeyRotations)
async def list_key_rotations(call: KmsCall, args: ListKeyRotationsInput) -> ListKeyRotationsOutput:
    """List the rotations of a key, or all of its material."""
    key = call.key(args.key_id)
    first = 1 if args.include_key_material == "ALL_KEY_MATERIAL" else 2
    numbers = list(range(first, len(key.versions) + 1))
    shown, told = cut(numbers, lambda number: f"{number:09}", args, ROTATIONS_ON_A_PAGE)
    return ListKeyRotationsOutput(rotations=[_shown(call, key, number) for number in shown], **told)


def _shown(call: KmsCall, key: KmsKey, number: int) -> Rotation:
    version = key.versions[number - 1]
    return Rotation(
        key_id=call.keys.arn(key),
        key_material_id=material_id(key, number),
        key_material_state="CURRENT" if number == len(key.versions) else "NON_CURRENT",
        rotation_date=version.created_ms if version.rotation_type else None,
        rotation_type=version.rotation_type or None,
    )
