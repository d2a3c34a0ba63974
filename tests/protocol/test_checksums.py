"""Checksums: known values, combining parts, and what upload headers promise."""

import base64
import hashlib
import time
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.errors import BadDigest, InvalidDigest, InvalidRequest, MalformedTrailerError
from ferrox.protocol import checksums
from ferrox.protocol.checksums import Expectation
from ferrox.records import Checksum

CHECK = b"123456789"
"""The input of every "check" value in the catalogue of CRC algorithms."""

CRCS = ["CRC32", "CRC32C", "CRC64NVME"]


def value_of(algorithm: str, data: bytes) -> str:
    digest = checksums.new_digest(algorithm)
    digest.update(data)
    return checksums.encode(digest.digest())


@pytest.mark.parametrize(
    ("algorithm", "check"),
    [
        ("CRC32", "cbf43926"),
        ("CRC32C", "e3069283"),
        ("CRC64NVME", "ae8b14860a799888"),
        ("SHA1", hashlib.sha1(CHECK).hexdigest()),
        ("SHA256", hashlib.sha256(CHECK).hexdigest()),
    ],
)
def test_every_algorithm_gives_its_published_check_value(algorithm: str, check: str) -> None:
    digest = checksums.new_digest(algorithm)

    digest.update(CHECK)

    assert bytes.fromhex(check) == digest.digest()
    assert checksums.ALGORITHMS[algorithm].digest_bytes == len(digest.digest())


def test_aws_documents_this_crc32_of_nothing() -> None:
    assert value_of("CRC32", b"") == "AAAAAA=="


@given(st.lists(st.binary()), st.sampled_from(list(checksums.ALGORITHMS)))
def test_pieces_give_the_digest_of_the_whole(pieces: list[bytes], algorithm: str) -> None:
    digest = checksums.new_digest(algorithm)

    for piece in pieces:
        digest.update(memoryview(piece))

    assert value_of(algorithm, b"".join(pieces)) == checksums.encode(digest.digest())


@pytest.mark.parametrize("algorithm", checksums.ALGORITHMS)
def test_all_at_once_gives_the_same_digest(algorithm: str) -> None:
    digest = checksums.new_digest(algorithm)
    digest.update(b"123456789")

    assert digest.digest() == checksums.digest(algorithm, b"123456789")


@given(st.binary())
def test_crc32_agrees_with_zlib(data: bytes) -> None:
    assert zlib.crc32(data) == int.from_bytes(base64.b64decode(value_of("CRC32", data)), "big")


@given(st.lists(st.binary(), max_size=8), st.sampled_from(CRCS))
def test_crcs_of_parts_combine_to_the_crc_of_the_object(parts: list[bytes], algorithm: str) -> None:
    combined = checksums.combine(algorithm, [(value_of(algorithm, p), len(p)) for p in parts])

    assert value_of(algorithm, b"".join(parts)) == combined


def test_ten_thousand_parts_combine_well_within_a_second() -> None:
    parts = [(value_of("CRC64NVME", CHECK), (5 << 20) + number) for number in range(10_000)]

    start = time.perf_counter()
    checksums.combine("CRC64NVME", parts)

    assert time.perf_counter() - start < 1


def test_composite_is_the_checksum_of_the_parts_digests() -> None:
    parts = [value_of("SHA256", b"a"), value_of("SHA256", b"b")]

    composite = checksums.composite("SHA256", parts)

    digests = hashlib.sha256(b"a").digest() + hashlib.sha256(b"b").digest()
    assert value_of("SHA256", digests) + "-2" == composite


def test_no_header_promises_nothing() -> None:
    headers = {
        "content-type": "text/plain",
        "x-amz-checksum-mode": "ENABLED",
        "x-amz-checksum-algorithm": "SHA256",
        "x-amz-checksum-type": "FULL_OBJECT",
    }

    assert checksums.expectation(headers) is None


@pytest.mark.parametrize("algorithm", list(checksums.ALGORITHMS))
def test_a_header_promises_its_value(algorithm: str) -> None:
    value = value_of(algorithm, CHECK)
    headers = {
        f"x-amz-checksum-{algorithm.lower()}": value,
        "x-amz-sdk-checksum-algorithm": algorithm.lower(),
    }

    assert Expectation(algorithm, value) == checksums.expectation(headers)


