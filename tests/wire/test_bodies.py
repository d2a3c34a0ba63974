"""Bodies that are too short, too long, too slow or not what their head says they are."""

import base64
import hashlib
import select
import socket
import time
from contextlib import suppress

import pytest

from tests.raw_http import Wire, connected, request
from tests.server_process import ServerProcess
from tests.wire.judgement import (
    blob_files,
    expect_closed,
    expect_no_python,
    expect_refusal,
    expect_refused_or_closed,
    wait_until,
)

SIZES = {"inline": 100, "in a blob": 1_200_000}
MUCH_TOO_LONG_S = 10.0


@pytest.fixture(params=SIZES)
def data(request: pytest.FixtureRequest) -> bytes:
    """Bytes that are kept in the index, or in a file of their own."""
    return b"x" * SIZES[request.param]


@pytest.fixture(params=["object", "part"])
def place(request: pytest.FixtureRequest, upload_id: str) -> dict[str, str]:
    """The query of a put: of an object, or of a part of one."""
    return {"uploadId": upload_id, "partNumber": "1"} if request.param == "part" else {}


def test_a_body_cut_short_is_refused(
    server: ServerProcess, data: bytes, place: dict[str, str]
) -> None:
    with connected(server) as wire:
        wire.send(request(server, "PUT", "/wire/k", place, body=data)[:-1])
        wire.half_close()

        expect_refusal(wire.reply(), "IncompleteBody")
        expect_closed(wire)


def test_a_client_that_vanishes_leaves_nothing(
    server: ServerProcess, data: bytes, place: dict[str, str]
) -> None:
    message = request(server, "PUT", "/wire/k", place, body=data)
    for end in (-1, -len(data) // 2, -len(data)):
        wire = Wire(server)
        wire.send(message[:end])
        wire.reset()

    wait_until(lambda: not blob_files(server))
    assert [] == blob_files(server)


def test_more_than_was_announced_is_another_request_and_not_a_good_one(
    server: ServerProcess,
) -> None:
    with connected(server) as wire:
        assert 204 == wire.ask(request(server, "DELETE", "/wire/k")).status
        wire.send(b"and more\r\n\r\n")

        expect_refused_or_closed(wire, "BadRequest")


def test_a_request_is_answered_before_the_garbage_behind_it_is_refused(
    server: ServerProcess,
) -> None:
    put = request(server, "PUT", "/wire/k", headers={"content-md5": "not one"}, body=b"data")
    with connected(server) as wire:
        wire.send(put + b"\x00\xff" * 5000)

        expect_refusal(wire.reply(), "InvalidDigest")
        expect_refusal(wire.reply(), "BadRequest")
        expect_closed(wire)


def test_a_whole_request_that_drips_byte_by_byte_is_served(server: ServerProcess) -> None:
    data = request(server, "PUT", "/wire/k", headers={"content-md5": "not one"}, body=b"data")
    with connected(server) as wire:
        wire.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in data:
            wire.send(bytes([byte]))

        expect_refusal(wire.reply(), "InvalidDigest")


def test_a_body_that_drips_is_given_up(server: ServerProcess, place: dict[str, str]) -> None:
    start = time.monotonic()
    with connected(server) as wire:
        wire.send(request(server, "PUT", "/wire/k", place, body=bytes(5000))[:-5000])
        with suppress(BrokenPipeError, ConnectionResetError):
            while not select.select([wire.socket], [], [], 0.05)[0]:
                wire.send(b"x")
                assert time.monotonic() - start < MUCH_TOO_LONG_S

        expect_refusal(wire.reply(), "RequestTimeout")


def test_a_stalled_body_is_given_up(
    server: ServerProcess, data: bytes, place: dict[str, str]
) -> None:
    start = time.monotonic()
    with connected(server) as wire:
        wire.send(request(server, "PUT", "/wire/k", place, body=data)[:-1])

        expect_refusal(wire.reply(), "RequestTimeout")
        expect_closed(wire)
    assert time.monotonic() - start < MUCH_TOO_LONG_S


@pytest.mark.parametrize("sent", [b"", b"GET", b"GET /wire HTTP/1.1\r\nHost: x\r\n"])
def test_a_head_that_does_not_come_ends_the_connection(server: ServerProcess, sent: bytes) -> None:
    start = time.monotonic()
    with connected(server) as wire:
        wire.send(sent)

        expect_refused_or_closed(wire, "RequestTimeout")
    assert time.monotonic() - start < MUCH_TOO_LONG_S


def test_a_client_that_closes_its_sending_side_gets_its_answer(server: ServerProcess) -> None:
    with connected(server) as wire:
        wire.send(request(server, "GET", "/wire", {"location": ""}))
        wire.half_close()

        assert 200 == wire.reply().status
        expect_closed(wire)


def test_a_client_that_closes_its_sending_side_at_once_is_let_go(server: ServerProcess) -> None:
    with connected(server) as wire:
        wire.half_close()

        expect_closed(wire)


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"content-md5": base64.b64encode(bytes(16)).decode()}, "BadDigest"),
        ({"x-amz-checksum-crc32": "AAAAAA=="}, "BadDigest"),
        ({"x-amz-checksum-sha256": base64.b64encode(bytes(32)).decode()}, "BadDigest"),
        ({"x-amz-checksum-crc64nvme": base64.b64encode(bytes(8)).decode()}, "BadDigest"),
    ],
)
def test_bytes_other_than_those_promised_are_refused(
    server: ServerProcess, data: bytes, place: dict[str, str], headers: dict[str, str], code: str
) -> None:
    with connected(server) as wire:
        reply = wire.ask(request(server, "PUT", "/wire/k", place, body=data, headers=headers))

    expect_refusal(reply, code)


