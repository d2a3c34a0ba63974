"""What the parser read → ferrox's Request, with path and query exactly as they were sent.

Signatures cover the bytes of the request target; no decoded path is ever looked at.
"""

from ferrox import ids
from ferrox.errors import BadRequest, InvalidURI
from ferrox.gateway.aiohttp_parts import RawRequestMessage
from ferrox.gateway.body import IncomingBody
from ferrox.protocol.message import Request, Tls

HTTP_1_0 = (1, 0)
HTTP_1_1 = (1, 1)


def request(
    message: RawRequestMessage, body: IncomingBody, peer: str, tls: Tls | None = None
) -> Request:
    """The request as plain data. `check` says whether it may go on."""
    headers: dict[str, str] = {}
    for mixed_case, value in message.headers.items():
        name = mixed_case.lower()
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    target = message.path
    if not target.startswith("/"):
        target = _origin_form(target, headers)
    path, _, query = target.partition("?")
    return Request(message.method, path, query, headers, body, peer, tls, ids.request_id())


def unreadable(body: IncomingBody, peer: str, tls: Tls | None = None) -> Request:
    """What stands in the log for a request that could not be parsed."""
    return Request("-", "-", "", {}, body, peer, tls, ids.request_id())


def expects_continue(message: RawRequestMessage) -> bool:
    """Whether the client waits for a word before it sends the body."""
    expectation = message.headers.get("Expect")
    if expectation is None or message.version < HTTP_1_1:
        return False
    return expectation.lower() == "100-continue"


def check(request: Request, message: RawRequestMessage) -> None:
    """Refuse what no operation should have to deal with."""
    if message.version not in (HTTP_1_0, HTTP_1_1):
        raise BadRequest("The version of HTTP is not supported.")
    if not request.path.startswith("/"):
        raise InvalidURI(URI=request.path)
    if "host" not in request.headers and message.version >= HTTP_1_1:
        raise BadRequest("The Host header is missing.")


def _origin_form(target: str, headers: dict[str, str]) -> str:
    """Path and query of an absolute target; its authority replaces Host (RFC 9112, 3.2.2)."""
    scheme, separator, rest = target.partition("://")
    if not separator or scheme.lower() not in ("http", "https"):
        return target
    end = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    headers["host"] = rest[:end]
    return rest[end:] if rest[end:].startswith("/") else "/" + rest[end:]
