"""Object tags: the x-amz-tagging header, pairs out of documents, and what a tag may be.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
"""

import unicodedata
from collections.abc import Sequence
from typing import NoReturn
from urllib.parse import unquote_to_bytes

from ferrox.errors import BadRequest, InvalidArgument, InvalidTag

MAX_TAGS = 10
MAX_KEY_CHARACTERS = 128
MAX_VALUE_CHARACTERS = 256

_PUNCTUATION = frozenset("+-=._:/@")
_LETTER_SPACE_DIGIT = ("L", "Z", "N")
_HEX = frozenset("0123456789abcdefABCDEF")


def parse_tagging_header(header: str | None) -> dict[str, str]:
    """The tags that an upload or copy gives its object, from "a=1&b=2"."""
    if not header:
        return {}
    tags: dict[str, str] = {}
    for pair in header.split("&"):
        if not pair:
            continue
        key, _, value = pair.partition("=")
        if not key or "=" in value:
            _refuse_header(header)
        key = _decode(key, header)
        if key in tags:
            _refuse_header(header)
        tags[key] = _decode(value, header)
    check_tags(tags)
    return tags


def from_pairs(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The tags that a document lists."""
    tags: dict[str, str] = {}
    for key, value in pairs:
        if key in tags:
            raise InvalidTag("Cannot provide multiple Tags with the same key", TagKey=key)
        tags[key] = value
    check_tags(tags)
    return tags


def check_tags(tags: dict[str, str]) -> None:
    """Raise BadRequest or InvalidTag unless an object may have these tags."""
    if len(tags) > MAX_TAGS:
        raise BadRequest(f"Object tags cannot be greater than {MAX_TAGS}")
    for key, value in tags.items():
        if key.lower().startswith("aws:"):
            raise InvalidTag("Your TagKey cannot be prefixed with aws:", TagKey=key)
        check_tag(key, value)


def check_tag(key: str, value: str) -> None:
    """Raise InvalidTag unless anything may have this tag."""
    if not key or not _is_allowed(key, MAX_KEY_CHARACTERS):
        raise InvalidTag("The TagKey you have provided is invalid", TagKey=key)
    if not _is_allowed(value, MAX_VALUE_CHARACTERS):
        raise InvalidTag("The TagValue you have provided is invalid", TagKey=key, TagValue=value)


def _is_allowed(text: str, max_characters: int) -> bool:
    """Letters, digits, spaces and some punctuation; AWS counts UTF-16 units."""
    return len(text.encode("utf-16-le")) <= 2 * max_characters and all(
        character in _PUNCTUATION or unicodedata.category(character)[0] in _LETTER_SPACE_DIGIT
        for character in text
    )


def _decode(component: str, header: str) -> str:
    """Undo the URL encoding of a key or value; refuse a lone "%" and bytes that are no UTF-8."""
    for escape in component.split("%")[1:]:
        if len(escape) < 2 or not _HEX.issuperset(escape[:2]):
            _refuse_header(header)
    raw = component.replace("+", " ").encode("utf-8", "surrogateescape")
    try:
        return unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        _refuse_header(header)


def _refuse_header(header: str) -> NoReturn:
    raise InvalidArgument(
        "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters "
        "without tag name duplicates.",
        ArgumentName="x-amz-tagging",
        ArgumentValue=header.encode("utf-8", "replace").decode(),
    )
