"""AssumeRole: the session of a role for somebody who has credentials.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage-assume.html

The role's trust policy has to name the caller; one that names the caller's account leaves it to the
policies of that account. Somebody who is in the session of a role himself passes on what he got
with it: tags that are transitive, and the source identity.
"""

from collections.abc import Mapping

from ferrox import errors
from ferrox.errors import AccessDenied
from ferrox.iam_errors import ValidationError
from ferrox.identity import PrincipalKind
from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.registry import handles
from ferrox.operations.sts import giving, role_sessions, session_contents
from ferrox.operations.sts.session_contents import Tags
from ferrox.protocol.sts.credentials import AssumeRoleInput, AssumeRoleOutput
from ferrox.protocol.sts.operations import AssumeRole

NO_SECOND_FACTOR = (
    "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial "
    "number is valid and associated with this user."
)


@handles(AssumeRole)
async def assume_role(call: IamCall, args: AssumeRoleInput) -> AssumeRoleOutput:
    """Give the caller the permissions of a role, for a while."""
    caller = call.principal
    if caller.is_root:
        raise AccessDenied("Roles may not be assumed by root accounts.")
    if args.serial_number is not None or args.token_code is not None:
        raise AccessDenied(NO_SECOND_FACTOR)
    if args.provided_contexts:
        raise errors.NotImplemented("Context assertions are not implemented.")
    given = session_contents.read_tags(
        ((tag.key, tag.value) for tag in args.tags or ()), args.transitive_tag_keys or ()
    )
    tags = session_contents.with_inherited(given, caller.session)
    source_identity = _source_identity(call, args)
    call.request.values = _condition_keys(args, tags, source_identity)
    actions = role_sessions.actions_of(AssumeRole, given, source_identity)
    role = role_sessions.require(
        call,
        caller,
        args.role_arn,
        actions,
        lambda action: (
            f"User: {caller.arn} is not authorized to perform: {action} "
            f"on resource: {args.role_arn}"
        ),
    )
    duration_s = role_sessions.duration_s(
        args, role, is_chained=caller.kind is PrincipalKind.ROLE_SESSION
    )
    session = giving.session_of(call, duration_s)._replace(
        tags=tags.pairs, transitive_tags=tags.transitive, source_identity=source_identity
    )
    return role_sessions.begin(call, args, role, session, AssumeRoleOutput())


def _source_identity(call: IamCall, args: AssumeRoleInput) -> str:
    """Who began, which the first of a chain of sessions says for all of them."""
    session = call.principal.session
    said, inherited = args.source_identity or "", session.source_identity if session else ""
    if said and inherited and said != inherited:
        raise AccessDenied("The source identity of a session cannot be changed.")
    if said.startswith("aws:"):
        raise ValidationError("A source identity must not begin with aws:")
    return inherited or said


def _condition_keys(
    args: AssumeRoleInput, tags: Tags, source_identity: str
) -> Mapping[str, tuple[str, ...]]:
    duration_s = args.duration_seconds or role_sessions.DEFAULT_DURATION_S
    keys = {
        **tags.condition_keys,
        "sts:rolesessionname": (args.role_session_name,),
        "sts:durationseconds": (str(duration_s),),
    }
    if args.external_id is not None:
        keys["sts:externalid"] = (args.external_id,)
    if source_identity:
        keys["sts:sourceidentity"] = (source_identity,)
    return keys
