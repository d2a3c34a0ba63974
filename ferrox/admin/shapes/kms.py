"""Keys of KMS."""

from dataclasses import dataclass
from typing import Annotated

from ferrox.admin.schema import Between, Instant
from ferrox.admin.shapes.identities import AccountName

KmsKeyName = Annotated[str, "Id, ARN or alias of the key."]
AliasName = Annotated[str, "Another name for it: alias/NAME."]


@dataclass(frozen=True, kw_only=True)
class NewKmsKey:
    """A key that is to be made."""

    account: AccountName = "root"
    description: Annotated[str, "What it is for."] = ""
    alias: AliasName = ""


@dataclass(frozen=True, kw_only=True)
class OneKmsKey:
    """Which key."""

    account: AccountName = "root"
    key: KmsKeyName


@dataclass(frozen=True, kw_only=True)
class KmsAlias:
    """Which key, and what it is called, too."""

    account: AccountName = "root"
    key: KmsKeyName
    alias: AliasName


@dataclass(frozen=True, kw_only=True)
class KmsDeletion:
    """Which key, and how long it waits."""

    account: AccountName = "root"
    key: KmsKeyName
    days: Annotated[int, "How long it can be kept after all.", Between(7, 30)] = 30


@dataclass(frozen=True, kw_only=True)
class KmsKeyView:
    """A key."""

    key: str
    account: str
    arn: str
    state: Annotated[str, "Enabled, Disabled or PendingDeletion."]
    description: str
    aliases: tuple[str, ...]
    versions: Annotated[int, "Of its material: one more with each rotation."]
    created: Instant | None
    rotates: Annotated[Instant | None, "When it does so by itself."]
    deleted: Annotated[Instant | None, "When its deletion is due."]


@dataclass(frozen=True, kw_only=True)
class KmsKeyPage:
    """Keys by id."""

    keys: tuple[KmsKeyView, ...]
    next: str | None
