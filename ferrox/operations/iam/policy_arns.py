"""Managed policies by their ARNs: those of the account, and those of AWS.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
Names are unique without regard to case, ARNs are not: one that differs names nothing.
"""

import re

from ferrox.errors import AccessDenied
from ferrox.iam import managed
from ferrox.iam_errors import InvalidInput, NoSuchEntity
from ferrox.identity import PARTITION, PolicyRecord
from ferrox.storage.identities.view import IdentityView

_is_policy_arn = re.compile(
    rf"arn:{PARTITION}:iam::([0-9]{{12}}|{managed.OWNER}):policy/[!-~]+"
).fullmatch


def lookup(identities: IdentityView, account_id: str, arn: str) -> PolicyRecord | None:
    """The policy with this ARN, if it is one that the account may use."""
    parts = _is_policy_arn(arn)
    if parts is None or parts[1] not in {managed.OWNER, account_id}:
        return None
    policy = managed.policy(arn) or identities.policy(account_id, name_in(arn))
    return policy if policy is not None and policy.arn == arn else None


def find(identities: IdentityView, account_id: str, arn: str) -> PolicyRecord:
    """The policy with this ARN; InvalidInput, NoSuchEntity, AccessDenied if it is another's."""
    _refuse_others(arn, account_id, managed.OWNER)
    policy = lookup(identities, account_id, arn)
    if policy is None:
        raise NoSuchEntity(f"Policy {arn} was not found.")
    return policy


def find_own(identities: IdentityView, account_id: str, arn: str) -> PolicyRecord:
    """The same for who is about to change it: those of AWS are another's, too."""
    _refuse_others(arn, account_id)
    return find(identities, account_id, arn)


def find_attachable(identities: IdentityView, account_id: str, arn: str) -> PolicyRecord:
    """The same for who is about to give it to somebody."""
    _refuse_others(arn, account_id, managed.OWNER)
    policy = lookup(identities, account_id, arn)
    if policy is None:
        raise NoSuchEntity(f"Policy {arn} does not exist or is not attachable.")
    return policy


def name_in(arn: str) -> str:
    """The name at the end of an ARN."""
    return arn.rpartition("/")[2]


def path_in(arn: str) -> str:
    """The path before that."""
    return arn.partition(":policy")[2].removesuffix(name_in(arn))


def order(arn: str) -> str:
    """What tells policies apart and sorts them: those of AWS may be called like the account's."""
    return f"{name_in(arn).lower()}/{arn}"


def _refuse_others(arn: str, *owners: str) -> None:
    parts = _is_policy_arn(arn)
    if parts is None:
        raise InvalidInput(f"ARN {arn} is not valid.")
    if parts[1] not in owners:
        raise AccessDenied("Policy is outside your own account.")
