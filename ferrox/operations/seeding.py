"""Buckets that are to be there before the first request, as their owner would have made them."""

import json
from collections.abc import Set
from typing import Any

from ferrox.errors import StartError
from ferrox.iam import acl
from ferrox.operations.access import POLICY_DOCUMENT, POLICY_TEXT, BucketDefaults
from ferrox.protocol import names
from ferrox.records import Versioning
from ferrox.storage.store import Store

VERSIONED = "versioned"
OBJECT_LOCK = "object-lock"
PUBLIC_READ = "public-read"


async def make(
    store: Store,
    name: str,
    traits: Set[str],
    *,
    owner_id: str,
    region: str,
    defaults: BucketDefaults,
) -> None:
    """Make a bucket unless there is one of this name, which stays as it is. StartError.

    traits  VERSIONED, OBJECT_LOCK, which includes that, and PUBLIC_READ: whether anybody may read
            its objects
    """
    if not names.is_bucket_name(name):
        raise StartError(f"seed_bucket: no bucket can be called {name!r}")
    documents = defaults.documents()
    if PUBLIC_READ in traits:
        documents.pop(acl.PUBLIC_ACCESS_BLOCK_DOCUMENT, None)
        documents[POLICY_DOCUMENT] = {POLICY_TEXT: json.dumps(_read_by_all(name))}
    bucket, is_new = await store.create_bucket(
        name,
        owner_id,
        region,
        is_object_lock_enabled=OBJECT_LOCK in traits,
        documents=documents,
    )
    if is_new and VERSIONED in traits and OBJECT_LOCK not in traits:
        await store.set_versioning(bucket, Versioning.ENABLED)


def _read_by_all(name: str) -> dict[str, Any]:
    """A policy by which anybody may read what is in a bucket."""
    statement = {
        "Sid": "ReadByAll",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{name}/*",
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
