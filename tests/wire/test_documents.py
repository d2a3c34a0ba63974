"""XML that no client of S3 sends, in every operation that takes a document."""

import base64
import hashlib
import itertools

import pytest

from tests.raw_http import Reply, connected, request
from tests.server_process import ServerProcess
from tests.wire.judgement import expect_refusal

LAUGHS = b"".join(
    b'<!ENTITY l%d "%s">' % (number, b"&l%d;" % (number - 1) * 10) for number in range(1, 10)
)
EXTERNAL = b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'

# %s stands for the root element that the operation wants.
MALFORMED = {
    "no XML": b"let me in",
    "JSON": b'{"Objects": []}',
    "cut short": b"<%s><Object><Key>a</Key>",
    "cut in a tag": b"<%s",
    "another root": b"<Other/>",
    "two roots": b"<%s></%s><%s></%s>",
    "crossed tags": b"<%s><a><b></a></b></%s>",
    "ten thousand deep": b"<%s>" + b"<a>" * 10_000 + b"</a>" * 10_000 + b"</%s>",
    "ten thousand deep and open": b"<%s>" + b"<a>" * 10_000,
    "a billion laughs": b'<!DOCTYPE r [<!ENTITY l0 "ha">' + LAUGHS + b"]><%s>&l9;</%s>",
    "an external entity": EXTERNAL + b"<%s>&x;</%s>",
    "a DTD": b"<!DOCTYPE r><%s></%s>",
    "an entity nobody declared": b"<%s>&nbsp;</%s>",
    "not UTF-8": b"<%s>\xff\xfe</%s>",
    "a NUL": b"<%s>\x00</%s>",
    "an encoding nobody knows": b'<?xml version="1.0" encoding="klingon"?><%s></%s>',
    "text instead of elements": b"<%s>text</%s>",
    "nothing in it": b"<%s></%s>",
    "many tags": b"<%s>" + b"<a/>" * 300_000 + b"</%s>",
}


def malformed(kind: str, root: str) -> bytes:
    return MALFORMED[kind].replace(b"%s", root.encode())


def post(
    server: ServerProcess,
    path: str,
    query: dict[str, str],
    body: bytes,
    headers: dict[str, str] | None = None,
) -> Reply:
    with connected(server) as wire:
        return wire.ask(request(server, "POST", path, query, body=body, headers=headers))


def md5(body: bytes) -> dict[str, str]:
    return {"content-md5": base64.b64encode(hashlib.md5(body).digest()).decode()}


@pytest.mark.parametrize("kind", MALFORMED)
def test_malformed_deletions_are_refused(server: ServerProcess, kind: str) -> None:
    body = malformed(kind, "Delete")

    reply = post(server, "/wire", {"delete": ""}, body, md5(body))

    expect_refusal(reply, "MalformedXML")


@pytest.mark.parametrize("kind", MALFORMED)
def test_malformed_completions_are_refused_and_the_upload_goes_on(
    server: ServerProcess, upload_id: str, kind: str
) -> None:
    body = malformed(kind, "CompleteMultipartUpload")

    reply = post(server, "/wire/k", {"uploadId": upload_id}, body)

    expect_refusal(reply, "MalformedXML")


@pytest.mark.parametrize("kind", [kind for kind in MALFORMED if kind != "nothing in it"])
def test_malformed_bucket_configurations_are_refused(server: ServerProcess, kind: str) -> None:
    body = malformed(kind, "CreateBucketConfiguration")

    with connected(server) as wire:
        reply = wire.ask(request(server, "PUT", "/wire-malformed", body=body))
        seen = wire.ask(request(server, "HEAD", "/wire-malformed"), is_head=True)

    expect_refusal(reply, "MalformedXML")
    assert 404 == seen.status


