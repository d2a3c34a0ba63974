"""Signed bodies: nobody is read who has no key, and everybody else only so far."""

import hashlib
from collections.abc import AsyncIterator

import pytest

from ferrox import metrics
from ferrox.errors import SignatureDoesNotMatch
from ferrox.iam_errors import InvalidClientTokenId, RequestEntityTooLarge
from ferrox.pipeline import signed_body
from ferrox.protocol.kms.service import KMS
from ferrox.protocol.message import Request
from ferrox.protocol.query import form
from tests import signing
from tests.counted import counting
from tests.in_process import ROOT, InProcess
from tests.keys import finding


def signed(s3: InProcess, body: bytes, access_key: str = signing.ACCESS_KEY) -> Request:
    async def pieces() -> AsyncIterator[bytes]:
        s3.bytes_asked_for += len(body)
        yield body

    headers = signing.sign(
        "POST", "/", "", {"host": "h"}, hashlib.sha256(body).hexdigest(), s3.clock.now_ms(),
        access_key=access_key, service="kms",
    )  # fmt: skip
    return Request("POST", "/", "", headers, body=pieces())


async def test_the_caller_and_what_it_sent(s3: InProcess) -> None:
    request = signed(s3, b"hello")

    found = await signed_body.read(request, KMS, s3.services, finding(s3.keys))

    assert (ROOT, b"hello") == found
    assert ROOT == request.principal


async def test_who_has_no_key_is_not_read(s3: InProcess) -> None:
    request = signed(s3, b"hello", "AKIANOBODY")

    with counting() as counts, pytest.raises(InvalidClientTokenId):
        await signed_body.read(request, KMS, s3.services, finding(s3.keys))

    assert 0 == s3.bytes_asked_for
    assert {("InvalidClientTokenId",): [1]} == counts[metrics.AUTHENTICATION_FAILURES]


async def test_nobody_can_have_it_mean_something_else_than_its_sender(s3: InProcess) -> None:
    request = signed(s3, b"{}")
    request.headers["x-amz-target"] = "TrentService.ScheduleKeyDeletion"

    with pytest.raises(SignatureDoesNotMatch, match="'X-Amz-Target' must be a 'SignedHeader'"):
        await signed_body.read(request, KMS, s3.services, finding(s3.keys))


async def test_a_body_has_a_greatest_length(s3: InProcess) -> None:
    request = signed(s3, bytes(form.MAX_BODY_BYTES + 1))

    with pytest.raises(RequestEntityTooLarge):
        await signed_body.read(request, KMS, s3.services, finding(s3.keys))
