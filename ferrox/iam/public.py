"""Whether a bucket's policy lets the public in.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
(The meaning of "public")

A policy is public unless each statement that allows something speaks of certain principals, or
holds everyone to a fixed value of where a request comes from or for whom.
"""

import ipaddress

from ferrox.iam.conditions import Condition
from ferrox.iam.document import Document, Statement
from ferrox.identity import ANONYMOUS_ID

_FIXING = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    }
)
"""Condition keys that say where a request comes from or for whom."""

_WIDEST_PREFIX_BITS = {4: 8, 6: 32}
"""Networks with shorter prefixes are as good as everywhere."""


def is_public(policy: Document) -> bool:
    """Whether any statement lets everybody do something."""
    return any(statement.allows and _speaks_to_all(statement) for statement in policy.statements)


def _speaks_to_all(statement: Statement) -> bool:
    principals = statement.principals
    if principals is not None and not principals.is_everyone:
        return False
    return not any(_fixes(condition) for condition in statement.conditions)


def _fixes(condition: Condition) -> bool:
    """Whether a condition holds every request to values that are fixed."""
    if condition.is_negated or condition.if_exists or condition.quantifier == "ForAllValues":
        return False
    if condition.is_bound:  # nearly every account is less than the last one
        return False
    if condition.key not in _FIXING or condition.wants_absent is not None:
        return False
    return bool(condition.wanted) and all(
        _is_narrow(value) if condition.key == "aws:sourceip" else not _is_wild(value)
        for value in condition.wanted
    )


def _is_wild(value: str) -> bool:
    """Whether it stands for several, or for whoever does not sign."""
    return any(sign in value for sign in "*?$") or value == ANONYMOUS_ID


def _is_narrow(value: str) -> bool:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return network.prefixlen >= _WIDEST_PREFIX_BITS[network.version]
