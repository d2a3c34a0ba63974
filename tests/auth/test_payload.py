"""What x-amz-content-sha256 says of the body."""

import pytest

from ferrox.auth import payload
from ferrox.errors import (
    InvalidArgument,
    InvalidRequest,
    MalformedTrailerError,
    MissingContentLength,
    NotImplemented,  # noqa: A004 - the class name is the code on the wire
)

UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"


@pytest.mark.parametrize("payload_hash", [None, "UNSIGNED-PAYLOAD"])
def test_an_unsigned_body_is_taken_as_it_is_sent(payload_hash: str | None) -> None:
    assert payload.AS_SENT == payload.plan({}, payload_hash, None)


def test_a_hash_is_compared_in_lower_case() -> None:
    plan = payload.plan({}, payload.EMPTY_SHA256.upper(), None)

    assert plan == payload.BodyPlan(content_sha256=payload.EMPTY_SHA256)


@pytest.mark.parametrize(
    "value",
    ["", "unsigned-payload", "0" * 63, "0" * 65, "g" * 64, "٣" * 64, "STREAMING-UNSIGNED-PAYLOAD"],
)
def test_any_other_value_is_refused(value: str) -> None:
    with pytest.raises(InvalidArgument) as refusal:
        payload.check(value)

    assert refusal.value.message == (
        "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, "
        "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, "
        "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value."
    )
    assert refusal.value.details == {"ArgumentName": "x-amz-content-sha256", "ArgumentValue": value}


@pytest.mark.parametrize("suffix", ["", "-TRAILER"])
def test_chunks_signed_by_version_4a_are_not_implemented(suffix: str) -> None:
    with pytest.raises(NotImplemented):
        payload.check(f"STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD{suffix}")


def test_chunks_are_decoded_without_any_content_encoding() -> None:
    """restic sends signed chunks and does not label them."""
    plan = payload.plan({"x-amz-decoded-content-length": "3"}, UNSIGNED_TRAILER, None)

    assert plan.decoder is not None
    assert plan.decoder.feed(b"3\r\nabc\r\n") == [b"abc"]
    assert (plan.decoded_length, plan.content_sha256) == (3, None)


def test_trailers_are_announced_by_name() -> None:
    headers = {
        "x-amz-decoded-content-length": "0",
        "x-amz-trailer": " X-Amz-Checksum-CRC32 ,, x-amz-trailer-signature",
    }
    decoder = payload.plan(headers, UNSIGNED_TRAILER, None).decoder
    assert decoder is not None

    decoder.feed(b"0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n")
    decoder.finish()

    assert decoder.trailers == {"x-amz-checksum-crc32": "AAAAAA=="}


def test_chunks_need_the_length_of_the_object() -> None:
    with pytest.raises(MissingContentLength):
        payload.plan({"content-length": "9"}, UNSIGNED_TRAILER, None)


@pytest.mark.parametrize("length", ["", "-1", "+1", "1e3", "0x1", "1_0", "٣", " 1", "9" * 16])
def test_a_length_is_a_number(length: str) -> None:
    with pytest.raises(InvalidArgument) as refusal:
        payload.plan({"x-amz-decoded-content-length": length}, UNSIGNED_TRAILER, None)

    assert refusal.value.details == {
        "ArgumentName": "x-amz-decoded-content-length",
        "ArgumentValue": length,
    }


@pytest.mark.parametrize("payload_hash", [SIGNED, SIGNED + "-TRAILER"])
def test_signed_chunks_need_a_signature_to_chain_to(payload_hash: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        payload.plan({"x-amz-decoded-content-length": "1"}, payload_hash, None)

    assert refusal.value.message == (
        f"{payload_hash} requires a Version 4 signature in the Authorization header."
    )


def test_a_trailer_cannot_be_announced_for_a_framing_that_has_none() -> None:
    headers = {"x-amz-decoded-content-length": "1", "x-amz-trailer": "x-amz-checksum-crc32"}

    with pytest.raises(MalformedTrailerError):
        payload.plan(headers, SIGNED, lambda: pytest.fail("nothing to verify yet"))


@pytest.mark.parametrize(
    ("headers", "has_body"),
    [
        ({}, False),
        ({"content-length": "0"}, False),
        ({"content-length": "1"}, True),
        ({"transfer-encoding": "chunked"}, True),
    ],
)
def test_a_body_announces_itself(headers: dict[str, str], has_body: bool) -> None:
    assert has_body is payload.has_body(headers)
