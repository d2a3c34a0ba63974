"""Transaction: identities while they are changed, by one thread of one process at a time."""

from collections.abc import Iterable
from typing import TypeVar

from ferrox.identity import Account, GroupRecord, KeyRecord, UserRecord
from ferrox.storage.identities import codec, names
from ferrox.storage.identities.names import Record
from ferrox.storage.identities.view import IdentityView
from ferrox.storage.settings import Change, Document

R = TypeVar("R", UserRecord, GroupRecord)

_OURS = frozenset({names.TABLE, "accounts", "credentials", "sealing"})
"""Tables that hold identities and what belongs to them."""


class Tx(IdentityView):
    """Reads that see what was done before, and the verbs that do it.

    Beside what is said here nothing follows from anything: who deletes a group takes it out of the
    lists of its members first.
    """

    def __init__(self, change: Change) -> None:
        self._change = change

    def put(self, record: Record) -> None:
        """Write a record, replacing the one of its name, however that is capitalised.

        A key is found through its user from now on, a user's field `keys` is not written. An
        account is found by its canonical id and its alias, if it has one: ValueError if another
        account has one of them.
        """
        name = names.of(record)
        if isinstance(record, Account | KeyRecord):
            self._drop_leads(self._record(type(record), name))
            self._put_leads(record)
        self._change.put(names.TABLE, name, codec.document_of(record))

    def delete(self, record: Record) -> None:
        """Remove the record of this name; an absent one is fine. With a user go its keys."""
        if isinstance(record, UserRecord):
            for key in self.keys(record.account_id, record.name):
                self.delete(key)
        name = names.of(record)
        if isinstance(record, Account | KeyRecord):
            self._drop_leads(self._record(type(record), name))
        self._change.delete(names.TABLE, name)

    def rename(self, before: R, name: str) -> R:
        """Give a user or a group another name, maybe only capitalised anew; return it as it is.

        The keys of a user follow, and memberships on both sides. ValueError if there is another
        one of that name.
        """
        after = before._replace(name=name)
        if name.lower() != before.name.lower() and self._record(type(after), names.of(after)):
            raise ValueError(f"there is a {name!r} already")
        if isinstance(before, UserRecord):
            self._rename_user(before, name)
        else:
            self._rename_group(before, name)
        self._change.delete(names.TABLE, names.of(before))
        self.put(after)
        return after

    def put_document(self, table: str, name: str, document: Document) -> None:
        """Write a document that is no identity."""
        _require_free(table)
        self._change.put(table, name, document)

    def delete_document(self, table: str, name: str) -> None:
        """Remove such a document; an absent one is fine."""
        _require_free(table)
        self._change.delete(table, name)

    def _get(self, table: str, name: str) -> Document | None:
        return self._change.get(table, name)

    def _scan(self, table: str, prefix: str) -> Iterable[tuple[str, Document]]:
        return self._change.scan(table, prefix)

    def _count(self, table: str, prefix: str) -> int:
        return self._change.count(table, prefix)

    def _put_leads(self, record: Account | KeyRecord) -> None:
        for lead in _leads(record):
            if isinstance(record, KeyRecord):
                self._change.put(names.TABLE, lead, {})
            elif self._change.get(names.TABLE, lead) is None:
                self._change.put(names.TABLE, lead, {"account_id": record.account_id})
            else:
                raise ValueError(f"another account has {lead}")

    def _drop_leads(self, record: Account | KeyRecord | None) -> None:
        for lead in _leads(record) if record is not None else ():
            self._change.delete(names.TABLE, lead)

    def _rename_user(self, user: UserRecord, name: str) -> None:
        for key in self.keys(user.account_id, user.name):
            self.put(key._replace(user_name=name))
        for group_name in user.groups:
            group = self.group(user.account_id, group_name)
            if group is not None:
                members = _renamed(group.members, user.name, name)
                self.put(group._replace(members=members))

    def _rename_group(self, group: GroupRecord, name: str) -> None:
        for member in group.members:
            user = self.user(group.account_id, member)
            if user is not None:
                self.put(user._replace(groups=_renamed(user.groups, group.name, name)))


def _leads(record: Account | KeyRecord) -> list[str]:
    """The names of the documents that lead to this one."""
    if isinstance(record, KeyRecord):
        return [names.owned(record.account_id, record.user_name, record.access_key_id)]
    leads = [names.canonical(record.canonical_id)]
    return [*leads, names.alias(record.alias)] if record.alias else leads


def _renamed(list_: tuple[str, ...], before: str, after: str) -> tuple[str, ...]:
    return tuple(after if name.lower() == before.lower() else name for name in list_)


def _require_free(table: str) -> None:
    if table in _OURS:
        raise ValueError(f"table {table} is not free for other documents")