def test_a_trailer_promises_a_value_to_come() -> None:
    headers = {
        "x-amz-trailer": "X-Amz-Checksum-CRC32C, x-amz-trailer-signature",
        "x-amz-sdk-checksum-algorithm": "CRC32C",
    }

    assert Expectation("CRC32C", None) == checksums.expectation(headers)


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"x-amz-checksum-crc32": ""}, "Value for x-amz-checksum-crc32 header is invalid."),
        ({"x-amz-checksum-crc32": "AAAA"}, "Value for x-amz-checksum-crc32 header is invalid."),
        ({"x-amz-checksum-sha1": "n\xf6!"}, "Value for x-amz-checksum-sha1 header is invalid."),
        (
            {"x-amz-checksum-crc32": "AAAAAB=="},  # bits set that belong to no byte
            "Value for x-amz-checksum-crc32 header is invalid.",
        ),
        (
            {"x-amz-checksum-crc32": "", "x-amz-checksum-sha1": ""},
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
        ),
        (
            {"x-amz-checksum-crc32": "AAAAAA==", "x-amz-trailer": "x-amz-checksum-crc32"},
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
        ),
        (
            {"x-amz-checksum-sha512": "AAAAAA=="},
            "The algorithm type you specified in x-amz-checksum- header is invalid.",
        ),
        (
            {"x-amz-trailer": "x-amz-checksum-sha3"},
            "The value specified in the x-amz-trailer header is not supported",
        ),
        (
            {"x-amz-sdk-checksum-algorithm": "CRC32"},
            "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or "
            "x-amz-trailer headers were found.",
        ),
        (
            {"x-amz-sdk-checksum-algorithm": "SHA1", "x-amz-checksum-crc32": "AAAAAA=="},
            "Value for x-amz-sdk-checksum-algorithm header is invalid.",
        ),
        (
            {"x-amz-sdk-checksum-algorithm": "MD4", "x-amz-trailer": "x-amz-checksum-crc32"},
            "Value for x-amz-sdk-checksum-algorithm header is invalid.",
        ),
    ],
)
def test_contradictory_or_unreadable_promises_are_refused(
    headers: dict[str, str], message: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        checksums.expectation(headers)

    assert message == str(refused.value)


def test_a_kept_promise_becomes_the_stored_checksum() -> None:
    value = value_of("CRC32", CHECK)

    by_header = checksums.verify(Expectation("CRC32", value), value, {})
    by_trailer = checksums.verify(
        Expectation("CRC32", None), value, {"x-amz-checksum-crc32": value}
    )

    assert Checksum("CRC32", value, "FULL_OBJECT") == by_header == by_trailer


def test_a_broken_promise_is_a_bad_digest() -> None:
    with pytest.raises(BadDigest) as refused:
        checksums.verify(Expectation("CRC32", "AAAAAA=="), value_of("CRC32", CHECK), {})

    assert "The CRC32 you specified did not match the calculated checksum." == str(refused.value)


def test_a_trailer_that_was_announced_must_come() -> None:
    with pytest.raises(MalformedTrailerError):
        checksums.verify(Expectation("CRC32", None), "AAAAAA==", {})


def test_a_trailer_with_an_unreadable_value_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        checksums.verify(Expectation("CRC32", None), "AAAAAA==", {"x-amz-checksum-crc32": "?"})


def test_a_named_algorithm_is_known_in_any_case() -> None:
    assert checksums.named_algorithm(None) is None
    assert checksums.named_algorithm("crc64nvme") == "CRC64NVME"


def test_an_unknown_named_algorithm_is_refused() -> None:
    with pytest.raises(InvalidRequest) as refused:
        checksums.named_algorithm("MD4")

    assert (
        "Checksum algorithm provided is unsupported. Please try again with any of the valid "
        "types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]"
    ) == str(refused.value)


@pytest.mark.parametrize(
    ("algorithm", "requested", "expected"),
    [
        (None, None, None),
        ("CRC32", None, "COMPOSITE"),
        ("CRC32C", "FULL_OBJECT", "FULL_OBJECT"),
        ("CRC64NVME", None, "FULL_OBJECT"),
        ("SHA1", None, "COMPOSITE"),
        ("SHA256", "COMPOSITE", "COMPOSITE"),
    ],
)
def test_a_multipart_checksum_has_a_type(
    algorithm: str | None, requested: str | None, expected: str | None
) -> None:
    assert expected == checksums.validate_type(algorithm, requested)


@pytest.mark.parametrize(
    ("algorithm", "requested", "message"),
    [
        (
            "SHA1",
            "FULL_OBJECT",
            "The FULL_OBJECT checksum type cannot be used with the sha1 checksum algorithm.",
        ),
        (
            "CRC64NVME",
            "COMPOSITE",
            "The COMPOSITE checksum type cannot be used with the crc64nvme checksum algorithm.",
        ),
        ("CRC32", "HALF", "Value for x-amz-checksum-type header is invalid."),
        (
            None,
            "COMPOSITE",
            "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm "
            "header.",
        ),
    ],
)
def test_a_type_that_does_not_go_with_the_algorithm_is_refused(
    algorithm: str | None, requested: str, message: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        checksums.validate_type(algorithm, requested)

    assert message == str(refused.value)


def test_content_md5_is_read() -> None:
    md5 = hashlib.md5(CHECK).digest()

    assert md5 == checksums.content_md5({"content-md5": base64.b64encode(md5).decode()})
    assert checksums.content_md5({}) is None


@pytest.mark.parametrize("value", ["", "YWJyYWNhZGFicmE=", "25f9e794323b453885f5181f1b624d0b"])
def test_a_content_md5_that_is_no_md5_is_refused(value: str) -> None:
    with pytest.raises(InvalidDigest) as refused:
        checksums.content_md5({"content-md5": value})

    assert {"Content-MD5": value} == refused.value.details
