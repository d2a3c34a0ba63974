"""Amending: how what is said of a key is changed; and what its material is called."""

import hashlib
from collections.abc import Callable

from ferrox.operations.kms.call import KmsCall
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.keys.kms_records import KmsKey


async def change(
    call: KmsCall, named: str, amend: Callable[[KmsKey], KmsKey], *, is_kept: bool = True
) -> KmsKey:
    """Change what is said of a key, as it is when nobody else changes it.

    is_kept  refuse one that is to be deleted
    """
    keys, key = call.keys, call.key(named)

    def work(tx: Tx) -> KmsKey:
        now = keys.fresh(tx, key)
        if is_kept:
            keys.require_kept(now)
        return keys.put(tx, amend(now))

    return await keys.change(work)


def material_id(key: KmsKey, number: int = 0) -> str:
    """What a version of the material is called: by its number, the newest without one."""
    place = f"{key.key_id}/{number or len(key.versions)}"
    return hashlib.sha256(place.encode()).hexdigest()