def test_bytes_other_than_those_signed_are_refused(
    server: ServerProcess, data: bytes, place: dict[str, str]
) -> None:
    other = hashlib.sha256(b"other").hexdigest()
    with connected(server) as wire:
        reply = wire.ask(request(server, "PUT", "/wire/k", place, body=data, content_sha256=other))

    expect_refusal(reply, "XAmzContentSHA256Mismatch")


def test_a_put_without_any_length_is_refused(server: ServerProcess, place: dict[str, str]) -> None:
    message = request(server, "PUT", "/wire/k", place, headers={"content-length": "0"})
    without = b"\r\n".join(
        line for line in message.split(b"\r\n") if not line.startswith(b"content-length")
    ).replace(b"content-length;", b"")
    with connected(server) as wire:
        reply = wire.ask(without)

    expect_refusal(reply, "MissingContentLength", "SignatureDoesNotMatch")


@pytest.mark.parametrize("length", [5 * 1024**3 + 1, 10**14, 2**63, 2**64, 10**30])
def test_an_announced_length_beyond_all_bounds_is_refused_at_once(
    server: ServerProcess, length: int, place: dict[str, str]
) -> None:
    headers = {"content-length": str(length), "expect": "100-continue"}
    with connected(server) as wire:
        reply = wire.ask(request(server, "PUT", "/wire/k", place, headers=headers))

    expect_refusal(reply, "EntityTooLarge", "BadRequest", "InvalidArgument")


@pytest.mark.parametrize(
    "framing", [b"zz\r\n", b"5\r\nhello!!\r\n", b"-1\r\n", b"ffffffffffffffffffff\r\n", b"\r\n"]
)
def test_broken_chunks_of_http_are_refused(server: ServerProcess, framing: bytes) -> None:
    headers = {"transfer-encoding": "chunked"}
    message = request(server, "PUT", "/wire/k", headers=headers, content_sha256="UNSIGNED-PAYLOAD")
    with connected(server) as wire:
        wire.send(message + b"1\r\nx\r\n" + framing)

        expect_refused_or_closed(
            wire, "BadRequest", "IncompleteBody", "MissingContentLength", "NotImplemented"
        )


def test_a_refused_upload_of_gigabytes_is_answered_without_reading_it(
    server: ServerProcess,
) -> None:
    message = request(
        server,
        "PUT",
        "/no-such-bucket/k",
        headers={"content-length": str(3 * 1024**3)},
        content_sha256="UNSIGNED-PAYLOAD",
    )
    with connected(server) as wire:
        reply = wire.ask(message + b"x" * 100_000)

    expect_refusal(reply, "NoSuchBucket")
    expect_no_python(reply.body)
