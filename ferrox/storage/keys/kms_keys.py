"""KMS keys: key encryption keys that accounts have names, states and policies for.

https://docs.aws.amazon.com/kms/latest/developerguide/key-states.html
https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html

One document `key/UUID` of settings.db each, and `alias/ACCOUNT/NAME` for each alias. The material
is sealed under the root key, every version for its own place. A data key names the version that
wraps it as `kms/UUID/VERSION`, counted from 1, and has the encryption context authenticated: under
another one it does not open. A rotation adds a version and leaves everything that was wrapped
before as it is. When a deletion is due the document goes, and with it whatever the key sealed.

Like all documents of settings.db keys are looked up anew after each change, whichever process made
it: what one worker disabled, no other uses for its next request.
"""

import secrets
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from ferrox import kms_errors
from ferrox.crypto.envelope import KEK_BYTES, KeyEncryptionKey
from ferrox.crypto.sealing import Seal
from ferrox.storage.identities.identities import Identities
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.keys.kms_records import (
    MS_PER_DAY,
    Alias,
    Document,
    KeyState,
    KeyVersion,
    KmsKey,
    RotationType,
    alias_arn,
    document_of,
    key_arn,
    key_of,
)

TABLE = "kms"
PREFIX = "kms/"
"""What ids of key encryption keys of KMS begin with."""

ALIAS = "alias/"
RESERVED_ALIAS = "alias/aws/"
S3_ALIAS = "alias/aws/s3"
"""The key of an account for objects that are to be encrypted with KMS and name no key."""

DOCUMENT = "key/"
"""What names of the documents of keys begin with, as resources of ARNs do."""
T = TypeVar("T")


class Due(NamedTuple):
    """What was done because it was time: ids of keys."""

    rotated: tuple[str, ...]
    deleted: tuple[str, ...]


