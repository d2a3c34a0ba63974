"""The nouns that are stored, as plain immutable values that every layer may know.

They are NamedTuples because the hot path builds them straight from database rows.
Instants are integers, milliseconds since the Unix epoch (`*_ms`); sizes are bytes (`*_bytes`).
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

NULL_VERSION = "null"
"""The version id of the one version a key has while versioning is off or suspended."""

STANDARD = "STANDARD"
"""The default storage class."""


class Versioning(StrEnum):
    """Whether a bucket keeps the former versions of its keys."""

    UNVERSIONED = "Unversioned"
    ENABLED = "Enabled"
    SUSPENDED = "Suspended"


class BucketRecord(NamedTuple):
    """One bucket."""

    bucket_id: int
    name: str
    owner_id: str
    region: str
    created_ms: int
    versioning: Versioning = Versioning.UNVERSIONED
    is_object_lock_enabled: bool = False
    revision: int = 0
    """Counts the changes of the bucket and of its documents."""


class Usage(NamedTuple):
    """What a bucket holds, or by how much that changes.

    object_count   keys that show an object
    version_count  versions of all keys, current or not, with delete markers
    size_bytes     bytes of all versions; those that share their blobs count as often as they appear
    part_bytes     bytes of the parts of open multipart uploads
    """

    object_count: int = 0
    version_count: int = 0
    size_bytes: int = 0
    part_bytes: int = 0


class Quota(NamedTuple):
    """How much a bucket may hold; None: no limit.

    max_bytes    of all versions and of the parts of open uploads
    max_objects  keys that show an object
    """

    max_bytes: int | None = None
    max_objects: int | None = None


class Grant(NamedTuple):
    """One line of an access control list: a permission and who has it.

    kind        CanonicalUser or Group
    grantee     canonical id of an account, or URI of a group
    permission  FULL_CONTROL, READ, WRITE, READ_ACP or WRITE_ACP
    """

    kind: str
    grantee: str
    permission: str


class VersionAcl(NamedTuple):
    """What a version says about who may do what to it.

    grants  its list; None is the one that was never set: everything for its owner
    """

    version: int
    version_id: str
    owner_id: str
    is_delete_marker: bool
    grants: Sequence[Grant] | None


class Checksum(NamedTuple):
    """An additional integrity value (not the ETag).

    algorithm   CRC32, CRC32C, CRC64NVME, SHA1 or SHA256
    value       base64 of the digest; COMPOSITE values carry "-N", N being the number of parts
    type        FULL_OBJECT or COMPOSITE
    """

    algorithm: str
    value: str
    type: str = "FULL_OBJECT"


class Extent(NamedTuple):
    """A run of bytes inside one blob file."""

    blob_name: bytes
    offset_bytes: int
    size_bytes: int


class PartFacts(NamedTuple):
    """What an object remembers of a part it was completed from."""

    part_number: int
    size_bytes: int
    checksum: str | None = None
    """base64 value in the object's checksum algorithm"""


GOVERNANCE = "GOVERNANCE"
"""The retention that callers with a permission may bypass."""

COMPLIANCE = "COMPLIANCE"
"""The retention that nobody shortens or takes away."""


class Lock(NamedTuple):
    """What keeps a version from being removed: `storage.metadata.locks` says when it does.

    mode         GOVERNANCE, COMPLIANCE or None; it goes with `retain_until_ms`
    legal_hold   on, off, or None: nobody ever said
    """

    mode: str | None = None
    retain_until_ms: int | None = None
    legal_hold: bool | None = None


UNLOCKED = Lock()


class Encryption(NamedTuple):
    """How the bytes of a version are sealed; the keys themselves are elsewhere.

    sse          AES256 and aws:kms as on the wire, or CUSTOMER_KEY
    key_id       ARN of a KMS key; of a customer's key, its fingerprint
    context      the encryption context of KMS, as one canonical JSON text
    bucket_key   whether a bucket key was asked for
    """

    sse: str
    key_id: str = ""
    context: str = ""
    bucket_key: bool = False


CUSTOMER_KEY = "C"


class WrappedKey(NamedTuple):
    """A data key as it is stored: sealed under the key encryption key of this id."""

    kek_id: str
    wrapped: bytes


class VersionRecord(NamedTuple):
    """One state of a key: object version or delete marker. Only tags and lock ever change.

    `version` is its number inside the index: unique, and the newer of two versions of a key has the
    greater one. `headers` are the stored representation headers under their lower-case wire names
    (content-type, cache-control, x-amz-website-redirect-location, …). `extents` is empty when the
    bytes lie inline in the index.
    """

    version: int
    bucket_id: int
    key: str
    version_id: str
    is_delete_marker: bool
    size_bytes: int
    modified_ms: int
    etag: str
    storage_class: str
    owner_id: str
    headers: dict[str, str]
    user_metadata: dict[str, str]
    tags: dict[str, str]
    checksum: Checksum | None
    parts: Sequence[PartFacts]
    extents: Sequence[Extent]
    inline: bytes | None = None
    """The bytes themselves, when they lie in the index and the look-up asked for them."""
    lock: Lock = UNLOCKED
    encryption: Encryption | None = None

    def as_draft(self, key: str) -> "VersionDraft":
        """Everything that is said of it, for a version of some key with the same bytes."""
        return VersionDraft(
            key=key,
            etag=self.etag,
            owner_id=self.owner_id,
            storage_class=self.storage_class,
            headers=self.headers,
            user_metadata=self.user_metadata,
            tags=self.tags,
            checksum=self.checksum,
            encryption=self.encryption,
        )


