"""Importing: a document becomes settings, all of it or nothing, beside a running server or not.

All settings change in one transaction of settings.db, all buckets in one of the index. The second
is inside the first: settings are committed when the buckets are, so whatever is refused, in
either, takes back both. Only the end of this process between the two commits leaves buckets whose
settings are missing; to run the import again completes it, because what is there already and is
the same is no obstacle.

Nobody is asked who serves the directory. Both databases are written in their turn, as by one more
worker of the server, and every worker notices: settings by the version of settings.db, buckets by
their revision.
"""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import NamedTuple

from ferrox.errors import Fault, S3Error, StartError
from ferrox.storage.data_dir import BLOBS
from ferrox.storage.identities import root as first
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.metadata.connections import prepare
from ferrox.storage.metadata.schema import MIGRATIONS
from ferrox.storage.metadata.turn import Turn
from ferrox.storage.portable.buckets import BucketTaking
from ferrox.storage.portable.document import Plain, Unacceptable, entries
from ferrox.storage.portable.exporting import Opened
from ferrox.storage.portable.identities import AccountTaking
from ferrox.storage.portable.kms import KeyTaking
from ferrox.storage.portable.secrets import ExportSeal
from ferrox.storage.portable.taking import Checks, Taken, Taking
from ferrox.storage.room import Room
from ferrox.storage.settings import Change

_INDEX = "index.db"

Check = Callable[[Plain], None]
"""Raises ValueError or S3Error to refuse a document."""


class Import(NamedTuple):
    """What became of each thing, and whether anything was changed."""

    taken: tuple[Taken, ...]
    is_done: bool


class _TakenBack(Exception):
    """Everything is taken back: something was refused, or it was only to be tried."""


def take_in(
    opened: Opened,
    document: Plain,
    tables: Mapping[str, Check],
    checks: Checks,
    seal: ExportSeal | None,
    *,
    may_replace: bool = False,
    dry_run: bool = False,
) -> Import:
    """Take in a document, if nothing in it is refused. Blocks.

    tables   further ones of settings.db, and what refuses a document that cannot be in them
    dry_run  only tell what would be done
    raises   StartError when the document is not understood, or the index is another one's
    """
    taking = Taking(checks, may_replace=may_replace)
    try:
        with opened.settings.changing() as change:
            _take_settings(opened, document, tables, seal, taking, change)
            _take_buckets(opened, document, taking, Tx(change), dry_run=dry_run)
    except _TakenBack:
        return Import(tuple(taking.taken), is_done=False)
    except Unacceptable as error:
        raise StartError(str(error)) from error
    return Import(tuple(taking.taken), is_done=True)


def _take_settings(  # noqa: PLR0917 - as above
    opened: Opened,
    document: Plain,
    tables: Mapping[str, Check],
    seal: ExportSeal | None,
    taking: Taking,
    change: Change,
) -> None:
    tx = Tx(change)
    accounts = AccountTaking(taking, tx, opened.identities, seal)
    keys = KeyTaking(taking, tx, opened.find_root(), seal)
    for entry in entries(document, "accounts", "this export"):
        own = {name: value for name, value in entry.items() if name != "kms_keys"}
        account = accounts.take(own)
        if account is None:
            continue
        if account.account_id == document.get("first_account") and not first.adopt_account(
            change, account
        ):
            taking.leave_out(
                f"that account {account.account_id} is the first",
                "this data directory has another one, whose root the start-up keys are of",
            )
        for key in entries(entry, "kms_keys", f"account {account.account_id}"):
            keys.take(account.account_id, key)
    accounts.check()
    _take_documents(document["documents"], tables, taking, tx)


def _take_documents(documents: Plain, tables: Mapping[str, Check], taking: Taking, tx: Tx) -> None:
    for table, found in sorted(documents.items()):
        if table not in tables or not isinstance(found, dict):
            raise Unacceptable(f"this export has {table!r}, which means nothing")
        for name, one in sorted(found.items()):
            if not isinstance(one, dict):
                raise Unacceptable(f"{name} of {table} is no object")
            try:
                tables[table](one)
            except (ValueError, S3Error) as error:
                taking.refuse(f"{table}/{name}", error)
                continue
            if taking.is_wanted(f"{table}/{name}", tx.document(table, name), one):
                tx.put_document(table, name, one)


def _take_buckets(
    opened: Opened, document: Plain, taking: Taking, identities: Tx, *, dry_run: bool
) -> None:
    path = opened.data_dir / _INDEX
    _require_known_format(path)
    turn = Turn(path)
    try:
        with closing(prepare(path, Room(opened.data_dir / BLOBS))) as index, turn:
            index.begin()
            try:
                buckets = BucketTaking(taking, index, identities)
                for entry in entries(document, "buckets", "this export"):
                    buckets.take(entry)
                if taking.refused or dry_run:
                    raise _TakenBack
                index.settle()
                index.execute("COMMIT")
            finally:
                if index.in_transaction:
                    index.execute("ROLLBACK")
    except sqlite3.Error as error:
        raise Fault(f"{path} cannot be written: {error}") from error
    finally:
        turn.close()


def _require_known_format(path: object) -> None:
    """StartError if the index is older or newer: a server may have it open."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as reader:
        (found,) = reader.execute("PRAGMA user_version").fetchone()
    if found not in {0, len(MIGRATIONS)}:
        raise StartError(
            f"{path} has index format {found}, this ferroxd knows {len(MIGRATIONS)}:"
            " the server brings an older one up to date when it is started"
        )
