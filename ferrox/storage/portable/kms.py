"""Keys of KMS and their aliases ↔ entries of the document.

They are there only with their material, which is sealed for the document: without it a key would
be another key of the same name. So whoever exports needs the master key and a passphrase, and so
does whoever imports.
"""

from collections.abc import Mapping
from typing import Any

from ferrox.crypto.sealing import Seal
from ferrox.errors import S3Error, SealBroken
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.identities.view import IdentityView
from ferrox.storage.keys.kms_keys import ALIAS, DOCUMENT, PREFIX, TABLE
from ferrox.storage.keys.kms_records import KeyVersion, KmsKey, document_of, key_of
from ferrox.storage.portable.document import Plain, Unacceptable, entries, entry_of, record_of
from ferrox.storage.portable.secrets import ExportSeal, version_place
from ferrox.storage.portable.taking import Taking

_ALIASES = "aliases"


def export_keys(
    view: IdentityView, account_id: str, root: Seal | None, seal: ExportSeal | None
) -> tuple[list[Plain], int]:
    """The keys of an account, and how many were left out."""
    keys = [
        key_of(name.removeprefix(DOCUMENT), document)
        for name, document in view.documents(TABLE, DOCUMENT).items()
    ]
    own = [key for key in keys if key.account_id == account_id]
    if root is None or seal is None:
        return [], len(own)
    aliases = view.documents(TABLE, f"{ALIAS}{account_id}/")
    return [_entry(key, aliases, root, seal) for key in own], 0


def _entry(key: KmsKey, aliases: Mapping[str, Any], root: Seal, seal: ExportSeal) -> Plain:
    entry = entry_of(key, "account_id", "versions")
    entry["versions"] = [
        entry_of(version, "sealed")
        | {
            "material": seal.seal(
                root.open(version.sealed, _kek_id(key, number)), version_place(key.key_id, number)
            )
        }
        for number, version in enumerate(key.versions, 1)
    ]
    own = {
        name.removeprefix(f"{ALIAS}{key.account_id}/"): {
            "created_ms": alias["created_ms"],
            "updated_ms": alias["updated_ms"],
        }
        for name, alias in aliases.items()
        if alias["key_id"] == key.key_id
    }
    return entry | ({_ALIASES: own} if own else {})


class KeyTaking:
    """Takes in keys of KMS, within one transaction."""

    def __init__(self, taking: Taking, tx: Tx, root: Seal | None, seal: ExportSeal | None) -> None:
        self._taking = taking
        self._tx = tx
        self._root = root
        self._seal = seal

    def take(self, account_id: str, entry: Plain) -> None:
        """Take in a key with its aliases."""
        what = f"key {entry.get('key_id')} of KMS"
        if self._seal is None:
            return self._taking.leave_out(what, "no passphrase is given")
        if self._root is None:
            return self._taking.leave_out(what, "the settings name no master key")
        try:
            key = self._key(account_id, entry, what, self._root, self._seal)
            self._taking.checks.key_policy(key.policy)
            document = self._tx.document(TABLE, DOCUMENT + key.key_id)
            there, wanted = None, self._comparable(key, self._root)
            if document is not None:
                found = key_of(key.key_id, document)
                if found.account_id != account_id:
                    raise Unacceptable("it is there already, in another account")
                there = self._comparable(found, self._root)
                if wanted["material"][: len(found.versions)] != there["material"]:
                    raise Unacceptable("what is sealed under it here could not be opened any more")
                if key.deletion_ms and not found.deletion_ms:
                    raise Unacceptable("it is to be deleted in the export, and is not here")
            if self._taking.is_wanted(what, there, wanted):
                self._tx.put_document(TABLE, DOCUMENT + key.key_id, document_of(key))
            self._take_aliases(account_id, key.key_id, entry.get(_ALIASES, {}))
        except (Unacceptable, S3Error) as error:
            self._taking.refuse(what, error)
        except SealBroken:
            self._taking.refuse(what, "its material does not open")
        return None

    def _key(
        self, account_id: str, entry: Plain, what: str, root: Seal, seal: ExportSeal
    ) -> KmsKey:
        plain = {name: value for name, value in entry.items() if name not in (_ALIASES, "versions")}
        key = record_of(KmsKey, plain, what, account_id=account_id, versions=())
        versions: list[KeyVersion] = []
        for number, one in enumerate(entries(entry, "versions", what), 1):
            material = seal.open(one.get("material"), version_place(key.key_id, number))
            said = {name: value for name, value in one.items() if name != "material"}
            sealed = root.seal(material, _kek_id(key, number))
            versions.append(record_of(KeyVersion, said, f"a version of {what}", sealed=sealed))
        if not versions:
            raise Unacceptable("it has no versions")
        return key._replace(versions=tuple(versions))

    def _comparable(self, key: KmsKey, root: Seal) -> Plain:
        opened = [
            root.open(version.sealed, _kek_id(key, number)).hex()
            for number, version in enumerate(key.versions, 1)
        ]
        said = [entry_of(version, "sealed") for version in key.versions]
        return entry_of(key, "versions") | {"versions": said, "material": opened}

    def _take_aliases(self, account_id: str, key_id: str, aliases: Any) -> None:
        if not isinstance(aliases, dict):
            raise Unacceptable("its aliases are not understood")
        for name, said in sorted(aliases.items()):
            what = f"{name} of account {account_id}"
            is_name = name.startswith(ALIAS) and isinstance(said, dict)
            if not is_name or {*said} != {"created_ms", "updated_ms"}:
                raise Unacceptable("its aliases are not understood")
            place = f"{ALIAS}{account_id}/{name}"
            alias = {"key_id": key_id, **said}
            if self._taking.is_wanted(what, self._tx.document(TABLE, place), alias):
                self._tx.put_document(TABLE, place, alias)


def _kek_id(key: KmsKey, number: int) -> str:
    return f"{PREFIX}{key.key_id}/{number}"
