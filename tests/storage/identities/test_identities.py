"""Identities: root pair and account, what is remembered of what was read, and for how long."""

import base64
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ferrox.clock import SettableClock
from ferrox.crypto.sealing import Seal
from ferrox.errors import SealBroken
from ferrox.identity import Account, GroupRecord, KeyRecord, UserRecord
from ferrox.storage.identities.identities import MOST_REMEMBERED, Identities
from ferrox.storage.identities.root import RootCredentials
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.key_file import load_or_create_key_file
from ferrox.storage.settings import Settings

ROOT = RootCredentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
ALICE = UserRecord("1", "Alice", "AIDA1", 7)


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    settings = Settings(tmp_path / "settings.db")
    yield settings
    settings.close()


@pytest.fixture
def key_path(tmp_path: Path) -> Path:
    return tmp_path / "settings.key"


@pytest.fixture
def identities(settings: Settings, key_path: Path) -> Identities:
    return Identities(settings, key_path, clock=SettableClock(42))


def put_many(identities: Identities, count: int) -> None:
    def work(tx: Tx) -> None:
        for number in range(count):
            tx.put(ALICE._replace(name=f"user{number:05}"))

    identities.change_now(work)


class Reads:
    """Counts what is read from the database."""

    def __init__(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        self.statements: list[str] = []
        reader = settings._reader or settings._open_reader()
        reader.set_trace_callback(self.statements.append)
        monkeypatch.setattr(settings, "_reader", reader)

    def count(self) -> int:
        reads = [text for text in self.statements if text.startswith("SELECT")]
        self.statements.clear()
        return len(reads)


# The root of the first account


def test_there_is_no_pair_at_first_and_no_key_is_made(
    identities: Identities, key_path: Path
) -> None:
    assert identities.root_credentials() is None
    assert not key_path.exists()


def test_a_saved_pair_comes_back(
    identities: Identities, settings: Settings, key_path: Path
) -> None:
    identities.save_root_credentials(ROOT)

    assert ROOT == Identities(settings, key_path).root_credentials()


def test_its_secret_is_nowhere_in_the_clear(identities: Identities, key_path: Path) -> None:
    identities.save_root_credentials(ROOT)

    for path in key_path.parent.iterdir():
        assert ROOT.secret_access_key.encode() not in path.read_bytes()
    assert ROOT.secret_access_key not in repr(ROOT)


def test_another_key_file_does_not_open_it(
    identities: Identities, settings: Settings, key_path: Path
) -> None:
    identities.save_root_credentials(ROOT)
    key_path.write_bytes(bytes(32))

    with pytest.raises(SealBroken, match=r"settings\.key"):
        Identities(settings, key_path).root_credentials()


def test_a_pair_of_the_time_before_key_rings_opens(
    identities: Identities, settings: Settings, key_path: Path
) -> None:
    seal = Seal(load_or_create_key_file(key_path))
    sealed = seal.seal(b"old-secret", "root secret access key of AKIDOLD")
    document = {"access_key_id": "AKIDOLD", "sealed_secret": sealed}
    settings.put("credentials", "root", document)

    assert RootCredentials("AKIDOLD", "old-secret") == identities.root_credentials()
    identities.rotate_key_now()
    assert RootCredentials("AKIDOLD", "old-secret") == identities.root_credentials()
    key_path.write_bytes(bytes(32))
    settings.put("credentials", "root", document)
    with pytest.raises(SealBroken, match=r"settings\.key"):
        Identities(settings, key_path).root_credentials()


def test_a_secret_moved_to_another_access_key_does_not_open(
    identities: Identities, settings: Settings
) -> None:
    identities.save_root_credentials(ROOT)
    document = settings.get("credentials", "root")
    assert document is not None
    settings.put("credentials", "root", document | {"access_key_id": "AKIDOTHER"})

    with pytest.raises(SealBroken):
        identities.root_credentials()


def test_the_first_account_is_made_once(
    identities: Identities, settings: Settings, key_path: Path
) -> None:
    account = identities.root_account()

    assert ("root", 42, "") == account[2:]
    assert 12 == len(account.account_id)
    assert 64 == len(account.canonical_id)
    assert account == Identities(settings, key_path).root_account()
    assert [account] == identities.accounts()
    assert account == identities.account_of(account.canonical_id)


def test_the_account_of_a_server_that_knew_no_others_is_the_first(
    identities: Identities, settings: Settings
) -> None:
    settings.put("accounts", "root", {"account_id": "123456789012", "canonical_id": "c" * 64})

    assert Account("123456789012", "c" * 64, "root", 42) == identities.root_account()


def test_the_first_account_can_be_named(identities: Identities) -> None:
    named = identities.root_account()._replace(display_name="mine", alias="mine")

    identities.change_now(lambda tx: tx.put(named))

    assert named == identities.root_account()


# Secrets


def test_a_secret_of_a_key_opens_for_its_key(identities: Identities) -> None:
    sealed = identities.seal_secret("FRX1", "hush")
    key = KeyRecord("FRX1", "1", "alice", sealed, 0)

    assert "hush" == identities.open_secret(key)
    assert "hush" not in repr(key)
    with pytest.raises(SealBroken):
        identities.open_secret(key._replace(access_key_id="FRX2"))


def test_secrets_are_sealed_where_a_rotation_finds_them(identities: Identities) -> None:
    with pytest.raises(ValueError, match="would not find the field secret"):
        identities.seal_in("keys", "one", "secret", b"hush")


async def test_a_secret_can_be_sealed_in_the_change_that_stores_it(
    identities: Identities,
) -> None:
    def work(tx: Tx) -> None:
        tx.put(KeyRecord("FRX1", "1", "alice", identities.seal_secret("FRX1", "hush"), 0))

    await identities.change(work)

    key = identities.key("FRX1")
    assert key is not None
    assert "hush" == identities.open_secret(key)


# What is remembered


def test_what_was_read_is_not_read_again(
    identities: Identities, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_many(identities, 3)
    assert identities.user("1", "user00001") is not None
    reads = Reads(settings, monkeypatch)

    assert identities.user("1", "USER00001") is not None
    assert 0 == reads.count()
    identities.users("1")
    assert 0 < reads.count()
    assert 3 == len(identities.users("1"))
    assert 0 == reads.count()


def test_after_a_change_only_what_is_asked_for_is_read(
    identities: Identities, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_many(identities, 1000)
    for number in range(0, 1000, 10):
        identities.user("1", f"user{number:05}")
    reads = Reads(settings, monkeypatch)

    identities.change_now(lambda tx: tx.put(ALICE))
    identities.user("1", "user00010")

    assert 2 == reads.count()  # the user, and the ids of its keys


def test_no_more_is_remembered_than_there_is_room_for(
    identities: Identities, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_REMEMBERED >= 10_000
    monkeypatch.setattr("ferrox.storage.identities.identities.MOST_REMEMBERED", 10)
    put_many(identities, 100)

    for number in range(100):
        assert identities.user("1", f"user{number:05}") is not None

    assert 11 >= len(identities._remembered[1])


def test_lists_are_the_callers_own(identities: Identities) -> None:
    put_many(identities, 2)

    identities.users("1").clear()
    identities.groups("1").append(GroupRecord("1", "x", "", 0))

    assert 2 == len(identities.users("1"))
    assert [] == identities.groups("1")


def test_records_are_counted_without_being_read(
    identities: Identities, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_many(identities, 20)
    reads = Reads(settings, monkeypatch)

    assert 20 == identities.count(UserRecord, "1")
    assert 0 == identities.count(GroupRecord, "1")
    assert 0 == identities.count(UserRecord, "2")
    assert 3 == reads.count()


def test_a_change_counts_what_it_has_put(identities: Identities) -> None:
    def work(tx: Tx) -> int:
        tx.put(ALICE)
        return tx.count(UserRecord, "1")

    assert 1 == identities.change_now(work)


def test_documents_that_are_absent_are_remembered_as_such(
    identities: Identities, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert identities.document("limits", "a") is None
    reads = Reads(settings, monkeypatch)

    assert identities.document("limits", "a") is None
    assert 0 == reads.count()
    identities.change_now(lambda tx: tx.put_document("limits", "a", {"n": 1}))
    assert {"n": 1} == identities.document("limits", "a")


def test_the_version_tells_of_changes_and_of_nothing_else(identities: Identities) -> None:
    put_many(identities, 1)
    before = identities.version()

    identities.users("1")
    assert before == identities.version()

    put_many(identities, 1)
    assert before != identities.version()


ADDER = """
import sys
from pathlib import Path
from ferrox.identity import GroupRecord
from ferrox.storage.identities.identities import Identities
from ferrox.storage.settings import Settings

path, mine, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
identities = Identities(Settings(path / "settings.db"), path / "settings.key")

def join(tx):
    group = tx.group("1", "all")
    tx.put(group._replace(members=(*group.members, f"{mine}{len(group.members)}")))

for _ in range(count):
    identities.change_now(join)
"""


def test_no_change_of_any_process_is_lost(identities: Identities, tmp_path: Path) -> None:
    identities.change_now(lambda tx: tx.put(GroupRecord("1", "all", "AGPA", 0)))
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", ADDER, str(tmp_path), name, "25"],
            cwd=Path(__file__).parents[3],
            env={**os.environ, "PYTHONWARNINGS": "error"},
        )
        for name in "abc"
    ]

    assert [0, 0, 0] == [process.wait(60) for process in processes]

    group = identities.group("1", "all")
    assert group is not None
    assert list(range(75)) == [int(name[1:]) for name in group.members]


def test_what_lies_in_the_database_is_plain(identities: Identities, settings: Settings) -> None:
    identities.change_now(lambda tx: tx.put(ALICE))
    identities.session_seal.seal(b"token", "form 1")

    connection = sqlite3.connect(settings.path)
    rows = connection.execute("SELECT key, value FROM identities").fetchall()
    (ring,) = connection.execute("SELECT value FROM sealing WHERE key = 'ring'").fetchone()
    connection.close()
    assert ["user/1/alice"] == [name for name, _ in rows]
    assert "Alice" == json.loads(rows[0][1])["name"]
    assert {"outer", "current", "keys"} == set(json.loads(ring))
    assert base64.b64encode(bytes(32)) not in ring.encode()
