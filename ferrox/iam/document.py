"""Policy documents: JSON that is checked and compiled when it is written, and decided often.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html

A document is a list of statements. Those of a resource (a bucket policy, the trust policy of a
role) say whom they speak of; those of an identity do not: they speak of the one they are attached
to.
"""

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto
from typing import Any, NamedTuple

from ferrox.iam.conditions import Condition, InvalidConditionError, compile_condition
from ferrox.iam.patterns import ArnPattern, Matcher, Values, arn_components, wild
from ferrox.iam.principals import Principals, read_principals

VERSIONS = ("2008-10-17", "2012-10-17")
WITH_VARIABLES = VERSIONS[1]

KEPT_ACTIONS = 256
"""Actions that a document remembers what it says of."""

_has_surrogate = re.compile(r"\\u[Dd][89A-Fa-f]").search
"""Half of a pair of these is no character, and cannot be shown to anybody."""

_DOCUMENT_FIELDS = frozenset({"Version", "Id", "Statement"})
_STATEMENT_FIELDS = frozenset(
    {
        *("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction"),
        *("Resource", "NotResource", "Condition"),
    }
)


class PolicyError(ValueError):
    """A document that is no policy; the message is AWS's."""


class Kind(Enum):
    """What a document is attached to."""

    IDENTITY = auto()
    """a user, group, role or session: it names resources and no principal"""
    RESOURCE = auto()
    """a bucket or a key: it names principals and resources"""
    TRUST = auto()
    """a role: it names who may take it, and no resource"""


class Question(NamedTuple):
    """What a policy is asked: may this be done to that?

    values  the condition keys of the request, in lower case
    """

    action: str
    resource: str
    values: Values


class Statement:
    """One statement, compiled."""

    __slots__ = (
        "_actions", "_is_not_action", "_is_not_resource", "_resources", "allows", "conditions",
        "not_principals", "principals", "sid",
    )  # fmt: skip

    def __init__(  # noqa: PLR0917 - made in one place, in the order of the grammar
        self,
        sid: str,
        allows: bool,
        principals: Principals | None,
        not_principals: Principals | None,
        actions: Sequence[str],
        is_not_action: bool,
        resources: Sequence[ArnPattern],
        is_not_resource: bool,
        conditions: Sequence[Condition],
    ) -> None:
        self.sid = sid
        self.allows = allows
        self.principals = principals
        self.not_principals = not_principals
        self._actions: tuple[Matcher, ...] = tuple(wild(action.lower()) for action in actions)
        self._is_not_action = is_not_action
        self._resources = tuple(resources)
        self._is_not_resource = is_not_resource
        self.conditions = tuple(conditions)

    def is_about(self, action: str) -> bool:
        """Whether it speaks of this action."""
        lower_case = action.lower()
        return any(matches(lower_case) for matches in self._actions) is not self._is_not_action

    def applies(self, question: Question) -> bool:
        """Whether it speaks of this resource and request; of whom, and of what, is asked apart."""
        _, resource, values = question
        if not self.covers(resource, values):
            return False
        return not self.conditions or all(condition.holds(values) for condition in self.conditions)

    def covers(self, resource: str, values: Values) -> bool:
        """Whether it speaks of this resource, if of any: the policy of a role does not."""
        if not self._resources:
            return True
        for pattern in self._resources:
            if pattern.matches(resource, values):
                return not self._is_not_resource
        return self._is_not_resource


class Numbered(NamedTuple):
    """A statement and its number in its document, counted from 1."""

    number: int
    statement: Statement


class Relevant(NamedTuple):
    """What a document says of one action."""

    denials: tuple[Numbered, ...]
    grants: tuple[Numbered, ...]


class Document:
    """A policy, compiled.

    name   how explanations call it

    Questions for the same few actions come again and again, so the statements that speak of an
    action are picked once.
    """

    __slots__ = ("_relevant", "name", "statements")

    def __init__(self, name: str, statements: tuple[Statement, ...]) -> None:
        self.name = name
        self.statements = statements
        self._relevant: dict[str, Relevant] = {}

    def about(self, action: str) -> Relevant:
        """The statements that speak of an action."""
        found = self._relevant.get(action)
        if found is None:
            numbered = [
                Numbered(number, statement)
                for number, statement in enumerate(self.statements, 1)
                if statement.is_about(action)
            ]
            found = Relevant(
                tuple(one for one in numbered if not one.statement.allows),
                tuple(one for one in numbered if one.statement.allows),
            )
            if len(self._relevant) >= KEPT_ACTIONS:  # whoever simulates may ask for any
                self._relevant.clear()
            self._relevant[action] = found
        return found


def parse(
    text: str | bytes,
    kind: Kind,
    name: str = "",
    check: Callable[[Mapping[str, Sequence[str]]], None] | None = None,
) -> Document:
    """Read and check a document; PolicyError says what is wrong with it.

    check   sees the lists of each statement (Action, NotAction, Resource, NotResource, and as
            Condition its keys) and raises PolicyError for what makes no sense where it is attached
    """
    document = _json(text)
    _refuse_unknown(document, _DOCUMENT_FIELDS)
    if not isinstance(document.get("Id", ""), str):
        raise PolicyError("Could not parse the policy: Id must be a string")
    version = document.get("Version", VERSIONS[0])
    if version not in VERSIONS:
        raise PolicyError("The policy must contain a valid version string")
    entries = document.get("Statement")
    if entries is None:
        raise PolicyError("Missing required field Statement")
    if isinstance(entries, dict):
        entries = [entries]
    if not isinstance(entries, list) or not entries:
        raise PolicyError("Could not parse the policy: Statement is empty!")
    statements = tuple(
        _statement(entry, kind, check, has_variables=version == WITH_VARIABLES) for entry in entries
    )
    sids = [statement.sid for statement in statements if statement.sid]
    if len(sids) != len(set(sids)):
        raise PolicyError("Statement IDs (SID) in a single policy must be unique.")
    return Document(name, statements)


