"""The functions that every request goes through, timed: scripts/bench --micro.

Not part of the tests, and no time is judged. What a function returns is checked, since a wrong
answer can be quick.
"""

from pytest_benchmark.fixture import BenchmarkFixture

from ferrox import ids
from ferrox.auth.canonical import canonical_request
from ferrox.protocol import address, decode, encode, operations, router
from ferrox.protocol.address import Object as ObjectTarget
from ferrox.protocol.chunked import Decoder
from ferrox.protocol.contents import contents, names_as_xml
from ferrox.protocol.message import Request, Response
from ferrox.protocol.shapes.listing import ListObjectsV2Output
from ferrox.protocol.shapes.objects import GetObjectOutput
from ferrox.records import ObjectSummary
from tests import signing
from tests.auth import crt, oracle

HEADERS = {
    "host": "127.0.0.1:9000",
    "user-agent": "Boto3/1.40 md/Botocore#1.40 ua/2.1 os/linux#6.1 lang/python#3.11",
    "accept-encoding": "identity",
    "amz-sdk-invocation-id": "5e3c1a6f-9d5e-4d5b-8d2d-8f6c1f2f8a10",
    "amz-sdk-request": "attempt=1",
    "range": "bytes=0-4095",
}
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
NOON_MS = 1_790_000_000_000
PAGE = 1000
CHUNK_BYTES = 64 * 1024
CHUNKS = 16


def get_object() -> Request:
    """A GetObject as boto3 sends it, fresh: what a request has parsed it keeps."""
    return Request("GET", "/bucket/photos/2026/a.jpg", "x-id=GetObject", dict(HEADERS))


def test_canonical_request(benchmark: BenchmarkFixture) -> None:
    request = get_object()
    request.headers["x-amz-content-sha256"] = EMPTY
    names = ";".join(sorted(request.headers))

    text = benchmark(canonical_request, request, request.path, request.query_string, names, EMPTY)

    assert text.endswith(EMPTY)


def test_verify_a_signature_in_the_header(benchmark: BenchmarkFixture) -> None:
    verifier = oracle.verifier()
    path, query = "/bucket/photos/2026/a.jpg", "x-id=GetObject"
    headers = signing.sign("GET", path, query, HEADERS, EMPTY, oracle.AT_MS)

    verified = benchmark(lambda: verifier.verify(Request("GET", path, query, dict(headers))))

    assert oracle.OWNER == verified.principal


def test_verify_a_signature_in_the_query(benchmark: BenchmarkFixture) -> None:
    verifier = oracle.verifier()
    signed = oracle.presigned("GET", oracle.target("photos/2026/a.jpg"))

    verified = benchmark(
        lambda: verifier.verify(
            Request("GET", signed.path, signed.query_string, dict(signed.headers))
        )
    )

    assert oracle.OWNER == verified.principal


def test_verify_a_signature_of_version_4a(benchmark: BenchmarkFixture) -> None:
    verifier = oracle.verifier()
    signed = crt.signed("GET", oracle.target("photos/2026/a.jpg"))

    verified = benchmark(
        lambda: verifier.verify(Request("GET", signed.path, "", dict(signed.headers)))
    )

    assert oracle.OWNER == verified.principal


def test_locate_and_resolve(benchmark: BenchmarkFixture) -> None:
    def work() -> object:
        request = get_object()
        return router.resolve(request, address.locate(request, ()).level)

    assert operations.GetObject == benchmark(work)


def test_decode_the_parameters_of_get_object(benchmark: BenchmarkFixture) -> None:
    target = ObjectTarget("bucket", "photos/2026/a.jpg")

    args = benchmark(lambda: decode.parameters(operations.GetObject, get_object(), target))

    assert "bytes=0-4095" == args.range


def test_encode_the_answer_of_get_object(benchmark: BenchmarkFixture) -> None:
    output = GetObjectOutput(
        e_tag="900150983cd24fb0d6963f7d28e17f72", last_modified=NOON_MS, content_length=4096,
        accept_ranges="bytes", content_type="image/jpeg", metadata={"mtime": "1"}, body=b"",
    )  # fmt: skip

    response = benchmark(encode.response, operations.GetObject, output)

    assert 200 == response.status


def test_write_a_page_of_a_thousand_keys(benchmark: BenchmarkFixture) -> None:
    etag = "900150983cd24fb0d6963f7d28e17f72"
    rows = [
        ObjectSummary(f"photos/2026/{n:06}.jpg", n, NOON_MS + n, etag, "STANDARD", "c", None, None)
        for n in range(PAGE)
    ]

    def work() -> Response:
        written = contents(rows, names_as_xml(url_encoded=True), None)
        output = ListObjectsV2Output(name="bucket", key_count=PAGE, contents=written)
        return encode.response(operations.ListObjectsV2, output)

    body = benchmark(work).body
    assert PAGE == body.count(b"<Key>")


def test_decode_a_mebibyte_of_aws_chunked(benchmark: BenchmarkFixture) -> None:
    chunk = f"{CHUNK_BYTES:x}\r\n".encode() + bytes(CHUNK_BYTES) + b"\r\n"
    body = chunk * CHUNKS + b"0\r\n\r\n"
    pieces = [body[at : at + CHUNK_BYTES] for at in range(0, len(body), CHUNK_BYTES)]

    def work() -> int:
        decoder = Decoder(CHUNK_BYTES * CHUNKS, seal=None, trailer_names=frozenset())
        received = sum(len(piece) for data in pieces for piece in decoder.feed(data))
        decoder.finish()
        return received

    assert CHUNK_BYTES * CHUNKS == benchmark(work)


def test_make_the_ids_of_a_write(benchmark: BenchmarkFixture) -> None:
    made = benchmark(lambda: (ids.request_id(), ids.version_id(), ids.blob_name(NOON_MS)))

    assert (16, 32, 16) == tuple(map(len, made))
