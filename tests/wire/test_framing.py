"""aws-chunked bodies with every kind of damage: refused, and nothing of them stays."""

import pytest

from tests import raw_http
from tests.raw_http import Reply, connected
from tests.server_process import ServerProcess
from tests.wire.chunked_body import (
    SIGNED,
    SIGNED_TRAILER,
    UNSIGNED_TRAILER,
    Upload,
    crc32,
    upload,
)
from tests.wire.judgement import expect_refusal, expect_refused_or_closed

SIZES = {"inline": 10, "in a blob": 1_200_000}
TRAILER = "x-amz-checksum-crc32"


@pytest.fixture(params=SIZES)
def data(request: pytest.FixtureRequest) -> bytes:
    """Bytes that are kept in the index, or in a file of their own."""
    return b"x" * SIZES[request.param]


def put(server: ServerProcess, made: Upload, body: bytes) -> Reply:
    """What is said to a body."""
    with connected(server) as wire:
        return wire.ask(made.message(body, "/wire/k"))


def unsigned(data: bytes, *, trailer: str = "") -> bytes:
    """A body with unsigned chunks."""
    return b"%x\r\n%s\r\n0\r\n%s\r\n" % (len(data), data, trailer.encode())


def test_the_maker_of_these_bodies_can_make_good_ones(server: ServerProcess) -> None:
    """Otherwise every refusal below could be for another reason than the damage."""
    data = b"x" * 60_000
    plain = upload(server, SIGNED, len(data))
    signed = upload(server, SIGNED_TRAILER, len(data), trailer=TRAILER)
    free = upload(server, UNSIGNED_TRAILER, len(data), trailer=TRAILER)
    sum_of_all = {TRAILER: crc32(data)}
    end = signed.chain.chunk(data) + signed.chain.end() + signed.chain.trailer(sum_of_all)
    bodies = [
        (plain, plain.chain.chunk(data) + plain.chain.chunk(b"")),
        (signed, end + b"\r\n"),
        (free, unsigned(data, trailer=f"{TRAILER}:{crc32(data)}\r\n")),
    ]

    with connected(server) as wire:
        statuses = [wire.ask(made.message(body, "/wire/k")).status for made, body in bodies]
        wire.ask(raw_http.request(server, "DELETE", "/wire/k"))

    assert [200, 200, 200] == statuses


@pytest.mark.parametrize(
    "size_line",
    [
        b"",
        b"zz",
        b"-1",
        b"+a",
        b"0xa",
        b" a",
        b"a ",
        b"fffffffffffff",
        b"f" * 40,
        b"a" * 5000,
        b"a;chunk-signature=",
        b"a;comment=" + b"c" * 2000,
        b"\xff\xfe",
    ],
)
def test_a_bad_size_line_is_refused(server: ServerProcess, size_line: bytes) -> None:
    made = upload(server, UNSIGNED_TRAILER, 10, trailer=TRAILER)

    reply = put(server, made, size_line + b"\r\n" + b"x" * 10 + b"\r\n0\r\n\r\n")

    expect_refusal(reply, "IncompleteBody")


def test_a_size_line_without_end_is_refused_before_it_ends(server: ServerProcess) -> None:
    made = upload(server, UNSIGNED_TRAILER, 10, trailer=TRAILER)
    with connected(server) as wire:
        message = made.message(b"1" * 1_000_000, "/wire/k")
        reply = wire.ask(message[:-500_000])

    expect_refusal(reply, "IncompleteBody")


def test_data_without_its_line_end_is_refused(server: ServerProcess, data: bytes) -> None:
    made = upload(server, UNSIGNED_TRAILER, len(data), trailer=TRAILER)
    body = unsigned(data, trailer=f"{TRAILER}:{crc32(data)}\r\n")

    reply = put(server, made, body.replace(b"x\r\n", b"xx\n", 1))

    expect_refusal(reply, "IncompleteBody")


@pytest.mark.parametrize("difference", [-1, 1, 1000, 10**9])
def test_another_decoded_length_is_refused(
    server: ServerProcess, data: bytes, difference: int
) -> None:
    made = upload(server, UNSIGNED_TRAILER, len(data) + difference, trailer=TRAILER)

    reply = put(server, made, unsigned(data, trailer=f"{TRAILER}:{crc32(data)}\r\n"))

    expect_refusal(reply, "IncompleteBody")


@pytest.mark.parametrize("length", ["-1", "many", "9" * 30, "1.5", ""])
def test_a_decoded_length_that_is_no_length_is_refused(server: ServerProcess, length: str) -> None:
    made = upload(server, UNSIGNED_TRAILER, length, trailer=TRAILER)

    reply = put(server, made, unsigned(b"data"))

    expect_refusal(
        reply, "InvalidArgument", "MissingContentLength", "EntityTooLarge", "InvalidRequest"
    )


def test_a_body_that_ends_before_its_last_chunk_is_refused(
    server: ServerProcess, data: bytes
) -> None:
    made = upload(server, SIGNED, len(data))

    reply = put(server, made, made.chain.chunk(data))

    expect_refusal(reply, "IncompleteBody")


