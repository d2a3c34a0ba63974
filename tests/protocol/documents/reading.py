"""Documents as a request brings them: read strictly, then held to the rules."""

from typing import Any

from ferrox.errors import S3Error
from ferrox.protocol import decode, xml
from ferrox.protocol.shape import S


def read(shape: type[S], root: str, content: str) -> S:
    """The document with this content as a shape."""
    return decode.structure(shape, xml.parse(f"<{root}>{content}</{root}>".encode(), root), True)


def verdict(function: Any, *arguments: Any) -> str:
    """The code of what a function raises, "" if nothing, and what is said."""
    try:
        function(*arguments)
    except S3Error as error:
        return f"{error.code}: {error.message}"
    return ""
