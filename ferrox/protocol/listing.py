"""What all listings share: page sizes, encoded keys, the token that continues a listing.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
"""

import base64
import binascii
import re
import zlib
from typing import NamedTuple, NoReturn, Self
from urllib.parse import quote_plus

from ferrox.errors import InvalidArgument

PAGE_LIMIT = 1000
"""How many entries a page of keys, versions, parts or uploads has at most."""

BUCKETS_PAGE_LIMIT = 10_000
"""How many entries a page of ListBuckets has at most."""

_MAX_INT = 2**31 - 1
_PLAIN = re.compile(r"[A-Za-z0-9._*/-]*")

_TOKEN_VERSION = b"\x01"
_CRC_BYTES = 4


class ContinuationToken(NamedTuple):
    """Where a version 2 listing resumes: with the first name greater than `after`.

    On the wire: base64url of a version byte, CRC-32 of the name and the name. Clients must not look
    inside; the CRC only tells a cut or foreign token from one of ours.
    """

    after: str

    def encode(self) -> str:
        """As a response carries it."""
        name = self.after.encode()
        token = _TOKEN_VERSION + zlib.crc32(name).to_bytes(_CRC_BYTES, "big") + name
        return base64.urlsafe_b64encode(token).decode("ascii")

    @classmethod
    def decode(cls, text: str) -> Self:
        """Read what a request sends back; InvalidArgument unless `encode` made it."""
        try:
            data = binascii.a2b_base64(text.translate(_FROM_URL_SAFE), strict_mode=True)
            token = cls(data[1 + _CRC_BYTES :].decode())
        except ValueError:
            _refuse_token()
        if token.encode() != text:
            _refuse_token()
        return token


_FROM_URL_SAFE = str.maketrans("-_", "+/")


def check_encoding_type(encoding_type: str | None) -> bool:
    """Whether keys are to be encoded in the answer; only "url" exists."""
    if encoding_type is None or encoding_type.lower() == "url":
        return encoding_type is not None
    raise InvalidArgument(
        "Invalid Encoding Method specified in Request",
        ArgumentName="encoding-type",
        ArgumentValue=encoding_type,
    )


def url_encode(key: str) -> str:
    """A key, prefix or delimiter as encoding-type=url shows it.

    As AWS (measured in brekkylab/backlot#178) and HTML forms do: "/" stays and a space becomes "+",
    which is why clients decode with "+" as a space.
    """
    if _PLAIN.fullmatch(key):
        return key
    return quote_plus(key, safe="/*").replace("~", "%7E")  # which Python never escapes


def url_encode_all(names: list[str]) -> list[str]:
    """Each of many names encoded, at the price of one look at all of them when none needs it."""
    if _PLAIN.fullmatch("".join(names)):
        return names
    return [url_encode(name) for name in names]


def max_keys(value: int | None, name: str = "max-keys") -> int:
    """How many entries one page may have, given max-keys, max-parts or max-uploads."""
    if value is None:
        return PAGE_LIMIT
    if not 0 <= value <= _MAX_INT:
        argument = "maxKeys" if name == "max-keys" else name  # AWS calls this one so
        raise InvalidArgument(
            f"Argument {argument} must be an integer between 0 and {_MAX_INT}",
            ArgumentName=argument,
            ArgumentValue=value,
        )
    return min(value, PAGE_LIMIT)


def max_buckets(value: int | None) -> int:
    """How many buckets one page of ListBuckets may have."""
    if value is None:
        return BUCKETS_PAGE_LIMIT
    if not 1 <= value <= BUCKETS_PAGE_LIMIT:
        raise InvalidArgument(
            f"Argument max-buckets must be an integer between 1 and {BUCKETS_PAGE_LIMIT}",
            ArgumentName="max-buckets",
            ArgumentValue=value,
        )
    return value


def _refuse_token() -> NoReturn:
    raise InvalidArgument(
        "The continuation token provided is incorrect", ArgumentName="continuation-token"
    )
