"""The JSON that KMS answers with."""

import json

import pytest

from ferrox.errors import AccessDenied, InternalError, S3Error, SignatureDoesNotMatch
from ferrox.iam_errors import InvalidClientTokenId, ValidationError
from ferrox.kms_errors import Disabled
from ferrox.protocol.kms import encode
from ferrox.protocol.kms.cryptography import DecryptOutput
from ferrox.protocol.kms.keys import ListResourceTagsOutput, Nothing, ScheduleKeyDeletionOutput, Tag


def test_bytes_are_base64() -> None:
    output = DecryptOutput(key_id="k", plaintext=b"hello", key_material_id="m")

    response = encode.response(output)

    assert "application/x-amz-json-1.1" == response.headers["content-type"]
    assert isinstance(response.body, bytes)
    assert {
        "KeyId": "k",
        "Plaintext": "aGVsbG8=",
        "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "KeyMaterialId": "m",
    } == json.loads(response.body)


def test_instants_are_seconds_and_lists_are_lists() -> None:
    due = ScheduleKeyDeletionOutput(
        key_id="k", deletion_date=1500, key_state="s", pending_window_in_days=7
    )
    tags = ListResourceTagsOutput(tags=[Tag(tag_key="a", tag_value="b")], truncated=False)

    assert 1.5 == encode.plain(due)["DeletionDate"]
    assert {"Tags": [{"TagKey": "a", "TagValue": "b"}], "Truncated": False} == encode.plain(tags)


def test_nothing_has_no_body() -> None:
    assert b"" == encode.response(Nothing()).body


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (AccessDenied("no"), 400, "AccessDeniedException"),
        (SignatureDoesNotMatch("no"), 400, "InvalidSignatureException"),
        (InvalidClientTokenId("no"), 400, "UnrecognizedClientException"),
        (ValidationError("no"), 400, "ValidationException"),
        (Disabled("no"), 400, "DisabledException"),
        (InternalError("no"), 500, "KMSInternalException"),
    ],
)
def test_errors_are_called_as_this_protocol_calls_them(
    error: S3Error, status: int, code: str
) -> None:
    response = encode.error(error, {"Reason": "why"})

    assert (status, code) == (response.status, response.headers["x-amzn-errortype"])
    assert isinstance(response.body, bytes)
    assert {"__type": code, "message": "no", "Reason": "why"} == json.loads(response.body)
