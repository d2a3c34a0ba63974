"""What the documents of buckets and the lists of versions say about access, looked up in the store.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from typing import Any, NamedTuple

from ferrox.iam import acl
from ferrox.iam.acl import Access, Ownership
from ferrox.protocol.plain import as_plain
from ferrox.protocol.shapes.access import (
    OwnershipControls,
    OwnershipControlsRule,
    PublicAccessBlockConfiguration,
)
from ferrox.records import BucketRecord, VersionAcl
from ferrox.storage.store import Store

_NOTHING_PUBLIC = PublicAccessBlockConfiguration(
    block_public_acls=True,
    ignore_public_acls=True,
    block_public_policy=True,
    restrict_public_buckets=True,
)


class BucketDefaults(NamedTuple):
    """What a new bucket starts with, unless its maker says otherwise: what AWS does since 2023."""

    ownership: Ownership = Ownership.BUCKET_OWNER_ENFORCED
    blocks_public_access: bool = True

    def documents(self, ownership: Ownership | None = None) -> dict[str, dict[str, Any]]:
        """The documents of a new bucket.

        ownership  as its maker asks for. ObjectWriter by default leaves no document: that is what
                   buckets were before there were such documents.
        """
        found = {}
        if ownership is not None or self.ownership is not Ownership.OBJECT_WRITER:
            found[acl.OWNERSHIP_DOCUMENT] = _owned_as(ownership or self.ownership)
        if self.blocks_public_access:
            found[acl.PUBLIC_ACCESS_BLOCK_DOCUMENT] = as_plain(_NOTHING_PUBLIC)
        return found


def _owned_as(ownership: Ownership) -> dict[str, Any]:
    rule = OwnershipControlsRule(object_ownership=ownership.value)
    return as_plain(OwnershipControls(rules=[rule]))


class StoredLists:
    """The access control lists of a store, as the authorizer asks for them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def access(self, bucket: BucketRecord) -> Access:
        """Return what a bucket's documents say."""
        return acl.access_of(
            bucket,
            self._store.bucket_document(bucket, acl.OWNERSHIP_DOCUMENT),
            self._store.bucket_document(bucket, acl.PUBLIC_ACCESS_BLOCK_DOCUMENT),
            self._store.bucket_document(bucket, acl.DOCUMENT),
        )

    def version_acl(
        self, bucket: BucketRecord, key: str, version_id: str | None
    ) -> VersionAcl | None:
        """Return the list of a version, of the newest if none is named."""
        return self._store.version_acl(bucket, key, version_id)
