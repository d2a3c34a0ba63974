"""The parts of aiohttp that a server needs, without the rest of it.

`import aiohttp` loads its client, its servers, its router and everything else: half of what it
costs to start this program, for nothing. Here its parts are imported one by one: the HTTP/1.1
parser, which is llhttp in C, and the buffer that it puts bodies into. The modules of this package
import aiohttp from nowhere else.
"""

from ferrox import package_parts

with package_parts.not_run("aiohttp"):
    from aiohttp.http_exceptions import LineTooLong
    from aiohttp.http_parser import HttpRequestParser, RawRequestMessage
    from aiohttp.streams import EMPTY_PAYLOAD, StreamReader

__all__ = [
    "EMPTY_PAYLOAD",
    "HttpRequestParser",
    "LineTooLong",
    "RawRequestMessage",
    "StreamReader",
]
