"""Signature Version 2, in the query string (as boto3 still presigns by default) and in the header.

https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html

What is signed is short: method, Content-MD5, Content-Type, date, the x-amz-* headers and the
resource with its sub-resources. Every parameter that chooses an operation is counted among these,
also those that are younger than Version 2: a URL must not become another operation by what somebody
appends to it.
"""

import base64
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from ferrox.auth.canonical import wire_bytes
from ferrox.auth.sigv4 import iso8601, mismatch, request_date
from ferrox.errors import AccessDenied, InvalidArgument
from ferrox.protocol.address import Bucket, Service, locate
from ferrox.protocol.message import Request

SUBRESOURCES = frozenset(
    {
        *("abac", "accelerate", "acl", "analytics", "annotation", "annotationName", "attributes"),
        *("cors", "defaultObjectAcl", "delete", "encryption", "id", "intelligent-tiering"),
        *("inventory", "legal-hold", "lifecycle", "location", "logging"),
        *("metadataAnnotationTable", "metadataConfiguration", "metadataInventoryTable"),
        *("metadataJournalTable", "metadataTable", "metrics", "notification", "object-lock"),
        *("ownershipControls", "partNumber", "policy", "policyStatus", "publicAccessBlock"),
        *("renameObject", "replication", "requestPayment", "restore", "retention", "select"),
        *("select-type", "session", "storageClass", "tagging", "torrent", "uploadId", "uploads"),
        *("versionId", "versioning", "versions", "website"),
        *("response-cache-control", "response-content-disposition", "response-content-encoding"),
        *("response-content-language", "response-content-type", "response-expires"),
    }
)
_is_integer = re.compile(r"[+-]?[0-9]{1,19}").fullmatch
_END_OF_EXPIRES_S = 2**31  # Expires is read as a 32-bit number


class Claim(NamedTuple):
    """What a request says of its own signature.

    date     the line that is signed for the date
    headers  the headers that are signed: the request's own, or those that stand in the query
    """

    access_key_id: str
    signature: str
    date: str
    headers: Mapping[str, str]


def read_header(request: Request, authorization: str, now_ms: int) -> Claim:
    """The claim of `Authorization: AWS key:signature`, refused if it cannot be valid."""
    access_key_id, colon, signature = authorization.partition(" ")[2].partition(":")
    if not colon or not signature or ":" in signature:
        raise InvalidArgument(
            "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature",
            ArgumentName="Authorization",
            ArgumentValue=authorization,
        )
    date, _ = request_date(request.headers, now_ms)
    signed_date = "" if "x-amz-date" in request.headers else date
    return Claim(access_key_id, signature, signed_date, request.headers)


def read_query(request: Request, now_ms: int) -> Claim:
    """The claim of a presigned request, refused if it is none or has expired."""
    query = request.query
    if "Expires" not in query or "AWSAccessKeyId" not in query:
        raise AccessDenied(
            "Query-string authentication requires the Signature, Expires and AWSAccessKeyId "
            "parameters"
        )
    expires = query["Expires"]
    expires_s = int(expires) if _is_integer(expires) else _END_OF_EXPIRES_S
    if expires_s >= _END_OF_EXPIRES_S:
        raise AccessDenied(f"Invalid date (should be seconds since epoch): {expires}")
    if now_ms > expires_s * 1000:
        raise AccessDenied(
            "Request has expired",
            Expires=iso8601(max(expires_s, 0) * 1000),
            ServerTime=iso8601(now_ms),
        )
    # A "+" that was not escaped has become a space, which base64 has none of.
    signature = query["Signature"].replace(" ", "+")
    headers = {**_headers_in_query(query), **request.headers}
    return Claim(query["AWSAccessKeyId"], signature, expires, headers)


def verify(request: Request, claim: Claim, secret_access_key: str, domains: Sequence[str]) -> None:
    """Raise SignatureDoesNotMatch unless the key made the signature."""
    secret = wire_bytes(secret_access_key)
    claimed = wire_bytes(claim.signature)
    strings_to_sign = [
        string_to_sign(request, claim, path) for path in _resource_paths(request, domains)
    ]
    for text in strings_to_sign:
        signature = base64.b64encode(hmac.digest(secret, wire_bytes(text), "sha1"))
        if hmac.compare_digest(signature, claimed):
            return
    raise mismatch(claim.access_key_id, claim.signature, strings_to_sign[0])


def string_to_sign(request: Request, claim: Claim, path: str) -> str:
    """What the secret access key signs. `path` begins with the bucket and is encoded as sent."""
    headers = claim.headers
    amz_headers = "".join(
        [f"{name}:{headers[name].strip()}\n" for name in sorted(headers) if _is_amz(name)]
    )
    md5 = headers.get("content-md5", "").strip()
    content_type = headers.get("content-type", "").strip()
    subresources = "&".join(sorted(_subresources(request.query_string), key=_name))
    resource = f"{path}?{subresources}" if subresources else path
    return f"{request.method}\n{md5}\n{content_type}\n{claim.date}\n{amz_headers}{resource}"


def _resource_paths(request: Request, domains: Sequence[str]) -> list[str]:
    """The paths that the client may have signed, the one by the book first."""
    target = locate(request, domains)
    if isinstance(target, Service):
        return [request.path]
    host = request.headers.get("host", "").lower()
    names = tuple(f"{target.bucket}.{domain}".lower() for domain in domains)
    if host in names or host.startswith(tuple(f"{name}:" for name in names)):
        return [f"/{target.bucket}{request.path}"]
    if isinstance(target, Bucket) and not request.path.endswith("/"):
        # boto3 signs the slash after a bucket that it does not send.
        return [request.path, request.path + "/"]
    return [request.path]


def _subresources(query_string: str) -> Iterator[str]:
    """The signed parameters, their values decoded."""
    for piece in query_string.replace("+", "%20").split("&"):
        name, separator, value = piece.partition("=")
        if name in SUBRESOURCES:
            decoded = unquote_to_bytes(wire_bytes(value)).decode("utf-8", "surrogateescape")
            yield name + separator + decoded


def _name(parameter: str) -> str:
    return parameter.partition("=")[0]


def _headers_in_query(query: Mapping[str, str]) -> dict[str, str]:
    """The headers that a presigned URL carries as parameters."""
    lower_case = {name.lower(): value for name, value in query.items()}
    return {
        name: value
        for name, value in lower_case.items()
        if _is_amz(name) or name in {"content-md5", "content-type"}
    }


def _is_amz(name: str) -> bool:
    return name.startswith("x-amz-")
