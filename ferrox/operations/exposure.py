"""Exposure: what callers who sign nothing can reach of a bucket, and what lets them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html

Policies, lists and the public access block are read in the way in which the authorizer reads them,
but for no request in particular. So what only some requests may do, because a statement has
conditions, is told as such. What a denial takes away is left out where it takes it from everybody
without conditions; a denial that has some, or covers less, leaves it here with the same remark.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ferrox.iam import acl
from ferrox.iam.acl import Access
from ferrox.iam.actions import BUCKET_ACTIONS, OBJECT_ACTIONS
from ferrox.iam.asking import resource_arn
from ferrox.iam.document import Question, Statement
from ferrox.iam.patterns import wild
from ferrox.operations import public_access_block
from ferrox.operations.access import POLICY_DOCUMENT, POLICY_TEXT, parse_policy
from ferrox.operations.call import Services
from ferrox.protocol.shapes.website import WebsiteConfiguration
from ferrox.quantities import counted
from ferrox.records import BucketRecord, Grant

Words = Mapping[str, Any]
"""A statement as it was written."""

_Written = tuple[Statement, Words]

_ANYTHING = "\0" * 64
"""Longer than the question marks that somebody may have meant it with."""


class Exposure(NamedTuple):
    """Something that anybody may do.

    actions         as policies name them
    resource        to what: an ARN, which may hold wildcards
    because         what lets it through
    is_conditional  whether only some requests may
    """

    bucket: str
    actions: tuple[str, ...]
    resource: str
    because: str
    is_conditional: bool = False


async def exposures(services: Services, bucket: BucketRecord) -> list[Exposure]:
    """What anonymous callers may do with a bucket and what is in it."""
    found = list(_by_policy(services, bucket))
    access = services.access(bucket)
    if access.has_lists and not access.ignores_public_acls:
        found += _by_list(bucket, access)
        found += await _by_lists_of_objects(services, bucket)
    if found and services.configuration(bucket, WebsiteConfiguration) is not None:
        found = [one._replace(because=f"{one.because}; it is a website") for one in found]
    return found


def _by_policy(services: Services, bucket: BucketRecord) -> Iterator[Exposure]:
    """What the statements of a policy that speak to everybody grant."""
    stored = services.store.bucket_document(bucket, POLICY_DOCUMENT)
    block = public_access_block.in_force(services.store, bucket)
    if stored is None or block.get("RestrictPublicBuckets") is True:
        return
    text = stored[POLICY_TEXT]
    written = _listed(json.loads(text)["Statement"])
    statements = parse_policy(bucket.name, text).statements
    to_anybody = [
        (statement, words)
        for statement, words in zip(statements, written, strict=True)
        if _speaks_to_anybody(statement)
    ]
    for statement, words in to_anybody:
        if statement.allows:
            yield from _granted(bucket, statement, words, to_anybody)


def _granted(
    bucket: BucketRecord, statement: Statement, words: Words, others: Iterable[_Written]
) -> Iterator[Exposure]:
    """What one statement grants on each of the resources that it names."""
    name = f"statement {statement.sid}" if statement.sid else "a statement"
    # What it does not except is everything, as far as is known of the bucket here.
    for resource in _listed(words.get("Resource", "*")):
        actions, is_conditional = _left(statement, bucket, resource, others)
        if actions:
            excepted = _listed(words.get("NotResource", []))
            shown = f"* but {', '.join(excepted)}" if excepted else resource
            because = f"{name} of the bucket's policy"
            yield Exposure(bucket.name, actions, shown, because, is_conditional)


def _speaks_to_anybody(statement: Statement) -> bool:
    if statement.principals is not None:
        return statement.principals.is_everyone
    return statement.not_principals is not None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _left(
    statement: Statement, bucket: BucketRecord, resource: str, others: Iterable[_Written]
) -> tuple[tuple[str, ...], bool]:
    """Which actions a statement grants on a resource, without those that are denied to everybody;
    and whether that is so for some requests only."""
    allowed = {action for action in _fitting(bucket, resource) if statement.is_about(action)}
    is_conditional = bool(statement.conditions)
    for denial, words in others:
        if denial.allows:
            continue
        denied = {action for action in allowed if denial.is_about(action)}
        if "NotResource" not in words and not denial.conditions and _covers(denial, resource):
            allowed -= denied
        else:
            is_conditional = is_conditional or bool(denied)
    return tuple(sorted(allowed)), is_conditional


def _covers(denial: Statement, resource: str) -> bool:
    """Whether a statement without conditions speaks of everything that a pattern does.

    It does if it speaks of what the pattern's wildcards could stand for, whatever that is.
    """
    return denial.applies(Question("", resource.replace("*", _ANYTHING).replace("?", "\0"), {}))


def _fitting(bucket: BucketRecord, resource: str) -> frozenset[str]:
    """The actions that can be done to what a pattern speaks of."""
    if resource == "*":
        return BUCKET_ACTIONS | OBJECT_ACTIONS
    name, slash, _ = resource.split(":", 5)[-1].partition("/")
    fitting = OBJECT_ACTIONS if slash or name.endswith("*") else frozenset()
    is_bucket = not slash and wild(name)(bucket.name)
    return fitting | BUCKET_ACTIONS if is_bucket else fitting


def _by_list(bucket: BucketRecord, access: Access) -> Iterator[Exposure]:
    """What the bucket's list grants to everybody."""
    permissions = {grant.permission for grant in access.in_force if _is_to_anybody(grant)}
    by_resource: dict[str, list[str]] = defaultdict(list)
    for action, permission in sorted(acl.BUCKET_PERMISSIONS.items()):
        if permissions & {permission, acl.FULL_CONTROL}:
            of_objects = action in OBJECT_ACTIONS
            by_resource[resource_arn(bucket, "*" if of_objects else "")].append(action)
    for resource, actions in by_resource.items():
        yield Exposure(bucket.name, tuple(actions), resource, "the bucket's access control list")


def _is_to_anybody(grant: Grant) -> bool:
    return grant.kind == acl.GROUP and grant.grantee == acl.ALL_USERS


async def _by_lists_of_objects(services: Services, bucket: BucketRecord) -> list[Exposure]:
    """What the lists of objects grant to everybody: how many do, and the first of them."""
    count, first = await services.store.count_versions_granting(bucket, acl.ALL_USERS)
    if not count:
        return []
    because = f"the access control lists of {counted(count, 'version')}, the first of {first!r}"
    actions = tuple(sorted(acl.OBJECT_PERMISSIONS))
    return [Exposure(bucket.name, actions, resource_arn(bucket, "*"), because, is_conditional=True)]
