"""x-amz-copy-source: which object a copy is made of, and which version of it.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
"""

from typing import NamedTuple

from ferrox.errors import InvalidArgument
from ferrox.protocol.message import decode_component

_VERSION = "?versionId="


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
    decoded = decode_component(path.replace("+", " "))
    bucket, _, key = decoded.removeprefix("/").partition("/")
    if not bucket or not key:
        raise InvalidArgument(
            "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
            ArgumentName="x-amz-copy-source",
            ArgumentValue=header,
        )
    return CopySourceName(bucket, key, decode_component(query) if mark else None)
