"""Byte ranges: which part of an object a request asks for.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html

S3 serves one range. As RFC 9110 14.2 allows, it ignores a Range header that it cannot read or
that names several ranges, and sends the whole object with 200; only a range that it understands
and that lies outside of the object is refused (compared with AWS in localstack/localstack#9082).
"""

import re
from typing import NamedTuple

from ferrox.errors import InvalidArgument, InvalidRange, InvalidRequest

# Twenty digits are more than any size has, and keep int() cheap.
_RANGE = re.compile(r"bytes=(?:([0-9]{1,20})-([0-9]{1,20})?|-([0-9]{1,20}))", re.IGNORECASE)
_COPY_RANGE = re.compile(r"bytes=([0-9]{1,20})-([0-9]{1,20})")


class Span(NamedTuple):
    """A run of bytes inside an object; never empty."""

    start: int
    length: int


def resolve(header: str | None, size: int) -> Span | None:
    """The bytes a Range header selects of an object of that size; None means all, without 206."""
    if header is None:
        return None
    match = _RANGE.fullmatch(header.strip())
    if match is None:
        return None
    first, last, suffix = match.groups()
    if suffix is not None:
        length = min(int(suffix), size)
        start = size - length
    else:
        start = int(first)
        stop = size if last is None else min(int(last) + 1, size)
        if last is not None and int(last) < start:
            return None
        length = stop - start
    if length <= 0:
        raise InvalidRange(
            headers={"content-range": f"bytes */{size}"},
            RangeRequested=header,
            ActualObjectSize=size,
        )
    return Span(start, length)


def copy_source_range(header: str | None, size: int) -> Span | None:
    """The bytes UploadPartCopy takes of a source of that size; None means all. Never clamped."""
    if header is None:
        return None
    match = _COPY_RANGE.fullmatch(header)
    first, last = (int(number) for number in match.groups()) if match else (1, 0)
    if first > last:
        raise InvalidArgument(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first "
            "and last are the zero-based offsets of the first and last bytes to copy",
            ArgumentName="x-amz-copy-source-range",
            ArgumentValue=header,
        )
    if first >= size:
        raise InvalidRequest("The specified copy range is invalid for the source object size")
    if last >= size:
        raise InvalidArgument(
            f"Range specified is not valid for source object of size: {size}",
            ArgumentName="x-amz-copy-source-range",
            ArgumentValue=header,
        )
    return Span(first, last - first + 1)


def content_range(span: Span, size: int) -> str:
    """The Content-Range of a 206 with these bytes."""
    return f"bytes {span.start}-{span.start + span.length - 1}/{size}"
