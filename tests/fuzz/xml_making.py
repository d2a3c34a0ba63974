"""Documents out of bytes: any elements that a shape has, with values that mean something to it.

Changed letter by letter, a document is soon no XML; made so, it is one, and its rules are asked.
"""

from collections.abc import Iterator
from itertools import chain, repeat
from typing import Any

from ferrox.protocol import xml
from ferrox.protocol.shape import Field, Shape

_TEXTS = (
    *("", "a", "b", "a/", "logs/", "logs/a", "*", "index.html", "é", "a b", "id", "id", "x" * 300),
    *("Enabled", "Disabled", "Suspended", "COMPLIANCE", "GOVERNANCE", "ON", "OFF", "true", "false"),
    *("STANDARD_IA", "GLACIER", "DEEP_ARCHIVE", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"),
    *("http", "https", "301", "404", "200", "599", "example.com", "http://*.example.com", "PUT"),
    *("GET", "DELETE", "x-amz-*", "ETag", "arn:aws:s3:::bucket", "arn:aws:sqs:us-east-1:1:q"),
    *("arn:aws:sns:us-east-1:1:t", "arn:aws:lambda:us-east-1:1:function:f", "s3:ObjectCreated:*"),
    *(
        "s3:ObjectCreated:Put",
        "s3:ObjectRemoved:*",
        "prefix",
        "suffix",
        "Prefix",
        "aws:kms",
        "AES256",
    ),
    *(
        "BucketOwnerEnforced",
        "ObjectWriter",
        "CSV",
        "ORC",
        "Daily",
        "Weekly",
        "All",
        "Current",
        "Size",
    ),
    *("EventTime", "DeliveryTime", "ARCHIVE_ACCESS", "DEEP_ARCHIVE_ACCESS", "V_1", "FULL_CONTROL"),
    *(
        "READ",
        "WRITE",
        "CanonicalUser",
        "Group",
        "AmazonCustomerByEmail",
        "Requester",
        "BucketOwner",
    ),
    *("http://acs.amazonaws.com/groups/global/AllUsers", "eu-west-1", "null", "&", "<", "aws:tag"),
)
_NUMBERS = ("0", "1", "2", "30", "60", "90", "128", "365", "-1", "10000", "2147483648", "x", "1.5")
_INSTANTS = (
    *("2030-01-01T00:00:00Z", "2030-01-01T01:00:00+01:00", "2030-01-01T00:00:01.5Z", "2030-01-01"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "Fri, 01 Jan 2016 00:00:00 GMT"),
)


def made(root: str, shape: type[Shape], choices: bytes) -> bytes:
    """The document that these choices make; without more of them nothing more is in it."""
    content = _elements(shape, chain(choices, repeat(0)))
    return f"<{root}>{content}</{root}>".encode()


def _elements(shape: type[Shape], choices: Iterator[int]) -> str:
    return "".join(_element(field, choices) for field in shape.plan.elements)


def _element(field: Field, choices: Iterator[int]) -> str:
    """None, one, or several: the odd choices, and those that want several, make one."""
    choice = next(choices)
    count = choice & 1 if not choice & 8 else choice & 3
    if not field.is_list:
        return "".join(_one(field.wire, field, choices) for _ in range(min(count, 2)))
    if field.flattened:
        return "".join(_one(field.wire, field, choices) for _ in range(count))
    items = "".join(_one(field.item, field, choices) for _ in range(count))
    return f"<{field.wire}>{items}</{field.wire}>" if choice else ""


def _one(tag: str, field: Field, choices: Iterator[int]) -> str:
    if issubclass(field.type, Shape):
        attribute: Any = field.type.plan.attribute
        kind = f' {xml.XSI_NAMESPACE} {attribute.wire}="CanonicalUser"' if attribute else ""
        return f"<{tag}{kind}>{_elements(field.type, choices)}</{tag}>"
    pool = field.one_of or _TEXTS
    if field.timestamp:
        pool = _INSTANTS
    elif field.type is int:
        pool = _NUMBERS
    elif field.type is bool:
        pool = ("true", "false", "TRUE", "1")
    return f"<{tag}>{xml.escape(pool[next(choices) % len(pool)])}</{tag}>"
