"""HTTP/1.1: requests are cut out of the bytes alike at any cuts, and no two of them out of one."""

import asyncio
from contextlib import closing

from ferrox.errors import S3Error
from ferrox.gateway import bridge
from ferrox.gateway.body import IncomingBody
from ferrox.gateway.parsing import Parsed, RequestParser
from tests.fuzz.target import KEPT, Target, check_refusal, cut
from tests.gateway.http2_talk import LIMITS
from tests.gateway.test_parsing import REQUESTS, Flow

_LOOP = KEPT.enter_context(closing(asyncio.new_event_loop()))
_MAX_HEAD_BYTES = 1024
_MOST = 50
Seen = tuple[str, str, tuple[tuple[str, str], ...], bytes | str]


def check(data: bytes) -> None:
    """Read the bytes of a connection: requests, their bodies, and what ended it."""
    whole = _read([data])
    assert whole == _read([data[at : at + 1] for at in range(len(data))])
    assert whole == _read(cut(data))


def _read(pieces: list[bytes]) -> tuple[list[Seen], bool]:
    """The requests of a connection, and whether what follows them is refused.

    Which of several faults is told depends on how the bytes come.
    """
    parser = RequestParser(Flow(), _LOOP, _MAX_HEAD_BYTES)
    found: list[Parsed] = []
    is_refused = False
    try:
        for piece in pieces:
            rest = piece
            while rest:
                before = len(rest)
                parsed, rest = parser.feed(rest)
                assert parsed or len(rest) < before, "nothing was done"
                if parsed is not None:
                    found.append(parsed)
    except S3Error as error:
        check_refusal(error)
        is_refused = True
    return [_seen(one) for one in found], is_refused


def _seen(parsed: Parsed) -> Seen:
    message, content = parsed
    request = bridge.request(message, IncomingBody(content, LIMITS), "192.0.2.7")
    headers = tuple(request.headers.items())
    names = [name.lower() for name in message.headers]
    assert not {"content-length", "transfer-encoding"} <= set(names), "where does the body end?"
    assert names.count("content-length") <= 1
    for name, value in headers:
        assert not {"\r", "\n", "\0"} & set(name + value)
    try:
        bridge.check(request, message)
    except S3Error as error:
        check_refusal(error)
        return request.method, error.code, headers, b""
    assert request.path.startswith("/")
    assert not {" ", "\r", "\n", "\0"} & set(request.path + request.query_string)
    return request.method, request.path, headers, _body(parsed)


def _body(parsed: Parsed) -> bytes | str:
    """What has come of a body, or the code of what is wrong with it."""
    content, blocks = parsed.content, []
    try:
        while block := content.read_nowait():
            blocks.append(block)
    except S3Error as error:
        return error.code
    except Exception as error:  # noqa: BLE001 - aiohttp's, which the gateway turns into a refusal
        return type(error).__name__
    return b"".join(blocks)


TARGET = Target(
    check,
    seeds=(
        b"".join(REQUESTS),
        *REQUESTS,
        b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0"
        b"\r\n\r\n",
        b"GET http://h/b?x HTTP/1.1\r\nHost: other\r\n\r\nGET * HTTP/1.0\r\n\r\n",
        b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;a\r\nx\r\n0\r\n"
        b"T: v\r\n\r\n",
        b"GET /\xc3\xa9 HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\nExpect: 100-continue\r\n\r\n",
    ),
    words=(
        *(b"Content-Length: ", b"Transfer-Encoding: chunked\r\n", b"\r\n\r\n", b" HTTP/1.1\r\n"),
        *(
            b"Host: ",
            b"Connection: close\r\n",
            b"Upgrade: h2c\r\n",
            b"\r\n ",
            b"\n\n",
            b"\0",
            b"+1",
        ),
        *(
            b"identity",
            b"gzip, chunked",
            b"0\r\n\r\n",
            b"ffffffffffffffff\r\n",
            b"CONNECT ",
            b"PRI * ",
        ),
    ),
    max_bytes=2048,
)
