"""Lists of fields, good and bad."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.gateway.http2 import heads
from ferrox.gateway.http2.heads import Head

GOOD = [
    (b":method", b"GET"),
    (b":scheme", b"https"),
    (b":authority", b"h:9443"),
    (b":path", b"/b/k"),
]


def read(*fields: tuple[bytes, bytes], has_body: bool = False) -> Head:
    return heads.read(fields, 16_384, has_body=has_body)


def code(head: Head) -> str:
    return "" if head.error is None else head.error.code


def test_a_good_list_is_a_request() -> None:
    head = read(
        *GOOD, (b"range", b"bytes=0-1"), (b"x-amz-meta-a", b"one"), (b"x-amz-meta-a", b"two")
    )

    assert ("GET", "/b/k", "") == (head.method, head.target, code(head))
    assert {"host": "h:9443", "range": "bytes=0-1", "x-amz-meta-a": "one,two"} == head.headers


@pytest.mark.parametrize("path", ["/b/%7E%2f//../x?y=%2F&z=+&&", "/", "/?", "/a#b", "//b"])
def test_the_path_stays_as_it_was_sent(path: str) -> None:
    head = read(*GOOD[:3], (b":path", path.encode()))
    made = heads.request(head, None, "", None)  # type: ignore[arg-type] # it has no body

    assert "" == code(head)
    assert path == made.path + ("?" if "?" in path else "") + made.query_string
    assert "HTTP/2.0" == made.version


def test_cookies_are_joined_as_cookies() -> None:
    assert "a=1; b=2" == read(*GOOD, (b"cookie", b"a=1"), (b"cookie", b"b=2")).headers["cookie"]


def test_a_host_alone_will_do() -> None:
    head = read(*GOOD[:2], GOOD[3], (b"host", b"x"))

    assert ("x", "") == (head.headers["host"], code(head))


def test_the_same_host_may_be_said_twice() -> None:
    assert "" == code(read(*GOOD, (b"host", b"h:9443")))


def test_a_body_of_unknown_length_is_said_to_be_one() -> None:
    assert "chunked" == read(*GOOD, has_body=True).headers["transfer-encoding"]
    assert "transfer-encoding" not in read(*GOOD).headers
    assert "transfer-encoding" not in read(*GOOD, (b"content-length", b"5"), has_body=True).headers


@pytest.mark.parametrize(("method", "length"), [(b"PUT", "0"), (b"POST", "0"), (b"GET", None)])
def test_where_a_body_is_missing_its_length_is_known(method: bytes, length: str | None) -> None:
    assert length == read((b":method", method), *GOOD[1:]).headers.get("content-length")


@pytest.mark.parametrize(
    "fields",
    [
        [],
        GOOD[1:],
        [GOOD[0], *GOOD[2:]],
        GOOD[:3],
        [*GOOD[:2], GOOD[3]],
        [*GOOD, (b":method", b"GET")],
        [*GOOD, (b":status", b"200")],
        [*GOOD, (b":protocol", b"websocket")],
        [*GOOD[:3], (b"range", b"x"), GOOD[3]],
        [(b":method", b"CONNECT"), *GOOD[1:]],
        [(b":method", b"G T"), *GOOD[1:]],
        [(b":method", b""), *GOOD[1:]],
        [*GOOD[:3], (b":path", b"")],
        [*GOOD[:3], (b":path", b"/a b")],
        [*GOOD[:3], (b":path", "/é".encode())],
        [*GOOD[:3], (b":path", b"/a\r\nx: y")],
        [*GOOD[:2], (b":authority", b"user@host"), GOOD[3]],
        [*GOOD[:2], (b":authority", b""), GOOD[3]],
        [*GOOD, (b"host", b"other")],
        [*GOOD, (b"host", b"h:9443"), (b"host", b"h:9443")],
        [*GOOD, (b"connection", b"close")],
        [*GOOD, (b"keep-alive", b"1")],
        [*GOOD, (b"proxy-connection", b"x")],
        [*GOOD, (b"transfer-encoding", b"chunked")],
        [*GOOD, (b"upgrade", b"h2c")],
        [*GOOD, (b"te", b"gzip")],
        [*GOOD, (b"Range", b"bytes=0-1")],
        [*GOOD, (b"", b"x")],
        [*GOOD, (b"a b", b"x")],
        [*GOOD, (b"a:b", b"x")],
        [*GOOD, (b"a", b"x\0y")],
        [*GOOD, (b"a", b"x\ny")],
        [*GOOD, (b"a", b"x\r")],
        [*GOOD, (b"a", b"x\n")],
        [*GOOD, (b"a", b" x")],
        [*GOOD, (b"a", b"x\t")],
        [*GOOD, (b"content-length", b"5"), (b"content-length", b"5")],
        [*GOOD, (b"content-length", b"5")],
        [*GOOD, (b"content-length", b"+0")],
        [*GOOD, (b"content-length", b"9" * 20)],
    ],
)
def test_what_is_no_clear_request_is_refused(fields: list[tuple[bytes, bytes]]) -> None:
    assert "BadRequest" == code(read(*fields))


@pytest.mark.parametrize("path", [b"*", b"http://h/b", b"b/k"])
def test_a_path_begins_with_a_slash(path: bytes) -> None:
    assert "InvalidURI" == code(read(*GOOD[:3], (b":path", path)))


def test_what_is_too_large_is_refused_as_such() -> None:
    many = [(b"a%d" % n, b"") for n in range(300)]

    assert "RequestHeaderSectionTooLarge" == code(read(*GOOD, (b"a", b"v" * 17_000)))
    assert "RequestHeaderSectionTooLarge" == code(read(*GOOD, *many))


@given(
    st.lists(st.tuples(st.binary(max_size=20), st.binary(max_size=20)), max_size=10), st.booleans()
)
def test_no_list_is_more_than_refused(fields: list[tuple[bytes, bytes]], has_body: bool) -> None:
    assert code(read(*fields, has_body=has_body)) in ("BadRequest", "InvalidURI")
    read(*GOOD, *fields, has_body=has_body)


def test_a_response_says_nothing_of_connections_and_ends_no_line() -> None:
    headers = {
        "connection": "close", "transfer-encoding": "chunked", "etag": '"1"',
        "x-amz-meta-a": " a\r\nb ", "x-amz-meta-ü": "gone", "X-Odd": "é",
    }  # fmt: skip

    fields = heads.response_fields(206, headers, [(b"server", b"x")])

    assert [
        (b":status", b"206"), (b"server", b"x"), (b"etag", b'"1"'), (b"x-amz-meta-a", b"a  b"),
        (b"x-odd", "é".encode()),
    ] == fields  # fmt: skip
