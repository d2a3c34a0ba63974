"""Who may do what with which key, and by which name keys are meant."""

from typing import Any

import pytest

from ferrox.protocol.kms.operations import OPERATIONS, On
from tests.callers import add_account, add_user, policy
from tests.in_process import ROOT, InProcess
from tests.kms import Kms

MEMBERS: dict[str, dict[str, Any]] = {
    "Encrypt": {"Plaintext": "aGVsbG8="},
    "GenerateDataKey": {"KeySpec": "AES_256"},
    "GenerateDataKeyWithoutPlaintext": {"KeySpec": "AES_256"},
    "GenerateRandom": {"NumberOfBytes": 8},
    "PutKeyPolicy": {
        "Policy": '{"Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*",'
        f' "Principal": {{"AWS": "{ROOT.arn}"}}}}}}'
    },
    "TagResource": {"Tags": []},
    "UntagResource": {"TagKeys": []},
    "UpdateKeyDescription": {"Description": ""},
}


async def asked(kms: Kms, name: str, key_id: str, **members: Any) -> str:
    """The error of an operation with a key, "" for none."""
    given = {**MEMBERS.get(name, {}), **members}
    if OPERATIONS[name].on in {On.KEY, On.KEY_IN_USE}:
        given["KeyId"] = key_id
    told = await kms.ask(name, **given)
    return str(told.document.get("__type", ""))


@pytest.mark.parametrize(
    "name", sorted(name for name, row in OPERATIONS.items() if row.on is not On.NOTHING)
)
async def test_a_user_needs_exactly_the_action_of_the_operation(
    kms: Kms, key_id: str, name: str
) -> None:
    add_account(kms.server, ROOT)
    more = {"BypassPolicyLockoutSafetyCheck": True} if name == "PutKeyPolicy" else {}
    state = "" if name != "CancelKeyDeletion" else "KMSInvalidStateException"
    others = [f"kms:{other}" for other in OPERATIONS if other != name]
    refused = Kms(kms.server, add_user(kms.server, "ada", policy(*others)))
    let = Kms(kms.server, add_user(kms.server, "bob", policy(f"kms:{name}")))

    assert "AccessDeniedException" == await asked(refused, name, key_id, **more)
    assert state == await asked(let, name, key_id, **more)


@pytest.mark.parametrize(
    ("name", "members"),
    [("Decrypt", {}), ("ReEncrypt", {"DestinationKeyId": "alias/mine"})],
)
async def test_opening_takes_permission_to_the_key_of_the_ciphertext(
    kms: Kms, key_id: str, name: str, members: dict[str, str]
) -> None:
    add_account(kms.server, ROOT)
    await kms.give("CreateAlias", AliasName="alias/mine", TargetKeyId=key_id)
    sealed = await kms.give("Encrypt", KeyId=key_id, Plaintext="aGVsbG8=")
    actions = {"Decrypt": ["kms:Decrypt"], "ReEncrypt": ["kms:ReEncryptFrom", "kms:ReEncryptTo"]}
    given = {"CiphertextBlob": sealed["CiphertextBlob"], **members}

    for count in range(len(actions[name])):
        held = policy("kms:Encrypt", *actions[name][:count])
        ada = Kms(kms.server, add_user(kms.server, "ada", held))
        assert "AccessDeniedException" == (await ada.refused(name, **given))[0]
    ada = Kms(kms.server, add_user(kms.server, "ada", policy(*actions[name])))
    await ada.give(name, **given)


async def test_a_condition_may_ask_for_the_context(kms: Kms, key_id: str) -> None:
    add_account(kms.server, ROOT)
    condition = {"StringEquals": {"kms:EncryptionContext:team": "red"}}
    ada = Kms(kms.server, add_user(kms.server, "ada", policy("kms:Encrypt", Condition=condition)))
    given = {"KeyId": key_id, "Plaintext": "aGVsbG8="}

    await ada.give("Encrypt", **given, EncryptionContext={"team": "red"})
    refused = await ada.refused("Encrypt", **given, EncryptionContext={"team": "blue"})

    assert "AccessDeniedException" == refused[0]


@pytest.mark.parametrize("name", ["DisableKey", "GetKeyPolicy", "RotateKeyOnDemand"])
async def test_a_key_is_managed_by_its_own_name_only(kms: Kms, key_id: str, name: str) -> None:
    await kms.give("CreateAlias", AliasName="alias/mine", TargetKeyId=key_id)

    assert "NotFoundException" == await asked(kms, name, "alias/mine")


async def test_the_key_that_is_the_servers_own_is_used_through_s3_only(kms: Kms) -> None:
    keys = kms.server.services.encryption.keys.kms_keys
    assert keys is not None
    made = keys.s3_key(ROOT.account_id, 1)

    described = await kms.give("DescribeKey", KeyId="alias/aws/s3")
    codes = [
        await asked(kms, name, made.key_id)
        for name in ("Encrypt", "DisableKey", "ScheduleKeyDeletion", "PutKeyPolicy")
    ]

    assert "AWS" == described["KeyMetadata"]["KeyManager"]
    assert ["AccessDeniedException"] * 4 == codes


@pytest.mark.parametrize("name", ["CreateKey", "ListAliases", "Encrypt", "Decrypt"])
async def test_without_a_master_key_there_is_no_kms(s3: InProcess, name: str) -> None:
    members = {"CiphertextBlob": "aGVsbG8="} if name == "Decrypt" else {}

    refusal = await Kms(s3).ask(
        name, **({"KeyId": "k", "Plaintext": "aGVsbG8="} if name == "Encrypt" else members)
    )

    assert 400 == refusal.status
    assert "UnsupportedOperationException" == refusal.document["__type"]
    assert "has no master key" in refusal.document["message"]


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:ResourceTag/Team": "red"}},
        {"StringEquals": {"aws:ResourceAccount": ROOT.account_id}},
    ],
)
async def test_policies_may_depend_on_whose_a_key_is_and_on_its_tags(
    kms: Kms, key_id: str, condition: dict[str, Any]
) -> None:
    add_account(kms.server, ROOT)
    no = policy("kms:*", effect="Deny", Condition=condition)
    ada = Kms(kms.server, add_user(kms.server, "ada", policy("kms:*"), no))
    await kms.give("TagResource", KeyId=key_id, Tags=[{"TagKey": "team", "TagValue": "red"}])

    assert "AccessDeniedException" == await asked(ada, "Encrypt", key_id)
