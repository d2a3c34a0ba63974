"""Lists of fields ↔ ferrox's Request and Response: what HTTP/2 allows in them, and what it means.

https://www.rfc-editor.org/rfc/rfc9113#section-8

Method and path come as fields that begin with a colon, before all others. The path is kept exactly
as it was sent: signatures cover it. `:authority` is the host. What belongs to a connection in
HTTP/1.1 has no place here; that a body of unknown length comes in pieces, which the operations want
to know, is said as HTTP/1.1 says it.
"""

import functools
import re
from collections.abc import Iterable
from typing import NamedTuple

from ferrox import ids
from ferrox.errors import BadRequest, InvalidURI, RequestHeaderSectionTooLarge, S3Error
from ferrox.gateway.body import IncomingBody
from ferrox.gateway.limits import MAX_HEADER_FIELDS
from ferrox.gateway.reply import CONTROL_CHARACTERS
from ferrox.protocol.message import Request, Tls

Fields = Iterable[tuple[bytes, bytes]]

VERSION = "HTTP/2.0"
_FIELD_BYTES = 4
"""What a field costs in HTTP/1.1 besides its name and value, so that one limit fits both."""

_CACHED_NAMES = 512

_PSEUDO = frozenset({b":method", b":scheme", b":authority", b":path"})
_OF_CONNECTIONS = frozenset(
    {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"}
)
_WITH_BODY = frozenset({"PUT", "POST"})
_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9a-z]+").fullmatch
_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch
_IS_BAD_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]|^[ \t]|[ \t]\Z").search
_TARGET = re.compile(rb"[\x21-\x7e]+").fullmatch
_LENGTH = re.compile(r"[0-9]{1,19}").fullmatch


class Head(NamedTuple):
    """What the fields of a request say; with `error` set, as far as it could be read."""

    method: str
    target: str
    headers: dict[str, str]
    error: S3Error | None = None

    @property
    def expects_continue(self) -> bool:
        """Whether the client waits for a word before it sends the body."""
        return self.headers.get("expect", "").lower() == "100-continue"


def read(fields: Fields, max_bytes: int, *, has_body: bool) -> Head:
    """What a list of fields says, or why it is refused."""
    method = target = "-"
    headers: dict[str, str] = {}
    try:
        fields = _within(fields, max_bytes)
        pseudo = _read_into(headers, fields)
        method = pseudo.get(b":method", b"-").decode("ascii", "replace")
        target = pseudo.get(b":path", b"-").decode("ascii", "replace")
        _check(pseudo)
        _settle_host(headers, pseudo.get(b":authority"))
        _settle_length(headers, method, has_body=has_body)
        if not target.startswith("/"):
            raise InvalidURI(URI=target)
    except S3Error as error:
        return Head(method, target, headers, error)
    return Head(method, target, headers)


def request(head: Head, body: IncomingBody, peer: str, tls: Tls | None) -> Request:
    """The request as plain data."""
    path, _, query = head.target.partition("?")
    return Request(
        head.method, path, query, head.headers, body, peer, tls, ids.request_id(), version=VERSION
    )


def response_fields(
    status: int, headers: dict[str, str], fixed: list[tuple[bytes, bytes]]
) -> list[tuple[bytes, bytes]]:
    """The fields of a response. A value that came out of a query may hold anything."""
    fields = [(b":status", b"%d" % status), *fixed]
    for name, value in headers.items():
        encoded = _response_name(name)
        if encoded is not None:
            fields.append((encoded, _response_value(value)))
    return fields


@functools.lru_cache(_CACHED_NAMES)
def _response_name(name: str) -> bytes | None:
    """The name of a field; None when there can be no such field."""
    encoded = name.lower().encode("utf-8", "surrogateescape")
    return None if name in _OF_CONNECTIONS or _NAME(encoded) is None else encoded


def _response_value(value: str) -> bytes:
    if value.isascii() and value.isprintable() and value[:1] != " " != value[-1:]:
        return value.encode("ascii")
    clean = CONTROL_CHARACTERS.sub(" ", value).strip(" \t")
    return clean.encode("utf-8", "surrogateescape")


def _within(fields: Fields, max_bytes: int) -> list[tuple[bytes, bytes]]:
    """All fields, unless they are too many or too large together."""
    listed = list(fields)
    size_bytes = sum(len(name) + len(value) + _FIELD_BYTES for name, value in listed)
    if size_bytes > max_bytes:
        raise RequestHeaderSectionTooLarge(MaxSizeAllowed=max_bytes)
    if len(listed) > MAX_HEADER_FIELDS:
        raise RequestHeaderSectionTooLarge
    return listed


def _read_into(headers: dict[str, str], fields: Fields) -> dict[bytes, bytes]:
    """Sort fields into headers and those with a colon, which are returned."""
    pseudo: dict[bytes, bytes] = {}
    for raw_name, raw_value in fields:
        if raw_name[:1] == b":":
            if headers or raw_name in pseudo or raw_name not in _PSEUDO:
                raise _malformed("a pseudo-header that is unknown, there twice, or too late")
            pseudo[raw_name] = raw_value
            continue
        if _NAME(raw_name) is None or _IS_BAD_VALUE(raw_value):
            raise _malformed("a header with characters that may not be there")
        name = raw_name.decode("ascii")
        value = raw_value.decode("utf-8", "surrogateescape")
        if name in _OF_CONNECTIONS or (name == "te" and value.lower() != "trailers"):
            raise _malformed(f"the header {name}, which HTTP/2 has no use for")
        if name in headers:
            if name in ("host", "content-length"):
                raise _malformed(f"the header {name} is there twice")
            value = f"{headers[name]}{'; ' if name == 'cookie' else ','}{value}"
        headers[name] = value
    return pseudo


def _check(pseudo: dict[bytes, bytes]) -> None:
    method, path = pseudo.get(b":method", b""), pseudo.get(b":path", b"")
    if _TOKEN(method) is None or method == b"CONNECT":
        raise _malformed("there is no method that can be asked for here")
    if not pseudo.get(b":scheme"):
        raise _malformed("the scheme is missing")
    if _TARGET(path) is None:
        raise _malformed("there is no path, or one with characters that may not be there")


def _settle_host(headers: dict[str, str], authority: bytes | None) -> None:
    """One name for the host, whichever way it was said."""
    if authority is None:
        if "host" not in headers:
            raise BadRequest("The Host header is missing.")
        return
    if _TARGET(authority) is None or b"@" in authority:
        raise _malformed("the authority is no host")
    host = authority.decode("ascii")
    if headers.setdefault("host", host) != host:
        raise _malformed("the Host header names another host than the authority")


def _settle_length(headers: dict[str, str], method: str, *, has_body: bool) -> None:
    """The length of the body, or that nobody knows it: where it ends is known without."""
    length = headers.get("content-length")
    if length is None:
        if has_body:
            headers["transfer-encoding"] = "chunked"
        elif method in _WITH_BODY:
            headers["content-length"] = "0"
    elif _LENGTH(length) is None or (not has_body and int(length)):
        raise _malformed("the length of the body is not what was said")


def _malformed(reason: str) -> BadRequest:
    return BadRequest(f"The request is not valid HTTP: {reason}.")
