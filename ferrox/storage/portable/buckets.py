"""Buckets and their configuration ↔ entries of the document; their objects stay where they are.

name, owner (canonical id), region, created_ms, versioning, object_lock
max_bytes, max_objects     the quota, if there is one
documents                  what is configured, by name
"""

from collections.abc import Callable
from typing import NamedTuple

from ferrox.errors import S3Error
from ferrox.records import BucketRecord, Quota, Versioning
from ferrox.storage.identities.view import IdentityView
from ferrox.storage.metadata import buckets, usage
from ferrox.storage.metadata.database import Reader, Tx
from ferrox.storage.portable.document import Plain, Unacceptable, entry_of, record_of
from ferrox.storage.portable.taking import Taking

_DATE = "UPDATE buckets SET region = ?, created_ms = ? WHERE bucket_id = ?"
_AT_ONCE = 1000


class BucketEntry(NamedTuple):
    """A bucket in the document."""

    name: str
    owner: str
    region: str
    created_ms: int
    versioning: Versioning = Versioning.UNVERSIONED
    object_lock: bool = False
    max_bytes: int | None = None
    max_objects: int | None = None


def export_buckets(reader: Reader, is_configuration: Callable[[str], bool]) -> list[Plain]:
    """All buckets, by name."""
    found: list[Plain] = []
    after = ""
    while page := buckets.page_of_all(reader, after, _AT_ONCE):
        found += [_entry(reader, bucket, is_configuration) for bucket in page]
        after = page[-1].name
    return found


def _entry(reader: Reader, bucket: BucketRecord, is_configuration: Callable[[str], bool]) -> Plain:
    entry = entry_of(
        BucketEntry(
            bucket.name,
            bucket.owner_id,
            bucket.region,
            bucket.created_ms,
            bucket.versioning,
            bucket.is_object_lock_enabled,
            *usage.quota(reader, bucket),
        )
    )
    documents = {
        name: document
        for name, document in buckets.documents(reader, bucket.bucket_id, "", "", -1)
        if is_configuration(name)
    }
    return entry | ({"documents": documents} if documents else {})


class BucketTaking:
    """Takes in buckets, within one transaction of the index.

    identities  with everything that the same document brings
    """

    def __init__(self, taking: Taking, tx: Tx, identities: IdentityView) -> None:
        self._taking = taking
        self._tx = tx
        self._identities = identities

    def take(self, entry: Plain) -> None:
        """Take in one bucket."""
        what = f"bucket {entry.get('name')}"
        try:
            own = {name: value for name, value in entry.items() if name != "documents"}
            asked = record_of(BucketEntry, own, what)
            documents = entry.get("documents", {})
            self._check(asked, documents)
            bucket = buckets.find(self._tx, asked.name)
            there = None
            if bucket is not None:
                there = _entry(self._tx, bucket, self._taking.checks.is_configuration)
                _require_possible(bucket, asked)
            wanted = entry_of(asked) | ({"documents": documents} if documents else {})
            if self._taking.is_wanted(what, there, wanted):
                self._write(bucket, asked, documents)
        except (Unacceptable, S3Error) as error:
            self._taking.refuse(what, error)

    def _check(self, asked: BucketEntry, documents: object) -> None:
        checks = self._taking.checks
        checks.bucket_name(asked.name)
        checks.region(asked.region)
        if self._identities.account_of(asked.owner) is None:
            raise Unacceptable(f"there is no account with the canonical id {asked.owner}")
        if asked.object_lock and asked.versioning is not Versioning.ENABLED:
            raise Unacceptable("a bucket with object lock keeps versions")
        if not isinstance(documents, dict):
            raise Unacceptable("its documents are no object")
        for name, document in documents.items():
            if not isinstance(document, dict) or not checks.is_configuration(name):
                raise Unacceptable(f"its document {name!r} means nothing")
            checks.bucket_document(self._identities, asked.name, name, document)

    def _write(self, there: BucketRecord | None, asked: BucketEntry, documents: Plain) -> None:
        tx = self._tx
        bucket = there or buckets.create(
            tx, asked.name, asked.owner, asked.region, asked.created_ms,
            is_object_lock_enabled=asked.object_lock,
        )[0]  # fmt: skip
        if asked.object_lock and not bucket.is_object_lock_enabled:
            bucket = buckets.set_versioning(tx, bucket, Versioning.ENABLED)
            buckets.enable_object_lock(tx, bucket)
        elif asked.versioning is not bucket.versioning:
            bucket = buckets.set_versioning(tx, bucket, asked.versioning)
        tx.execute(_DATE, (asked.region, asked.created_ms, bucket.bucket_id))
        usage.set_quota(tx, bucket, Quota(asked.max_bytes, asked.max_objects))
        for name, _ in buckets.documents(tx, bucket.bucket_id, "", "", -1):
            if self._taking.checks.is_configuration(name) and name not in documents:
                bucket = buckets.delete_document(tx, bucket, name)
        for name, document in documents.items():
            bucket = buckets.put_document(tx, bucket, name, document)


def _require_possible(bucket: BucketRecord, asked: BucketEntry) -> None:
    """Refuse what would take from the objects in a bucket what protects them."""
    if bucket.owner_id != asked.owner:
        raise Unacceptable("it is there already, and belongs to another account")
    if bucket.is_object_lock_enabled and not asked.object_lock:
        raise Unacceptable("an object lock cannot be taken from a bucket")
    has_versions = bucket.versioning is not Versioning.UNVERSIONED
    if has_versions and asked.versioning is Versioning.UNVERSIONED:
        raise Unacceptable("versioning can be suspended, and not be undone")
