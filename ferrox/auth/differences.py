"""What a client signed instead, where a signature does not match: for those who run the server.

https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html

A signature tells nothing of what was signed. But there are few ways in which clients and what
stands between them and the server go wrong, and each can be tried: the request as it would have
been, signed with the client's key. When that gives the signature that was sent, this was it, beyond
doubt. When none does, it is the secret key, as a rule. What is said is for the operator and never
for a caller, who has not shown who it is.
"""

import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from ferrox.auth import payload
from ferrox.auth.canonical import canonical_query, canonical_request, canonical_uri
from ferrox.protocol.message import Request

_FORWARDED = ("x-forwarded-host", "x-original-host")
_METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE")
_PAYLOAD_HASHES = (payload.UNSIGNED_PAYLOAD, payload.EMPTY_SHA256, *payload.FRAMINGS)
_OFTEN_CHANGED: Mapping[str, tuple[str, ...]] = {
    "accept-encoding": ("identity", "gzip", "gzip, deflate", "gzip, deflate, br", "*"),
    "connection": ("keep-alive", "close"),
    "expect": ("100-continue",),
    "te": ("trailers",),
    "transfer-encoding": ("chunked",),
}
"""Headers that something on the way removes or writes anew, and what they may have been."""


class _Form(NamedTuple):
    """What enters the canonical form of a request."""

    request: Request
    uri: str
    query: str
    payload_hash: str


def difference(
    request: Request,
    leave_out: str | None,
    signed_headers: str,
    payload_hash: str,
    is_signed: Callable[[str], bool],
) -> str:
    """What differs between the request and what was signed, as far as it can be told.

    leave_out   name of the query parameter that carries the signature
    is_signed   whether the signature is that of a canonical request
    """
    uri, query = canonical_uri(request.path), canonical_query(request.query_string, leave_out)
    for what, form in _variants(_Form(request, uri, query, payload_hash), leave_out):
        changed, uri, query, signed_hash = form
        if is_signed(canonical_request(changed, uri, query, signed_headers, signed_hash)):
            return what
    missing = [name for name in signed_headers.split(";") if name not in request.headers]
    if missing:
        return f"signed headers that did not arrive: {', '.join(missing)}"
    return "none of the usual differences: as a rule the secret access key is another one"


def _variants(form: _Form, leave_out: str | None) -> Iterator[tuple[str, _Form]]:
    request = form.request
    for what, headers in _other_headers(request.headers):
        yield what, form._replace(request=replace(request, headers=headers))
    for method in _METHODS:
        yield f"signed for {method}", form._replace(request=replace(request, method=method))
    for payload_hash in _PAYLOAD_HASHES:
        what = f"payload hash signed as {payload_hash}"
        yield what, form._replace(payload_hash=payload_hash)
    for what, uri in _other_paths(request.path, form.uri):
        yield what, form._replace(uri=uri)
    for what, query in _other_queries(request.query_string, leave_out):
        yield what, form._replace(query=query)


def _other_headers(headers: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    host = headers.get("host", "")
    name, _, port = host.rpartition(":")
    hosts = [name] if port.isdigit() else [f"{host}:{port}" for port in (80, 443, 9000)]
    hosts += [headers[one] for one in _FORWARDED if one in headers]
    for other in hosts:
        yield f"Host signed as {other}, arrived as {host}", {**headers, "host": other}
    for header, values in _OFTEN_CHANGED.items():
        for value in values:
            what = f"{header} signed as {value!r}, arrived as {headers.get(header)!r}"
            yield what, {**headers, header: value}


def _other_paths(path: str, uri: str) -> Iterator[tuple[str, str]]:
    yield "path encoded twice, as for other services than S3", uri.replace("%", "%25")
    normalised = posixpath.normpath(uri).replace("//", "/")
    if path.endswith("/") and normalised != "/":
        normalised += "/"
    yield "path normalised, as for other services than S3", normalised
    yield "path signed without its final slash", uri.rstrip("/") or "/"
    yield "path signed with a final slash", f"{uri}/"


def _other_queries(query_string: str, leave_out: str | None) -> Iterator[tuple[str, str]]:
    yield "+ in the query is a plus", canonical_query(query_string.replace("+", "%2B"), leave_out)
    pieces = [one for one in query_string.split("&") if one.partition("=")[0] != leave_out]
    yield "query as it was sent: not sorted, or in another encoding", "&".join(pieces)
    yield "query not signed", ""
