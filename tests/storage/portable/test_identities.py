"""Accounts and what they have: groups know their members, keys their owners."""

from pathlib import Path

from ferrox.document_errors import MalformedPolicy
from tests.storage.portable.filling import (
    ACCOUNT,
    Lenient,
    exported,
    imported,
    opened,
    outcomes,
)


async def test_who_leaves_a_group_is_forgotten_by_it_and_others_stay(full: Path) -> None:
    document = exported(full).document
    users = document["accounts"][0]["users"]
    bob = {"name": "Bob", "user_id": "AIDA2", "created_ms": 1, "groups": ["Devs"]}
    users.append(bob)
    imported(full, document)
    del users[0]["groups"]

    imported(full, document, may_replace=True)

    with opened(full) as there:
        group = there.identities.group(ACCOUNT.account_id, "Devs")
        assert group is not None
        assert ("Bob",) == group.members


async def test_groups_are_called_as_they_are(full: Path) -> None:
    document = exported(full).document
    document["accounts"][0]["users"][0] |= {"groups": ["DEVS", "devs"], "path": "/new/"}

    found = imported(full, document, may_replace=True)

    with opened(full) as there:
        user = there.identities.user(ACCOUNT.account_id, "Alice")
        group = there.identities.group(ACCOUNT.account_id, "Devs")
        assert found.is_done
        assert user is not None
        assert group is not None
        assert (("Devs",), ("Alice",)) == (user.groups, group.members)


async def test_a_group_that_is_replaced_keeps_its_members(full: Path) -> None:
    document = exported(full).document
    document["accounts"][0]["groups"][0]["path"] = "/new/"

    imported(full, document, may_replace=True)

    with opened(full) as there:
        group = there.identities.group(ACCOUNT.account_id, "Devs")
        assert group is not None
        assert (("Alice",), "/new/") == (group.members, group.path)


async def test_records_are_checked_when_all_are_there(full: Path, empty: Path) -> None:
    class Strict(Lenient):
        def identity(self, identities: object, record: object) -> None:
            account_id = ACCOUNT.account_id
            assert identities.user(account_id, "Alice") is not None  # type: ignore[attr-defined]
            if type(record).__name__ == "RoleRecord":
                raise MalformedPolicy("the reason")

    found = imported(empty, exported(full).document, Strict())

    assert "refused" == outcomes(found)["role role of account 123456789012"]
    assert not found.is_done


async def test_an_alias_that_another_account_has_is_refused(full: Path) -> None:
    document = exported(full).document
    document["accounts"][0]["alias"] = "other-alias"

    found = imported(full, document, may_replace=True)

    assert not found.is_done


async def test_a_secret_that_changed_is_a_change(full: Path) -> None:
    document = exported(full).document
    with opened(full) as there:
        sealed = there.identities.seal_secret("AKIAALICE0000000", "another secret")
        key = there.identities.key("AKIAALICE0000000")
        assert key is not None
        there.identities.change_now(lambda tx: tx.put(key._replace(sealed_secret=sealed)))

    refused = imported(full, document)
    replaced = imported(full, document, may_replace=True)

    assert (False, True) == (refused.is_done, replaced.is_done)
    assert "replaced" == outcomes(replaced)["access key AKIAALICE0000000"]
