"""Requests to KMS on the port of S3, from the socket's side of the pipeline."""

import json
import subprocess
import sys

import pytest

from tests.in_process import InProcess
from tests.key_rings import give_keys
from tests.kms import Kms


@pytest.fixture
def kms(s3: InProcess) -> Kms:
    give_keys(s3)
    return Kms(s3)


async def test_an_answer_is_json_with_the_id_of_the_request(kms: Kms) -> None:
    answer = await kms.send("ListKeys", b"{}")

    assert (200, b'{"Keys":[],"Truncated":false}') == (answer.status, answer.body)
    assert "application/x-amz-json-1.1" == answer.headers["content-type"]
    assert 16 == len(answer.headers["x-amzn-requestid"])


@pytest.mark.parametrize(
    ("operation", "body", "code"),
    [
        ("Sign", b"{}", "UnknownOperationException"),
        ("", b"{}", "UnknownOperationException"),
        ("Encrypt", b"[]", "SerializationException"),
        ("Encrypt", b"{}", "ValidationException"),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    kms: Kms, operation: str, body: bytes, code: str
) -> None:
    answer = await kms.send(operation, body)

    assert (400, code) == (answer.status, json.loads(answer.body)["__type"])


async def test_a_signature_for_another_service_is_no_good(kms: Kms) -> None:
    answer = await kms.send("ListKeys", b"{}", service="s3")

    assert (400, "InvalidSignatureException") == (
        answer.status,
        json.loads(answer.body)["__type"],
    )


async def test_who_does_not_sign_is_nobody(kms: Kms) -> None:
    headers = {"host": "127.0.0.1:9000", "x-amz-target": "TrentService.ListKeys"}

    answer = await kms.server.send("POST", "/", "", headers, b"{}")

    assert "MissingAuthenticationTokenException" == json.loads(answer.body)["__type"]


async def test_who_has_no_key_is_not_read(kms: Kms) -> None:
    answer = await Kms(kms.server, "AKIANOBODY").send("ListKeys", b"{}" + b" " * 100)

    assert "UnrecognizedClientException" == json.loads(answer.body)["__type"]
    assert 0 == kms.server.bytes_asked_for


def test_servers_that_nobody_asks_for_keys_load_none_of_it() -> None:
    program = (
        "import sys, ferrox.app\n"
        "print([name for name in sys.modules if '.kms.' in name or name == 'ferrox.pipeline.kms'])"
    )

    said = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)

    assert b"['ferrox.protocol.kms.service']" == said.stdout.strip()
