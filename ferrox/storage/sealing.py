"""Sealing of stored bytes: which keys, and the sealed form of bytes that lie in the index.

The data key of a blob is in the blob's row; bytes inside the index carry theirs with them:

    offset     bytes  what
    0          1      form, 1
    1          1      length k of the id of the key encryption key
    2          k      that id, UTF-8
    2 + k      60     the wrapped data key
    62 + k     n      ciphertext, one segment
    62 + k + n 16     its tag

So a copy inside the index is a copy of these bytes, and a change of the key encryption key changes
the head and leaves the ciphertext alone.
"""

from typing import NamedTuple, Protocol

from ferrox.crypto.envelope import WRAPPED_BYTES, KeyEncryptionKey
from ferrox.crypto.segments import TAG_BYTES, SegmentCipher, new_data_key
from ferrox.errors import DataCorrupted, Fault, SealBroken
from ferrox.records import Encryption, WrappedKey

_FORM = 1
_INLINE = b"inline"
"""What stands for the blob's name, where there is no blob."""


class KeyRing(Protocol):
    """Finds the keys that the server has."""

    def kek(self, kek_id: str, encryption: Encryption) -> KeyEncryptionKey:
        """The key of this id, for what is sealed so; an S3Error or Fault says why not."""
        ...

    def require_fresh(self, kek_id: str, now_ms: int) -> None:
        """Refuse to name bytes under a key that is about to be removed: ServiceUnavailable."""
        ...


class NoKeys:
    """The key ring of a server without keys."""

    def kek(self, kek_id: str, _encryption: Encryption) -> KeyEncryptionKey:
        """Find nothing."""
        raise Fault(f"something is sealed under {kek_id}, and this server has no keys")

    def require_fresh(self, _kek_id: str, _now_ms: int) -> None:
        """Refuse nothing: keys that others bring are not removed here."""


class Sealed(NamedTuple):
    """Bytes of the index, taken apart."""

    key: WrappedKey
    ciphertext: bytes
    tag: bytes


def seal_inline(data: bytes, kek: KeyEncryptionKey) -> bytes:
    """The sealed form of bytes that will lie in the index."""
    data_key = new_data_key()
    ciphertext = bytearray(data)
    tag = SegmentCipher(data_key, _INLINE).seal(0, memoryview(ciphertext))
    key = WrappedKey(kek.kek_id, kek.wrap(data_key, _INLINE))
    return _joined(Sealed(key, bytes(ciphertext), tag))


def open_inline(sealed: bytes, kek: KeyEncryptionKey) -> bytes:
    """The bytes that were sealed; DataCorrupted if they are not what they were."""
    key, ciphertext, tag = parse_inline(sealed)
    try:
        data_key = kek.unwrap(key.wrapped, _INLINE)
        data = bytearray(ciphertext)
        SegmentCipher(data_key, _INLINE).open(0, memoryview(data), tag)
    except SealBroken as broken:
        raise DataCorrupted(f"sealed bytes of the index: {broken}") from None
    return bytes(data)


def rewrap_inline(sealed: bytes, old: KeyEncryptionKey, new: KeyEncryptionKey) -> bytes:
    """The same under another key encryption key."""
    found = parse_inline(sealed)
    wrapped = new.wrap(old.unwrap(found.key.wrapped, _INLINE), _INLINE)
    return _joined(found._replace(key=WrappedKey(new.kek_id, wrapped)))


def parse_inline(sealed: bytes) -> Sealed:
    """Take the sealed form apart; DataCorrupted if it is none."""
    if len(sealed) < 2 or sealed[0] != _FORM:
        raise DataCorrupted("sealed bytes of the index have an unknown form")
    head_bytes = 2 + sealed[1]
    key_end = head_bytes + WRAPPED_BYTES
    if len(sealed) < key_end + TAG_BYTES:
        raise DataCorrupted("sealed bytes of the index are too short")
    try:
        kek_id = sealed[2:head_bytes].decode()
    except UnicodeDecodeError:
        raise DataCorrupted("sealed bytes of the index name no key") from None
    key = WrappedKey(kek_id, sealed[head_bytes:key_end])
    return Sealed(key, sealed[key_end:-TAG_BYTES], sealed[-TAG_BYTES:])


def plain_bytes(stored: bytes | None, encryption: Encryption | None) -> int:
    """How many bytes of an object these stored ones stand for."""
    if not stored:
        return 0
    return len(stored) if encryption is None else len(parse_inline(stored).ciphertext)


def _joined(sealed: Sealed) -> bytes:
    kek_id = sealed.key.kek_id.encode()
    head = bytes((_FORM, len(kek_id))) + kek_id
    return head + sealed.key.wrapped + sealed.ciphertext + sealed.tag
