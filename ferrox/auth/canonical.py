"""The canonical form of a request: the one text that client and server both arrive at, and sign.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html

S3 differs from the other services of AWS. The canonical path is encoded once, and nothing in it is
normalised: keys are opaque, so `//`, `.` and `..` stay. The raw path is split at its slashes and
each segment decoded and encoded again: `!` and `%21` are the same, `%2F` stays apart from `/`.
"""

import re
from urllib.parse import quote_from_bytes, unquote_to_bytes

from ferrox.protocol.message import Request

_is_unreserved = re.compile(r"[A-Za-z0-9\-._~]*").fullmatch
_is_plain_path = re.compile(r"[A-Za-z0-9\-._~/]*").fullmatch
# Escapes of everything but unreserved characters, in upper case.
_ESCAPED = "%(?:[01][0-9A-F]|2[0-9A-CF]|3[A-F]|40|5[B-E]|60|7[B-DF]|[89A-F][0-9A-F])"
_COMPONENT = rf"(?:[A-Za-z0-9\-._~]++|{_ESCAPED})*+"
_is_canonical_query = re.compile(
    rf"{_COMPONENT}={_COMPONENT}(?:&{_COMPONENT}={_COMPONENT})*+"
).fullmatch


def canonical_request(
    request: Request, uri: str, query: str, signed_headers: str, payload_hash: str
) -> str:
    """The request in the form that is signed. `signed_headers` are lower-case, joined by ";"."""
    headers = request.headers
    lines = "".join(
        [f"{name}:{_folded(headers.get(name, ''))}\n" for name in signed_headers.split(";")]
    )
    return f"{request.method}\n{uri}\n{query}\n{lines}\n{signed_headers}\n{payload_hash}"


def canonical_uri(path: str) -> str:
    """The raw path with every segment in the one encoding that Version 4 knows."""
    if _is_plain_path(path):
        return path
    return "/".join([_encoded(segment) for segment in path.split("/")])


def canonical_query(query_string: str, leave_out: str | None = None) -> str:
    """The raw query in that one encoding, sorted by encoded name, then by value.

    leave_out   name of the parameter that carries the signature itself
    """
    if not query_string:
        return ""
    pieces = query_string.split("&")
    if _is_canonical_query(query_string):  # as the makers of presigned URLs write it
        pairs = [piece.split("=") for piece in pieces]
    else:
        pairs = [_encoded_pair(piece.replace("+", "%20")) for piece in pieces if piece]
    pairs.sort()
    return "&".join([f"{name}={value}" for name, value in pairs if name != leave_out])


def wire_bytes(text: str) -> bytes:
    """The bytes that were sent: headers and queries are decoded with surrogate escapes."""
    return text.encode("utf-8", "surrogateescape")


def _encoded_pair(piece: str) -> list[str]:
    name, _, value = piece.partition("=")
    return [_encoded(name), _encoded(value)]


def _encoded(raw: str) -> str:
    if _is_unreserved(raw):
        return raw
    return quote_from_bytes(unquote_to_bytes(wire_bytes(raw)), safe="")


def _folded(value: str) -> str:
    """A header value without outer spaces and with single inner ones."""
    if "  " in value or "\t" in value:
        return " ".join([word for word in value.replace("\t", " ").split(" ") if word])
    return value.strip(" ")
