import re
from typing import Any

import pytest

from ferrox.identity import PrincipalKind
from ferrox.operations.iam import access_keys
from ferrox.operations.iam.call import IamCall
from ferrox.protocol.iam.access_keys import CreateAccessKeyInput, ListAccessKeysInput
from ferrox.protocol.message import Request
from tests.in_process import OTHER_ACCESS_KEY, ROOT
from tests.queries import Queries, items

ABSENT = (404, "NoSuchEntity", "The Access Key with id FRXNONEFRXNONEFRXNON cannot be found.")


@pytest.fixture
async def alice(root: Queries) -> dict[str, str]:
    """The first key of a user, as it was shown when it was made."""
    await root.iam("CreateUser", UserName="Alice")
    key: dict[str, str] = (await root.iam("CreateAccessKey", UserName="alice"))["AccessKey"]
    return key


async def listed(root: Queries, **more: str) -> list[Any]:
    return items((await root.iam("ListAccessKeys", **more))["AccessKeyMetadata"])


async def test_a_secret_is_shown_once_and_kept_sealed(root: Queries, alice: dict[str, str]) -> None:
    key = root.server.store.identities.key(alice["AccessKeyId"])
    keys = await listed(root, UserName="alice")

    assert key
    assert re.fullmatch("FRX[A-Z2-7]{17}", alice["AccessKeyId"])
    assert ("Alice", "Active") == (alice["UserName"], alice["Status"])
    assert alice["SecretAccessKey"] == root.server.store.identities.open_secret(key)
    assert alice["SecretAccessKey"] not in key.sealed_secret
    assert [
        {
            "UserName": "Alice",
            "AccessKeyId": alice["AccessKeyId"],
            "Status": "Active",
            "CreateDate": "2026-09-21T14:13:20Z",
        }
    ] == keys


