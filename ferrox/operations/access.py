"""What documents of buckets and lists of versions say about access, looked up in the store.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from ferrox.clock import Clock
from ferrox.errors import Fault
from ferrox.iam import acl, document
from ferrox.iam.acl import Access, Ownership
from ferrox.iam.actions import check_bucket_statement, check_new_bucket_statement
from ferrox.iam.asking import Asking, BucketPolicy
from ferrox.iam.document import Document, Kind, PolicyError
from ferrox.iam.evaluate import IdentityPolicies
from ferrox.iam.patterns import Values
from ferrox.iam.public import is_public
from ferrox.identity import Principal
from ferrox.operations import public_access_block
from ferrox.operations.attachments import Attachments
from ferrox.operations.circumstances import Circumstances, Surroundings
from ferrox.operations.public_access_block import Settings
from ferrox.protocol.message import Request
from ferrox.protocol.plain import as_plain
from ferrox.protocol.shapes.access import (
    OwnershipControls,
    OwnershipControlsRule,
    PublicAccessBlockConfiguration,
)
from ferrox.records import BucketRecord, VersionAcl
from ferrox.storage.store import Store

POLICY_DOCUMENT = "policy"
"""The document of a bucket that holds its policy, as it was written, under POLICY_TEXT."""
POLICY_TEXT = "Policy"

KEPT_POLICIES = 1024
"""Compiled ones, at most."""

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


class _KeptPolicy(NamedTuple):
    """A policy, and what it was made of: the store gives the same document until it changes."""

    stored: dict[str, Any]
    block: Settings
    policy: BucketPolicy


class StoredAccess:
    """What a store says about access, as the authorizer asks for it.

    version  of the identities, by which callers are judged; without it, that of the moment
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        region: str = "",
        version: Callable[[], int] | None = None,
    ) -> None:
        self._store = store
        self._attachments = Attachments(store.identities, version)
        self._surroundings = Surroundings(store, clock, region, self._attachments.tags)
        self._policies: dict[int, _KeptPolicy] = {}

    def access(self, bucket: BucketRecord) -> Access:
        """Return what a bucket's documents say about lists."""
        return bucket_access(self._store, bucket)

    def policy(self, bucket: BucketRecord) -> BucketPolicy | None:
        """Return a bucket's policy, compiled once for as long as it is current."""
        stored = self._store.bucket_document(bucket, POLICY_DOCUMENT)
        if stored is None:
            return None
        block = public_access_block.in_force(self._store, bucket)
        kept = self._policies.get(bucket.bucket_id)
        if kept is None or kept.stored is not stored or kept.block != block:
            if len(self._policies) >= KEPT_POLICIES:
                self._policies.clear()
            kept = self._policies[bucket.bucket_id] = _compiled(bucket, stored, block)
        return kept.policy

    def identity(self, principal: Principal) -> IdentityPolicies:
        """Return the policies that a caller has."""
        return self._attachments.of(principal)

    def version_acl(
        self, bucket: BucketRecord, key: str, version_id: str | None
    ) -> VersionAcl | None:
        """Return the list of a version, of the newest if none is named."""
        return self._store.version_acl(bucket, key, version_id)

    def circumstances(self, asking: Asking) -> Values:
        """Return the condition keys of a request."""
        if not isinstance(asking.request, Request):
            return {}
        return Circumstances(self._surroundings, asking.request, asking)


def bucket_access(store: Store, bucket: BucketRecord) -> Access:
    """What the documents of a bucket say about lists."""
    return acl.access_of(
        bucket,
        store.bucket_document(bucket, acl.OWNERSHIP_DOCUMENT),
        public_access_block.in_force(store, bucket),
        store.bucket_document(bucket, acl.DOCUMENT),
    )


def _compiled(bucket: BucketRecord, stored: dict[str, Any], block: Settings) -> _KeptPolicy:
    try:
        document = parse_policy(bucket.name, stored[POLICY_TEXT])
    except PolicyError as error:  # it was one when it was set: let nobody pass it by
        raise Fault(f"the policy of {bucket.name} cannot be read: {error}") from error
    is_restricted = block.get("RestrictPublicBuckets") is True and is_public(document)
    return _KeptPolicy(stored, block, BucketPolicy(document, is_restricted))


def parse_policy(bucket_name: str, text: str, *, is_new: bool = False) -> Document:
    """A policy of a bucket, compiled; PolicyError if it is none."""
    check = check_new_bucket_statement if is_new else check_bucket_statement
    name = f"bucket policy {bucket_name}"
    return document.parse(text, Kind.RESOURCE, name, partial(check, bucket_name))