def _json(document: str | bytes) -> dict[str, Any]:
    try:
        text = document if isinstance(document, str) else document.decode()
    except UnicodeDecodeError:
        text = ""
    if not text.lstrip().startswith("{"):
        raise PolicyError("Policies must be valid JSON and the first byte must be '{'")
    try:
        found = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
        text.encode()
        if _has_surrogate(text):
            json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise PolicyError("This policy contains invalid Json") from None
    return dict(found)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"JSON has no {name}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; of two members of one name nobody knows which one is meant."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member of an object is there twice")
    return members


def _statement(
    entry: object,
    kind: Kind,
    check: Callable[[Mapping[str, Sequence[str]]], None] | None,
    *,
    has_variables: bool,
) -> Statement:
    if not isinstance(entry, dict):
        raise PolicyError("Could not parse the policy: Statement must be an object")
    _refuse_unknown(entry, _STATEMENT_FIELDS)
    sid = entry.get("Sid", "")
    if not isinstance(sid, str):
        raise PolicyError("Could not parse the policy: Sid must be a string")
    effect = entry.get("Effect")
    if effect is None:
        raise PolicyError("Missing required field Effect")
    if not isinstance(effect, str):
        raise PolicyError("Could not parse the policy: Effect must be a string")
    if effect not in {"Allow", "Deny"}:
        raise PolicyError(f"Invalid effect: {effect}")
    principals, not_principals = _principals(entry, kind)
    actions, is_not_action = _one_of(entry, "Action")
    if not actions or not all(_is_action(action) for action in actions):
        raise PolicyError("Policy has invalid action")
    resources, is_not_resource = _resources(entry, kind)
    conditions = _conditions(entry.get("Condition", {}), has_variables=has_variables)
    if check is not None:
        check(
            {
                "NotAction" if is_not_action else "Action": actions,
                "NotResource" if is_not_resource else "Resource": resources,
                "Condition": [condition.key for condition in conditions],
            }
        )
    return Statement(
        sid,
        effect == "Allow",
        principals,
        not_principals,
        actions,
        is_not_action,
        [ArnPattern(resource, has_variables=has_variables) for resource in resources],
        is_not_resource,
        conditions,
    )


def _principals(entry: dict[str, Any], kind: Kind) -> tuple[Principals | None, Principals | None]:
    has_one, has_other = "Principal" in entry, "NotPrincipal" in entry
    if kind is Kind.IDENTITY:
        if has_one or has_other:
            raise PolicyError("Policy document should not specify a principal.")
        return None, None
    if not has_one and not has_other:
        raise PolicyError("Missing required field Principal")
    found = read_principals(entry["Principal" if has_one else "NotPrincipal"])
    if found is None or (has_one and has_other):
        raise PolicyError("Invalid principal in policy")
    return (found, None) if has_one else (None, found)


def _resources(entry: dict[str, Any], kind: Kind) -> tuple[list[str], bool]:
    if kind is Kind.TRUST:
        if "Resource" in entry or "NotResource" in entry:
            raise PolicyError("Has prohibited field Resource")
        return [], False
    resources, is_not = _one_of(entry, "Resource")
    if not resources or not all(one == "*" or arn_components(one) for one in resources):
        raise PolicyError("Policy has invalid resource")
    return resources, is_not


def _one_of(entry: dict[str, Any], name: str) -> tuple[list[str], bool]:
    """The values of `name` or of `Not<name>`, one of which there must be; and which one it is."""
    is_not = f"Not{name}" in entry
    if not is_not and name not in entry:
        raise PolicyError(f"Missing required field {name}")
    found = _strings(entry[f"Not{name}" if is_not else name])
    if found is None or (is_not and name in entry):
        raise PolicyError(f"Policy has invalid {name.lower()}")
    return found, is_not


def _conditions(block: object, *, has_variables: bool) -> list[Condition]:
    if not isinstance(block, dict):
        raise PolicyError("Could not parse the policy: Condition must be an object")
    conditions = []
    for operator, keys in block.items():
        if not isinstance(keys, dict):
            raise PolicyError(f"Could not parse the policy: {operator} must be an object")
        for key, value in keys.items():
            wanted = _strings(value)
            if wanted is None:
                raise PolicyError("Could not parse the policy: a condition value must be a string")
            try:
                condition = compile_condition(operator, key, wanted, has_variables=has_variables)
            except InvalidConditionError as error:
                raise PolicyError(str(error)) from None
            conditions.append(condition)
    return conditions


def _strings(value: object) -> list[str] | None:
    """One string or several; numbers and booleans count as their text. None if it is neither."""
    values = value if isinstance(value, list) else [value]
    texts = []
    for one in values:
        if isinstance(one, bool):
            texts.append("true" if one else "false")
        elif isinstance(one, str | int) or (isinstance(one, float) and math.isfinite(one)):
            texts.append(str(one))
        else:
            return None
    return texts


def _is_action(action: str) -> bool:
    service, colon, name = action.partition(":")
    return action == "*" or bool(service and colon and name)


def _refuse_unknown(fields: Mapping[str, Any], known: frozenset[str]) -> None:
    for name in fields:
        if name not in known:
            raise PolicyError(f"Unknown field {name}")
