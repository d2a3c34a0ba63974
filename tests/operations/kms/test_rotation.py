"""Rotation of keys: on demand, by themselves, and what stays readable."""

import base64

from ferrox.operations.kms.rotation import MOST_ON_DEMAND
from ferrox.storage.keys.kms_records import MS_PER_DAY
from tests.in_process import ROOT
from tests.kms import Kms

PREFIX = f"arn:aws:kms:us-east-1:{ROOT.account_id}:key/"
SECRET = base64.b64encode(b"secret").decode()


async def test_what_was_sealed_before_a_rotation_is_opened_after_it(kms: Kms, key_id: str) -> None:
    old = await kms.give("Encrypt", KeyId=key_id, Plaintext=SECRET)
    rotated = await kms.give("RotateKeyOnDemand", KeyId=key_id)
    new = await kms.give("Encrypt", KeyId=key_id, Plaintext=SECRET)

    opened = [
        await kms.give("Decrypt", CiphertextBlob=sealed["CiphertextBlob"]) for sealed in (old, new)
    ]

    assert {"KeyId": PREFIX + key_id} == rotated
    assert [SECRET, SECRET] == [one["Plaintext"] for one in opened]
    assert opened[0]["KeyMaterialId"] != opened[1]["KeyMaterialId"]


async def test_rotations_are_listed(kms: Kms, key_id: str) -> None:
    await kms.give("RotateKeyOnDemand", KeyId=key_id)
    current = (await kms.give("DescribeKey", KeyId=key_id))["KeyMetadata"]["CurrentKeyMaterialId"]

    (rotation,) = (await kms.give("ListKeyRotations", KeyId=key_id))["Rotations"]
    both = await kms.give(
        "ListKeyRotations", KeyId=key_id, IncludeKeyMaterial="ALL_KEY_MATERIAL", Limit=1
    )

    assert {
        "KeyId": PREFIX + key_id,
        "KeyMaterialId": current,
        "KeyMaterialState": "CURRENT",
        "RotationDate": kms.server.clock.now_ms() / 1000,
        "RotationType": "ON_DEMAND",
    } == rotation
    assert True is both["Truncated"]
    assert ["NON_CURRENT"] == [one["KeyMaterialState"] for one in both["Rotations"]]


async def test_a_key_rotates_every_year_if_nothing_else_is_said(kms: Kms, key_id: str) -> None:
    before = await kms.give("GetKeyRotationStatus", KeyId=key_id)
    await kms.give("EnableKeyRotation", KeyId=key_id)
    yearly = await kms.give("GetKeyRotationStatus", KeyId=key_id)
    await kms.give("EnableKeyRotation", KeyId=key_id, RotationPeriodInDays=90)
    quarterly = await kms.give("GetKeyRotationStatus", KeyId=key_id)
    await kms.give("DisableKeyRotation", KeyId=key_id)
    after = await kms.give("GetKeyRotationStatus", KeyId=key_id)

    off = {"KeyId": PREFIX + key_id, "KeyRotationEnabled": False}
    assert [off, off] == [before, after]
    for told, days in ((yearly, 365), (quarterly, 90)):
        assert (True, days) == (told["KeyRotationEnabled"], told["RotationPeriodInDays"])
        due_ms = kms.server.clock.now_ms() + days * MS_PER_DAY
        assert due_ms / 1000 == told["NextRotationDate"]


async def test_a_disabled_key_does_not_rotate(kms: Kms, key_id: str) -> None:
    await kms.give("DisableKey", KeyId=key_id)

    for operation in ("RotateKeyOnDemand", "EnableKeyRotation", "DisableKeyRotation"):
        assert "DisabledException" == (await kms.refused(operation, KeyId=key_id))[0]


async def test_a_key_rotates_on_demand_only_so_often(kms: Kms, key_id: str) -> None:
    for _ in range(MOST_ON_DEMAND):
        await kms.give("RotateKeyOnDemand", KeyId=key_id)

    assert "LimitExceededException" == (await kms.refused("RotateKeyOnDemand", KeyId=key_id))[0]
