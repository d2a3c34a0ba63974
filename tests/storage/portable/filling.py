"""Data directories with settings of every kind, and checks that let everything pass."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from ferrox.clock import SettableClock
from ferrox.crypto.passphrase import Passphrase
from ferrox.crypto.sealing import Seal
from ferrox.identity import (
    Account,
    GroupRecord,
    KeyRecord,
    KeyStatus,
    PolicyRecord,
    PolicyVersion,
    ProviderRecord,
    RoleRecord,
    UserRecord,
)
from ferrox.records import BucketRecord, Quota, Versioning
from ferrox.storage.claim import claim, prepare_index
from ferrox.storage.identities.identities import Identities
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.keys.kms_keys import KmsKeys
from ferrox.storage.keys.kms_records import Alias
from ferrox.storage.portable.exporting import Export, Opened, export
from ferrox.storage.portable.importing import Import, take_in
from ferrox.storage.portable.secrets import ExportSeal
from ferrox.storage.settings import Settings
from ferrox.storage.store import Store

ACCOUNT = Account("123456789012", "c" * 64, "root", 1)
OTHER = Account("210987654321", "d" * 64, "other", 2, "other-alias")


def check_rate(document: dict[str, Any]) -> None:
    """Let everything pass but a word."""
    if "wrong" in document:
        raise ValueError("it is wrong")


TABLES = {"rate_limits": check_rate}
ROOT = Seal(bytes(32))
TEXT = '{"Version": "2012-10-17", "Statement": []}'


class Lenient:
    """Checks that let everything pass; what is called `state…` nobody configured."""

    def is_configuration(self, name: str) -> bool:
        return not name.startswith("state")

    def identity(self, *_: Any) -> None:
        """Let it pass."""

    def key_policy(self, *_: Any) -> None:
        """Let it pass."""

    def bucket_name(self, *_: Any) -> None:
        """Let it pass."""

    def region(self, *_: Any) -> None:
        """Let it pass."""

    def bucket_document(self, *_: Any) -> None:
        """Let it pass."""


PASSPHRASE = Passphrase(lambda: bytearray(b"correct horse battery"))
"""It remembers the keys that it was made into: each takes a tenth of a second."""


@cache
def words() -> dict[str, Any]:
    """A document with secrets of that passphrase, to go on from."""
    return {"secrets": ExportSeal.new(PASSPHRASE).words}


async def fill(data_dir: Path) -> None:
    """One of everything, and some that have more to say."""
    store = await Store.open(data_dir, clock=SettableClock(1))
    identities = store.identities
    keys = KmsKeys(identities, ROOT, "us-east-1")

    def work(tx: Tx) -> None:
        tx.put(ACCOUNT)
        tx.put(OTHER)
        versions = (PolicyVersion("v2", TEXT, 5), PolicyVersion("v1", TEXT, 4))
        tx.put(PolicyRecord("123456789012", "All", "ANPA1", 4, 5, versions, "v2", 2))
        tx.put(GroupRecord("123456789012", "Devs", "AGPA1", 6, members=("Alice",)))
        alice = UserRecord("123456789012", "Alice", "AIDA1", 7, groups=("Devs",))
        tx.put(alice._replace(inline={"b": TEXT, "a": TEXT}, tags={"team": "x"}))
        tx.put(RoleRecord("123456789012", "role", "AROA1", 8, TEXT, max_session_s=7200))
        tx.put(ProviderRecord("123456789012", "token.example.com", 9, ("a",), ("f" * 40,)))
        for key_id, user in (("AKIAROOTKEY00000", ""), ("AKIAALICE0000000", "Alice")):
            sealed = identities.seal_secret(key_id, f"secret of {key_id}")
            status = KeyStatus.ACTIVE if user else KeyStatus.INACTIVE
            tx.put(KeyRecord(key_id, "123456789012", user, sealed, 10, status))
        key = keys.add_version(tx, keys.make(tx, "123456789012", 11), 12, "ON_DEMAND")
        keys.put_alias(tx, Alias("123456789012", "alias/x", key.key_id, 13, 14))
        tx.put_document("rate_limits", "AKIAALICE0000000", {"requests": 5})

    with store.settings.changing() as change:
        work(Tx(change))
        change.put("accounts", "root", {"account_id": "123456789012", "canonical_id": "c" * 64})
    bucket, _ = await store.create_bucket("photos", "c" * 64, "eu-west-1")
    bucket = await store.set_versioning(bucket, Versioning.SUSPENDED)
    await store.put_bucket_document(bucket, "cors", {"CORSRule": [{"ID": "ä"}]})
    await store.put_bucket_document(bucket, "state", {"began_ms": 1})
    await store.set_quota(bucket, Quota(1000, None))
    await store.create_bucket("locked", "d" * 64, "us-east-1", is_object_lock_enabled=True)
    await store.close()


def make_empty(data_dir: Path) -> None:
    """A data directory in which there is nothing yet."""
    directory = claim(data_dir)
    prepare_index(directory)
    directory.close()


@contextmanager
def opened(data_dir: Path, root: Seal | None = ROOT) -> Iterator[Opened]:
    with closing(Settings(data_dir / "settings.db")) as settings:
        identities = Identities(settings, data_dir / "settings.key")
        yield Opened(data_dir, settings, identities, lambda: root)


def exported(data_dir: Path, former: dict[str, Any] | None = None, **options: Any) -> Export:
    """All settings with their secrets."""
    with opened(data_dir, **options) as what:
        seal = ExportSeal.new(PASSPHRASE, former or words())
        return export(what, TABLES, Lenient().is_configuration, seal)


def imported(
    data_dir: Path, document: dict[str, Any], checks: Any = None, **options: Any
) -> Import:
    """Take a document in with its secrets."""
    root = options.pop("root", ROOT)
    with opened(data_dir, root) as what:
        has_secrets = document["secrets"] is not None
        seal = ExportSeal.of(PASSPHRASE, document) if has_secrets else None
        return take_in(what, document, TABLES, checks or Lenient(), seal, **options)


def outcomes(found: Import) -> dict[str, str]:
    """What became of each thing."""
    return {one.what: one.outcome for one in found.taken}


async def bucket_of(data_dir: Path, name: str) -> BucketRecord | None:
    """A bucket as a server sees it."""
    store = await Store.open(data_dir, clock=SettableClock(1))
    try:
        return store.bucket(name)
    finally:
        await store.close()
