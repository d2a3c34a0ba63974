"""Request lines and headers that no client of S3 sends."""

import pytest

from tests.raw_http import connected, head, request, signed_headers
from tests.server_process import ServerProcess
from tests.wire.judgement import expect_closed, expect_no_python, expect_refusal


@pytest.mark.parametrize(
    "data",
    [
        b"GET\r\n\r\n",
        b"GET /wire\r\n\r\n",
        b"GET /wire HTTP/1.1 more\r\nHost: x\r\n\r\n",
        b"GET  /wire HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /wire HTTP/3.7\r\nHost: x\r\n\r\n",
        b"GET /wire FTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /wire HTTP/1.1\r\nHost: x\r\nwithout colon\r\n\r\n",
        b"GET /wire HTTP/1.1\r\nHost: x\r\nX-Nul: a\x00b\r\n\r\n",
        b"GET /wire HTTP/1.1\r\nHost: x\r\nX-Cr: a\rb\r\n\r\n",
        b"GET /wire HTTP/1.1\r\nHost: x\r\nX-Space : a\r\n\r\n",
        b"GET /wire HTTP/1.1\r\nHost: x\r\nX-Folded: a\r\n b\r\n\r\n",
        b"GET /wire HTTP/1.1\r\nHost: x\r\n: nameless\r\n\r\n",
        b"GET /wire HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        b"GET /wire HTTP/1.1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x00\xee\x01\x00\x00\xea\x03\x03" + bytes(230) + b"\r\n\r\n",
        b"\x00\x01\x02\x03\r\n\r\n",
        b"BREW /wire HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET wire/k HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET ftp://x/wire/k HTTP/1.1\r\nHost: x\r\n\r\n",
        # two ways to say how long the body is: what one reader takes for a body, another
        # takes for a request
        b"PUT /wire/k HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"PUT /wire/k HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n\r\nabc",
        b"PUT /wire/k HTTP/1.1\r\nHost: x\r\nContent-Length: -3\r\n\r\nabc",
        b"PUT /wire/k HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc",
        b"PUT /wire/k HTTP/1.1\r\nHost: x\r\nContent-Length: 0x3\r\n\r\nabc",
        b"PUT /wire/k HTTP/1.1\r\nHost: x\r\nContent-Length: three\r\n\r\nabc",
        b"PUT /wire/k HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\nabc",
        b"PUT /wire/k HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /wire/hidden HTTP/1.1\r\nHost: x\r\n\r\n",
        b"PUT /wire/k HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        b"PUT /wire/k HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"PUT /wire/k HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
    ],
)
def test_what_is_not_clear_http_is_refused_and_ends_the_connection(
    server: ServerProcess, data: bytes
) -> None:
    with connected(server) as wire:
        reply = wire.ask(data)

        assert 400 == reply.status
        expect_refusal(reply, "BadRequest", "InvalidURI")
        expect_closed(wire)


@pytest.mark.parametrize(
    "data",
    [
        b"GET /wire/" + b"k" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /wire HTTP/1.1\r\nHost: x\r\nX-Long: " + b"v" * 70_000 + b"\r\n\r\n",
        b"GET /wire HTTP/1.1\r\nHost: x\r\n" + b"X-" + b"n" * 70_000 + b": v\r\n\r\n",
        b"GET /wire HTTP/1.1\r\nHost: x\r\n" + b"X-Many: v\r\n" * 10_000 + b"\r\n",
        b"GET /wire HTTP/1.1\r\nHost: x\r\n" + b"X-Wide: %s\r\n" % (b"v" * 1000) * 20 + b"\r\n",
    ],
)
def test_an_oversize_head_is_refused_and_ends_the_connection(
    server: ServerProcess, data: bytes
) -> None:
    with connected(server) as wire:
        reply = wire.ask(data)

        assert 400 == reply.status
        expect_refusal(reply, "RequestHeaderSectionTooLarge")
        expect_closed(wire)


@pytest.mark.parametrize("method", ["PATCH", "TRACE", "PROPFIND", "LOCK", "POST"])
def test_a_method_that_objects_do_not_have_is_refused(server: ServerProcess, method: str) -> None:
    with connected(server) as wire:
        reply = wire.ask(request(server, method, "/wire/k"))

    expect_refusal(reply, "MethodNotAllowed", "BadRequest")


def test_an_http_1_0_request_is_answered_and_ends_the_connection(server: ServerProcess) -> None:
    data = request(server, "GET", "/wire", {"location": ""}).replace(b" HTTP/1.1", b" HTTP/1.0")
    with connected(server) as wire:
        reply = wire.ask(data)

        assert (200, True) == (reply.status, b"<LocationConstraint" in reply.body)
        expect_closed(wire)


@pytest.mark.parametrize(
    "target",
    [
        "/wire/%zz",
        "/wire/%",
        "/wire/%f",
        "/wire/%ff%fe",
        "/wire/%c3%28",
        "/wire/%ed%a0%80",
        "/%ff/k",
        "/wire?prefix=%ff",
        "/wire?%ff=1",
        "//k",
    ],
)
def test_a_target_that_is_not_utf_8_is_refused(server: ServerProcess, target: str) -> None:
    path, _, query = target.partition("?")
    # The signature does not matter: the target is read before.
    headers = {"host": f"{server.host}:{server.port}"}
    with connected(server) as wire:
        reply = wire.ask(head(f"GET {target} HTTP/1.1", headers))

    assert path or query
    expect_refusal(reply, "InvalidURI", "AccessDenied", "InvalidArgument")


