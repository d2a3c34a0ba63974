"""Encryption: keys, what is under them, and buckets that are encrypted anew."""

from dataclasses import dataclass
from typing import Annotated, Literal

from ferrox.admin.schema import Instant
from ferrox.admin.shapes.buckets import BucketName

State = Literal["waiting", "working", "done"]


@dataclass(frozen=True, kw_only=True)
class EncryptionKeyView:
    """A key that wraps data keys, or did."""

    key: Annotated[str, "s3/N, kms/ID/VERSION, or c for the keys of customers."]
    use: Annotated[str, "current or former, of the keys of SSE-S3."]
    created: Instant | None
    data_keys: Annotated[int, "How many are under it: one for each sealed blob or small object."]


@dataclass(frozen=True, kw_only=True)
class ReencryptionView:
    """How far a bucket is encrypted anew."""

    bucket: str
    state: Annotated[str, "planned, waiting, working or done."]
    began: Instant | None
    ended: Instant | None
    versions: Annotated[int, "Versions of the bucket, delete markers included."]
    looked_at: Annotated[int, "Of them, those that were looked at."]
    resealed: Annotated[int, "Of them, those whose bytes were sealed anew."]
    bytes: Annotated[int, "How many bytes that were."]
    rekeyed: Annotated[
        int, "Of those looked at, under a key of KMS that is not the one asked for now."
    ]
    customers: Annotated[int, "Left as they are, under keys of customers."]
    failed: Annotated[int, "Left as they are, because of an error."]
    error: Annotated[str, "Why it waits, or what the last of those failed with."]


@dataclass(frozen=True, kw_only=True)
class EncryptionStatus:
    """How the server encrypts, and how far it is with changing that."""

    mode: Annotated[str, "What becomes of what nobody asks to have encrypted."]
    has_master_key: Annotated[bool, "Without one nothing can be encrypted by the server."]
    rewrapping: Annotated[str, "Of what is under former keys of SSE-S3: waiting, working or done."]
    left: Annotated[int, "Data keys that are under former keys of SSE-S3."]
    keys: tuple[EncryptionKeyView, ...]
    reencryptions: tuple[ReencryptionView, ...]


@dataclass(frozen=True, kw_only=True)
class KeyMade:
    """A new key of SSE-S3."""

    key: Annotated[str, "That wraps from now on."]
    left: Annotated[int, "Data keys that are under former keys, and will come under it."]


@dataclass(frozen=True, kw_only=True)
class ReencryptionOrder:
    """Which bucket is to be encrypted anew."""

    bucket: BucketName
    dry_run: Annotated[bool, "Only tell what there is to do."] = False
