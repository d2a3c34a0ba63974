"""Attachments: which policies a caller has, compiled once for as long as they are current.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html

    the root of an account    none: it may do everything in its account
    a user                    its own, those of its groups, its boundary
    a session of a role       the role's, its boundary, and the policies of the session
    a federated user          those of the user whose session it is (or of the root: everything),
                              that one's boundary, and the policies of the session; without any
                              policy of the session, nothing

A caller's policies are all of one version of the identities. Whoever has been deleted has none,
whatever sessions there still are, nor those of whoever has the name since. Everything is kept until
anything about identities changes; texts are kept compiled beyond that, since they seldom are what
has changed.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar

from ferrox.iam.document import Document
from ferrox.iam.evaluate import IdentityPolicies
from ferrox.identity import Principal, PrincipalKind, kind_and_name
from ferrox.operations.held_policies import boundary_of, compiled, held_by, managed_policy
from ferrox.storage.identities.identities import Identities

T = TypeVar("T")

KEPT_CALLERS = 4096
"""Users, roles and limits of sessions that are kept."""

_NOTHING = IdentityPolicies()
_NO_POLICY = Document("a session without policy", ())
"""What limits a federated user to nothing."""


class Attachments:
    """The policies of callers.

    version  of the identities, by which callers are judged; without it, that of the moment
    """

    def __init__(self, identities: Identities, version: Callable[[], int] | None = None) -> None:
        self._identities = identities
        self._current = version or identities.version
        self._version = -1
        self._kept: dict[tuple[str, PrincipalKind, str], IdentityPolicies] = {}
        self._kept_sessions: dict[tuple[str, ...], tuple[Document, ...]] = {}

    def of(self, principal: Principal) -> IdentityPolicies:
        """The policies of a caller."""
        if principal.is_root or principal.is_anonymous:
            return _NOTHING
        self._look_whether_current()
        found = self._lasting(principal)
        session = principal.session
        if session is not None and session.policies:
            return found._replace(sessions=self._limits(session.policies))
        if principal.kind is PrincipalKind.FEDERATED:
            return found._replace(sessions=(_NO_POLICY,))
        return found

    def tags(self, principal: Principal) -> Mapping[str, str]:
        """The tags of a caller: those of a session come before those of its role.

        A key is one key however it is capitalised.
        """
        entity, session = self._identities.entity_of(principal), principal.session
        given = dict(session.tags if session else ())
        replaced = {key.lower() for key in given}
        lasting = entity.tags if entity else {}
        return given | {key: lasting[key] for key in lasting if key.lower() not in replaced}

    def _look_whether_current(self) -> None:
        version = self._current()
        if version != self._version or len(self._kept) + len(self._kept_sessions) >= KEPT_CALLERS:
            self._kept.clear()
            self._kept_sessions.clear()
            self._version = version

    def _limits(self, policies: tuple[str, ...]) -> tuple[Document, ...]:
        """The policies of a session: texts, or the ARNs of managed ones as they are now."""
        found = self._kept_sessions.get(policies)
        if found is None:
            found = self._kept_sessions[policies] = self._of_one_version(
                lambda: tuple(self._limit(text, number) for number, text in enumerate(policies, 1))
            )
        return found

    def _limit(self, policy: str, number: int) -> Document:
        if not policy.startswith("arn:"):
            return compiled(policy, f"policy {number} of the session")
        record = managed_policy(self._identities, policy)
        # One that has been deleted grants nothing, and limits all the same.
        return Document(policy, ()) if record is None else compiled(record.text, policy)

    def _lasting(self, principal: Principal) -> IdentityPolicies:
        """What a caller has beside the policies of its session."""
        unique_id = principal.user_id.partition(":")[0]
        key = principal.parent_arn or principal.arn, principal.kind, unique_id
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self._of_one_version(lambda: self._collected(principal))
        return found

    def _of_one_version(self, read: Callable[[], T]) -> T:
        """What is read of identities, all anew if something changes meanwhile."""
        while True:
            version = self._identities.version()
            found = read()
            if version == self._identities.version():
                return found

    def _collected(self, principal: Principal) -> IdentityPolicies:
        entity = self._identities.entity_of(principal)
        if entity is None:
            is_of_root = kind_and_name(principal.parent_arn) == ("root", "")
            return IdentityPolicies((_everything(),)) if is_of_root else _NOTHING
        boundary = boundary_of(self._identities, entity)
        return IdentityPolicies(
            tuple(held.document for held in held_by(self._identities, entity)),
            None if boundary is None else boundary.document,
        )


def _everything() -> Document:
    """What the root of an account may do whose session it is."""
    statement = '{"Effect": "Allow", "Action": "*", "Resource": "*"}'
    return compiled(f'{{"Statement": {statement}}}', "the root of the account")