@pytest.mark.parametrize(
    ("parts", "codes"),
    [
        (b"<Part><PartNumber>1</PartNumber></Part>", "MalformedXML"),
        (b"<Part><ETag>a</ETag></Part>", "MalformedXML"),
        (b"<Part><PartNumber>one</PartNumber><ETag>a</ETag></Part>", "MalformedXML"),
        (b"<Part><PartNumber>0</PartNumber><ETag>a</ETag></Part>", "InvalidArgument"),
        (b"<Part><PartNumber>-1</PartNumber><ETag>a</ETag></Part>", "InvalidArgument"),
        (b"<Part><PartNumber>1_0</PartNumber><ETag>a</ETag></Part>", "MalformedXML"),
        (
            b"<Part><PartNumber>" + b"9" * 5000 + b"</PartNumber><ETag>a</ETag></Part>",
            "MalformedXML InvalidArgument",
        ),
        (
            b"<Part><PartNumber>1</PartNumber><PartNumber>2</PartNumber><ETag>a</ETag></Part>",
            "MalformedXML",
        ),
        (b"<Part><PartNumber><deep/></PartNumber><ETag>a</ETag></Part>", "MalformedXML"),
        (b"<Part><PartNumber>1</PartNumber><ETag>a</ETag></Part>", "InvalidPart"),
        (b"<Part><PartNumber>1</PartNumber><ETag>a</ETag></Part>" * 2, "InvalidPartOrder"),
        (b"<Part><PartNumber>1</PartNumber><ETag>a</ETag></Part>" * 10_001, "InvalidArgument"),
    ],
)
def test_impossible_part_lists_are_refused(
    server: ServerProcess, upload_id: str, parts: bytes, codes: str
) -> None:
    body = b"<CompleteMultipartUpload>" + parts + b"</CompleteMultipartUpload>"

    reply = post(server, "/wire/k", {"uploadId": upload_id}, body)

    expect_refusal(reply, *codes.split())


def test_completing_without_a_document_is_refused(server: ServerProcess, upload_id: str) -> None:
    reply = post(server, "/wire/k", {"uploadId": upload_id}, b"")

    expect_refusal(reply, "InvalidRequest", "MissingRequestBodyError", "MalformedXML")


def test_deleting_without_a_document_is_refused(server: ServerProcess) -> None:
    reply = post(server, "/wire", {"delete": ""}, b"", md5(b""))

    expect_refusal(reply, "MissingRequestBodyError", "MalformedXML")


def deletion(count: int) -> bytes:
    rows = (f"<Object><Key>{number}</Key></Object>" for number in itertools.count())
    return f"<Delete>{''.join(itertools.islice(rows, count))}</Delete>".encode()


@pytest.mark.parametrize(("count", "status"), [(1000, 200), (1001, 400)])
def test_a_thousand_keys_are_deleted_at_once_and_no_more(
    server: ServerProcess, count: int, status: int
) -> None:
    body = deletion(count)

    reply = post(server, "/wire", {"delete": ""}, body, md5(body))

    assert (status, "MalformedXML" if status == 400 else "") == (reply.status, reply.code)


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "InvalidRequest"),
        ({"content-md5": base64.b64encode(bytes(16)).decode()}, "BadDigest"),
        ({"content-md5": "not one"}, "InvalidDigest"),
        ({"x-amz-checksum-crc32": "AAAAAA=="}, "BadDigest"),
        ({"x-amz-checksum-crc32": "AAAA"}, "InvalidRequest"),
    ],
)
def test_a_deletion_is_held_to_its_digest(
    server: ServerProcess, headers: dict[str, str], code: str
) -> None:
    reply = post(server, "/wire", {"delete": ""}, deletion(1), headers)

    expect_refusal(reply, code)


def test_a_document_of_nine_megabytes_is_refused_unread(server: ServerProcess) -> None:
    body = b"<Delete>" + b" " * 9_000_000 + b"</Delete>"

    reply = post(server, "/wire", {"delete": ""}, body, md5(body))

    expect_refusal(reply, "MaxMessageLengthExceeded", "MalformedXML")
