"""Which names buckets and objects may have.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
"""

import re

from ferrox.errors import InvalidBucketName, KeyTooLongError

MAX_KEY_BYTES = 1024

RESERVED = frozenset(("health", "metrics", "minio"))
"""First path segments that this server answers itself."""

# Labels begin and end with a letter or digit, as in host names: a bucket can be one.
_LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_NAME = re.compile(rf"(?=.{{3,63}}\Z){_LABEL}(?:\.{_LABEL})*")
_IP_ADDRESS = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+")
# AWS also reserves "amzn-s3-demo-", for its documentation: its examples must work here.
_RESERVED_PREFIXES = ("xn--", "sthree-")
_RESERVED_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


def is_bucket_name(name: str) -> bool:
    """Whether a bucket may be called so."""
    return (
        _NAME.fullmatch(name) is not None
        and not name.startswith(_RESERVED_PREFIXES)
        and not name.endswith(_RESERVED_SUFFIXES)
        and not _IP_ADDRESS.fullmatch(name)
        and name not in RESERVED
    )


def check_bucket_name(name: str) -> None:
    """Raise InvalidBucketName unless a bucket may be called so."""
    if not is_bucket_name(name):
        raise InvalidBucketName(BucketName=name)


def check_key(key: str) -> None:
    """Raise KeyTooLongError for a key of more than 1,024 bytes. Keys are otherwise opaque."""
    if len(key) * 4 <= MAX_KEY_BYTES:  # no character has more than four bytes in UTF-8
        return
    size_bytes = len(key.encode())
    if size_bytes > MAX_KEY_BYTES:
        raise KeyTooLongError(Size=size_bytes, MaxSizeAllowed=MAX_KEY_BYTES)
