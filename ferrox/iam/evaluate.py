"""The decision: everything that is attached to caller and resource, in AWS's order.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html

1. A statement that denies, in any document, ends it.
2. Within the account that owns the resource one grant is enough: from the caller's own policies or
   from the resource's. A resource that names the caller's account and not the caller leaves it to
   the caller's own policies; so does a resource without policy, unless it is a role, which nobody
   may take whom its trust policy does not name.
3. From another account both must grant: the caller's own policies and the resource's, which may
   name the account or the caller.
4. What a boundary or the policies of a session do not grant, too, is not granted, unless the
   resource names the very caller: the user, or the session and not only whose session it is. Of
   several policies of a session one has to grant.
5. The root of an account is granted everything by its own account. Nobody, an anonymous caller, is
   granted what a resource grants to everyone.

A resource may also grant by an access control list, which stands beside its policy.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ferrox.decision import Decision, Source, Verdict
from ferrox.iam.document import Document, Numbered, Question, Statement
from ferrox.iam.principals import Named
from ferrox.identity import Principal


class IdentityPolicies(NamedTuple):
    """What is attached to a caller; the root of an account needs nothing.

    identity  what it may do: its own policies, or those of the role or user it is a session of
    boundary  of that user or role; None: there is none
    sessions  what limits a session; none of them: nothing does
    """

    identity: tuple[Document, ...] = ()
    boundary: Document | None = None
    sessions: tuple[Document, ...] = ()


class Attached(NamedTuple):
    """All that is attached to a caller and to what it asks for.

    resource        the policy of the resource; None: there is none
    may_grant       whether that policy can grant at all; that it denies, always counts
    listed          how an access control list grants what is asked for
    must_be_named   only whom the resource's policy names may pass: it is a role's
    """

    principal: Principal
    is_same_account: bool
    identity: Sequence[Document] = ()
    resource: Document | None = None
    boundary: Document | None = None
    sessions: Sequence[Document] = ()
    is_root: bool = False
    may_grant: bool = True
    listed: Named = Named.NOT
    must_be_named: bool = False

    @property
    def source(self) -> Source:
        """What the policy of the resource is called."""
        return Source.TRUST if self.must_be_named else Source.RESOURCE

    @property
    def documents(self) -> tuple[Document, ...]:
        """Every policy, of whatever kind."""
        single = (self.resource, self.boundary)
        return (*self.identity, *(one for one in single if one is not None), *self.sessions)


class Match(NamedTuple):
    """A statement of a document, by its number counted from 1."""

    document: Document
    number: int


LISTED = Decision(Verdict.ALLOWED, "an access control list grants it")
_ROOT = Decision(
    Verdict.ALLOWED, "the root of an account may do everything in it", source=Source.IDENTITY
)


def decide(question: Question, attached: Attached) -> Decision:
    """Decide one question."""
    if denial := _denial(question, attached):
        return denial
    grant, named = _resource_grant(question, attached)
    if attached.principal.is_anonymous:
        return grant or _nothing("nothing grants this to everyone")
    if attached.is_same_account:
        if grant is not None and named is Named.BY_ITSELF:
            return grant
        if grant is not None and named is Named.BY_PARENT:
            return _bound(question, attached) or grant
        if grant is None and attached.must_be_named:
            return _nothing("the trust policy of the role does not grant it", Source.TRUST)
        return _own_grant(question, attached)
    if grant is None:
        return _nothing("the other account, whose it is, does not grant it", attached.source)
    own = _own_grant(question, attached)
    return grant if own.is_allowed else own


def matched(question: Question, attached: Attached, verdict: Verdict) -> Iterator[Match]:
    """Every statement that speaks for a verdict, of which `decide` names one.

    What limits what others grant speaks for nothing but its own denials.
    """
    if verdict is Verdict.ALLOWED:
        yield from _grants(question, attached)
    elif verdict is Verdict.EXPLICIT_DENY:
        yield from _denials(question, attached)


def _grants(question: Question, attached: Attached) -> Iterator[Match]:
    for document in attached.identity:
        for one in document.about(question.action).grants:
            if one.statement.applies(question):
                yield Match(document, one.number)
    if attached.resource is None or not attached.may_grant:
        return
    for one in attached.resource.about(question.action).grants:
        if _speaks_of(one.statement, attached.principal) and one.statement.applies(question):
            yield Match(attached.resource, one.number)


def _denials(question: Question, attached: Attached) -> Iterator[Match]:
    for document in attached.documents:
        for one in document.about(question.action).denials:
            speaks = document is not attached.resource or _speaks_against(one.statement, attached)
            if speaks and one.statement.applies(question):
                yield Match(document, one.number)


def _denial(question: Question, attached: Attached) -> Decision | None:
    boundary = () if attached.boundary is None else (attached.boundary,)
    return (
        _first_denial(question, attached.identity, Source.IDENTITY)
        or _resource_denial(question, attached)
        or _first_denial(question, boundary, Source.BOUNDARY)
        or _first_denial(question, attached.sessions, Source.SESSION)
    )


def _first_denial(
    question: Question, documents: Iterable[Document], source: Source
) -> Decision | None:
    for document in documents:
        for one in document.about(question.action).denials:
            if one.statement.applies(question):
                return _denied(document, one, source)
    return None


def _resource_denial(question: Question, attached: Attached) -> Decision | None:
    if attached.resource is None:
        return None
    for one in attached.resource.about(question.action).denials:
        if _speaks_against(one.statement, attached) and one.statement.applies(question):
            return _denied(attached.resource, one, attached.source)
    return None


def _resource_grant(question: Question, attached: Attached) -> tuple[Decision | None, Named]:
    """The strongest grant of the resource, and how it names the caller."""
    best: tuple[Decision | None, Named] = (None, Named.NOT)
    if attached.listed:
        best = LISTED, attached.listed
    if attached.resource is None or not attached.may_grant:
        return best
    for one in attached.resource.about(question.action).grants:
        named = _speaks_of(one.statement, attached.principal)
        if named > best[1] and one.statement.applies(question):
            best = _granted(attached.resource, one, attached.source), named
            if named is Named.BY_ITSELF:
                break
    return best


def _own_grant(question: Question, attached: Attached) -> Decision:
    """What the caller's own account says."""
    grant = _ROOT if attached.is_root else None
    if grant is None:
        grant = _first_grant(question, attached.identity, Source.IDENTITY)
    if grant is None:
        return _nothing("no policy of the caller grants it", Source.IDENTITY)
    return _bound(question, attached) or grant


