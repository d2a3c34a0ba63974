"""Held policies: which policies a user, a group or a role has, and whose each of them is.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
A user has those of its groups, too. A permissions boundary is held apart: it grants nothing.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from ferrox.errors import Fault
from ferrox.iam import document
from ferrox.iam.document import Document, Kind, PolicyError
from ferrox.identity import GroupRecord, PolicyRecord, RoleRecord, UserRecord, kind_and_name
from ferrox.storage.identities.view import IdentityView

KEPT_TEXTS = 4096
"""Policies that are kept compiled."""

Holder: TypeAlias = UserRecord | GroupRecord | RoleRecord


class Held(NamedTuple):
    """A policy that somebody has.

    owner  whose it is, of a group's policy the group
    name   of the policy
    arn    of a managed policy; "" for an inline one
    """

    owner: Holder
    name: str
    text: str
    arn: str = ""

    @property
    def is_managed(self) -> bool:
        """Whether it is there beside those who have it."""
        return bool(self.arn)

    @property
    def is_of_aws(self) -> bool:
        """Whether it comes with the server."""
        return self.is_managed and not _account_in(self.arn).isdigit()

    @property
    def owner_kind(self) -> str:
        """What its owner is: user, group or role."""
        return kind_and_name(self.owner.arn)[0]

    @property
    def document(self) -> Document:
        """The policy, compiled."""
        name = self.arn or f"the inline policy {self.name} of {self.owner.arn}"
        return compiled(self.text, name)


def held_by(identities: IdentityView, entity: Holder) -> Iterator[Held]:
    """All policies that say what somebody may do."""
    yield from _own(identities, entity)
    if isinstance(entity, UserRecord):
        for name in entity.groups:
            group = identities.group(entity.account_id, name)
            if group is not None:
                yield from _own(identities, group)


def boundary_of(identities: IdentityView, entity: Holder) -> Held | None:
    """The permissions boundary of a user or a role, if it has one."""
    if isinstance(entity, GroupRecord) or not entity.boundary:
        return None
    return _managed(identities, entity, entity.boundary)


def managed_policy(identities: IdentityView, arn: str) -> PolicyRecord | None:
    """The managed policy with this ARN, whichever account's it is."""
    account_id = _account_in(arn)
    if account_id.isdigit():
        return identities.policy(account_id, arn.rpartition("/")[2])
    from ferrox.iam import managed  # those that come with the server; many never need any

    return managed.policy(arn)


@lru_cache(maxsize=KEPT_TEXTS)
def compiled(text: str, name: str) -> Document:
    """A policy of an identity; it was one when it was set, so let nobody pass it by."""
    try:
        return document.parse(text, Kind.IDENTITY, name)
    except PolicyError as error:
        raise Fault(f"{name} cannot be read: {error}") from error


def _own(identities: IdentityView, owner: Holder) -> Iterator[Held]:
    for name, text in owner.inline.items():
        yield Held(owner, name, text)
    for arn in owner.attached:
        yield _managed(identities, owner, arn)


def _managed(identities: IdentityView, owner: Holder, arn: str) -> Held:
    record = managed_policy(identities, arn)
    if record is None:  # it cannot be deleted while it is attached
        raise Fault(f"the policy {arn} is attached and not there")
    return Held(owner, record.name, record.text, arn)


def _account_in(arn: str) -> str:
    return arn.split(":", 5)[4]
