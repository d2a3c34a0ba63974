"""The parts of aiohttp that a server needs, without the rest of it.

`import aiohttp` loads its client, its servers, its router and everything else: half of what it
costs to start this program, for nothing. Here its package is found but not run while the parts are
imported one by one: the HTTP/1.1 parser, which is llhttp in C, and the buffer that it puts bodies
into. Afterwards the package is out of sys.modules again, so whoever imports aiohttp gets all of it,
and gets these parts with it. The modules of this package import aiohttp from nowhere else.
"""

import contextlib
import importlib.util
import sys
from collections.abc import Iterator

_PACKAGE = "aiohttp"


@contextlib.contextmanager
def _package_not_run() -> Iterator[None]:
    found = None if _PACKAGE in sys.modules else importlib.util.find_spec(_PACKAGE)
    if found is None:  # it has been run before, or is not there: the imports will tell
        yield
        return
    package = importlib.util.module_from_spec(found)
    sys.modules[_PACKAGE] = package
    try:
        yield
    finally:
        del sys.modules[_PACKAGE]


with _package_not_run():
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
