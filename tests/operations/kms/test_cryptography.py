"""What is done with keys: every ciphertext opens under its key and context, and nowhere else."""

import base64
import json
from typing import Any

import pytest

from tests.in_process import ROOT
from tests.kms import Kms

PREFIX = f"arn:aws:kms:us-east-1:{ROOT.account_id}:key/"
SECRET = base64.b64encode(b"secret").decode()
TEAM = {"team": "red", "purpose": "tests"}


async def sealed(kms: Kms, key_id: str, **members: Any) -> str:
    answer = await kms.give("Encrypt", KeyId=key_id, Plaintext=SECRET, **members)
    return str(answer["CiphertextBlob"])


@pytest.mark.parametrize("context", [None, {}, TEAM])
async def test_what_is_sealed_is_opened(
    kms: Kms, key_id: str, context: dict[str, str] | None
) -> None:
    blob = await sealed(kms, key_id, EncryptionContext=context)
    backwards = None if context is None else dict(reversed(context.items()))

    opened = await kms.give("Decrypt", CiphertextBlob=blob, EncryptionContext=backwards)

    assert (SECRET, PREFIX + key_id) == (opened["Plaintext"], opened["KeyId"])
    assert "SYMMETRIC_DEFAULT" == opened["EncryptionAlgorithm"]
    assert b"secret" not in base64.b64decode(blob)


@pytest.mark.parametrize("context", [None, {"team": "blue", "purpose": "tests"}, {"team": "red"}])
async def test_under_another_context_nothing_opens(
    kms: Kms, key_id: str, context: dict[str, str] | None
) -> None:
    blob = await sealed(kms, key_id, EncryptionContext=TEAM)

    refusal = await kms.refused("Decrypt", CiphertextBlob=blob, EncryptionContext=context)

    assert "InvalidCiphertextException" == refusal[0]


async def test_no_bit_of_a_ciphertext_can_be_changed(kms: Kms, key_id: str) -> None:
    blob = base64.b64decode(await sealed(kms, key_id))

    for place in range(len(blob)):
        damaged = bytearray(blob)
        damaged[place] ^= 1
        text = base64.b64encode(damaged).decode()
        refusal = await kms.refused("Decrypt", CiphertextBlob=text)
        assert refusal[0] in {"InvalidCiphertextException", "AccessDeniedException"}
    for length in range(1, len(blob)):
        text = base64.b64encode(blob[:length]).decode()
        assert (
            "InvalidCiphertextException" == (await kms.refused("Decrypt", CiphertextBlob=text))[0]
        )


async def test_a_key_that_is_named_must_be_the_one(kms: Kms, key_id: str) -> None:
    other = (await kms.give("CreateKey"))["KeyMetadata"]["KeyId"]
    blob = await sealed(kms, key_id)

    refusal = await kms.refused("Decrypt", CiphertextBlob=blob, KeyId=other)

    assert "IncorrectKeyException" == refusal[0]
    await kms.give("Decrypt", CiphertextBlob=blob, KeyId=key_id)


