"""Keys of KMS: made, told of, enabled, disabled, given up and kept after all."""

from typing import Any

import pytest

from ferrox.storage.keys.kms_records import MS_PER_DAY
from tests.callers import add_account, add_user, policy
from tests.in_process import ROOT
from tests.kms import Kms

PREFIX = f"arn:aws:kms:us-east-1:{ROOT.account_id}:key/"


async def described(kms: Kms, key_id: str) -> dict[str, Any]:
    answer = await kms.give("DescribeKey", KeyId=key_id)
    return dict(answer["KeyMetadata"])


async def test_a_key_is_told_of_as_it_was_made(kms: Kms) -> None:
    tags = [{"TagKey": "team", "TagValue": "red"}]
    made = (await kms.give("CreateKey", Description="what for", Tags=tags))["KeyMetadata"]

    assert made == await described(kms, made["Arn"])
    assert {
        "AWSAccountId": ROOT.account_id,
        "KeyId": made["KeyId"],
        "Arn": PREFIX + made["KeyId"],
        "CreationDate": kms.server.clock.now_ms() / 1000,
        "Enabled": True,
        "Description": "what for",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled",
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": False,
        "CurrentKeyMaterialId": made["CurrentKeyMaterialId"],
    } == made
    assert tags == (await kms.give("ListResourceTags", KeyId=made["KeyId"]))["Tags"]


async def test_who_gives_tags_to_a_new_key_must_be_allowed_to(kms: Kms) -> None:
    add_account(kms.server, ROOT)
    maker = Kms(kms.server, add_user(kms.server, "ada", policy("kms:CreateKey")))
    both = policy("kms:CreateKey", "kms:TagResource")
    tagger = Kms(kms.server, add_user(kms.server, "eve", both))
    tags = [{"TagKey": "team", "TagValue": "red"}]

    code, message = await maker.refused("CreateKey", Tags=tags)
    await tagger.give("CreateKey", Tags=tags)

    assert "AccessDeniedException" == code
    assert f"is not authorized to perform: kms:TagResource on resource: {PREFIX}*" in message


@pytest.mark.parametrize(
    "members",
    [
        {"KeySpec": "RSA_2048"},
        {"CustomerMasterKeySpec": "ECC_NIST_P256"},
        {"KeyUsage": "SIGN_VERIFY"},
        {"Origin": "EXTERNAL"},
        {"MultiRegion": True},
        {"CustomKeyStoreId": "cks-1"},
    ],
)
async def test_there_are_symmetric_keys_only(kms: Kms, members: dict[str, Any]) -> None:
    code, message = await kms.refused("CreateKey", **members)

    assert "UnsupportedOperationException" == code
    assert "not supported by this server" in message


async def test_lists_have_pages(kms: Kms) -> None:
    made = sorted([(await kms.give("CreateKey"))["KeyMetadata"]["KeyId"] for _ in range(3)])

    first = await kms.give("ListKeys", Limit=2)
    rest = await kms.give("ListKeys", Limit=2, Marker=first["NextMarker"])

    assert made == [key["KeyId"] for key in first["Keys"] + rest["Keys"]]
    assert [PREFIX + key_id for key_id in made[:2]] == [key["KeyArn"] for key in first["Keys"]]
    assert (True, False, False) == (first["Truncated"], rest["Truncated"], "NextMarker" in rest)


async def test_a_disabled_key_is_not_used_until_it_is_enabled(kms: Kms, key_id: str) -> None:
    await kms.give("DisableKey", KeyId=key_id)

    disabled = await described(kms, key_id)
    refusal = await kms.refused("Encrypt", KeyId=key_id, Plaintext="aGVsbG8=")
    await kms.give("EnableKey", KeyId=key_id)

    assert ("Disabled", False) == (disabled["KeyState"], disabled["Enabled"])
    assert ("DisabledException", f"{PREFIX}{key_id} is disabled.") == refusal
    await kms.give("Encrypt", KeyId=key_id, Plaintext="aGVsbG8=")


async def test_a_key_that_is_given_up_waits_and_is_not_used(kms: Kms, key_id: str) -> None:
    now_ms = kms.server.clock.now_ms()

    told = await kms.give("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)

    due_s = (now_ms + 7 * MS_PER_DAY) / 1000
    assert {
        "KeyId": PREFIX + key_id,
        "DeletionDate": due_s,
        "KeyState": "PendingDeletion",
        "PendingWindowInDays": 7,
    } == told
    assert due_s == (await described(kms, key_id))["DeletionDate"]
    for operation, members in (
        ("Encrypt", {"Plaintext": "aGVsbG8="}),
        ("EnableKey", {}),
        ("DisableKey", {}),
        ("ScheduleKeyDeletion", {}),
        ("TagResource", {"Tags": []}),
        ("RotateKeyOnDemand", {}),
        ("UpdateKeyDescription", {"Description": "x"}),
    ):
        refusal = await kms.refused(operation, KeyId=key_id, **members)
        assert ("KMSInvalidStateException", f"{PREFIX}{key_id} is pending deletion.") == refusal


async def test_a_key_that_is_kept_after_all_is_disabled(kms: Kms, key_id: str) -> None:
    await kms.give("ScheduleKeyDeletion", KeyId=key_id)

    kept = await kms.give("CancelKeyDeletion", KeyId=key_id)
    again = await kms.refused("CancelKeyDeletion", KeyId=key_id)

    told = await described(kms, key_id)
    assert {"KeyId": PREFIX + key_id} == kept
    assert ("Disabled", False) == (told["KeyState"], "DeletionDate" in told)
    assert ("KMSInvalidStateException", f"{PREFIX}{key_id} is not pending deletion.") == again


@pytest.mark.parametrize(("days", "word"), [(6, "greater"), (31, "less")])
async def test_a_key_waits_for_seven_to_thirty_days(
    kms: Kms, key_id: str, days: int, word: str
) -> None:
    code, message = await kms.refused("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=days)

    assert "ValidationException" == code
    assert f"'{days}' at 'pendingWindowInDays'" in message
    assert f"Member must have value {word} than or equal to" in message


async def test_a_description_can_be_changed(kms: Kms, key_id: str) -> None:
    await kms.give("UpdateKeyDescription", KeyId=key_id, Description="new")

    assert "new" == (await described(kms, key_id))["Description"]
