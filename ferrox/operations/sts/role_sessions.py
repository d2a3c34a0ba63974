"""Sessions of roles, whoever takes the role: whether he may, for how long, and what he gets.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html

To pass tags or a source identity is a permission of its own, which the trust policy is asked for
like that to take the role. Whether there is such a role, nobody learns from a refusal.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from ferrox.decision import Decision, Source, Verdict
from ferrox.errors import AccessDenied, Fault
from ferrox.iam import document
from ferrox.iam.document import Document, Kind, PolicyError
from ferrox.iam_errors import ValidationError
from ferrox.identity import PARTITION, Account, Principal, PrincipalKind, RoleRecord, Session
from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.conditions import of_tagged
from ferrox.operations.sts import giving, session_contents
from ferrox.operations.sts.session_contents import Tags
from ferrox.protocol.query.operation import QueryOperation
from ferrox.protocol.sts.credentials import AssumedRole, AssumedRoleUser, RoleSession
from ferrox.storage.identities.view import IdentityView

DEFAULT_DURATION_S = 3_600
MOST_CHAINED_S = 3_600
"""Of a session that was asked for in the session of a role."""

_is_role_arn = re.compile(
    rf"arn:{PARTITION}:iam::([0-9]{{12}}):role/(?:[!-~]+/)?([\w+=,.@-]+)", re.ASCII
).fullmatch

TAG_SESSION = "sts:TagSession"
SET_SOURCE_IDENTITY = "sts:SetSourceIdentity"

OutputT = TypeVar("OutputT", bound=AssumedRole)


class Role(NamedTuple):
    """A role and the account that it belongs to."""

    account: Account
    record: RoleRecord

    @property
    def trust(self) -> Document:
        """Who may take it."""
        return _compiled(self.record.trust_policy, self.record.arn)


def account_id_of(role_arn: str) -> str:
    """The account in the ARN of a role; ValidationError if no role can have it."""
    return _parts(role_arn)[0]


def require(
    call: IamCall,
    taker: Principal,
    role_arn: str,
    actions: Sequence[str],
    say: Callable[[str], str],
) -> Role:
    """The role, if it may be taken by all of these actions.

    say     what a caller is told who may not do one of them
    raises  ValidationError if no role can have this ARN; AccessDenied
    """
    role = _find(call.identities, role_arn)
    if role is None:
        reason, source = "there is no such role", Source.TRUST
        call.request.decision = Decision(
            Verdict.IMPLICIT_DENY, reason, "", "", source, taker.arn, actions[0], role_arn
        )
        raise AccessDenied(say(actions[0]))
    of_role = {"aws:resourceaccount": (role.account.account_id,), **of_tagged(role.record.tags)}
    call.request.values = {**call.request.values, **of_role}
    for action in actions:
        try:
            call.services.authorizer.require_to_take(
                taker, action, role_arn, role.trust, request=call.request
            )
        except AccessDenied:
            raise AccessDenied(say(action)) from None
    return role


def actions_of(main: QueryOperation[Any, Any], tags: Tags, source_identity: str) -> list[str]:
    """What has to be permitted to begin a session with all that is to go with it."""
    actions = [main.action]
    actions += [TAG_SESSION] if tags.pairs else []
    actions += [SET_SOURCE_IDENTITY] if source_identity else []
    return actions


def duration_s(args: RoleSession, role: Role, *, is_chained: bool) -> int:
    """How long the session is to last, which must be within what the role allows."""
    wanted_s = args.duration_seconds or DEFAULT_DURATION_S
    if wanted_s > role.record.max_session_s:
        raise ValidationError(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )
    if is_chained and wanted_s > MOST_CHAINED_S:
        raise ValidationError(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
            "role chaining"
        )
    return wanted_s


def begin(
    call: IamCall, args: RoleSession, role: Role, session: Session, output: OutputT
) -> OutputT:
    """Fill the answer of whoever may take the role.

    session  without the policies that limit it, which are in the request
    """
    account, record = role
    policies = session_contents.read_policies(call.identities, account.account_id, args)
    named = f"{record.name}/{args.role_session_name}"
    arn = f"arn:{PARTITION}:sts::{account.account_id}:assumed-role/{named}"
    principal = Principal(
        account.account_id,
        account.canonical_id,
        account.display_name,
        arn,
        "",
        PrincipalKind.ROLE_SESSION,
        f"{record.role_id}:{args.role_session_name}",
        parent_arn=record.arn,
    )
    session = session._replace(policies=policies)
    giving.give(call, principal, session, output, args.minimum_session_token_size or 0)
    output.assumed_role_user = AssumedRoleUser(assumed_role_id=principal.user_id, arn=arn)
    output.source_identity = session.source_identity or None
    return output


def _find(identities: IdentityView, arn: str) -> Role | None:
    """The role with this ARN, in whichever account."""
    account_id, name = _parts(arn)
    account, record = identities.account(account_id), identities.role(account_id, name)
    if account is None or record is None or record.arn != arn:
        return None
    return Role(account, record)


def _parts(role_arn: str) -> tuple[str, str]:
    """Account and name."""
    parts = _is_role_arn(role_arn)
    if parts is None:
        raise ValidationError(f"{role_arn} is invalid")
    return parts[1], parts[2]


@lru_cache(maxsize=256)
def _compiled(text: str, arn: str) -> Document:
    """A trust policy; it was one when it was set, so let nobody pass it by."""
    try:
        return document.parse(text, Kind.TRUST, f"the trust policy of {arn}")
    except PolicyError as error:
        raise Fault(f"the trust policy of {arn} cannot be read: {error}") from error
