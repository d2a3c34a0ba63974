"""Identities: accounts, users, groups, roles, policies and keys, with their secrets sealed.

One document in settings.db for each of them (see `names`). What is asked for is read then, and
remembered until anything in settings.db changes, which is noticed at the next look, whichever
process made the change: `version` costs some 3 µs. So a change costs every process only the reads
that come after it.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ferrox.clock import Clock, SystemClock
from ferrox.crypto.passphrase import Passphrase
from ferrox.identity import Account, KeyRecord, UserRecord
from ferrox.storage.identities import names, root, rotation
from ferrox.storage.identities.codec import R
from ferrox.storage.identities.key_ring import SEALED, KeyRing, place
from ferrox.storage.identities.outer_key import OuterKeys
from ferrox.storage.identities.root import RootCredentials
from ferrox.storage.identities.rotation import Rotation, Target
from ferrox.storage.identities.sessions import SessionSeal
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.identities.view import IdentityView
from ferrox.storage.settings import Document, Settings

MOST_REMEMBERED = 20_000
"""Records and documents, of one or two KiB as a rule."""

T = TypeVar("T")


class Identities(IdentityView):
    """The identities of one data directory."""

    def __init__(
        self,
        settings: Settings,
        key_path: Path,
        *,
        clock: Clock | None = None,
        passphrase: Passphrase | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._ring = KeyRing(settings, OuterKeys(key_path, settings.path, passphrase))
        self._remembered: tuple[int, dict[Any, Any]] = (-1, {})
        self._seen = -1
        self.session_seal = SessionSeal(settings, self._ring)

    def version(self) -> int:
        """A number that is another one after each change, in whichever process it was made.

        What is read after it was asked is at least as new; it means nothing to other processes.
        """
        return self._settings.version()

    def look(self) -> int:
        """Ask for the version; a request does it once, when its key is found."""
        self._seen = self.version()
        return self._seen

    def seen(self) -> int:
        """The version at the last look, which costs nothing to ask for."""
        return self._seen

    async def change(self, function: Callable[[Tx], T]) -> T:
        """Run `function` in a transaction; return what it returns when all it did is durable.

        Nobody else changes anything meanwhile, so rules are decided inside. What it raises takes
        everything back. It runs on a thread.
        """
        return await asyncio.to_thread(self.change_now, function)

    def change_now(self, function: Callable[[Tx], T]) -> T:
        """Do the same on this thread; blocks."""
        with self._settings.changing() as change:
            return function(Tx(change))

    def seal_secret(self, access_key_id: str, secret: str) -> str:
        """The secret of an access key as its record has it. Blocks: call it in the change."""
        return self.seal_in(names.TABLE, names.key(access_key_id), "sealed_secret", secret.encode())

    def open_secret(self, key: KeyRecord) -> str:
        """The secret of an access key, some 100 µs of work; SealBroken."""
        name = names.key(key.access_key_id)
        return self.open_in(names.TABLE, name, "sealed_secret", key.sealed_secret).decode()

    def seal_in(self, table: str, name: str, field: str, secret: bytes) -> str:
        """What a field of a document is to hold for a secret; its name begins with `sealed_`.

        Blocks: call it in the change that writes the document.
        """
        if not field.startswith(SEALED):
            raise ValueError(f"a rotation would not find the field {field}")
        return self._ring.seal(secret, place(table, name, field))

    def open_in(self, table: str, name: str, field: str, sealed: str) -> bytes:
        """The secret that a field of a document holds; SealBroken."""
        return self._ring.open(sealed, place(table, name, field))

    def unlock(self) -> None:
        """See whether secrets can be opened; Fault or StartError say why not. Blocks."""
        self._ring.unlock()

    def is_under_key_file(self) -> bool:
        """Whether secrets are sealed under the key file, or else a master passphrase."""
        return self._ring.is_under_key_file()

    async def rotate_key(self, to: Target = None) -> Rotation:
        """Seal every secret under a new key; see `rotation.rotate`. Nobody waits but changes."""
        return await asyncio.to_thread(self.rotate_key_now, to)

    def rotate_key_now(self, to: Target = None) -> Rotation:
        """Do the same on this thread; blocks."""
        return rotation.rotate(self._settings, self._ring, to)

    def erase_history(self) -> None:
        """Remove from the files what documents held before. Blocks."""
        self._settings.erase_history()

    def root_credentials(self) -> RootCredentials | None:
        """The stored key pair, or None before the first one was saved; SealBroken. Blocks."""
        return root.load_credentials(self._settings, self._ring)

    def save_root_credentials(self, credentials: RootCredentials) -> None:
        """Store the key pair; it is durable on return. Blocks."""
        root.save_credentials(self._settings, self._ring, credentials)

    def root_account(self) -> Account:
        """The first account, which the start-up key pair is the root of; made when first asked."""
        account_id = root.account_id(self._settings)
        account = None if account_id is None else self.account(account_id)
        return account or root.make_account(self._settings, self._clock)

    def document(self, table: str, name: str) -> Document | None:
        """A document of whatever else is kept beside identities, or None."""
        remembered = self._fresh()
        if (table, name) not in remembered:
            remembered[table, name] = self._settings.get(table, name)
        found: Document | None = remembered[table, name]
        return found

    def documents(self, table: str, prefix: str = "") -> Mapping[str, Document]:
        """Such documents by name, sorted: those whose names begin like this."""
        remembered = self._fresh()
        found: Mapping[str, Document] | None = remembered.get((table, prefix, "all"))
        if found is None:
            found = remembered[table, prefix, "all"] = dict(self._settings.scan(table, prefix))
        return found

    def users(self, account_id: str) -> list[UserRecord]:
        """The users of an account, with the ids of their keys."""
        remembered = self._fresh()
        users: list[UserRecord] | None = remembered.get((account_id, "users"))
        if users is None:
            users = remembered[account_id, "users"] = super().users(account_id)
        return users.copy()

    def _record(self, kind: type[R], name: str) -> R | None:
        remembered = self._fresh()
        record: R | None = remembered.get(name)
        if record is None:
            record = super()._record(kind, name)
            if record is not None:
                remembered[name] = record
        return record

    def _records(self, kind: type[R], prefix: str) -> list[R]:
        remembered = self._fresh()
        records: list[R] | None = remembered.get((prefix, "every"))
        if records is None:
            records = remembered[prefix, "every"] = super()._records(kind, prefix)
        return records.copy()

    def _fresh(self) -> dict[Any, Any]:
        """What was read since the last change, to be read from and added to."""
        version = self._settings.version()
        seen, remembered = self._remembered
        if version != seen or len(remembered) > MOST_REMEMBERED:
            remembered = {}
            self._remembered = version, remembered
        return remembered

    def _get(self, table: str, name: str) -> Document | None:
        return self._settings.get(table, name)

    def _count(self, table: str, prefix: str) -> int:
        return self._settings.count(table, prefix)

    def _scan(self, table: str, prefix: str) -> Iterable[tuple[str, Document]]:
        return self._settings.scan(table, prefix)
