"""Access control lists on the wire: the grant headers.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAcl.html
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ferrox.errors import InvalidArgument

CANNED_HEADER = "x-amz-acl"
GRANT_HEADERS = {
    "x-amz-grant-full-control": "FULL_CONTROL",
    "x-amz-grant-read": "READ",
    "x-amz-grant-read-acp": "READ_ACP",
    "x-amz-grant-write": "WRITE",
    "x-amz-grant-write-acp": "WRITE_ACP",
}
"""Header → the permission that it grants."""

HEADERS = frozenset({CANNED_HEADER, *GRANT_HEADERS})
"""Everything by which headers set a list."""

_GRANTEE = re.compile(r'\s*(id|uri|emailAddress)\s*=\s*(?:"([^"]*)"|([^",\s]+))\s*', re.IGNORECASE)
_KINDS = {"id": "CanonicalUser", "uri": "Group", "emailaddress": "AmazonCustomerByEmail"}


class NamedGrantee(NamedTuple):
    """Whom a request names, before anybody looked who that is.

    kind  CanonicalUser, Group or AmazonCustomerByEmail
    """

    kind: str
    name: str
    permission: str


def named_in_headers(headers: Mapping[str, str]) -> Iterator[NamedGrantee]:
    """What the grant headers say: `id="…", uri="…", emailAddress="…"`, quoted or not."""
    for header, permission in GRANT_HEADERS.items():
        text = headers.get(header)
        if text is None:
            continue
        position = 0
        while position <= len(text):
            match = _GRANTEE.match(text, position)
            end = match.end() if match else position
            if match is None or (end < len(text) and text[end] != ","):
                raise InvalidArgument(
                    "Argument format not recognized", ArgumentName=header, ArgumentValue=text
                )
            yield NamedGrantee(_KINDS[match[1].lower()], match[2] or match[3] or "", permission)
            position = end + 1
