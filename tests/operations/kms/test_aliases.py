"""Aliases of keys."""

import pytest

from tests.callers import add_account, add_user, policy
from tests.in_process import ROOT
from tests.kms import Kms

ARN = f"arn:aws:kms:us-east-1:{ROOT.account_id}:alias/mine"


async def names(kms: Kms, **members: str) -> list[tuple[str, str]]:
    listed = (await kms.give("ListAliases", **members))["Aliases"]
    return [(alias["AliasName"], alias["TargetKeyId"]) for alias in listed]


async def test_an_alias_stands_for_its_key_until_it_is_taken_away(kms: Kms, key_id: str) -> None:
    other = (await kms.give("CreateKey"))["KeyMetadata"]["KeyId"]
    await kms.give("CreateAlias", AliasName="alias/mine", TargetKeyId=key_id)

    first = (await kms.give("DescribeKey", KeyId="alias/mine"))["KeyMetadata"]["KeyId"]
    await kms.give("UpdateAlias", AliasName="alias/mine", TargetKeyId=other)
    second = (await kms.give("DescribeKey", KeyId=ARN))["KeyMetadata"]["KeyId"]
    listed = await names(kms), await names(kms, KeyId=key_id), await names(kms, KeyId=other)
    await kms.give("DeleteAlias", AliasName="alias/mine")

    assert (key_id, other) == (first, second)
    assert ([("alias/mine", other)], [], [("alias/mine", other)]) == listed
    assert [] == await names(kms)
    assert "NotFoundException" == (await kms.refused("DescribeKey", KeyId="alias/mine"))[0]


async def test_an_alias_is_there_once(kms: Kms, key_id: str) -> None:
    await kms.give("CreateAlias", AliasName="alias/mine", TargetKeyId=key_id)

    refusal = await kms.refused("CreateAlias", AliasName="alias/mine", TargetKeyId=key_id)

    assert ("AlreadyExistsException", f"An alias with the name {ARN} already exists") == refusal


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("mine", "InvalidAliasNameException"),
        ("alias/", "InvalidAliasNameException"),
        ("alias/aws/mine", "InvalidAliasNameException"),
        ("alias/my key", "ValidationException"),
    ],
)
async def test_what_cannot_be_an_alias_is_refused(
    kms: Kms, key_id: str, name: str, code: str
) -> None:
    refusal = await kms.refused("CreateAlias", AliasName=name, TargetKeyId=key_id)

    assert code == refusal[0]


@pytest.mark.parametrize("operation", ["UpdateAlias", "DeleteAlias"])
async def test_an_alias_that_there_is_not_is_not_found(
    kms: Kms, key_id: str, operation: str
) -> None:
    members = {"TargetKeyId": key_id} if operation == "UpdateAlias" else {}

    refusal = await kms.refused(operation, AliasName="alias/mine", **members)

    assert ("NotFoundException", f"Alias {ARN} is not found.") == refusal


async def test_an_alias_names_no_alias(kms: Kms, key_id: str) -> None:
    await kms.give("CreateAlias", AliasName="alias/mine", TargetKeyId=key_id)

    refusal = await kms.refused("CreateAlias", AliasName="alias/b", TargetKeyId="alias/mine")

    assert ("NotFoundException", "Invalid keyId alias/mine") == refusal


@pytest.mark.parametrize(
    ("resources", "is_allowed"),
    [(["alias/mine", "key/*"], True), (["alias/mine"], False), (["key/*"], False)],
)
async def test_it_takes_permission_to_alias_and_key(
    kms: Kms, key_id: str, resources: list[str], is_allowed: bool
) -> None:
    add_account(kms.server, ROOT)
    prefix = f"arn:aws:kms:us-east-1:{ROOT.account_id}:"
    text = policy("kms:CreateAlias", resource=[prefix + one for one in resources])
    ada = Kms(kms.server, add_user(kms.server, "ada", text))

    told = await ada.ask("CreateAlias", AliasName="alias/mine", TargetKeyId=key_id)

    assert (200 if is_allowed else 400) == told.status
    assert is_allowed or "AccessDeniedException" == told.document["__type"]
