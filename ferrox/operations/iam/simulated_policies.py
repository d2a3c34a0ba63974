"""The policies of a simulation: those that somebody has, and those that are given with it.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_PolicyIdentifier.html

Each has a name by which results speak of it: a managed policy its own, an inline one
`user_NAME_POLICY`, and one that is given the name of the parameter and its number.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ferrox.iam import document
from ferrox.iam.document import Document, Kind, PolicyError
from ferrox.iam.patterns import wild
from ferrox.iam_errors import InvalidInput
from ferrox.operations.held_policies import Held
from ferrox.protocol.iam.simulation import InlinePolicyIdentifier, PolicyIdentifier

INPUTS = "PolicyInputList"
BOUNDARIES = "PermissionsBoundaryPolicyInputList"
RESOURCE = "ResourcePolicy"

_OF_NOBODY = "none"
_BOUNDARY = "permission-boundary"
_INLINE = "inline"
_is_policy_arn = re.compile(r"arn:aws:iam::(aws|[0-9]{12}):policy/[!-~]+").fullmatch


class Simulated(NamedTuple):
    """A policy as results speak of it.

    policy_type  user, group or role, whose inline policy it is; aws-managed or user-managed;
                 resource; or none: it was given with the simulation
    """

    document: Document
    text: str
    policy_id: str
    policy_type: str


def of_held(held: Held) -> Simulated:
    """One that somebody has."""
    if held.is_managed:
        return Simulated(held.document, held.text, held.name, _managed_type(held))
    kind = held.owner_kind
    return Simulated(held.document, held.text, f"{kind}_{held.owner.name}_{held.name}", kind)


def given(texts: Sequence[str] | None, parameter: str) -> list[Simulated]:
    """Policies of identities that are given in a parameter."""
    return [
        _parsed(text, Kind.IDENTITY, f"{parameter}.{number}", _OF_NOBODY)
        for number, text in enumerate(texts or (), 1)
    ]


def given_for_resource(text: str | None) -> Simulated | None:
    """The policy that every resource of the simulation has."""
    return _parsed(text, Kind.RESOURCE, RESOURCE, "resource") if text else None


def given_boundary(texts: Sequence[str] | None) -> Simulated | None:
    """The boundary that takes the place of any other."""
    found = given(texts, BOUNDARIES)
    if len(found) > 1:
        raise InvalidInput("Only one permissions boundary can be simulated.")
    return found[0] if found else None


def _parsed(text: str, kind: Kind, policy_id: str, policy_type: str) -> Simulated:
    try:
        parsed = document.parse(text, kind, policy_id)
    except PolicyError as error:
        raise InvalidInput(f"Invalid policy {policy_id}: {error}") from None
    return Simulated(parsed, text, policy_id, policy_type)


class Exclusions:
    """Which policies a simulation is to leave out."""

    def __init__(self, identifiers: Sequence[PolicyIdentifier] | None) -> None:
        for one in identifiers or ():
            _check(one)
        self._identifiers = tuple(identifiers or ())

    def left(self, policies: Iterator[Held]) -> Iterator[Held]:
        """Those of an identity's policies that are not left out."""
        return (
            held for held in policies if not any(_means(one, held) for one in self._identifiers)
        )

    def left_boundary(self, held: Held | None) -> Held | None:
        """The boundary, unless it is left out."""
        is_out = any(one.policy_type == _BOUNDARY for one in self._identifiers)
        return None if is_out else held


def _check(identifier: PolicyIdentifier) -> None:
    """Refuse what says nothing, or says it wrongly."""
    members = (
        identifier.policy_type,
        identifier.policy_arn,
        identifier.inline_policy_identifier,
    )
    if sum(one is not None for one in members) != 1:
        raise InvalidInput("A policy identifier must have exactly one member.")
    arn = identifier.policy_arn
    if arn is not None and (not _is_policy_arn(arn) or arn.count("*") > 1):
        raise InvalidInput(f"Invalid policy ARN: {arn}")


def _means(identifier: PolicyIdentifier, held: Held) -> bool:
    if identifier.policy_arn is not None:
        return held.is_managed and wild(identifier.policy_arn)(held.arn)
    if identifier.inline_policy_identifier is not None:
        return not held.is_managed and _means_inline(identifier.inline_policy_identifier, held)
    return identifier.policy_type == (_managed_type(held) if held.is_managed else _INLINE)


def _means_inline(identifier: InlinePolicyIdentifier, held: Held) -> bool:
    return (
        identifier.policy_name == held.name
        and identifier.attachment_type == held.owner_kind
        and wild(identifier.attachment_name)(held.owner.name)
    )


def _managed_type(held: Held) -> str:
    return "aws-managed" if held.is_of_aws else "user-managed"