def test_bytes_above_ascii_in_a_target_do_no_harm(server: ServerProcess) -> None:
    with connected(server) as wire:
        reply = wire.ask(b"GET /wire/\xff\xfe\x80 HTTP/1.1\r\nHost: x\r\n\r\n")

    expect_refusal(reply, "InvalidURI", "BadRequest")


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/wire", {"list-type": "2", "max-keys": "9" * 30}),
        ("/wire", {"list-type": "2", "max-keys": "-1"}),
        ("/wire", {"list-type": "2", "max-keys": "1e3"}),
        ("/wire", {"list-type": "2", "max-keys": "٣"}),
        ("/wire", {"list-type": "2", "max-keys": "1_000"}),
        ("/wire", {"list-type": "2", "continuation-token": "%%%"}),
        ("/wire", {"list-type": "2", "continuation-token": "A" * 4000}),
        ("/wire", {"list-type": "2", "continuation-token": ""}),
        ("/wire", {"list-type": "2", "encoding-type": "rot13"}),
        ("/wire", {"max-keys": "0x10"}),
        ("/wire", {"uploads": "", "max-uploads": "-5"}),
        ("/wire", {"uploads": "", "max-uploads": "9" * 5000}),
        ("/", {"max-buckets": "0"}),
        ("/", {"max-buckets": "-7"}),
        ("/", {"max-buckets": "99999999999"}),
    ],
)
def test_absurd_numbers_and_tokens_are_refused(
    server: ServerProcess, path: str, query: dict[str, str]
) -> None:
    with connected(server) as wire:
        reply = wire.ask(request(server, "GET", path, query))

    assert 400 == reply.status
    expect_refusal(reply, "InvalidArgument")


@pytest.mark.parametrize("number", ["0", "-1", "10001", "9" * 40, "one", "", "1.5", " 1"])
def test_an_absurd_part_number_is_refused(
    server: ServerProcess, upload_id: str, number: str
) -> None:
    query = {"uploadId": upload_id, "partNumber": number}
    with connected(server) as wire:
        reply = wire.ask(request(server, "PUT", "/wire/k", query, body=b"data"))

    assert 400 == reply.status
    expect_refusal(reply, "InvalidArgument")


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "AWS4-HMAC-SHA256"},
        {"authorization": "AWS4-HMAC-SHA256 Credential=//////, SignedHeaders=, Signature="},
        {"authorization": "AWS4-HMAC-SHA256 " + "Credential=a," * 500},
        {"authorization": "Bearer x"},
        {"authorization": "AWS4-HMAC-SHA256 \x7f"},
        {"x-amz-date": "yesterday"},
        {"x-amz-date": "99999999T999999Z"},
        {"x-amz-content-sha256": "zero"},
        {"x-amz-content-sha256": "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"},
        {"x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"},
        {"x-amz-decoded-content-length": "many"},
    ],
)
def test_broken_credentials_are_refused_before_the_body_is_read(
    server: ServerProcess, headers: dict[str, str]
) -> None:
    good = {"content-length": str(10**12), "expect": "100-continue"}
    signed = signed_headers(server, "PUT", "/wire/k", headers=good)
    with connected(server) as wire:
        reply = wire.ask(head("PUT /wire/k HTTP/1.1", {**signed, **headers}))

    assert reply.status in (400, 403, 411, 501)
    assert reply.code
    expect_no_python(reply.body)


@pytest.mark.parametrize(
    "headers",
    [
        {"range": "bytes=" + "9" * 60 + "-"},
        {"if-modified-since": "the day after"},
        {"if-match": '"' * 500},
        {"x-amz-checksum-mode": "PERHAPS"},
    ],
)
def test_odd_conditions_on_a_missing_key_are_still_about_a_missing_key(
    server: ServerProcess, headers: dict[str, str]
) -> None:
    with connected(server) as wire:
        reply = wire.ask(request(server, "GET", "/wire/missing", headers=headers))

    expect_refusal(reply, "NoSuchKey", "InvalidArgument")


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"x-amz-copy-source": "nothing"}, "InvalidArgument"),
        ({"x-amz-copy-source": "%ff/%ff"}, "InvalidArgument InvalidURI"),
        ({"x-amz-copy-source": "/wire/k?versionId="}, "InvalidArgument NoSuchKey"),
        ({"x-amz-storage-class": "FLOPPY"}, "InvalidStorageClass"),
        ({"x-amz-tagging": "a=1&a=2"}, "InvalidTag InvalidArgument"),
        ({"x-amz-meta-much": "v" * 3000}, "MetadataTooLarge"),
        ({"x-amz-acl": "open-to-all"}, "InvalidArgument AccessControlListNotSupported"),
        ({"content-md5": "short"}, "InvalidDigest"),
        ({"x-amz-checksum-crc32": "short"}, "InvalidRequest"),
        ({"x-amz-sdk-checksum-algorithm": "CRC7"}, "InvalidRequest"),
        ({"x-amz-website-redirect-location": "ftp://x"}, "InvalidArgument"),
        ({"if-none-match": '"a tag"'}, "NotImplemented"),
    ],
)
def test_odd_headers_of_a_put_are_refused(
    server: ServerProcess, headers: dict[str, str], code: str
) -> None:
    with connected(server) as wire:
        reply = wire.ask(request(server, "PUT", "/wire/k", headers=headers, body=b"data"))

    expect_refusal(reply, *code.split())


def test_a_key_of_more_than_1024_bytes_is_refused(server: ServerProcess) -> None:
    with connected(server) as wire:
        reply = wire.ask(request(server, "PUT", "/wire/" + "ü" * 513, body=b"data"))

    expect_refusal(reply, "KeyTooLongError")
