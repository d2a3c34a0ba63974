"""Which settings of Block Public Access are in force for a bucket.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html

A setting is in force where the bucket or the account that owns it has it. An account's settings lie
beside the identities, under its canonical id, so that every process knows of a change at the next
request. They are read on the event loop; what runs in a transaction is given them.
"""

from collections.abc import Mapping
from typing import Any

from ferrox.iam import acl
from ferrox.protocol.shapes.access import PublicAccessBlockConfiguration
from ferrox.records import BucketRecord
from ferrox.storage.identities.view import IdentityView
from ferrox.storage.store import Store

TABLE = "public_access_blocks"
"""Where the settings of accounts are."""

Settings = Mapping[str, Any]
"""By the names that they have in documents."""

_NAMES = tuple(field.wire for field in PublicAccessBlockConfiguration.plan.fields.values())
_NONE: Settings = {}


def of_account(identities: IdentityView, canonical_id: str) -> Settings | None:
    """The settings of an account, if it has any."""
    return identities.document(TABLE, canonical_id)


def together(own: Settings | None, of_owner: Settings | None) -> Settings:
    """What a bucket's own settings and those of its owner come to."""
    if own is None or of_owner is None:
        return own or of_owner or _NONE
    return {name: own.get(name) is True or of_owner.get(name) is True for name in _NAMES}


def in_force(store: Store, bucket: BucketRecord) -> Settings:
    """What is in force for a bucket now."""
    own = store.bucket_document(bucket, acl.PUBLIC_ACCESS_BLOCK_DOCUMENT)
    return together(own, of_account(store.identities, bucket.owner_id))
