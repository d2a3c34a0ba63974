"""Keys of KMS: they come with their material and their aliases, under another master key."""

import copy
from pathlib import Path

from ferrox.crypto.sealing import Seal
from ferrox.errors import SealBroken
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.keys.kms_keys import KmsKeys
from tests.storage.portable.filling import ROOT, exported, imported, opened, outcomes

OTHER_ROOT = Seal(b"o" * 32)


async def test_what_one_key_wrapped_the_other_opens(full: Path, empty: Path) -> None:
    imported(empty, exported(full).document, root=OTHER_ROOT)

    with opened(full) as here, opened(empty) as there:
        keys = KmsKeys(here.identities, ROOT, "us-east-1")
        others = KmsKeys(there.identities, OTHER_ROOT, "us-east-1")
        (key,) = keys.keys()
        wrapped = keys.current(key, "context").wrap(b"d" * 32, b"blob")
        for number in (1, 2):
            kek_id = f"kms/{key.key_id}/{number}"
            assert (number == 2) == opens(others, kek_id, wrapped)
        assert key.key_id == others.find("123456789012", "alias/x").key_id


def opens(keys: KmsKeys, kek_id: str, wrapped: bytes) -> bool:
    try:
        return keys.kek(kek_id, "context").unwrap(wrapped, b"blob") == b"d" * 32
    except SealBroken:
        return False


async def test_an_alias_that_leads_elsewhere_is_refused(full: Path) -> None:
    document = exported(full).document
    with opened(full) as there:
        keys = KmsKeys(there.identities, ROOT, "us-east-1")

        def move(tx: Tx) -> None:
            other = keys.make(tx, "123456789012", 50)
            alias = keys.alias_in(tx, "123456789012", "alias/x")
            assert alias is not None
            keys.put_alias(tx, alias._replace(key_id=other.key_id))

        there.identities.change_now(move)

    refused, replaced = imported(full, document), imported(full, document, may_replace=True)

    assert "refused" == outcomes(refused)["alias/x of account 123456789012"]
    assert "replaced" == outcomes(replaced)["alias/x of account 123456789012"]


async def test_material_under_another_key_of_the_same_name_is_a_change(full: Path) -> None:
    document = exported(full).document
    versions = document["accounts"][0]["kms_keys"][0]["versions"]
    del versions[1]

    found = imported(full, document)

    key_id = document["accounts"][0]["kms_keys"][0]["key_id"]
    assert "refused" == outcomes(found)[f"key {key_id} of KMS"]


async def test_no_material_is_taken_from_a_key(full: Path) -> None:
    """An export of before a rotation, with --replace, made all unreadable that came after it."""
    document = exported(full).document
    with opened(full) as there:
        keys = KmsKeys(there.identities, ROOT, "us-east-1")
        (key,) = keys.keys()
        there.identities.change_now(lambda tx: keys.add_version(tx, key, 60, "ON_DEMAND"))
        before = keys.keys()

        found = imported(full, document, may_replace=True)

        assert "refused" == outcomes(found)[f"key {key.key_id} of KMS"]
        assert before == KmsKeys(there.identities, ROOT, "us-east-1").keys()


async def test_a_key_in_use_is_not_scheduled_for_deletion(full: Path) -> None:
    document = exported(full).document
    entry = document["accounts"][0]["kms_keys"][0]
    entry |= {"state": "PendingDeletion", "deletion_ms": 5, "pending_days": 7}

    found = imported(full, document, may_replace=True)

    assert "refused" == outcomes(found)[f"key {entry['key_id']} of KMS"]


async def test_a_key_may_get_what_came_later(full: Path, empty: Path) -> None:
    document = exported(full).document
    former = copy.deepcopy(document)
    del former["accounts"][0]["kms_keys"][0]["versions"][1]
    imported(empty, former)

    found = imported(empty, document, may_replace=True)

    key_id = document["accounts"][0]["kms_keys"][0]["key_id"]
    assert "replaced" == outcomes(found)[f"key {key_id} of KMS"]
