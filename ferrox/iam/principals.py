"""Principals: whom the statement of a resource's policy speaks of.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html

A statement may name a caller in two ways that mean different things inside one account: by an ARN
of its own, which is a grant by itself, or by the account, which leaves the decision to the policies
of the account's own identities.
"""

import re
from enum import IntEnum
from typing import NamedTuple

from ferrox.identity import Principal, PrincipalKind

_is_account_id = re.compile(r"[0-9]{12}").fullmatch
_root_of = re.compile(r"arn:aws:iam::([0-9]{12}):root").fullmatch
_is_identity_arn = re.compile(
    r"arn:aws:(iam::[0-9]{12}:(user|role)/[^*?]+|sts::[0-9]{12}:(assumed-role|federated-user)/[^*?]+)"
).fullmatch
_is_canonical_id = re.compile(r"[0-9a-f]{64}").fullmatch
_is_service = re.compile(r"[a-z0-9.-]+\.amazonaws\.com").fullmatch


class Named(IntEnum):
    """How a statement names a caller."""

    NOT = 0
    BY_ACCOUNT = 1
    BY_PARENT = 2
    """a session, by the role or user whose permissions it has"""
    BY_ITSELF = 3


class Principals(NamedTuple):
    """Those whom a Principal or NotPrincipal element lists.

    federated  ARNs of identity providers; who comes from one is called like it, and nobody else
    """

    is_everyone: bool
    account_ids: frozenset[str]
    arns: frozenset[str]
    canonical_ids: frozenset[str]
    services: frozenset[str]
    federated: frozenset[str]

    def names(self, principal: Principal) -> Named:
        """How a caller is named."""
        if self.is_everyone or principal.arn in self.arns:
            return Named.BY_ITSELF
        if principal.kind is PrincipalKind.FEDERATED and principal.arn in self.federated:
            return Named.BY_ITSELF
        if principal.parent_arn in self.arns:
            return Named.BY_PARENT
        if principal.is_anonymous:
            return Named.NOT
        if principal.account_id in self.account_ids or principal.canonical_id in self.canonical_ids:
            return Named.BY_ACCOUNT
        return Named.NOT


def read_principals(value: object) -> Principals | None:
    """Read the element; None if it is none."""
    if value == "*":
        return Principals(True, *(frozenset[str]() for _ in range(5)))
    if not isinstance(value, dict) or not value:
        return None
    lists: dict[str, list[str]] = {}
    for kind, listed in value.items():
        names = listed if isinstance(listed, list) else [listed]
        if not all(isinstance(name, str) for name in names):
            return None
        lists[kind] = names
    if not lists.keys() <= {"AWS", "CanonicalUser", "Service", "Federated"}:
        return None
    return _principals(lists)


def _principals(lists: dict[str, list[str]]) -> Principals | None:
    account_ids, arns = set(), set()
    is_everyone = False
    for name in lists.get("AWS", ()):
        root = _root_of(name)
        if name == "*":
            is_everyone = True
        elif root or _is_account_id(name):
            account_ids.add(root[1] if root else name)
        elif _is_identity_arn(name):
            arns.add(name)
        else:
            return None
    canonical_ids, services = lists.get("CanonicalUser", ()), lists.get("Service", ())
    if not all(map(_is_canonical_id, canonical_ids)) or not all(map(_is_service, services)):
        return None
    return Principals(
        is_everyone,
        frozenset(account_ids),
        frozenset(arns),
        frozenset(canonical_ids),
        frozenset(services),
        frozenset(lists.get("Federated", ())),
    )
