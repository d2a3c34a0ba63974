"""Policies as they are written: whether they are ones, and not too long.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html

IAM says in other words than S3 what is wrong with the policy of an identity; about the trust policy
of a role both use the same ones. White space does not count for the length of a policy.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from ferrox.iam import document
from ferrox.iam.document import WITH_VARIABLES, Kind, PolicyError
from ferrox.iam.patterns import arn_components
from ferrox.iam_errors import LimitExceeded, MalformedPolicyDocument
from ferrox.operations import named_principals
from ferrox.operations.iam import quotas
from ferrox.storage.identities.view import IdentityView

_SYNTAX = "Syntax errors in policy."
_LEGACY = "The policy failed legacy parsing"
_NO_VENDOR = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
_EMPTY = {
    "Action": "Policy statement must contain actions.",
    "Resource": "Policy statement must contain resources.",
}
_OF_IAM = {
    "Missing required field Action": _EMPTY["Action"],
    "Missing required field Resource": _EMPTY["Resource"],
    "Invalid effect: allow": _LEGACY,
    "Invalid effect: deny": _LEGACY,
}
"""What IAM says in place of what parsing says."""

_OF_BOTH = (
    "Policy document should not specify a principal.",
    "Statement IDs (SID) in a single policy must be unique.",
)
_PARTITIONS = frozenset({"*", "aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-eusc"})
_is_vendor = re.compile(r"[a-zA-Z0-9.-]+").fullmatch


class _ComplaintError(PolicyError):
    """What is wrong, in the words of IAM already."""


def require_inline(text: str) -> None:
    """Refuse what is no policy of a user, group or role."""
    try:
        document.parse(text, Kind.IDENTITY, check=_check_identity_statement)
    except _ComplaintError as error:
        raise MalformedPolicyDocument(str(error)) from None
    except PolicyError as error:
        raise MalformedPolicyDocument(_said_by_iam(text, str(error))) from None


def require_managed(text: str) -> None:
    """Refuse what is no managed policy, or too long for one."""
    require_inline(text)
    if json.loads(text).get("Version") != WITH_VARIABLES:
        raise MalformedPolicyDocument(
            f"Policy document must be version {WITH_VARIABLES} or greater."
        )
    _require_length([text], quotas.POLICY_CHARACTERS, "PolicySize")


def require_trust(identities: IdentityView, text: str) -> None:
    """Refuse what does not say who may take a role, or names somebody who does not exist."""
    try:
        policy = document.parse(text, Kind.TRUST, check=_check_trust_statement)
    except PolicyError as error:
        raise MalformedPolicyDocument(str(error)) from None
    for statement in policy.statements:
        if statement.not_principals is not None:
            raise MalformedPolicyDocument(
                "Allow with NotPrincipal is not allowed."
                if statement.allows
                else "AssumeRole policy must not contain NotPrincipal field."
            )
    stranger = named_principals.missing(identities, policy)
    if stranger is not None:
        raise MalformedPolicyDocument(f'Invalid principal in policy: "AWS":"{stranger}"')
    _require_length([text], quotas.TRUST_POLICY_CHARACTERS, "ACLSizePerRole")


def require_room_inline(texts: Iterable[str], most: int, whose: str) -> None:
    """Refuse inline policies that are too long together."""
    if length(texts) > most:
        raise LimitExceeded(f"Maximum policy size of {most} bytes exceeded for {whose}")


def length(texts: Iterable[str]) -> int:
    """How long policies are, as quotas count it."""
    return sum(len("".join(text.split())) for text in texts)


def _require_length(texts: Iterable[str], most: int, what: str) -> None:
    if length(texts) > most:
        raise LimitExceeded(f"Cannot exceed quota for {what}: {most}")


def _check_identity_statement(parts: Mapping[str, Sequence[str]]) -> None:
    for element, complain in _COMPLAIN.items():
        for value in parts.get(element) or parts[f"Not{element}"]:
            complaint = complain(value)
            if complaint is not None:
                raise _ComplaintError(complaint)


def _check_trust_statement(parts: Mapping[str, Sequence[str]]) -> None:
    actions = parts.get("Action") or parts["NotAction"]
    if not all(action.lower().startswith("sts:") for action in actions):
        raise PolicyError("AssumeRole policy may only specify STS AssumeRole actions.")


def _said_by_iam(text: str, message: str) -> str:
    """What IAM says about a policy that cannot be parsed."""
    if message in _OF_BOTH:
        return message
    for element in _COMPLAIN:
        if message == f"Policy has invalid {element.lower()}":
            return _said_about(text, element)
    return _OF_IAM.get(message, _SYNTAX)


def _said_about(text: str, element: str) -> str:
    """What IAM says about an element that is there and cannot be right."""
    statements = json.loads(text)["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        found = [statement[name] for name in (element, f"Not{element}") if name in statement]
        values = found[0] if isinstance(found[0], list) else found[:1]
        if len(found) > 1 or not all(isinstance(value, str) for value in values):
            return _SYNTAX
        if not values:
            return _EMPTY[element]
        complaints = (_COMPLAIN[element](value) for value in values)
        complaint = next((one for one in complaints if one is not None), None)
        if complaint is not None:
            return complaint
    return _SYNTAX


def _complain_of_action(action: str) -> str | None:
    vendor, colon, name = action.partition(":")
    if action == "*":
        return None
    if not colon:
        return _NO_VENDOR
    if ":" in name:
        return "Actions/Condition can contain only one colon."
    if not _is_vendor(vendor):
        return f"Vendor {vendor} is not valid"
    return None if name else _LEGACY


def _complain_of_resource(resource: str) -> str | None:
    if resource == "*":
        return None
    if ":" not in resource:
        return f'Resource {resource} must be in ARN format or "*".'
    components = arn_components(resource)
    if components is None and resource.startswith("arn:"):
        return _LEGACY
    start, partition, *rest = components or resource.split(":", 5)
    if start != "arn" or partition not in _PARTITIONS:
        shown = ":".join([*rest, *"****"][:4])
        return f'Partition "{partition}" is not valid for resource "arn:{partition}:{shown}".'
    service, region = rest[:2]
    if service == "iam" and region:
        return f"IAM resource {resource} cannot contain region information."
    if service == "s3" and region and not rest[3].startswith("accesspoint/"):
        return f"Resource {resource} can not contain region information."
    return None


_COMPLAIN: dict[str, Callable[[str], str | None]] = {
    "Action": _complain_of_action,
    "Resource": _complain_of_resource,
}
"""What is wrong with a value of an element, in the words of IAM; None if nothing is."""
