"""Requests as inputs: a text that a person can read, and a fuzzer can change line by line.

METHOD target LF
name:value LF          for every header
LF
body
"""

from ferrox.auth.verify import Verified, Verifier
from ferrox.errors import S3Error
from ferrox.protocol.message import Request
from tests.fuzz.target import check_refusal, wire_text

_KEPT = frozenset(range(0x20, 0x100)) - {0x7F}


def request_of(data: bytes) -> Request:
    """The head of the request that an input is.

    What the parser of HTTP would not let pass is left out: control characters, spaces in targets.
    """
    first, *lines = data.partition(b"\n\n")[0].split(b"\n")
    method, _, raw_target = first.partition(b" ")
    target = "/" + wire_text(_visible(raw_target).replace(b" ", b"")).removeprefix("/")
    path, _, query = target.partition("?")
    headers: dict[str, str] = {}
    for line in lines:
        raw_name, colon, raw_value = line.partition(b":")
        name = _visible(raw_name).replace(b" ", b"").decode("ascii", "ignore").lower()
        value = wire_text(_visible(raw_value).strip(b" "))
        if colon and name:
            headers[name] = f"{headers[name]},{value}" if name in headers else value
    letters = "".join(one for one in method.decode("ascii", "ignore") if one.isalpha())
    return Request(letters.upper(), path, query, headers)


def body_of(data: bytes) -> bytes:
    """What follows the head."""
    return data.partition(b"\n\n")[2]


def input_of(request: Request, body: bytes = b"") -> bytes:
    """A request as such an input."""
    query = f"?{request.query_string}" if request.query_string else ""
    lines = [f"{request.method} {request.path}{query}"]
    lines += [f"{name}:{value}" for name, value in request.headers.items()]
    head = "\n".join(lines).encode("utf-8", "surrogateescape")
    return head + (b"\n\n" + body if body else b"")


def verified_by(verifier: Verifier, request: Request) -> Verified | None:
    """Whom a request is believed to come from; None where it is refused, as it may be."""
    try:
        return verifier.verify(request)
    except S3Error as error:
        check_refusal(error)
        return None


def _visible(raw: bytes) -> bytes:
    return bytes(byte for byte in raw if byte in _KEPT)
