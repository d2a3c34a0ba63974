"""Addresses, names and routes: what a request is about, and which operation it asks for."""

import re
from urllib.parse import unquote_plus

from ferrox.errors import S3Error
from ferrox.protocol import decode, listing, names
from ferrox.protocol.address import Object, Service, locate, website_bucket
from ferrox.protocol.router import resolve
from tests.fuzz.requests import request_of
from tests.fuzz.target import Target, check_refusal

_DOMAINS = ("s3.example.test", "example.test")
_WEBSITES = ("web.example.test", "example.test", "my.example")
_SELECTORS = re.compile(
    "acl|cors|delete|encryption|legal-hold|lifecycle|location|logging|notification|object-lock|"
    "ownershipControls|policy|publicAccessBlock|replication|requestPayment|restore|retention|"
    "tagging|torrent|uploadId|uploads|versioning|versions|website"
).fullmatch
_PLAIN = {"CreateBucket", "DeleteBucket", "PutObject", "DeleteObject", "GetObject", "HeadObject"}
_MAY_SEE = {"DeleteObject": {"versionId"}, "GetObject": {"versionId"}, "HeadObject": {"versionId"}}


def check(data: bytes) -> None:
    """Find bucket, key and operation of a request, and read its parameters."""
    request = request_of(data)
    _find_website(request.headers.get("host", ""))
    try:
        target = locate(request, _DOMAINS)
        operation = resolve(request, target.level)
    except S3Error as error:
        check_refusal(error)
        return
    assert (operation.method, operation.level) == (request.method, target.level)
    if operation.name in _PLAIN:
        # What plainly makes or removes something must not be meant by who names a part of it.
        strangers = {name for name in request.query if _SELECTORS(name)}
        assert not strangers - _MAY_SEE.get(operation.name, set())
    try:
        if not isinstance(target, Service):
            names.check_bucket_name(target.bucket)
            _check_name(target.bucket)
        if isinstance(target, Object):
            names.check_key(target.key)
            assert 0 < len(target.key.encode()) <= 1024
            assert target.key == unquote_plus(listing.url_encode(target.key))
        if operation.input is not None:
            decode.parameters(operation, request, target)
    except S3Error as error:
        check_refusal(error)


def _find_website(host: str) -> None:
    """Find the bucket whose website a host shows, if any."""
    bucket = website_bucket(host, _WEBSITES, _DOMAINS)
    if bucket:
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        assert name.lower() in {bucket, *(f"{bucket}.{domain}" for domain in _WEBSITES)}


def _check_name(name: str) -> None:
    """Hold a name that was accepted against AWS's rules, as they are written."""
    assert 3 <= len(name) <= 63
    assert not set(name) - set("abcdefghijklmnopqrstuvwxyz0123456789.-")
    assert name[0] not in ".-"
    assert name[-1] not in ".-"
    assert ".." not in name
    assert not all(piece.isdigit() for piece in name.split(".")) or name.count(".") != 3
    assert not name.startswith(("xn--", "sthree-"))
    assert not name.endswith(("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"))


TARGET = Target(
    check,
    seeds=(
        b"GET /",
        b"GET /\nhost:photos.web.example.test:9000",
        b"GET /\nhost:my.example",
        b"PUT http://bucket.example.test/key\nhost:other",
        b"PUT /bucket?versioning\nhost:h",
        b"PUT /bucket/key?partNumber=1&uploadId=u\nhost:h\ncontent-length:1",
        b"GET /key?versionId=v\nhost:bucket.s3.example.test:9000",
        b"DELETE /bucket.with-dots/%C3%A9//..%2F?tagging&versionId=null",
        b"GET /bucket?list-type=2&max-keys=10&prefix=a+b%20c&continuation-token=x",
        b"PUT /bucket/key\nx-amz-copy-source:/b/k\nx-amz-copy-source-if-modified-since:x",
        b"PUT /b\nx-amz-object-lock-retain-until-date:2030-01-01T00:00:00Z\nx-amz-meta-a:b",
        b"GET /192.168.0.1/k\nif-modified-since:Sat, 29 Oct 1994 19:43:31 GMT\nrange:bytes=0-",
    ),
    words=(
        *(b"uploads", b"uploadId=", b"partNumber=", b"versionId=", b"versions", b"acl", b"policy"),
        *(b"list-type=2", b"max-keys=", b"retention", b"attributes", b"delete", b"select-type=2"),
        *(
            b"renameObject",
            b"analytics",
            b"id=",
            b"%2F",
            b"%ff",
            b"\xff",
            b"host:",
            b".example.test",
        ),
        *(b"xn--", b"-s3alias", b"..", b"HEAD", b"OPTIONS", b"POST", b"DELETE", b"PUT"),
    ),
)
