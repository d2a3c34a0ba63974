"""Policies of upload forms: read, and forms held against them."""

import base64
import json

from ferrox.auth import post_policy
from ferrox.errors import S3Error
from tests.auth import oracle
from tests.fuzz.target import Target, check_refusal, clean_text, pieces_of


def check(data: bytes) -> None:
    """Read a policy, as JSON or as base64, and hold a form of two fields against it."""
    text, name, value, key = pieces_of(data, 4)
    encoded = text if text.isalnum() else base64.b64encode(text)
    try:
        policy = post_policy.parse(encoded.decode())
    except S3Error as error:
        check_refusal(error)
        return
    assert post_policy.parse(encoded.decode()) == policy
    assert 0 <= policy.least_bytes
    field = clean_text(name).lower()
    fields = {"bucket": "bucket", "key": clean_text(key), field: clean_text(value)}
    try:
        post_policy.check(policy, fields, oracle.AT_MS)
    except S3Error as error:
        check_refusal(error)
        return
    assert policy.expires_ms > oracle.AT_MS
    named = {condition.field for condition in policy.conditions}
    assert {"bucket", "key"} <= named, "bucket and key have to be covered"
    assert field in named | post_policy.UNSIGNED_FIELDS or field.startswith("x-ignore-")
    for operator, wanted, given, _ in policy.conditions:
        sent = fields[wanted]
        if operator == "eq":
            assert sent == given
        elif wanted != "content-type":
            assert sent.startswith(given)


def _policy(*conditions: object) -> bytes:
    return json.dumps({"expiration": "2013-12-30T12:00:00.000Z", "conditions": conditions}).encode()


TARGET = Target(
    check,
    seeds=(
        _policy({"bucket": "bucket"}, ["starts-with", "$key", "user/"], {"acl": "public-read"})
        + b"\0acl\0public-read\0user/a",
        _policy({"bucket": "bucket"}, ["eq", "$key", "k"], ["content-length-range", 1, "10"])
        + b"\0x-ignore-a\0b\0k",
        _policy({"bucket": "bucket"}, {"key": "k"}, ["starts-with", "$Content-Type", "image/"])
        + b"\0content-type\0image/a,image/b\0k",
        b'{"expiration":"2013-12-30T12:00:00Z","conditions":[["eq","\\$key","\\v"]]}\0a\0b\0c',
        b"eyJhIjoxfQ",
    ),
    words=(
        *(
            b'"expiration"',
            b'"conditions"',
            b'["eq","$',
            b'["starts-with","$',
            b"2013-12-30T12:00:00Z",
        ),
        *(
            b'["content-length-range",',
            b"\\$",
            b"\\v",
            b"\\u0041",
            b"\\ud800",
            b"\0",
            b"1e999",
            b"NaN",
        ),
    ),
)
