"""Resealing: stored bytes are read, and taken in once more under other keys or none."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import NamedTuple

from ferrox.crypto.envelope import KeyEncryptionKey
from ferrox.operations.encryption import entity_tag
from ferrox.protocol import checksums
from ferrox.protocol.encryption import tells_md5
from ferrox.protocol.ranges import Span
from ferrox.records import Checksum, Encryption, VersionRecord
from ferrox.storage.bodies import once
from ferrox.storage.content import BlobLabel, Content
from ferrox.storage.store import Store


class Resealed(NamedTuple):
    """Bytes that were taken in, and what was computed of them on the way."""

    content: Content
    etag: str
    checksum: Checksum


@asynccontextmanager
async def resealed(
    store: Store,
    original: VersionRecord,
    span: Span,
    label: BlobLabel,
    *,
    former: KeyEncryptionKey | None,
    sealed: Encryption | None,
    kek: KeyEncryptionKey | None,
    algorithm: str,
    may_inline: bool,
) -> AsyncIterator[Resealed]:
    """A context that has taken in a range of a version, durably but namelessly.

    former     what the version is sealed under, where the server has not the key
    sealed     how it is sealed then, and under what
    algorithm  of the checksum that is computed
    raises     what Store.read and Store.receive do
    """
    found = await store.read(original, span.start, span.length, former)
    md5 = hashlib.md5(usedforsecurity=False) if tells_md5(sealed) else None
    digest = checksums.new_digest(algorithm)
    body = once(found) if isinstance(found, bytes) else found
    async with (
        aclosing(body),
        store.receive(
            body,
            [digest] if md5 is None else [md5, digest],
            label,
            size_hint=span.length,
            max_bytes=span.length,
            may_inline=may_inline,
            kek=kek,
        ) as content,
    ):
        checksum = Checksum(algorithm, checksums.encode(digest.digest()))
        tag = entity_tag(sealed, None if md5 is None else md5.digest())
        yield Resealed(content, tag, checksum)