def test_a_body_that_ends_inside_a_chunk_is_refused(server: ServerProcess, data: bytes) -> None:
    made = upload(server, SIGNED, len(data))

    reply = put(server, made, made.chain.chunk(data)[: -len(data) // 2])

    expect_refusal(reply, "IncompleteBody")


def test_a_bad_signature_in_the_middle_is_refused(server: ServerProcess, data: bytes) -> None:
    made = upload(server, SIGNED, 3 * len(data))
    chunks = [made.chain.chunk(data) for _ in range(3)]
    chunks[1] = chunks[1].replace(b"x\r\n", b"y\r\n")

    reply = put(server, made, b"".join([*chunks, made.chain.chunk(b"")]))

    expect_refusal(reply, "SignatureDoesNotMatch")


def test_chunks_in_another_order_are_refused(server: ServerProcess, data: bytes) -> None:
    made = upload(server, SIGNED, 2 * len(data))
    first, second = made.chain.chunk(data), made.chain.chunk(data)

    reply = put(server, made, second + first + made.chain.chunk(b""))

    expect_refusal(reply, "SignatureDoesNotMatch")


def test_a_bad_signature_of_the_last_chunk_is_refused(server: ServerProcess, data: bytes) -> None:
    made = upload(server, SIGNED, len(data))
    body = made.chain.chunk(data) + b"0;chunk-signature=" + b"0" * 64 + b"\r\n\r\n"

    reply = put(server, made, body)

    expect_refusal(reply, "SignatureDoesNotMatch")


def test_chunks_without_the_signatures_they_promise_are_refused(
    server: ServerProcess, data: bytes
) -> None:
    made = upload(server, SIGNED, len(data))

    reply = put(server, made, unsigned(data))

    expect_refusal(reply, "SignatureDoesNotMatch", "IncompleteBody")


def test_a_bad_trailer_signature_is_refused(server: ServerProcess, data: bytes) -> None:
    made = upload(server, SIGNED_TRAILER, len(data), trailer=TRAILER)
    body = made.chain.chunk(data) + made.chain.end()
    trailer = made.chain.trailer({TRAILER: crc32(data)})

    reply = put(server, made, body + trailer[:-66] + b"0" * 64 + b"\r\n\r\n")

    expect_refusal(reply, "SignatureDoesNotMatch")


def test_a_trailer_that_was_changed_on_the_way_is_refused(
    server: ServerProcess, data: bytes
) -> None:
    made = upload(server, SIGNED_TRAILER, len(data), trailer=TRAILER)
    body = made.chain.chunk(data) + made.chain.end()
    trailer = made.chain.trailer({TRAILER: crc32(b"other")})
    changed = trailer.replace(crc32(b"other").encode(), crc32(data).encode())

    reply = put(server, made, body + changed + b"\r\n")

    expect_refusal(reply, "SignatureDoesNotMatch")


def test_a_trailing_checksum_of_other_bytes_is_refused(server: ServerProcess, data: bytes) -> None:
    made = upload(server, UNSIGNED_TRAILER, len(data), trailer=TRAILER)

    reply = put(server, made, unsigned(data, trailer=f"{TRAILER}:{crc32(b'other')}\r\n"))

    expect_refusal(reply, "BadDigest")


@pytest.mark.parametrize(
    "trailer",
    [
        "",
        "x-amz-checksum-sha256:AAAA\r\n",
        f"{TRAILER}\r\n",
        f"{TRAILER}:AAAAAA==\r\n{TRAILER}:AAAAAA==\r\n",
        f"{TRAILER}:AAAAAA==\r\nx-amz-meta-more:1\r\n",
        f"{TRAILER}:\r\n",
        "\ud800garbage\r\n".encode("utf-8", "surrogatepass").decode("latin-1"),
        "x" * 20_000 + "\r\n",
    ],
)
def test_a_trailer_other_than_the_one_announced_is_refused(
    server: ServerProcess, data: bytes, trailer: str
) -> None:
    made = upload(server, UNSIGNED_TRAILER, len(data), trailer=TRAILER)

    reply = put(server, made, unsigned(data, trailer=trailer))

    expect_refusal(reply, "MalformedTrailerError", "BadDigest", "InvalidRequest")


def test_more_after_the_end_is_refused(server: ServerProcess, data: bytes) -> None:
    made = upload(server, SIGNED, len(data))
    body = made.chain.chunk(data) + made.chain.chunk(b"") + b"a;chunk-signature=x\r\n"

    reply = put(server, made, body)

    expect_refusal(reply, "MalformedTrailerError", "IncompleteBody")


def test_a_client_that_leaves_in_the_middle_leaves_nothing(
    server: ServerProcess, data: bytes
) -> None:
    made = upload(server, SIGNED, 2 * len(data))
    body = made.chain.chunk(data) + made.chain.chunk(data) + made.chain.chunk(b"")
    with connected(server) as wire:
        wire.send(made.message(body, "/wire/k")[: -len(data) // 2])
        wire.half_close()

        expect_refused_or_closed(wire, "IncompleteBody")


def test_a_part_with_a_broken_chunk_is_not_added(
    server: ServerProcess, data: bytes, upload_id: str
) -> None:
    query = {"uploadId": upload_id, "partNumber": "1"}
    made = upload(server, SIGNED, len(data), query=query)
    body = made.chain.chunk(data).replace(b"x\r\n", b"y\r\n") + made.chain.chunk(b"")
    target = f"/wire/k?partNumber=1&uploadId={upload_id}"
    with connected(server) as wire:
        reply = wire.ask(made.message(body, target))

    expect_refusal(reply, "SignatureDoesNotMatch")