def _bound(question: Question, attached: Attached) -> Decision | None:
    """The refusal by whatever sets a limit to what is granted elsewhere."""
    boundary, sessions = attached.boundary, attached.sessions
    if boundary is not None and _first_grant(question, [boundary], Source.BOUNDARY) is None:
        return _nothing("the permissions boundary does not grant it", Source.BOUNDARY, boundary)
    if sessions and _first_grant(question, sessions, Source.SESSION) is None:
        return _nothing("no policy of the session grants it", Source.SESSION, sessions[0])
    return None


def _first_grant(
    question: Question, documents: Iterable[Document], source: Source
) -> Decision | None:
    for document in documents:
        for one in document.about(question.action).grants:
            if one.statement.applies(question):
                return _granted(document, one, source)
    return None


def _speaks_against(statement: Statement, attached: Attached) -> bool:
    """Whether a denial means the caller. One that says whom it does not mean, means everybody with
    a boundary: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html"""
    if statement.not_principals is not None and attached.boundary is not None:
        return True
    return _speaks_of(statement, attached.principal) is not Named.NOT


def _speaks_of(statement: Statement, principal: Principal) -> Named:
    if statement.principals is not None:
        return statement.principals.names(principal)
    if statement.not_principals is not None:
        named = statement.not_principals.names(principal)
        return Named.BY_ITSELF if named is Named.NOT else Named.NOT
    return Named.NOT


def _granted(document: Document, one: Numbered, source: Source) -> Decision:
    shown = one.statement.sid or str(one.number)
    reason = f"statement {shown} of {document.name} grants it"
    return Decision(Verdict.ALLOWED, reason, document.name, shown, source)


def _denied(document: Document, one: Numbered, source: Source) -> Decision:
    shown = one.statement.sid or str(one.number)
    reason = f"statement {shown} of {document.name} denies it"
    return Decision(Verdict.EXPLICIT_DENY, reason, document.name, shown, source)


def _nothing(
    reason: str, source: Source = Source.RESOURCE, document: Document | None = None
) -> Decision:
    name = document.name if document else ""
    return Decision(Verdict.IMPLICIT_DENY, reason, name, source=source)
