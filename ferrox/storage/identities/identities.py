"""Identities: accounts, users, groups, roles, policies and keys, with their secrets sealed.

One document in settings.db for each of them (see `names`). What is asked for is read then, and
remembered until anything in settings.db changes, which is noticed at the next look, whichever
process made the change: `version` costs some 3 µs. So a change costs every process only the reads
that come after it.
"""

import asyncio
import secrets
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ferrox.clock import Clock, SystemClock
from ferrox.crypto.sealing import Seal
from ferrox.errors import SealBroken
from ferrox.identity import Account, KeyRecord
from ferrox.storage.identities.codec import R
from ferrox.storage.identities.root import RootCredentials
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.identities.view import IdentityView
from ferrox.storage.key_file import load_or_create_key_file
from ferrox.storage.settings import Document, Settings

MOST_REMEMBERED = 20_000
"""Records and documents, of one or two KiB as a rule."""

ROOT_NAME = "root"
"""What the first account is called where documents show an owner, until it is named otherwise."""

_CREDENTIALS = "credentials"
_ACCOUNTS = "accounts"
_ROOT = "root"
_ROOT_CONTEXT = "root secret access key"
_CONTEXT = "secret access key"

T = TypeVar("T")


class Identities(IdentityView):
    """The identities of one data directory."""

    def __init__(self, settings: Settings, key_path: Path, clock: Clock | None = None) -> None:
        self._settings = settings
        self._key_path = key_path
        self._clock = clock or SystemClock()
        self._seal: Seal | None = None
        self._remembered: tuple[int, dict[tuple[str, ...], Any]] = (-1, {})

    def version(self) -> int:
        """A number that is another one after each change, in whichever process it was made.

        What is read after it was asked is at least as new; it means nothing to other processes.
        """
        return self._settings.version()

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
        """The secret of an access key as its record has it. Blocks: call it in a change."""
        return self._sealing().seal(secret.encode(), f"{_CONTEXT} of {access_key_id}")

    def open_secret(self, key: KeyRecord) -> str:
        """The secret of an access key, some 100 µs of work; SealBroken."""
        context = f"{_CONTEXT} of {key.access_key_id}"
        return self._sealing().open(key.sealed_secret, context).decode()

    def root_credentials(self) -> RootCredentials | None:
        """The stored key pair, or None before the first one was saved. Blocks.

        raises  SealBroken when the key file is not the one the secret was sealed under
        """
        document = self._settings.get(_CREDENTIALS, _ROOT)
        if document is None:
            return None
        access_key_id = document["access_key_id"]
        context = f"{_ROOT_CONTEXT} of {access_key_id}"
        try:
            secret = self._sealing().open(document["sealed_secret"], context)
        except SealBroken as broken:
            raise SealBroken(f"{broken} (the key is {self._key_path})") from None
        return RootCredentials(access_key_id, secret.decode())

    def save_root_credentials(self, credentials: RootCredentials) -> None:
        """Store the key pair; it is durable on return. Blocks."""
        access_key_id, secret = credentials
        sealed = self._sealing().seal(secret.encode(), f"{_ROOT_CONTEXT} of {access_key_id}")
        document = {"access_key_id": access_key_id, "sealed_secret": sealed}
        self._settings.put(_CREDENTIALS, _ROOT, document)

    def root_account(self) -> Account:
        """The first account, which the start-up key pair is the root of; made when first asked."""
        document = self._settings.get(_ACCOUNTS, _ROOT)
        account = None if document is None else self.account(document["account_id"])
        return account or self._make_root_account()

    def document(self, table: str, name: str) -> Document | None:
        """A document of whatever else is kept beside identities, or None."""
        remembered = self._fresh()
        found: Document | None = remembered.get((table, name))
        if found is None:
            found = self._settings.get(table, name)
            if found is not None:
                remembered[table, name] = found
        return found

    def documents(self, table: str, prefix: str = "") -> Mapping[str, Document]:
        """Such documents by name, sorted: those whose names begin like this."""
        remembered = self._fresh()
        found: Mapping[str, Document] | None = remembered.get((table, prefix, "all"))
        if found is None:
            found = remembered[table, prefix, "all"] = dict(self._settings.scan(table, prefix))
        return found

    def _record(self, kind: type[R], name: str) -> R | None:
        remembered = self._fresh()
        record: R | None = remembered.get(name)
        if record is None:
            record = super()._record(kind, name)
            if record is not None:
                remembered[name] = record
        return record

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

    def _scan(self, table: str, prefix: str) -> Iterable[tuple[str, Document]]:
        return self._settings.scan(table, prefix)

    def _make_root_account(self) -> Account:
        """Make the first account, or the record of one that was made before there were others."""
        with self._settings.changing() as change:
            document = change.get(_ACCOUNTS, _ROOT)
            if document is None:
                document = {
                    "account_id": f"{secrets.randbelow(10**12):012}",
                    "canonical_id": secrets.token_hex(32),
                }
                change.put(_ACCOUNTS, _ROOT, document)
            tx = Tx(change)
            account = tx.account(document["account_id"]) or Account(
                **document, display_name=ROOT_NAME, created_ms=self._clock.now_ms()
            )
            tx.put(account)
            return account

    def _sealing(self) -> Seal:
        if self._seal is None:
            self._seal = Seal(load_or_create_key_file(self._key_path))
        return self._seal
