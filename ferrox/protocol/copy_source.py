"""x-amz-copy-source: which object a copy is made of, and which version of it.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
"""

import re
from typing import NamedTuple

from ferrox.errors import InvalidArgument, InvalidURI
from ferrox.protocol.message import decode_component

_HEADER = "x-amz-copy-source"
_VERSION = "?versionId="
_BUCKET = re.compile(r"[A-Za-z0-9._-]+")
"""What no bucket of AWS was ever called otherwise; whether there is one is found by looking."""


class CopySourceName(NamedTuple):
    """What the header names."""

    bucket: str
    key: str
    version_id: str | None


def parse(header: str) -> CopySourceName:
    """Read `[/]bucket/key[?versionId=…]`, percent-encoded or not.

    Unlike in the path of a request, AWS takes a + in it for a space, and s5cmd writes it so.
    """
    path, mark, query = header.partition(_VERSION)
    try:
        decoded = decode_component(path.replace("+", " "))
    except InvalidURI:
        raise _refusal("encoding") from None
    bucket, _, key = decoded.removeprefix("/").partition("/")
    if not key:
        raise _refusal("object key")
    if not _BUCKET.fullmatch(bucket):
        raise _refusal("bucket name")
    return CopySourceName(bucket, key, decode_component(query) if mark else None)


def _refusal(what: str) -> InvalidArgument:
    """What is wrong with the header; AWS names it twice and does not repeat its value."""
    return InvalidArgument(
        f"Invalid copy source {what}", ArgumentName=_HEADER, ArgumentValue=_HEADER
    )