async def test_a_ciphertext_comes_under_another_key_and_context(kms: Kms, key_id: str) -> None:
    other = (await kms.give("CreateKey"))["KeyMetadata"]["KeyId"]
    blob = await sealed(kms, key_id, EncryptionContext=TEAM)

    moved = await kms.give(
        "ReEncrypt",
        CiphertextBlob=blob,
        SourceEncryptionContext=TEAM,
        DestinationKeyId=other,
        DestinationEncryptionContext={"a": "b"},
    )
    opened = await kms.give(
        "Decrypt", CiphertextBlob=moved["CiphertextBlob"], EncryptionContext={"a": "b"}
    )

    assert (PREFIX + key_id, PREFIX + other) == (moved["SourceKeyId"], moved["KeyId"])
    assert (SECRET, PREFIX + other) == (opened["Plaintext"], opened["KeyId"])
    wrong = await kms.refused("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=other)
    assert "InvalidCiphertextException" == wrong[0]


@pytest.mark.parametrize(
    ("members", "length"),
    [({"KeySpec": "AES_256"}, 32), ({"KeySpec": "AES_128"}, 16), ({"NumberOfBytes": 1024}, 1024)],
)
async def test_a_data_key_is_told_and_sealed(
    kms: Kms, key_id: str, members: dict[str, Any], length: int
) -> None:
    made = await kms.give("GenerateDataKey", KeyId=key_id, EncryptionContext=TEAM, **members)
    hidden = await kms.give("GenerateDataKeyWithoutPlaintext", KeyId=key_id, **members)

    opened = await kms.give(
        "Decrypt", CiphertextBlob=made["CiphertextBlob"], EncryptionContext=TEAM
    )
    later = await kms.give("Decrypt", CiphertextBlob=hidden["CiphertextBlob"])

    assert made["Plaintext"] == opened["Plaintext"]
    assert [length] * 2 == [
        len(base64.b64decode(one)) for one in (made["Plaintext"], later["Plaintext"])
    ]
    assert "Plaintext" not in hidden


async def test_random_bytes(kms: Kms) -> None:
    one, other = [await kms.give("GenerateRandom", NumberOfBytes=20) for _ in range(2)]

    assert 20 == len(base64.b64decode(one["Plaintext"]))
    assert one != other


@pytest.mark.parametrize(
    ("operation", "members", "code"),
    [
        ("GenerateDataKey", {}, "ValidationException"),
        ("GenerateDataKey", {"KeySpec": "AES_256", "NumberOfBytes": 1}, "ValidationException"),
        ("GenerateDataKey", {"KeySpec": "AES_1"}, "ValidationException"),
        ("GenerateDataKey", {"NumberOfBytes": 1025}, "ValidationException"),
        ("GenerateDataKey", {"KeySpec": "AES_256", "Recipient": {}}, "UnsupportedOperation"),
        ("GenerateDataKey", {"KeySpec": "AES_256", "DryRun": True}, "DryRunOperation"),
        ("Encrypt", {"Plaintext": ""}, "ValidationException"),
        ("Encrypt", {"Plaintext": SECRET, "DryRun": True}, "DryRunOperation"),
        (
            "Encrypt",
            {"Plaintext": SECRET, "EncryptionAlgorithm": "RSAES_OAEP_SHA_1"},
            "UnsupportedOperation",
        ),
        (
            "Encrypt",
            {"Plaintext": base64.b64encode(bytes(4097)).decode()},
            "ValidationException",
        ),
    ],
)
async def test_what_cannot_be_done_is_refused(
    kms: Kms, key_id: str, operation: str, members: dict[str, Any], code: str
) -> None:
    refusal = await kms.refused(operation, KeyId=key_id, **members)

    assert refusal[0].startswith(code)


async def test_random_bytes_for_somebody_else_are_not_told(kms: Kms) -> None:
    for_others: list[dict[str, Any]] = [{"Recipient": {}}, {"CustomKeyStoreId": "cks-1"}]
    for members in for_others:
        refusal = await kms.refused("GenerateRandom", NumberOfBytes=1, **members)
        assert "UnsupportedOperationException" == refusal[0]
    assert "ValidationException" == (await kms.refused("GenerateRandom"))[0]


async def test_what_seals_an_object_does_not_open_here(kms: Kms, key_id: str) -> None:
    server = kms.server
    keys = server.services.encryption.keys.kms_keys
    assert keys is not None
    key = keys.find(ROOT.account_id, key_id)
    wrapped = keys.current(key, "").wrap(bytes(32), b"inline")
    blob = base64.b64decode(await sealed(kms, key_id))[:21] + wrapped

    refusal = await kms.refused("Decrypt", CiphertextBlob=base64.b64encode(blob).decode())

    assert "InvalidCiphertextException" == refusal[0]


async def test_secrets_are_not_in_what_is_logged(kms: Kms, key_id: str) -> None:
    body = json.dumps({"KeyId": key_id, "Plaintext": SECRET, "EncryptionAlgorithm": 1}).encode()

    answer = await kms.send("Encrypt", body)

    assert SECRET.encode() not in answer.body