class KmsKeys:
    """The keys of all accounts under one root key.

    region  part of their ARNs
    """

    def __init__(self, identities: Identities, root: Seal, region: str) -> None:
        self._identities = identities
        self._root = root
        self.region = region
        self._material: dict[str, bytes] = {}
        self._read: dict[str, tuple[Document, KmsKey]] = {}

    # Looks

    def key(self, key_id: str) -> KmsKey | None:
        """A key, whosever it is."""
        document = self._identities.document(TABLE, DOCUMENT + key_id)
        if document is None:
            return None
        read = self._read.get(key_id)
        if read is None or read[0] is not document:  # it changed, or may have
            read = self._read[key_id] = document, key_of(key_id, document)
        return read[1]

    def keys(self, account_id: str = "") -> list[KmsKey]:
        """The keys of an account, or of all, by id."""
        documents = self._identities.documents(TABLE, DOCUMENT)
        found = (key_of(name.removeprefix(DOCUMENT), plain) for name, plain in documents.items())
        return [key for key in found if account_id in {"", key.account_id}]

    def alias(self, account_id: str, name: str) -> Alias | None:
        """An alias of an account."""
        document = self._identities.document(TABLE, _alias_place(account_id, name))
        return None if document is None else Alias(account_id, name, **document)

    def aliases(self, account_id: str) -> list[Alias]:
        """The aliases of an account, by name."""
        prefix = _alias_place(account_id, "")
        documents = self._identities.documents(TABLE, prefix)
        return [
            Alias(account_id, name.removeprefix(prefix), **one) for name, one in documents.items()
        ]

    def arn(self, key: KmsKey) -> str:
        """The one name of a key."""
        return key_arn(self.region, key.account_id, key.key_id)

    def arn_of_alias(self, alias: Alias) -> str:
        """The ARN of an alias."""
        return alias_arn(self.region, alias.account_id, alias.name)

    def find(self, account_id: str, named: str) -> KmsKey:
        """The key that is named by its id, its ARN, an alias, or the ARN of an alias.

        account_id  whose names are meant where no ARN says so
        raises      kms_errors.NotFound, InvalidArn
        """
        name = named
        if named.startswith("arn:"):
            account_id, name = self._parted(named)
        if name.startswith(ALIAS):
            alias = self.alias(account_id, name)
            if alias is None:
                arn = alias_arn(self.region, account_id, name)
                raise kms_errors.NotFound(f"Alias {arn} is not found.")
            name = alias.key_id
        elif named.startswith("arn:"):
            name = name.removeprefix(DOCUMENT)
        key = self.key(name)
        if key is None or key.account_id != account_id:
            if not _is_id(name):
                raise kms_errors.NotFound(f"Invalid keyId {named}")
            raise kms_errors.NotFound(
                f"Key '{key_arn(self.region, account_id, name)}' does not exist"
            )
        return key

    def require_usable(self, key: KmsKey) -> None:
        """Refuse a key that seals and opens nothing at the moment: Disabled, InvalidState."""
        self.require_kept(key)
        if key.state is KeyState.DISABLED:
            raise kms_errors.Disabled(f"{self.arn(key)} is disabled.")

    def require_kept(self, key: KmsKey) -> None:
        """Refuse a key that is to be deleted: InvalidState."""
        if key.state is KeyState.PENDING_DELETION:
            raise kms_errors.InvalidState(f"{self.arn(key)} is pending deletion.")

    # Key encryption keys

    def current(self, key: KmsKey, context: str) -> KeyEncryptionKey:
        """The version of a usable key that wraps from now on."""
        return self._kek(key, len(key.versions), context)

    def kek(self, kek_id: str, context: str) -> KeyEncryptionKey:
        """The version that a wrapped data key names, if its key is usable."""
        key_id, _, number = kek_id.removeprefix(PREFIX).rpartition("/")
        key = self.key(key_id)
        is_version = number.isascii() and number.isdecimal()
        if key is None or not is_version or not 1 <= int(number) <= len(key.versions):
            raise kms_errors.NotFound(f"Key '{key_id}' does not exist")
        self.require_usable(key)
        return self._kek(key, int(number), context)

    def _kek(self, key: KmsKey, number: int, context: str) -> KeyEncryptionKey:
        kek_id = f"{PREFIX}{key.key_id}/{number}"
        material = self._material.get(kek_id)
        if material is None:
            material = self._root.open(key.versions[number - 1].sealed, kek_id)
            self._material[kek_id] = material
        return KeyEncryptionKey(kek_id, material, context.encode())

    # Changes. Each one blocks; on the event loop use `change`.

    async def change(self, function: Callable[[Tx], T]) -> T:
        """Run one of the changes below, or several, in one transaction on a thread."""
        return await self._identities.change(function)

    def make(self, tx: Tx, account_id: str, now_ms: int, *, is_aws_managed: bool = False) -> KmsKey:
        """Make a key; what else is said of it, `put` says in the same transaction."""
        key = KmsKey(str(uuid.uuid4()), account_id, now_ms, (), is_aws_managed=is_aws_managed)
        return self.add_version(tx, key, now_ms, "")

    def add_version(self, tx: Tx, key: KmsKey, now_ms: int, rotation_type: RotationType) -> KmsKey:
        """Make a new version of its material, which wraps from now on."""
        kek_id = f"{PREFIX}{key.key_id}/{len(key.versions) + 1}"
        sealed = self._root.seal(secrets.token_bytes(KEK_BYTES), kek_id)
        version = KeyVersion(sealed, now_ms, rotation_type)
        return self.put(tx, key._replace(versions=(*key.versions, version)))

    def put(self, tx: Tx, key: KmsKey) -> KmsKey:
        """Write a key, replacing what was said of it."""
        tx.put_document(TABLE, DOCUMENT + key.key_id, document_of(key))
        return key

    def fresh(self, tx: Tx, key: KmsKey) -> KmsKey:
        """A key as it is now that nobody else changes it; NotFound if it is gone."""
        document = tx.document(TABLE, DOCUMENT + key.key_id)
        if document is None:
            raise kms_errors.NotFound(f"Key '{self.arn(key)}' does not exist")
        return key_of(key.key_id, document)

    def alias_in(self, tx: Tx, account_id: str, name: str) -> Alias | None:
        """An alias as it is now that nobody else changes it."""
        document = tx.document(TABLE, _alias_place(account_id, name))
        return None if document is None else Alias(account_id, name, **document)

    def put_alias(self, tx: Tx, alias: Alias) -> None:
        """Write an alias, replacing the one of its name."""
        plain = {"key_id": alias.key_id, "created_ms": alias.created_ms}
        place = _alias_place(alias.account_id, alias.name)
        tx.put_document(TABLE, place, plain | {"updated_ms": alias.updated_ms})

    def delete_alias(self, tx: Tx, alias: Alias) -> None:
        """Remove an alias; its key stays."""
        tx.delete_document(TABLE, _alias_place(alias.account_id, alias.name))

    def s3_key(self, account_id: str, now_ms: int) -> KmsKey:
        """The account's key for objects that name none; made when it is asked for first.

        Only then, once in the life of an account, it blocks for one durable transaction.
        """
        alias = self.alias(account_id, S3_ALIAS)
        key = alias and self.key(alias.key_id)
        if key:
            return key

        def work(tx: Tx) -> KmsKey:
            document = tx.document(TABLE, _alias_place(account_id, S3_ALIAS))
            if document is not None:  # somebody else was faster
                found = tx.document(TABLE, DOCUMENT + document["key_id"])
                if found is not None:
                    return key_of(document["key_id"], found)
            made = self.make(tx, account_id, now_ms, is_aws_managed=True)
            made = self.put(
                tx,
                made._replace(
                    description="Default key that protects my S3 objects when no other key is "
                    "defined",
                    rotation_days=365,
                    rotates_from_ms=now_ms,
                ),
            )
            self.put_alias(tx, Alias(account_id, S3_ALIAS, made.key_id, now_ms, now_ms))
            return made

        return self._identities.change_now(work)

    async def do_what_is_due(self, now_ms: int) -> Due:
        """Rotate the keys whose time has come, and delete those that have waited long enough."""
        if not any(_is_deleted(key, now_ms) or _is_rotated(key, now_ms) for key in self.keys()):
            return Due((), ())
        due = await self._identities.change(lambda tx: self._do_what_is_due(tx, now_ms))
        for kek_id in [one for one in self._material if one.split("/")[1] in due.deleted]:
            del self._material[kek_id]
        return due

    def _do_what_is_due(self, tx: Tx, now_ms: int) -> Due:
        rotated, deleted = [], []
        for name, document in list(tx.documents(TABLE, DOCUMENT).items()):
            key = key_of(name.removeprefix(DOCUMENT), document)
            if _is_deleted(key, now_ms):
                self._delete(tx, key)
                deleted.append(key.key_id)
            elif _is_rotated(key, now_ms):
                missed = (now_ms - key.rotates_from_ms) // (key.rotation_days * MS_PER_DAY)
                since_ms = key.rotates_from_ms + missed * key.rotation_days * MS_PER_DAY
                self.add_version(tx, key._replace(rotates_from_ms=since_ms), now_ms, "AUTOMATIC")
                rotated.append(key.key_id)
        return Due(tuple(rotated), tuple(deleted))

    def _delete(self, tx: Tx, key: KmsKey) -> None:
        prefix = _alias_place(key.account_id, "")
        for name, document in list(tx.documents(TABLE, prefix).items()):
            if document["key_id"] == key.key_id:
                tx.delete_document(TABLE, name)
        tx.delete_document(TABLE, DOCUMENT + key.key_id)

    def _parted(self, arn: str) -> tuple[str, str]:
        """Account and name, `key/…` or `alias/…`, out of an ARN."""
        pieces = arn.split(":", 5)
        if len(pieces) != 6 or pieces[2] != "kms" or not pieces[5].startswith((DOCUMENT, ALIAS)):
            raise kms_errors.InvalidArn(f"Invalid arn {arn}")
        if pieces[3] != self.region:
            raise kms_errors.NotFound(f"Invalid arn {pieces[3]}")
        return pieces[4], pieces[5]


def resealed(name: str, document: Document, former: Seal, root: Seal) -> dict[str, Any]:
    """A document of a key whose material is under another root key."""
    key = key_of(name.removeprefix(DOCUMENT), document)
    versions = []
    for number, version in enumerate(key.versions, 1):
        kek_id = f"{PREFIX}{key.key_id}/{number}"
        sealed = root.seal(former.open(version.sealed, kek_id), kek_id)
        versions.append(version._replace(sealed=sealed))
    return document_of(key._replace(versions=tuple(versions)))


def _is_deleted(key: KmsKey, now_ms: int) -> bool:
    return 0 < key.deletion_ms <= now_ms


def _is_rotated(key: KmsKey, now_ms: int) -> bool:
    return key.state is KeyState.ENABLED and 0 < key.next_rotation_ms <= now_ms


def _alias_place(account_id: str, name: str) -> str:
    return f"{ALIAS}{account_id}/{name}"


def _is_id(name: str) -> bool:
    try:
        return str(uuid.UUID(name)) == name
    except ValueError:
        return False