@pytest.mark.usefixtures("alice")
async def test_a_user_has_two_keys_at_most(root: Queries) -> None:
    await root.iam("CreateAccessKey", UserName="alice")

    refused = await root.refused("CreateAccessKey", UserName="alice")

    assert (409, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2") == refused


async def test_a_key_is_switched_off_and_on(root: Queries, alice: dict[str, str]) -> None:
    named = {"UserName": "alice", "AccessKeyId": alice["AccessKeyId"]}

    await root.iam("UpdateAccessKey", Status="Inactive", **named)
    off = await listed(root, UserName="alice")
    await root.iam("UpdateAccessKey", Status="Active", **named)
    on = await listed(root, UserName="alice")

    assert ("Inactive", "Active") == (off[0]["Status"], on[0]["Status"])
    assert (
        400,
        "ValidationError",
        "1 validation error detected: Value 'Expired' at 'status' failed to satisfy constraint: "
        "Member must satisfy enum value set: [Active, Inactive]",
    ) == await root.refused("UpdateAccessKey", Status="Expired", **named)


async def test_a_key_that_has_expired_is_shown_so(root: Queries, alice: dict[str, str]) -> None:
    identities = root.server.store.identities
    key = identities.key(alice["AccessKeyId"])
    assert key
    await root.keep(key._replace(expires_ms=root.server.clock.now_ms() + 1000))

    before = await listed(root, UserName="alice")
    root.server.clock.advance(1)
    after = await listed(root, UserName="alice")

    assert ("Active", "Expired") == (before[0]["Status"], after[0]["Status"])


async def test_a_user_with_keys_is_not_deleted(root: Queries, alice: dict[str, str]) -> None:
    refused = await root.refused("DeleteUser", UserName="alice")
    await root.iam("DeleteAccessKey", UserName="alice", AccessKeyId=alice["AccessKeyId"])
    keys = await listed(root, UserName="alice")
    await root.iam("DeleteUser", UserName="alice")

    assert (
        409,
        "DeleteConflict",
        "Cannot delete entity, must delete access keys first.",
    ) == refused
    assert [] == keys
    assert root.server.store.identities.key(alice["AccessKeyId"]) is None


async def test_keys_of_others_are_not_there(root: Queries, alice: dict[str, str]) -> None:
    await root.iam("CreateUser", UserName="bob")
    stranger = Queries(root.server, OTHER_ACCESS_KEY)
    key_id = alice["AccessKeyId"]
    absent = (404, "NoSuchEntity", f"The Access Key with id {key_id} cannot be found.")

    assert absent == await root.refused("DeleteAccessKey", UserName="bob", AccessKeyId=key_id)
    assert absent == await root.refused("DeleteAccessKey", AccessKeyId=key_id)
    assert absent == await stranger.refused("DeleteAccessKey", AccessKeyId=key_id)
    assert absent == await stranger.refused("GetAccessKeyLastUsed", AccessKeyId=key_id)
    assert absent == await root.refused(
        "UpdateAccessKey", UserName="bob", AccessKeyId=key_id, Status="Inactive"
    )


async def test_what_is_not_there_cannot_be_found(root: Queries) -> None:
    await root.iam("CreateUser", UserName="alice")
    key_id = "FRXNONEFRXNONEFRXNON"

    assert ABSENT == await root.refused("DeleteAccessKey", UserName="alice", AccessKeyId=key_id)
    assert ABSENT == await root.refused("GetAccessKeyLastUsed", AccessKeyId=key_id)
    for action in ("CreateAccessKey", "ListAccessKeys"):
        assert (404, "NoSuchEntity", "The user with name bob cannot be found.") == (
            await root.refused(action, UserName="bob")
        )


async def test_the_root_makes_keys_of_its_own(root: Queries) -> None:
    made = (await root.iam("CreateAccessKey"))["AccessKey"]
    keys = await listed(root)
    key = root.server.store.identities.key(made["AccessKeyId"])

    assert [made["AccessKeyId"]] == [one["AccessKeyId"] for one in keys]
    assert key
    assert ("", ROOT.display_name) == (key.user_name, made["UserName"])


async def test_who_names_no_user_means_himself(root: Queries, alice: dict[str, str]) -> None:
    principal = ROOT._replace(kind=PrincipalKind.USER, user_name="Alice")
    call = IamCall(root.server.services, principal, Request("POST", "/", "", {}), ROOT.account_id)

    second = await access_keys.create_access_key(call, CreateAccessKeyInput())
    keys = await access_keys.list_access_keys(call, ListAccessKeysInput())

    assert {alice["AccessKeyId"], second.access_key.access_key_id} == {
        key.access_key_id for key in keys.access_key_metadata
    }


async def test_a_session_of_a_role_has_to_name_a_user(root: Queries) -> None:
    principal = ROOT._replace(kind=PrincipalKind.ROLE_SESSION)
    call = IamCall(root.server.services, principal, Request("POST", "/", "", {}), ROOT.account_id)

    with pytest.raises(Exception, match="Must specify userName when calling with non-User"):
        await access_keys.create_access_key(call, CreateAccessKeyInput())


async def test_a_secret_is_in_no_repr(root: Queries) -> None:
    call = IamCall(root.server.services, ROOT, Request("POST", "/", "", {}), ROOT.account_id)

    made = await access_keys.create_access_key(call, CreateAccessKeyInput())

    assert made.access_key.secret_access_key not in repr(made)


async def test_the_last_use_of_a_key_is_told(root: Queries, alice: dict[str, str]) -> None:
    key_id = alice["AccessKeyId"]

    before = await root.iam("GetAccessKeyLastUsed", AccessKeyId=key_id)
    root.server.store.key_uses.note(key_id, "s3", "us-east-1")
    after = await root.iam("GetAccessKeyLastUsed", AccessKeyId=key_id)

    assert ("Alice", {"ServiceName": "N/A", "Region": "N/A"}) == (
        before["UserName"],
        before["AccessKeyLastUsed"],
    )
    assert {
        "LastUsedDate": "2026-09-21T14:13:20Z",
        "ServiceName": "s3",
        "Region": "us-east-1",
    } == after["AccessKeyLastUsed"]
