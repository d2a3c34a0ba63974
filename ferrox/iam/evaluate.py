"""The decision: everything that is attached to caller and resource, in AWS's order.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html

1. A statement that denies, in any document, ends it.
2. Within the account that owns the resource one grant is enough: from the caller's own policies or
   from the resource's. A resource that names the caller's account and not the caller leaves it to
   the caller's own policies; so does a resource without policy.
3. From another account both must grant: the caller's own policies and the resource's, which may
   name the account or the caller.
4. What a boundary or the policy of a session does not grant, too, is not granted, unless the
   resource names the very caller: the user, or the session and not only its role.
5. The root of an account is granted everything by its own account. Nobody, an anonymous caller, is
   granted what a resource grants to everyone.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from ferrox.iam.document import Document, Question, Statement
from ferrox.iam.principals import Named
from ferrox.identity import Principal


class Verdict(StrEnum):
    """How a question was decided."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicitDeny"
    IMPLICIT_DENY = "implicitDeny"


class Decision(NamedTuple):
    """A verdict and its reason, for whoever may know it."""

    verdict: Verdict
    reason: str
    document: str = ""
    """the policy that decided, by name"""
    statement: str = ""
    """its statement: the Sid, or the number counted from 1"""

    @property
    def is_allowed(self) -> bool:
        """Whether the request may go on."""
        return self.verdict is Verdict.ALLOWED


class Attached(NamedTuple):
    """All that is attached to a caller and what it asks for. None: there is no such document.

    parent_arn   of a session, the role it is a session of
    """

    principal: Principal
    is_same_account: bool
    identity: Sequence[Document] = ()
    resource: Document | None = None
    boundary: Document | None = None
    session: Document | None = None
    parent_arn: str = ""
    is_root: bool = False


def decide(question: Question, attached: Attached) -> Decision:
    """Decide one question."""
    if denial := _denial(question, attached):
        return denial
    grant, named = _resource_grant(question, attached)
    if attached.principal.is_anonymous:
        return grant or _nothing("no policy of the resource grants this to everyone")
    if attached.is_same_account:
        if grant is not None and named is Named.BY_ITSELF:
            return grant
        if grant is not None and named is Named.BY_ROLE:
            return _bound(question, attached) or grant
        return _own_grant(question, attached)
    if grant is None:
        return _nothing("the resource belongs to another account and its policy does not grant it")
    own = _own_grant(question, attached)
    return grant if own.is_allowed else own


def _denial(question: Question, attached: Attached) -> Decision | None:
    documents = [
        *attached.identity,
        *(one for one in (attached.boundary, attached.session) if one is not None),
    ]
    for document in documents:
        for number, statement in enumerate(document.statements, 1):
            if not statement.allows and statement.applies(question):
                return _decision(Verdict.EXPLICIT_DENY, document, number, statement)
    if attached.resource is not None:
        for number, statement in enumerate(attached.resource.statements, 1):
            if (
                not statement.allows
                and _speaks_of(statement, attached) is not Named.NOT
                and statement.applies(question)
            ):
                return _decision(Verdict.EXPLICIT_DENY, attached.resource, number, statement)
    return None


def _resource_grant(question: Question, attached: Attached) -> tuple[Decision | None, Named]:
    """The strongest grant of the resource's policy, and how it names the caller."""
    best: tuple[Decision | None, Named] = (None, Named.NOT)
    if attached.resource is None:
        return best
    for number, statement in enumerate(attached.resource.statements, 1):
        if not statement.allows:
            continue
        named = _speaks_of(statement, attached)
        if named > best[1] and statement.applies(question):
            best = _decision(Verdict.ALLOWED, attached.resource, number, statement), named
            if named is Named.BY_ITSELF:
                break
    return best


def _own_grant(question: Question, attached: Attached) -> Decision:
    """What the caller's own account says."""
    grant: Decision | None
    if attached.is_root:
        grant = Decision(Verdict.ALLOWED, "the root of an account may do everything in it")
    else:
        grant = _first_grant(question, attached.identity)
    if grant is None:
        return _nothing("no policy of the caller grants it")
    return _bound(question, attached) or grant


def _bound(question: Question, attached: Attached) -> Decision | None:
    """The refusal by whatever sets a limit to what is granted elsewhere."""
    if attached.boundary is not None and _first_grant(question, [attached.boundary]) is None:
        return _nothing("the permissions boundary does not grant it", attached.boundary)
    if attached.session is not None and _first_grant(question, [attached.session]) is None:
        return _nothing("the policy of the session does not grant it", attached.session)
    return None


def _first_grant(question: Question, documents: Iterable[Document]) -> Decision | None:
    for document in documents:
        for number, statement in enumerate(document.statements, 1):
            if statement.allows and statement.applies(question):
                return _decision(Verdict.ALLOWED, document, number, statement)
    return None


def _speaks_of(statement: Statement, attached: Attached) -> Named:
    if statement.principals is not None:
        return statement.principals.names(attached.principal, attached.parent_arn)
    if statement.not_principals is not None:
        named = statement.not_principals.names(attached.principal, attached.parent_arn)
        return Named.BY_ITSELF if named is Named.NOT else Named.NOT
    return Named.NOT


def _decision(verdict: Verdict, document: Document, number: int, statement: Statement) -> Decision:
    word = "grants" if verdict is Verdict.ALLOWED else "denies"
    shown = statement.sid or str(number)
    return Decision(
        verdict, f"statement {shown} of {document.name} {word} it", document.name, shown
    )


def _nothing(reason: str, document: Document | None = None) -> Decision:
    return Decision(Verdict.IMPLICIT_DENY, reason, document.name if document else "")
