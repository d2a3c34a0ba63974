"""The names of identity documents: what is stored where, in one table of settings.db.

The first part says what a document is, the rest which one. Names of users, groups, roles and
policies are in lower case there, so that they are unique without regard to case, as in IAM.
Documents under `alias`, `canonical` and `owned` only lead to others.
"""

from collections.abc import Callable

from ferrox.identity import (
    Account,
    GroupRecord,
    KeyRecord,
    PolicyRecord,
    ProviderRecord,
    RoleRecord,
    UserRecord,
)

Owned = UserRecord | GroupRecord | RoleRecord | PolicyRecord | ProviderRecord
"""What an account has, each with a name of its own there."""

Record = Account | KeyRecord | Owned

TABLE = "identities"


def account(account_id: str) -> str:
    """An account."""
    return f"account/{account_id}"


def alias(alias: str) -> str:
    """What leads from an alias to its account."""
    return f"alias/{alias}"


def canonical(canonical_id: str) -> str:
    """What leads from a canonical id to its account."""
    return f"canonical/{canonical_id}"


def key(access_key_id: str) -> str:
    """An access key."""
    return f"key/{access_key_id}"


def owned(account_id: str, user_name: str, access_key_id: str = "") -> str:
    """What leads from a user, or the root of an account if it has no name, to its keys."""
    return f"owned/{account_id}/{user_name.lower()}/{access_key_id}"


def owned_in(account_id: str) -> str:
    """What those names begin with for all keys of an account."""
    return f"owned/{account_id}/"


def user(account_id: str, name: str = "") -> str:
    """A user."""
    return f"user/{account_id}/{name.lower()}"


def group(account_id: str, name: str = "") -> str:
    """A group."""
    return f"group/{account_id}/{name.lower()}"


def role(account_id: str, name: str = "") -> str:
    """A role."""
    return f"role/{account_id}/{name.lower()}"


def policy(account_id: str, name: str = "") -> str:
    """A managed policy."""
    return f"policy/{account_id}/{name.lower()}"


def provider(account_id: str, url: str = "") -> str:
    """An identity provider."""
    return f"provider/{account_id}/{url}"


def of(record: Record) -> str:
    """Where a record is; ValueError if no record can be called that."""
    name = _name(record)
    slashes = 1 if isinstance(record, Account | KeyRecord) else 2
    if isinstance(record, ProviderRecord):
        is_good = bool(record.url)
    else:
        is_good = not name.endswith("/") and name.count("/") == slashes
    if not is_good:
        raise ValueError(f"nothing can be called {name}")
    return name


def of_kind(kind: type[Owned], account_id: str) -> str:
    """What all names of a kind of record begin with in an account."""
    return _KINDS[kind](account_id, "")


def _name(record: Record) -> str:
    match record:
        case Account():
            return account(record.account_id)
        case KeyRecord():
            return key(record.access_key_id)
        case ProviderRecord():
            return provider(record.account_id, record.url)
        case _:
            return _KINDS[type(record)](record.account_id, record.name)


_KINDS: dict[type[Owned], Callable[[str, str], str]] = {
    UserRecord: user,
    GroupRecord: group,
    RoleRecord: role,
    PolicyRecord: policy,
    ProviderRecord: provider,
}


def last_part(name: str) -> str:
    """What comes after the last slash."""
    return name.rpartition("/")[2]
