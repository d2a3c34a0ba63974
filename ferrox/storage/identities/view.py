"""What can be asked of identities, of what is committed and of a change under way alike."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping

from ferrox.identity import (
    Account,
    GroupRecord,
    KeyRecord,
    PolicyRecord,
    Principal,
    PrincipalKind,
    ProviderRecord,
    RoleRecord,
    UserRecord,
    kind_and_name,
)
from ferrox.storage.identities import codec, names
from ferrox.storage.identities.codec import R
from ferrox.storage.identities.names import Owned
from ferrox.storage.settings import Document


class IdentityView(ABC):
    """Reads. Names count without regard to case; records and documents are not to be changed.

    Lists are sorted: users, groups, roles and policies by their names in lower case.
    """

    @abstractmethod
    def _get(self, table: str, name: str) -> Document | None: ...

    @abstractmethod
    def _scan(self, table: str, prefix: str) -> Iterable[tuple[str, Document]]: ...

    @abstractmethod
    def _count(self, table: str, prefix: str) -> int: ...

    def document(self, table: str, name: str) -> Document | None:
        """A document of whatever else is kept beside identities, or None."""
        return self._get(table, name)

    def documents(self, table: str, prefix: str = "") -> Mapping[str, Document]:
        """Such documents by name, sorted: those whose names begin like this."""
        return dict(self._scan(table, prefix))

    def count(self, kind: type[Owned], account_id: str) -> int:
        """How many records of a kind an account has; it costs less than to list them."""
        return self._count(names.TABLE, names.of_kind(kind, account_id))

    def account(self, account_id: str) -> Account | None:
        """The account with this number."""
        return self._record(Account, names.account(account_id))

    def account_of(self, canonical_id: str) -> Account | None:
        """The account with this canonical id."""
        return self._led_to(names.canonical(canonical_id))

    def account_called(self, alias: str) -> Account | None:
        """The account with this alias."""
        return self._led_to(names.alias(alias))

    def accounts(self) -> list[Account]:
        """All accounts."""
        return self._records(Account, names.account(""))

    def key(self, access_key_id: str) -> KeyRecord | None:
        """An access key, whether it works or not."""
        return self._record(KeyRecord, names.key(access_key_id))

    def keys(self, account_id: str, user_name: str) -> list[KeyRecord]:
        """The access keys of a user; of the root of the account if the name is empty."""
        found = (self.key(key_id) for key_id in self._key_ids(account_id, user_name))
        return [key for key in found if key is not None]

    def user(self, account_id: str, name: str) -> UserRecord | None:
        """A user, with the ids of its keys."""
        return self._record(UserRecord, names.user(account_id, name)) if name else None

    def users(self, account_id: str) -> list[UserRecord]:
        """The users of an account, with the ids of their keys."""
        keys: dict[str, list[str]] = {}
        for name, _ in self._scan(names.TABLE, names.owned_in(account_id)):
            *_, user_name, access_key_id = name.split("/")
            keys.setdefault(user_name, []).append(access_key_id)
        return [
            user._replace(keys=tuple(keys.get(user.name.lower(), ())))
            for user in self._records(UserRecord, names.user(account_id))
        ]

    def group(self, account_id: str, name: str) -> GroupRecord | None:
        """A group."""
        return self._record(GroupRecord, names.group(account_id, name))

    def groups(self, account_id: str) -> list[GroupRecord]:
        """The groups of an account."""
        return self._records(GroupRecord, names.group(account_id))

    def role(self, account_id: str, name: str) -> RoleRecord | None:
        """A role."""
        return self._record(RoleRecord, names.role(account_id, name))

    def roles(self, account_id: str) -> list[RoleRecord]:
        """The roles of an account."""
        return self._records(RoleRecord, names.role(account_id))

    def entity_of(self, principal: Principal) -> UserRecord | RoleRecord | None:
        """The user or role whose permissions a caller has, unless another has its name by now."""
        kind, name = kind_and_name(principal.parent_arn or principal.arn)
        if kind == "role":
            role = self.role(principal.account_id, name)
            is_it = role is not None and role.role_id == principal.user_id.partition(":")[0]
            return role if is_it else None
        if kind == "user":
            user = self.user(principal.account_id, name)
            is_its_own = principal.kind is PrincipalKind.USER
            return None if user and is_its_own and user.user_id != principal.user_id else user
        return None

    def policy(self, account_id: str, name: str) -> PolicyRecord | None:
        """A managed policy."""
        return self._record(PolicyRecord, names.policy(account_id, name))

    def policies(self, account_id: str) -> list[PolicyRecord]:
        """The managed policies of an account."""
        return self._records(PolicyRecord, names.policy(account_id))

    def provider(self, account_id: str, url: str) -> ProviderRecord | None:
        """An identity provider, by its URL as it was put."""
        return self._record(ProviderRecord, names.provider(account_id, url))

    def providers(self, account_id: str) -> list[ProviderRecord]:
        """The identity providers of an account."""
        return self._records(ProviderRecord, names.provider(account_id))

    def _record(self, kind: type[R], name: str) -> R | None:
        document = self._get(names.TABLE, name)
        if document is None:
            return None
        record = codec.record_of(kind, document)
        if isinstance(record, UserRecord):
            return record._replace(keys=tuple(self._key_ids(record.account_id, record.name)))
        return record

    def _records(self, kind: type[R], prefix: str) -> list[R]:
        return [codec.record_of(kind, found) for _, found in self._scan(names.TABLE, prefix)]

    def _led_to(self, name: str) -> Account | None:
        found = self.document(names.TABLE, name)
        return None if found is None else self.account(found["account_id"])

    def _key_ids(self, account_id: str, user_name: str) -> list[str]:
        found = self._scan(names.TABLE, names.owned(account_id, user_name))
        return [names.last_part(name) for name, _ in found]