class VersionDraft(NamedTuple):
    """What a handler knows of a version that is about to be written; storage adds the rest."""

    key: str
    etag: str
    owner_id: str
    storage_class: str = STANDARD
    headers: dict[str, str] = {}  # noqa: RUF012 - a record is a value, never changed
    user_metadata: dict[str, str] = {}  # noqa: RUF012 - a record is a value, never changed
    tags: dict[str, str] = {}  # noqa: RUF012 - a record is a value, never changed
    checksum: Checksum | None = None
    version_id: str = ""
    """The id it gets if the bucket keeps versions, so that its blob can carry it; "" for any."""
    lock: Lock = UNLOCKED
    """Without a retention of its own it gets the bucket's, when the version is made."""
    acl: Sequence[Grant] | None = None
    """Its access control list; None grants its owner everything and others nothing."""
    encryption: Encryption | None = None
    modified_ms: int = 0
    """When it was made, if that was somewhere else and it keeps its time, id and ETag; 0: now."""
    follows: str = ""
    """Of what was made somewhere else: the id of the version that it followed, if it goes above
    that whatever the times of both."""

    def label_facts(self) -> dict[str, Any]:
        """What a blob remembers of it, so that the index can be rebuilt from the files."""
        remembered: dict[str, Any] = {
            "owner_id": self.owner_id,
            "storage_class": self.storage_class,
            "headers": self.headers,
            "user_metadata": self.user_metadata,
            "tags": self.tags,
            **({} if self.acl is None else {"acl": self.acl}),
        }
        return remembered if self.lock == UNLOCKED else remembered | {"lock": self.lock}


class ObjectSummary(NamedTuple):
    """The compact row of a current object: all that a listing shows."""

    key: str
    size_bytes: int
    modified_ms: int
    etag: str
    storage_class: str
    owner_id: str
    checksum_algorithm: str | None
    checksum_type: str | None


class CommonPrefix(NamedTuple):
    """What all keys that go on alike up to the delimiter look like in a listing."""

    prefix: str


class Listing(NamedTuple):
    """A page of a bucket's objects: keys and common prefixes together, in the order of their UTF-8.

    `next_after` is the last entry's name; the next page begins after it and, when it is a common
    prefix, after everything below it.
    """

    entries: list[ObjectSummary | CommonPrefix]
    is_truncated: bool
    next_after: str


class VersionSummary(NamedTuple):
    """What a listing of versions shows of a version or delete marker."""

    key: str
    version_id: str
    is_latest: bool
    is_delete_marker: bool
    size_bytes: int
    modified_ms: int
    etag: str
    storage_class: str
    owner_id: str
    checksum_algorithm: str | None
    checksum_type: str | None


class VersionListing(NamedTuple):
    """A page of a bucket's versions: by key, within a key the newest first, with common prefixes.

    The next page begins after the version that the two markers name. Without a version id it
    begins after the key, or, when that is a common prefix, after everything below it.
    """

    entries: list[VersionSummary | CommonPrefix]
    is_truncated: bool
    next_key_marker: str
    next_version_id_marker: str


class Restoration(NamedTuple):
    """What is done about a key to make it show again what it showed.

    version_id  the version that is published once more; None: the key is hidden
    """

    key: str
    version_id: str | None
    size_bytes: int


class RestoreReport(NamedTuple):
    """What restoring a bucket did, or would do."""

    restored_count: int
    restored_bytes: int
    hidden_count: int
    first: list[Restoration]


class Deletion(NamedTuple):
    """What a delete did.

    is_delete_marker   a marker was added, or the version that was removed was one
    version_id         the version that was added or removed; None where no version was named
    """

    is_delete_marker: bool
    version_id: str | None


class UploadRecord(NamedTuple):
    """An open assembly of parts."""

    upload_id: str
    bucket_id: int
    key: str
    initiated_ms: int
    draft: VersionDraft
    """What the completed object will be, except for its ETag and checksum value."""
    checksum_algorithm: str | None
    checksum_type: str | None


class PartRecord(NamedTuple):
    """One uploaded part of an open upload."""

    part_number: int
    size_bytes: int
    modified_ms: int
    etag: str
    checksum: Checksum | None
    extents: Sequence[Extent]


class UploadListing(NamedTuple):
    """A page of a bucket's open uploads, by key and within a key by upload id."""

    entries: list[UploadRecord | CommonPrefix]
    is_truncated: bool
    next_key_marker: str
    next_upload_id_marker: str


class Occasion(NamedTuple):
    """On what a change is made: what whoever is told of it learns beside the object.

    event  what happens, as AWS calls it, without "s3:"; of a delete the one that removes
    """

    event: str
    principal_id: str = ""
    source_ip: str = ""
    request_id: str = ""
    host_id: str = ""

    @classmethod
    def of_service(cls, event: str) -> "Occasion":
        """What nobody asked for but how a bucket is configured, in the words of AWS."""
        return cls(event, "s3.amazonaws.com", "s3.amazonaws.com")


class Event(NamedTuple):
    """One thing that happened; `number` grows with every commit.

    key  "" where the bucket is spoken of
    """

    number: int
    name: str
    occurred_ms: int
    bucket_id: int
    bucket: str
    key: str
    version_id: str | None
    size_bytes: int | None
    etag: str | None
    owner_id: str
    region: str
    principal_id: str
    source_ip: str
    request_id: str
    host_id: str


class Delivery(NamedTuple):
    """An event that somebody has yet to be told of.

    target      who, by the name that the operator gave
    since_ms    when it began to wait
    dead_ms     when it was given up; None as long as it is not
    """

    event: Event
    target: str
    configuration_id: str
    since_ms: int
    attempts: int = 0
    failure: str | None = None
    dead_ms: int | None = None
