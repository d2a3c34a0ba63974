"""The request of a simulation: who makes it, and what is known of it.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_ContextEntry.html

What follows from who asks and from whose the resource is, is known as in real requests. All else is
known only as far as the simulation says it, and what it says comes first. What was asked for and
is not known is remembered, since it may be why the outcome is what it is.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ferrox.iam.conditions import is_value
from ferrox.iam_errors import InvalidInput
from ferrox.identity import GroupRecord, Principal, PrincipalKind, RoleRecord, UserRecord
from ferrox.operations.caller_keys import CallerKeys, Found
from ferrox.operations.iam.call import IamCall
from ferrox.protocol.iam.simulation import ContextEntry

_LIST = "List"
_OF_OWNER = frozenset({"aws:resourceaccount", "s3:resourceaccount"})
_OF_CALLER_ID = "aws:userid"
_OF_CALLER = frozenset({"aws:principalarn", "aws:principaltype", _OF_CALLER_ID})

_user_arn = re.compile(r"arn:aws:iam::([0-9]{12}):user/(?:[!-~]+/)?([\w+=,.@-]+)").fullmatch
_root_arn = re.compile(r"arn:aws:iam::([0-9]{12}):root").fullmatch


class Caller(NamedTuple):
    """Who makes the request.

    tags      of the user or role
    unknown   condition keys that requests of such callers have, with values nobody knows
    """

    principal: Principal
    tags: Mapping[str, str]
    unknown: frozenset[str] = frozenset()


def caller_with(call: IamCall, entity: UserRecord | GroupRecord | RoleRecord) -> Caller:
    """Somebody of the account: a user, in a session of a role, or anybody in a group."""
    own = call.principal
    principal = Principal(
        call.account_id, own.canonical_id, own.display_name, entity.arn, "", PrincipalKind.USER
    )
    match entity:
        case UserRecord():
            named = principal._replace(user_id=entity.user_id, user_name=entity.name)
            return Caller(named, entity.tags)
        case RoleRecord():
            kind = PrincipalKind.ROLE_SESSION
            session = principal._replace(kind=kind, parent_arn=entity.arn)
            return Caller(session, entity.tags, frozenset({_OF_CALLER_ID}))
        case GroupRecord():
            return Caller(principal, {}, _OF_CALLER)


def caller_called(call: IamCall, arn: str) -> Caller:
    """A user of any account, of whom nothing is known but the name."""
    parts = _user_arn(arn)
    if parts is None:
        raise InvalidInput(f"Invalid CallerArn: {arn} is not the ARN of an IAM user.")
    account = call.identities.account(parts[1])
    canonical_id = account.canonical_id if account else ""
    principal = Principal(
        parts[1], canonical_id, "", arn, "", PrincipalKind.USER, user_name=parts[2]
    )
    return Caller(principal, {}, frozenset({_OF_CALLER_ID}))


def anybody(call: IamCall) -> Caller:
    """Some caller of the account, of whom not even the name is known."""
    own = call.principal
    principal = Principal(
        call.account_id, own.canonical_id, own.display_name, "", "", PrincipalKind.USER
    )
    return Caller(principal, {}, _OF_CALLER)


def account_in(resource_owner: str) -> str:
    """The account that a ResourceOwner names."""
    parts = _root_arn(resource_owner)
    if parts is None:
        raise InvalidInput(f"Invalid ResourceOwner: {resource_owner} is not the ARN of an account.")
    return parts[1]


def stated(entries: Sequence[ContextEntry] | None) -> dict[str, tuple[str, ...]]:
    """The condition keys that are given, in lower case; InvalidInput for values of other types."""
    found = {}
    for entry in entries or ():
        name, values = entry.context_key_name, entry.context_key_values or []
        kind = entry.context_key_type or "string"
        if not name or (len(values) > 1 and not kind.endswith(_LIST)):
            raise InvalidInput(f"Invalid context entry: {name or ''} must have one value of {kind}")
        for value in values:
            if not is_value(kind.removesuffix(_LIST), value):
                raise InvalidInput(f"Invalid context entry: {value} of {name} is no {kind}")
        found[name.lower()] = tuple(values)
    return found


class Imagined:
    """What is known of a request that nobody made.

    owner_id   the account that owns the resource
    """

    def __init__(
        self, call: IamCall, caller: Caller, given: Mapping[str, tuple[str, ...]], owner_id: str
    ) -> None:
        self._caller_keys = CallerKeys(caller.principal, call.clock, lambda _: caller.tags)
        self._caller = caller
        self._given = given
        self._owner_id = owner_id
        self.missed: set[str] = set()

    def get(self, key: str, /) -> Found:
        """The values of a key; None if nobody knows them."""
        found = self._given[key] if key in self._given else self._follows(key)
        if found is None:
            self.missed.add(key)
        return found

    def _follows(self, key: str) -> Found:
        if key in _OF_OWNER:
            return (self._owner_id,)
        return None if key in self._caller.unknown else self._caller_keys.get(key)
