"""Accounts and what they have ↔ entries of the document.

An entry has the fields of its record by name. The members of a group are not among them: users say
which groups they are in. Keys lie with whom they belong to, their secrets sealed for the document.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from ferrox.errors import S3Error, SealBroken
from ferrox.identity import (
    Account,
    GroupRecord,
    KeyRecord,
    PolicyRecord,
    ProviderRecord,
    RoleRecord,
    UserRecord,
)
from ferrox.storage.identities.identities import Identities
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.identities.view import IdentityView
from ferrox.storage.portable.document import Plain, Unacceptable, entries, entry_of, record_of
from ferrox.storage.portable.secrets import ExportSeal, key_place
from ferrox.storage.portable.taking import Taking

_KEYS = "access_keys"


class _Kind(NamedTuple):
    """A list of an account: what it is called, of what, and how records are found."""

    name: str
    word: str
    record: type[Any]
    id_field: str
    all_of: Callable[[IdentityView, str], Iterable[Any]]
    find: Callable[[IdentityView, str, str], Any]
    unsaid: tuple[str, ...] = ()


# In the order in which they are taken in: what is named comes before what names it.
_KINDS = (
    _Kind("policies", "policy", PolicyRecord, "name", IdentityView.policies, IdentityView.policy),
    _Kind(
        *("groups", "group", GroupRecord, "name", IdentityView.groups, IdentityView.group),
        ("members",),
    ),
    _Kind(
        *("users", "user", UserRecord, "name", IdentityView.users, IdentityView.user),
        ("keys",),
    ),
    _Kind("roles", "role", RoleRecord, "name", IdentityView.roles, IdentityView.role),
    _Kind(
        *("oidc_providers", "OIDC provider", ProviderRecord, "url"),
        IdentityView.providers,
        IdentityView.provider,
    ),
)
MEMBERS = (_KEYS, *(kind.name for kind in _KINDS))


class Exported(NamedTuple):
    """The entry of an account, and how many secrets of keys were left out."""

    entry: Plain
    left_out: int


def export_account(
    view: IdentityView, identities: Identities, account: Account, seal: ExportSeal | None
) -> Exported:
    """Everything of an account that is kept among identities."""
    left_out = 0

    def keys_of(user_name: str) -> dict[str, list[Plain]]:
        nonlocal left_out
        found = []
        for key in sorted(view.keys(account.account_id, user_name)):
            entry = entry_of(key, "account_id", "user_name", "sealed_secret")
            if seal is None:
                left_out += 1
            else:
                secret = identities.open_secret(key).encode()
                entry["secret"] = seal.seal(secret, key_place(key.access_key_id))
            found.append(entry)
        return {_KEYS: found} if found else {}

    entry = entry_of(account) | keys_of("")
    for kind in _KINDS:
        found = []
        for record in kind.all_of(view, account.account_id):
            one = _entry(kind, record)
            found.append(one | keys_of(record.name) if kind.record is UserRecord else one)
        if found:
            entry[kind.name] = found
    return Exported(entry, left_out)


class AccountTaking:
    """Takes in the accounts of a document, within one transaction."""

    def __init__(
        self, taking: Taking, tx: Tx, identities: Identities, seal: ExportSeal | None
    ) -> None:
        self._taking = taking
        self._tx = tx
        self._identities = identities
        self._seal = seal
        self._records: list[tuple[str, Any]] = []

    def take(self, entry: Plain) -> Account | None:
        """Take in an account with all it has; None if the account itself is refused."""
        own = {name: value for name, value in entry.items() if name not in MEMBERS}
        what = f"account {own.get('account_id')}"
        try:
            account = record_of(Account, own, what)
            self._take_account(what, account)
            for kind in _KINDS:
                for one in entries(entry, kind.name, what):
                    self._take_record(kind, account, one)
            for key in entries(entry, _KEYS, what):
                self._take_key(account, "", key)
        except (Unacceptable, ValueError) as error:
            self._taking.refuse(what, error)
            return None
        return account

    def check(self) -> None:
        """Check every record that was taken in, now that all of them are there."""
        for what, taken in self._records:
            record = taken
            if isinstance(taken, UserRecord):  # with the keys that it has by now
                record = self._tx.user(taken.account_id, taken.name)
            try:
                self._taking.checks.identity(self._tx, record)
            except S3Error as error:
                self._taking.refuse(what, error)

    def _take_account(self, what: str, account: Account) -> None:
        if not (account.account_id.isdecimal() and len(account.account_id) == 12):
            raise Unacceptable("its number has not twelve digits")
        if len(account.canonical_id) != 64 or not account.canonical_id.isalnum():
            raise Unacceptable("its canonical id has not 64 letters and digits")
        found = self._tx.account(account.account_id)
        if found is not None and found.canonical_id != account.canonical_id:
            raise Unacceptable("it is there already, with another canonical id")
        there = None if found is None else entry_of(found)
        if self._taking.is_wanted(what, there, entry_of(account)):
            self._tx.put(account)

    def _take_record(self, kind: _Kind, account: Account, entry: Plain) -> None:
        own = {name: value for name, value in entry.items() if name != _KEYS}
        what = f"{kind.word} {own.get(kind.id_field)} of account {account.account_id}"
        unsaid: dict[str, Any] = dict.fromkeys(kind.unsaid, ())
        record = record_of(kind.record, own, what, account_id=account.account_id, **unsaid)
        found = kind.find(self._tx, account.account_id, getattr(record, kind.id_field))
        there = None if found is None else _entry(kind, found)
        if self._taking.is_wanted(what, there, _entry(kind, record)):
            if isinstance(record, GroupRecord) and found is not None:
                record = record._replace(members=found.members)
            self._tx.put(record)
            if isinstance(record, UserRecord):
                self._join(what, record, () if found is None else found.groups)
        self._records.append((what, record))
        for key in entries(entry, _KEYS, what) if isinstance(record, UserRecord) else ():
            self._take_key(account, record.name, key)

    def _join(self, what: str, user: UserRecord, former: tuple[str, ...]) -> None:
        """Have the groups know their member, and those it has left."""
        wanted = {name.lower() for name in user.groups}
        names = []
        for name in dict.fromkeys((*user.groups, *former)):
            group = self._tx.group(user.account_id, name)
            if group is None:
                self._taking.refuse(what, f"there is no group {name}")
                continue
            members = tuple(one for one in group.members if one.lower() != user.name.lower())
            if name.lower() in wanted:
                names.append(group.name)
                members = (*members, user.name)
            self._tx.put(group._replace(members=members))
        self._tx.put(user._replace(groups=tuple(dict.fromkeys(names))))

    def _take_key(self, account: Account, user_name: str, entry: Plain) -> None:
        what = f"access key {entry.get('access_key_id')}"
        own = {name: value for name, value in entry.items() if name != "secret"}
        key = record_of(
            KeyRecord, own, what,
            account_id=account.account_id, user_name=user_name, sealed_secret="",
        )  # fmt: skip
        found = self._tx.key(key.access_key_id)
        if found is not None and (found.account_id, found.user_name) != key[1:3]:
            return self._taking.refuse(what, "it is there already, and somebody else's")
        secret = self._secret(what, key.access_key_id, entry.get("secret"))
        if secret is None:
            return None
        there = None
        if found is not None:
            there = entry_of(found, "sealed_secret") | {
                "secret": self._identities.open_secret(found)
            }
        wanted = entry_of(key, "sealed_secret") | {"secret": secret}
        if self._taking.is_wanted(what, there, wanted):
            sealed = self._identities.seal_secret(key.access_key_id, secret)
            self._tx.put(key._replace(sealed_secret=sealed))
        return None

    def _secret(self, what: str, access_key_id: str, sealed: object) -> str | None:
        if sealed is None or self._seal is None:
            reason = "its secret is not there" if sealed is None else "no passphrase is given"
            self._taking.leave_out(what, reason)
            return None
        try:
            return self._seal.open(sealed, key_place(access_key_id)).decode()
        except (SealBroken, UnicodeDecodeError):
            self._taking.refuse(what, "its secret does not open")
            return None


def _entry(kind: _Kind, record: Any) -> Plain:
    return entry_of(record, "account_id", *kind.unsaid)
