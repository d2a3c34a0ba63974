"""User metadata: the x-amz-meta-* headers, read into plain text and written back as headers.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html#UserMetadata

Values are Unicode inside. On the wire US-ASCII stands as it is; anything else arrives as RFC 2047
encoded words or as raw bytes (UTF-8, else ISO-8859-1), and leaves as encoded words, as from AWS:
in the encoding Q if most of its characters are US-ASCII, else in B.
Text that would not survive a header as it is (control characters, spaces at its ends, something
that only looks like an encoded word) leaves encoded as well, so that every value comes back as it
was stored and no value can end a header.
"""

import base64
import binascii
import re
from collections.abc import Mapping

from ferrox.errors import MetadataTooLarge

PREFIX = "x-amz-meta-"
MAX_BYTES = 2048
"""All names, without the prefix, and values together, in UTF-8."""

_WORD = r"=\?([A-Za-z0-9_-]+)(?:\*[A-Za-z0-9-]*)?\?([BbQq])\?([!->@-~]*)\?="
# The space between adjacent words is no part of the text (RFC 2047 6.2).
_ENCODED_WORD = re.compile(rf"{_WORD}(?:[ \t]+(?={_WORD}))?")
_CHARSETS = frozenset(("utf-8", "utf8", "us-ascii", "iso-8859-1"))
_AS_IS = re.compile(r"(?:[!-~](?:[\t -~]*[!-~])?)?")
# RFC 2047 2: a word has at most 75 characters; "=?UTF-8?B?" and "?=" leave 63, 60 of whole quads.
_CHARACTERS_PER_WORD = 63
_BYTES_PER_WORD = 45
_is_printable = re.compile("[ -~\t\r\n]").fullmatch
_SELF_IN_Q = frozenset(map(chr, range(ord("!"), ord("~") + 1))) - frozenset("=?_")


def from_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The user metadata among the headers of a request, names without the prefix."""
    raw = {name[len(PREFIX) :]: value for name, value in headers.items() if name.startswith(PREFIX)}
    return decoded(raw) if raw else raw


def decoded(raw: Mapping[str, str]) -> dict[str, str]:
    """The values of such headers as text, names without the prefix; MetadataTooLarge above 2 KB."""
    metadata = {name: _decode(value) for name, value in raw.items()}
    size_bytes = sum(len(name.encode()) + len(value.encode()) for name, value in metadata.items())
    if size_bytes > MAX_BYTES:
        raise MetadataTooLarge(Size=size_bytes, MaxSizeAllowed=MAX_BYTES)
    return metadata


def encoded(metadata: Mapping[str, str]) -> dict[str, str]:
    """The values as headers of a response can carry them, names still without the prefix."""
    return {name: _encode(value) for name, value in metadata.items()}


def _decode(value: str) -> str:
    if not value.isascii():
        raw = value.encode("utf-8", "surrogateescape")
        try:
            value = raw.decode("utf-8")
        except UnicodeDecodeError:
            value = raw.decode("iso-8859-1")
    if "=?" not in value:
        return value
    return _ENCODED_WORD.sub(_decode_word, value)


def _decode_word(match: re.Match[str]) -> str:
    """The text of one encoded word; a word that cannot be read stays as it is (RFC 2047 6.3)."""
    charset, encoding, text = match.group(1, 2, 3)
    if charset.lower() not in _CHARSETS:
        return match[0]
    try:
        if encoding in "Bb":
            data = binascii.a2b_base64(text, strict_mode=True)
        else:
            data = binascii.a2b_qp(text, header=True)
        return data.decode(charset)
    except ValueError:
        return match[0]


def _encode(value: str) -> str:
    if _AS_IS.fullmatch(value) and not _ENCODED_WORD.search(value):
        return value
    if 2 * sum(1 for character in value if _is_printable(character)) > len(value):
        return " ".join(f"=?UTF-8?Q?{text}?=" for text in _quoted_pieces(value))
    return " ".join(
        f"=?UTF-8?B?{base64.b64encode(piece).decode('ascii')}?="
        for piece in _pieces(value.encode())
    )


def _quoted_pieces(value: str) -> list[str]:
    """The encoding Q in words' worth of characters, those of one of the value together."""
    pieces = [""]
    for character in value:
        quoted = _quoted(character)
        if len(pieces[-1]) + len(quoted) > _CHARACTERS_PER_WORD:
            pieces.append("")
        pieces[-1] += quoted
    return pieces


def _quoted(character: str) -> str:
    if character in _SELF_IN_Q:
        return character
    return "_" if character == " " else "".join(f"={byte:02X}" for byte in character.encode())


def _pieces(data: bytes) -> list[bytes]:
    """Cut UTF-8 into words' worth of bytes, never inside a character."""
    pieces = []
    start = 0
    while start < len(data):
        stop = min(start + _BYTES_PER_WORD, len(data))
        while stop < len(data) and data[stop] & 0xC0 == 0x80:
            stop -= 1
        pieces.append(data[start:stop])
        start = stop
    return pieces
