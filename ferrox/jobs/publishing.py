"""Publishing: what a job writes becomes an object, like one that a client had put."""

import hashlib
import os
from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

from ferrox import ids
from ferrox.jobs.sealing import Sealing
from ferrox.protocol import encryption, etag, names
from ferrox.records import (
    NULL_VERSION,
    BucketRecord,
    Encryption,
    Grant,
    Occasion,
    VersionDraft,
    Versioning,
)
from ferrox.storage.content import BlobLabel
from ferrox.storage.store import Store

MAX_BYTES = 5 * 1024**3


class Published(NamedTuple):
    """What was written; the MD5 is hexadecimal."""

    size_bytes: int
    md5: str


async def publish(  # noqa: PLR0917 - where to, then what
    store: Store,
    sealing: Sealing,
    target: BucketRecord,
    key: str,
    body: AsyncIterator[bytes],
    content_type: str,
    *,
    size_bytes: int | None = None,
    grants: Sequence[Grant] | None = None,
    sealed: Encryption | None = None,
) -> Published:
    """Store a body under a key for the owner of the bucket; raises what a put would.

    sealed  how, if not as the bucket wants it
    """
    names.check_key(key)
    sealed = sealed or sealing.of_bucket(target)
    version_id = ids.version_id() if target.versioning is Versioning.ENABLED else ""
    md5 = hashlib.md5(usedforsecurity=False)
    headers = {"content-type": content_type}
    label = BlobLabel(
        target.name,
        key,
        version_id=version_id or NULL_VERSION,
        facts={"owner_id": target.owner_id, "headers": headers},
    )
    async with store.receive(
        body,
        [md5],
        label,
        size_hint=size_bytes,
        max_bytes=MAX_BYTES,
        may_inline=True,
        kek=sealing.kek(sealed),
    ) as content:
        tag = md5.digest() if encryption.tells_md5(sealed) else os.urandom(md5.digest_size)
        draft = VersionDraft(
            key,
            etag.single(tag),
            target.owner_id,
            headers=headers,
            version_id=version_id,
            acl=grants,
            encryption=sealed,
        )
        occasion = Occasion.of_service("ObjectCreated:Put")
        version = await store.add_version(target, draft, content, occasion=occasion)
    return Published(version.size_bytes, md5.hexdigest())
