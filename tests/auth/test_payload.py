"""What x-amz-content-sha256 says of the body."""

import pytest

from ferrox.auth import payload
from ferrox.errors import (
    InvalidArgument,
    InvalidRequest,
    MalformedTrailerError,
    MissingContentLength,
)

UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_BY_4A = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"


@pytest.mark.parametrize("payload_hash", [None, "UNSIGNED-PAYLOAD"])
def test_an_unsigned_body_is_taken_as_it_is_sent(payload_hash: str | None) -> None:
    assert payload.AS_SENT == payload.plan({}, payload_hash)


def test_a_hash_is_compared_in_lower_case() -> None:
    plan = payload.plan({}, payload.EMPTY_SHA256.upper())

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


def test_chunks_are_decoded_without_any_content_encoding() -> None:
    """restic sends signed chunks and does not label them."""
    plan = payload.plan({"x-amz-decoded-content-length": "3"}, UNSIGNED_TRAILER)

    assert plan.decoder is not None
    assert plan.decoder.feed(b"3\r\nabc\r\n") == [b"abc"]
    assert (plan.decoded_length, plan.content_sha256) == (3, None)


def test_trailers_are_announced_by_name() -> None:
    headers = {
        "x-amz-decoded-content-length": "0",
        "x-amz-trailer": " X-Amz-Checksum-CRC32 ,, x-amz-trailer-signature",
    }
    decoder = payload.plan(headers, UNSIGNED_TRAILER).decoder
    assert decoder is not None

    decoder.feed(b"0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n")
    decoder.finish()

    assert decoder.trailers == {"x-amz-checksum-crc32": "AAAAAA=="}


def test_chunks_need_the_length_of_the_object() -> None:
    with pytest.raises(MissingContentLength):
        payload.plan({"content-length": "9"}, UNSIGNED_TRAILER)


@pytest.mark.parametrize("length", ["", "-1", "+1", "1e3", "0x1", "1_0", "٣", " 1", "9" * 16])
def test_a_length_is_a_number(length: str) -> None:
    with pytest.raises(InvalidArgument) as refusal:
        payload.plan({"x-amz-decoded-content-length": length}, UNSIGNED_TRAILER)

    assert refusal.value.details == {
        "ArgumentName": "x-amz-decoded-content-length",
        "ArgumentValue": length,
    }


@pytest.mark.parametrize("suffix", ["", "-TRAILER"])
@pytest.mark.parametrize(
    ("prefix", "others", "number"), [(SIGNED, "AWS4A", "4"), (SIGNED_BY_4A, "AWS4", "4A")]
)
def test_signed_chunks_need_a_signature_to_chain_to(
    prefix: str, others: str, number: str, suffix: str
) -> None:
    headers = {"x-amz-decoded-content-length": "1"}

    with pytest.raises(InvalidRequest) as refusal:
        payload.plan(headers, prefix + suffix)
    with pytest.raises(InvalidRequest):
        payload.plan(headers, prefix + suffix, others, lambda: pytest.fail("of another version"))

    assert refusal.value.message == (
        f"{prefix}{suffix} requires a Version {number} signature in the Authorization header."
    )


def test_a_trailer_cannot_be_announced_for_a_framing_that_has_none() -> None:
    headers = {"x-amz-decoded-content-length": "1", "x-amz-trailer": "x-amz-checksum-crc32"}

    with pytest.raises(MalformedTrailerError):
        payload.plan(headers, SIGNED, "AWS4", lambda: pytest.fail("nothing to verify yet"))


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
