"""Publishing: what a job writes becomes an object, like one that a client had put."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

from ferrox import ids
from ferrox.protocol import etag, names
from ferrox.records import NULL_VERSION, BucketRecord, Grant, Occasion, VersionDraft, Versioning
from ferrox.storage.content import BlobLabel
from ferrox.storage.store import Store

MAX_BYTES = 5 * 1024**3


class Published(NamedTuple):
    """What was written; the MD5 is hexadecimal."""

    size_bytes: int
    md5: str


async def publish(
    store: Store,
    target: BucketRecord,
    key: str,
    body: AsyncIterator[bytes],
    content_type: str,
    *,
    size_bytes: int | None = None,
    grants: Sequence[Grant] | None = None,
) -> Published:
    """Store a body under a key for the owner of the bucket; raises what a put would."""
    names.check_key(key)
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
        body, [md5], label, size_hint=size_bytes, max_bytes=MAX_BYTES, may_inline=True
    ) as content:
        draft = VersionDraft(
            key,
            etag.single(md5.digest()),
            target.owner_id,
            headers=headers,
            version_id=version_id,
            acl=grants,
        )
        occasion = Occasion.of_service("ObjectCreated:Put")
        version = await store.add_version(target, draft, content, occasion=occasion)
    return Published(version.size_bytes, md5.hexdigest())
