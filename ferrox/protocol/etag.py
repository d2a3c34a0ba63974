"""ETags: how they are made, quoted and compared. Inside the program they carry no quotes.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
"""

import hashlib
from collections.abc import Sequence

MD5_BYTES = 16
"""Also where the tag is no MD5, it is as long."""

ANY = "*"
"""Matches every ETag there is: the object only has to exist."""


def single(md5_digest: bytes) -> str:
    """The ETag of bytes that came in one piece, object or part."""
    return md5_digest.hex()


def multipart(part_etags: Sequence[str]) -> str:
    """The ETag of an object completed from parts: the MD5 of their MD5s, and how many they were."""
    digests = bytes.fromhex("".join(part_etags))
    md5 = hashlib.md5(digests, usedforsecurity=False)
    return f"{md5.hexdigest()}-{len(part_etags)}"


def quote(etag: str) -> str:
    """As headers and documents carry it."""
    return f'"{etag}"'


def unquote(tag: str) -> str:
    """As records carry it; clients send ETags with and without quotes."""
    return tag.strip().strip('"')


def matches(header: str, etag: str, *, is_weak_allowed: bool = False) -> bool:
    """Whether an If-Match or If-None-Match header names the ETag of an object that exists.

    RFC 9110 13.1: If-Match compares strongly, so that a tag weakened on the way (W/"…") matches
    nothing; If-None-Match compares weakly. ETags here contain no commas.
    """
    return any(_is_tag(tag.strip(), etag, is_weak_allowed) for tag in header.split(","))


def _is_tag(tag: str, etag: str, is_weak_allowed: bool) -> bool:
    if tag.startswith("W/"):
        if not is_weak_allowed:
            return False
        tag = tag[2:]
    return tag == ANY or unquote(tag) == etag
