"""Roles on the admin plane, and which certificates have them: `ATTRIBUTE=VALUE:ROLE`.

    OU=admin:admin                      whoever is of this organizational unit
    CN=grafana.example.com:read-only    whoever has this common name

The first rule that one of the attributes of a certificate's subject satisfies gives its role. A
certificate that satisfies none has none. Values are compared as they are, letter by letter.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

ATTRIBUTES = {
    "CN": "commonName",
    "OU": "organizationalUnitName",
    "O": "organizationName",
    "UID": "userId",
}
"""What a rule may speak of, and what Python's ssl calls it."""

Subject = tuple[tuple[str, str], ...]
"""Of a certificate: attribute and value, attributes as Python's ssl calls them."""


class Role(StrEnum):
    """What somebody may do on the admin plane: look, or everything."""

    READ_ONLY = "read-only"
    ADMIN = "admin"

    def covers(self, needed: "Role") -> bool:
        """Whether who has this role may do what needs that one."""
        return self in {needed, Role.ADMIN}


class SubjectRule(NamedTuple):
    """Which certificates have a role."""

    attribute: str
    value: str
    role: Role

    def __str__(self) -> str:
        """As one would write it."""
        return f"{self.attribute}={self.value}:{self.role}"


DEFAULT_RULES = tuple(SubjectRule("OU", role.value, role) for role in (Role.ADMIN, Role.READ_ONLY))
"""What the certificates that `ferroxd admin init-pki` makes are for."""


def read(text: str) -> tuple[SubjectRule, ...]:
    """Return the rules that stand in a text, between commas; ValueError says what is wrong."""
    return tuple(_rule(piece.strip()) for piece in text.split(","))


def _rule(text: str) -> SubjectRule:
    subject, _, role = text.rpartition(":")
    attribute, _, value = subject.partition("=")
    if attribute not in ATTRIBUTES or not value:
        raise ValueError(f"{text!r} is not like CN=NAME:ROLE; also {', '.join(ATTRIBUTES)[4:]}")
    if role not in tuple(Role):
        raise ValueError(f"{text!r} ends in none of the roles {', '.join(Role)}")
    return SubjectRule(attribute, value, Role(role))


def role_of(subject: Subject, rules: Iterable[SubjectRule]) -> Role | None:
    """Return the role of a certificate; None if it has none."""
    for rule in rules:
        if (ATTRIBUTES[rule.attribute], rule.value) in subject:
            return rule.role
    return None


def name_of(subject: Subject) -> str:
    """A subject as people and logs name it."""
    short = {long: attribute for attribute, long in ATTRIBUTES.items()}
    return ",".join(f"{short.get(name, name)}={value}" for name, value in subject)
