"""XML, read and written here and nowhere else: one safe reader, and what a writer needs.

The reader is xmltodict over expat. It refuses any DTD, hence entities and everything they can do;
it caps size, tags and depth. It keeps white space, because keys may begin or end with it, and it
forgets namespaces and attributes, which S3 does not look at, except xsi:type.
"""

import re
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, Final
from xml.parsers import expat

import xmltodict

from ferrox.errors import MalformedXML

NAMESPACE: Final = "http://s3.amazonaws.com/doc/2006-03-01/"
MAX_DOCUMENT_BYTES: Final = 8 * 1024 * 1024
"""Room for 1,000 deletions of keys of 1,024 bytes, all escaped, or 10,000 parts with checksums."""
MAX_TAGS: Final = 200_000
"""Bounds the work whatever the nesting: 10,000 parts of 9 elements each, opened and closed."""
MAX_DEPTH: Final = 16
"""No document of S3 is deeper than 8."""

XSI_TYPE: Final = "@xsi:type"
"""The one attribute that is kept, under this name."""
XSI_NAMESPACE: Final = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
"""What an element with that attribute declares."""

_SPECIAL = re.compile('[&<>"\x00-\x1f\ufffe\uffff]')
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


class Written(str):
    """Elements that are XML already: what a list of an output shape may hold in place of shapes."""

    __slots__ = ()


def parse(data: bytes, root: str, *, max_bytes: int = MAX_DOCUMENT_BYTES) -> dict[str, Any]:
    """The content of the root element: text as str, elements as dict, repeated ones as list."""
    if len(data) > max_bytes or data.count(b"<") > MAX_TAGS:
        raise MalformedXML
    try:
        document = xmltodict.parse(
            data,
            expat=_SAFE_EXPAT,
            strip_whitespace=False,
            postprocessor=_accept,  # type: ignore[arg-type]  # it may return None, which drops
        )
    except (expat.ExpatError, ValueError, LookupError):  # the last two: encodings nobody has
        raise MalformedXML from None
    if root not in document:
        raise MalformedXML
    content = document[root]
    if isinstance(content, dict):
        return content
    if content.strip():
        raise MalformedXML
    return {}


def parse_in_order(data: bytes, root: str) -> list[tuple[str, Any]]:
    """What the root element holds, one after another: name and content, as `parse` has it.

    For documents in which elements of several names stand among each other, and their order counts.
    """
    found: list[tuple[str, Any]] = []

    def keep(path: Sequence[tuple[str, Any]], content: Any) -> bool:
        (outer, _), (name, _) = path
        if outer.rpartition(":")[2] != root:
            raise MalformedXML
        found.append((name.rpartition(":")[2], "" if content is None else content))
        return True

    if len(data) > MAX_DOCUMENT_BYTES or data.count(b"<") > MAX_TAGS:
        raise MalformedXML
    try:
        xmltodict.parse(
            data,
            expat=_SAFE_EXPAT,
            strip_whitespace=False,
            item_depth=2,
            item_callback=keep,
            postprocessor=_accept,  # type: ignore[arg-type]  # it may return None, which drops
        )
    except (expat.ExpatError, ValueError, LookupError):
        raise MalformedXML from None
    if not found:  # nor was it seen of what root it is
        parse(data, root)
    return found


def escape(text: str) -> str:
    """Text as the content of an element.

    Characters that XML 1.0 cannot carry become references all the same, as AWS writes them; clients
    that want to read such keys ask for encoding-type=url.
    """
    if text.isalnum():  # most values, and ten times quicker to see
        return text
    return _SPECIAL.sub(_reference, text)


def escape_all(texts: list[str]) -> list[str]:
    """Each of many texts escaped, at the price of one look at all of them when none needs it."""
    joined = "".join(texts)
    if joined.isprintable() and not any(character in joined for character in _NAMED):
        return texts
    return [escape(text) for text in texts]


def document(root: str, content: str, namespace: str = NAMESPACE) -> bytes:
    """A whole document with `content`, which is XML already, in its root element."""
    attribute = f' xmlns="{namespace}"' if namespace else ""
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}{attribute}>{content}</{root}>'
    return text.encode("utf-8", "replace")


def _reference(match: re.Match[str]) -> str:
    character = match.group()
    return _NAMED.get(character) or f"&#x{ord(character):x};"


def _accept(path: Sequence[object], name: str, value: Any) -> tuple[str, Any] | None:
    """What of each attribute, text and element is kept, and under which name."""
    if len(path) > MAX_DEPTH:
        raise MalformedXML
    if name[0] == "@":
        return (XSI_TYPE, value) if name.endswith(":type") else None
    if name == "#text":
        return (name, value) if value.strip() else None
    return name.rpartition(":")[2], "" if value is None else value


def _refuse(*_declaration: object) -> None:
    raise MalformedXML


def _parser(encoding: str | None, namespace_separator: str | None) -> Any:
    parser = expat.ParserCreate(encoding, namespace_separator)
    parser.StartDoctypeDeclHandler = _refuse
    return parser


_SAFE_EXPAT = SimpleNamespace(ParserCreate=_parser)
