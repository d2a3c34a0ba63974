"""The nouns of KMS: keys, the versions of their material, and aliases, as documents hold them.

https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal, NamedTuple

from ferrox.identity import PARTITION

MS_PER_DAY = 24 * 60 * 60 * 1000
DEFAULT_ROTATION_DAYS = 365

Document = Mapping[str, Any]
RotationType = Literal["AUTOMATIC", "ON_DEMAND", ""]


class KeyState(StrEnum):
    """Whether a key can be used. One that is pending deletion can only be kept after all."""

    ENABLED = "Enabled"
    DISABLED = "Disabled"
    PENDING_DELETION = "PendingDeletion"


class KeyVersion(NamedTuple):
    """One version of a key's material. The newest wraps, all of them unwrap.

    sealed         under the root key
    rotation_type  how it came after another one; "" of the first
    """

    sealed: str
    created_ms: int
    rotation_type: RotationType = ""


class KmsKey(NamedTuple):
    """A key.

    deletion_ms         when its material is removed; 0: never
    pending_days        how long it waits for that
    rotation_days       how often a new version is made; 0: only on demand
    rotates_from_ms     what these days are counted from
    policy              its key policy as it was given; "" the default one
    is_aws_managed      made by the server for whoever names no key
    """

    key_id: str
    account_id: str
    created_ms: int
    versions: tuple[KeyVersion, ...]
    description: str = ""
    state: KeyState = KeyState.ENABLED
    deletion_ms: int = 0
    pending_days: int = 0
    rotation_days: int = 0
    rotates_from_ms: int = 0
    tags: Mapping[str, str] = {}
    policy: str = ""
    is_aws_managed: bool = False

    @property
    def next_rotation_ms(self) -> int:
        """When the next version is due by itself; 0: never."""
        is_due = self.rotation_days and self.state is not KeyState.PENDING_DELETION
        return self.rotates_from_ms + self.rotation_days * MS_PER_DAY if is_due else 0

    @property
    def rotations(self) -> tuple[KeyVersion, ...]:
        """The versions that came after others."""
        return self.versions[1:]

    def __repr__(self) -> str:
        """Name the key, never its material."""
        return f"KmsKey({self.key_id!r})"


class Alias(NamedTuple):
    """Another name for a key, `alias/…`, within its account."""

    account_id: str
    name: str
    key_id: str
    created_ms: int
    updated_ms: int


def key_arn(region: str, account_id: str, key_id: str) -> str:
    """The one name of a key."""
    return f"arn:{PARTITION}:kms:{region}:{account_id}:key/{key_id}"


def alias_arn(region: str, account_id: str, name: str) -> str:
    """The ARN of an alias."""
    return f"arn:{PARTITION}:kms:{region}:{account_id}:{name}"


def document_of(key: KmsKey) -> dict[str, Any]:
    """What is stored of a key, whose id is in the name of the document."""
    plain = key._asdict()
    del plain["key_id"]
    plain["versions"] = [version._asdict() for version in key.versions]
    plain["tags"] = dict(key.tags)
    return plain


def key_of(key_id: str, document: Document) -> KmsKey:
    """The key of a document."""
    plain = dict(document)
    plain["versions"] = tuple(KeyVersion(**version) for version in plain["versions"])
    plain["state"] = KeyState(plain["state"])
    return KmsKey(key_id, **plain)
