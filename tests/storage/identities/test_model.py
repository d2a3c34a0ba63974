"""Identities against a model in memory: whatever is put, deleted, renamed, and whenever it ends."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ferrox.identity import Account, GroupRecord, KeyRecord, UserRecord
from ferrox.storage.identities.identities import Identities
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.settings import Settings

NAMES = st.sampled_from(["a", "A", "b", "bb", "Bb", "c"])
ACCOUNTS = st.sampled_from(["1", "11", "2"])
KEYS = st.sampled_from(["FRX1", "FRX2", "FRX3"])
ALIASES = st.sampled_from(["", "x", "y"])


class Stop(Exception):
    """A change that does not come to its end."""


class Model(RuleBasedStateMachine):
    """Two processes on one directory; the model is what both must show."""

    users: dict[tuple[str, str], UserRecord]
    groups: dict[tuple[str, str], GroupRecord]
    keys: dict[str, KeyRecord]
    accounts: dict[str, Account]

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name)
        self.users, self.groups, self.keys, self.accounts = {}, {}, {}, {}
        self.open_settings = [Settings(self.path / "settings.db") for _ in range(2)]
        self.both = [self.identities_of(settings) for settings in self.open_settings]

    def identities_of(self, settings: Settings) -> Identities:
        return Identities(settings, self.path / "settings.key")

    def teardown(self) -> None:
        for settings in self.open_settings:
            settings.close()
        self.folder.cleanup()

    @rule(who=st.integers(0, 1))
    def reopen(self, who: int) -> None:
        """A process ends, however it ends, and another one takes its place."""
        self.open_settings[who].close()
        self.open_settings[who] = Settings(self.path / "settings.db")
        self.both[who] = self.identities_of(self.open_settings[who])

    @rule(who=st.integers(0, 1), account=ACCOUNTS, name=NAMES, path=st.sampled_from(["/", "/p/"]))
    def put_user(self, who: int, account: str, name: str, path: str) -> None:
        before = self.users.get((account, name.lower()))
        groups = before.groups if before else ()
        user = UserRecord(account, name, "AIDA", 0, path, groups=groups)
        self.both[who].change_now(lambda tx: tx.put(user))
        self.users[account, name.lower()] = user
        self.follow(account, name.lower(), name)

    @rule(who=st.integers(0, 1), account=ACCOUNTS, name=NAMES)
    def delete_user(self, who: int, account: str, name: str) -> None:
        user = UserRecord(account, name, "AIDA", 0)
        self.both[who].change_now(lambda tx: tx.delete(user))
        self.users.pop((account, name.lower()), None)
        self.keys = {
            key_id: key
            for key_id, key in self.keys.items()
            if (key.account_id, key.user_name.lower()) != (account, name.lower())
        }

    @rule(who=st.integers(0, 1), account=ACCOUNTS, name=NAMES, new=NAMES)
    def rename_user(self, who: int, account: str, name: str, new: str) -> None:
        user = self.users.get((account, name.lower()))
        taken = new.lower() != name.lower() and (account, new.lower()) in self.users
        if user is None or taken:
            return
        self.both[who].change_now(lambda tx: tx.rename(user, new))
        del self.users[account, name.lower()]
        self.users[account, new.lower()] = user._replace(name=new)
        for key_id, key in self.keys.items():
            if (key.account_id, key.user_name.lower()) == (account, name.lower()):
                self.keys[key_id] = key._replace(user_name=new)
        self.follow(account, name.lower(), new)

    def follow(self, account: str, before: str, after: str) -> None:
        """Have the model's groups know a user by its name as it is spelled now."""
        for place, group in self.groups.items():
            if group.account_id == account:
                members = (after if one.lower() == before else one for one in group.members)
                self.groups[place] = group._replace(members=tuple(members))

    @rule(who=st.integers(0, 1), account=ACCOUNTS, user=st.sampled_from(["", "a", "B"]), key=KEYS)
    def put_key(self, who: int, account: str, user: str, key: str) -> None:
        record = KeyRecord(key, account, user, "sealed", 0)
        self.both[who].change_now(lambda tx: tx.put(record))
        self.keys[key] = record

    @rule(who=st.integers(0, 1), key=KEYS)
    def delete_key(self, who: int, key: str) -> None:
        record = KeyRecord(key, "?", "?", "", 0)
        self.both[who].change_now(lambda tx: tx.delete(record))
        self.keys.pop(key, None)

    @rule(who=st.integers(0, 1), account=ACCOUNTS, alias=ALIASES)
    def put_account(self, who: int, account: str, alias: str) -> None:
        record = Account(account, f"canonical {account}", "name", 0, alias)
        others = [one.alias for one in self.accounts.values() if one.account_id != account]
        try:
            self.both[who].change_now(lambda tx: tx.put(record))
        except ValueError:
            assert alias
            assert alias in others
        else:
            assert not alias or alias not in others
            self.accounts[account] = record

    @rule(who=st.integers(0, 1), account=ACCOUNTS)
    def delete_account(self, who: int, account: str) -> None:
        record = Account(account, f"canonical {account}", "name")
        self.both[who].change_now(lambda tx: tx.delete(record))
        self.accounts.pop(account, None)

    @rule(who=st.integers(0, 1), account=ACCOUNTS, name=NAMES, key=KEYS)
    def begin_and_stop(self, who: int, account: str, name: str, key: str) -> None:
        def work(tx: Tx) -> None:
            tx.put(UserRecord(account, name, "AIDA9", 9))
            tx.put(KeyRecord(key, account, name, "other", 9))
            tx.delete(Account(account, "", ""))
            raise Stop

        try:
            self.both[who].change_now(work)
        except Stop:
            return
        raise AssertionError("it came to its end")

    @invariant()
    def everybody_sees_the_same(self) -> None:
        for identities in self.both:
            for account in ("1", "11", "2"):
                self.compare(identities, account)
            assert sorted(self.accounts.values()) == identities.accounts()
            assert [self.keys.get(key) for key in ("FRX1", "FRX2", "FRX3")] == [
                identities.key(key) for key in ("FRX1", "FRX2", "FRX3")
            ]
            for alias in ("x", "y"):
                found = [one for one in self.accounts.values() if one.alias == alias]
                assert next(iter(found), None) == identities.account_called(alias)

    def compare(self, identities: Identities, account: str) -> None:
        """One account of one process with the model."""
        expected = sorted(
            user._replace(keys=tuple(self.keys_of(account, user.name)))
            for (owner, _), user in sorted(self.users.items())
            if owner == account
        )
        assert expected == sorted(identities.users(account))
        assert expected == sorted(
            user
            for name in ("a", "b", "bb", "c")
            if (user := identities.user(account, name)) is not None
        )
        for name in ("", "a", "b"):
            assert self.keys_of(account, name) == [
                key.access_key_id for key in identities.keys(account, name)
            ]
        found = self.accounts.get(account)
        assert found == identities.account(account)
        assert found == identities.account_of(f"canonical {account}")

    def keys_of(self, account: str, user_name: str) -> list[str]:
        """The ids of the keys of a user, by the model."""
        return sorted(
            key.access_key_id
            for key in self.keys.values()
            if (key.account_id, key.user_name.lower()) == (account, user_name.lower())
        )


TestModel = Model.TestCase
TestModel.settings = hypothesis_settings(
    max_examples=30,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
