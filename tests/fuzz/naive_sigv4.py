"""Whether a request that was accepted had the right signature: Version 4, written down once more.

As simple as can be and with no line of ferrox/auth: what the documentation says in words, for the
one key pair of tests/signing.py around the one instant of tests/auth/oracle.py.
"""

import hashlib
import re
from urllib.parse import quote, unquote_to_bytes

from ferrox.protocol.message import Request
from tests import signing

NOTHING = hashlib.sha256().hexdigest()
_is_stamp = re.compile(r"[0-9]{8}T[0-9]{6}Z").fullmatch


def check_header(request: Request) -> None:
    """Hold a request that was accepted against its Authorization header."""
    pieces = request.headers["authorization"].partition(" ")[2].split(",")
    fields = {name: value for name, _, value in (one.strip().partition("=") for one in pieces)}
    stamp = request.headers.get("x-amz-date", "")
    if _is_stamp(stamp):  # who signs with Date signs another form of it
        payload_hash = request.headers.get("x-amz-content-sha256", NOTHING)
        _check(request, fields, stamp, payload_hash, request.query_string)


def check_query(request: Request) -> None:
    """Hold a presigned request that was accepted against its query."""
    query = request.query
    assert 0 <= int(query["X-Amz-Expires"]) <= 604_800
    payload_hash = (
        request.headers.get("x-amz-content-sha256")
        or query.get("X-Amz-Content-Sha256")
        or "UNSIGNED-PAYLOAD"
    )
    pieces = request.query_string.split("&")
    signed = [one for one in pieces if _in_query(one.partition("=")[0]) != "X-Amz-Signature"]
    fields = {name: query[f"X-Amz-{name}"] for name in ("Credential", "SignedHeaders", "Signature")}
    _check(request, fields, query["X-Amz-Date"], payload_hash, "&".join(signed))


def _check(
    request: Request, fields: dict[str, str], stamp: str, payload_hash: str, query_string: str
) -> None:
    access_key, _, scope = fields["Credential"].partition("/")
    assert signing.ACCESS_KEY == access_key
    assert f"{stamp[:8]}/{signing.REGION}/s3/aws4_request" == scope
    names = fields["SignedHeaders"].lower()
    signed = set(names.split(";"))
    of_amazon = {name for name in request.headers if name.startswith("x-amz-")}
    assert of_amazon | {"host"} <= signed | {"x-amz-content-sha256"}
    pairs = [piece.partition("=")[::2] for piece in query_string.split("&") if piece]
    query = "&".join(f"{n}={v}" for n, v in sorted((_in_query(n), _in_query(v)) for n, v in pairs))
    lines = "".join(f"{one}:{_folded(request.headers.get(one, ''))}\n" for one in names.split(";"))
    right = []
    for path in ("/".join(_encoded(one) for one in request.path.split("/")), request.path):
        text = f"{request.method}\n{path}\n{query}\n{lines}\n{names}\n{payload_hash}"
        to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(_wire(text)).hexdigest()}"
        right.append(signing.signature(to_sign, signing.SECRET_KEY, scope))
    assert fields["Signature"] in right


def _folded(value: str) -> str:
    return re.sub("[ \t]+", " ", value).strip(" ")


def _encoded(raw: str) -> str:
    return quote(unquote_to_bytes(_wire(raw)), safe="-_.~")


def _in_query(raw: str) -> str:
    return _encoded(raw.replace("+", "%20"))


def _wire(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
