"""Fields of responses → HPACK, without a memory and without Huffman's code.

https://www.rfc-editor.org/rfc/rfc7541

hpack's encoder keeps a table of what it has said, which it searches from one end to the other for
every field, and which is as large as the client asks for. Answers of S3 repeat little: each field
is a literal here, by the number of its name where the RFC gave it one. So a client needs no table,
and that is what the first block says.
"""

import functools
from collections.abc import Iterable
from typing import Any

from hpack.hpack import Encoder, encode_integer
from hpack.table import HeaderTable

_NO_TABLE = b"\x20"
_NAME_BITS = 4
_LENGTH_BITS = 7
_ONE_BYTE_LENGTHS = [bytes((length,)) for length in range((1 << _LENGTH_BITS) - 1)]
_CACHED_NAMES = 512


class Literals(Encoder):
    """Takes the place of hpack's encoder. Names and values are bytes."""

    def __init__(self) -> None:
        super().__init__()
        self._has_spoken = False

    @property
    def header_table_size(self) -> int:
        """The size of the table: there is none, whatever size the client allows."""
        return 0

    @header_table_size.setter
    def header_table_size(self, value: int) -> None:
        pass

    def encode(self, headers: Iterable[Any], huffman: bool = True) -> bytes:
        """A block of fields, which are pairs; nothing of it is compressed, `huffman` or not."""
        parts = [] if self._has_spoken else [_NO_TABLE]
        self._has_spoken = True
        for name, value in headers:
            if name == b":status":
                parts.append(_status(value))
                continue
            length = len(value)
            parts.append(_name(name))
            parts.append(
                _ONE_BYTE_LENGTHS[length]
                if length < len(_ONE_BYTE_LENGTHS)
                else bytes(encode_integer(length, _LENGTH_BITS))
            )
            parts.append(value)
        return b"".join(parts)


@functools.lru_cache(_CACHED_NAMES)
def _name(name: bytes) -> bytes:
    """The beginning of a literal: what its name is."""
    known = HeaderTable.STATIC_TABLE_MAPPING.get(name)
    if known is not None:
        return bytes(encode_integer(known[0], _NAME_BITS))
    return b"\0" + bytes(encode_integer(len(name), _LENGTH_BITS)) + name


@functools.lru_cache
def _status(value: bytes) -> bytes:
    index, numbers = HeaderTable.STATIC_TABLE_MAPPING[b":status"]
    if value in numbers:
        field = encode_integer(numbers[value], _LENGTH_BITS)
        field[0] |= 1 << _LENGTH_BITS
        return bytes(field)
    return bytes(encode_integer(index, _NAME_BITS)) + _ONE_BYTE_LENGTHS[len(value)] + value
