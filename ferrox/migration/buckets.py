"""A bucket at the target: made as the source's is, and given the source's documents.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html

The order is what matters. Object lock is enabled when a bucket is made; versions are kept while
versions are copied, and suspended after, if they were; what acts on objects comes last. Where the
source lets the public in, a bucket that is made here has no public access block from its beginning.
One that is there already keeps its own: somebody may have meant it.
"""

import json
from typing import Any, NamedTuple

from ferrox.migration import carried, documents
from ferrox.migration.client import S3, US_EAST_1
from ferrox.migration.documents import Kind
from ferrox.migration.faults import Refused
from ferrox.migration.report import BucketReport
from ferrox.migration.sides import Pair
from ferrox.protocol import document_operations as ops
from ferrox.protocol.operation import Operation
from ferrox.protocol.operations import CreateBucket, GetBucketAcl, HeadBucket, PutBucketAcl
from ferrox.protocol.shapes.access import (
    OwnershipControls,
    OwnershipControlsRule,
    PutBucketOwnershipControlsInput,
)
from ferrox.protocol.shapes.acl import GetBucketAclInput, PutBucketAclInput
from ferrox.protocol.shapes.buckets import CreateBucketInput, HeadBucketInput
from ferrox.protocol.shapes.groups import BucketInput, DocumentInput
from ferrox.protocol.shapes.lock_configuration import (
    ObjectLockConfiguration,
    PutObjectLockConfigurationInput,
)
from ferrox.protocol.shapes.versioning import PutBucketVersioningInput, VersioningConfiguration
from ferrox.records import Versioning

ENABLED = "Enabled"
LISTS_IN_FORCE = "BucketOwnerPreferred"
"""The object ownership of buckets whose access control lists count."""

_ABSENT_STATUSES = frozenset({400, 404, 405, 501})
"""How servers say that there is no such document, or that they know none of its kind."""


class Found(NamedTuple):
    """What a bucket is at the source."""

    region: str
    versioning: Versioning
    is_lock_enabled: bool


class Buckets:
    """Makes buckets at the target."""

    def __init__(self, source: S3, target: S3) -> None:
        self._source = source
        self._target = target

    async def look(self, bucket: str) -> Found:
        """What the bucket is at the source. Refused, OSError"""
        head = await self._source.ask(HeadBucket, HeadBucketInput(bucket=bucket))
        versioning = await self._versioning(bucket)
        lock = await self._document(self._source, ops.GetObjectLockConfiguration, bucket)
        return Found(head.bucket_region or US_EAST_1, versioning, lock is not None)

    async def _versioning(self, bucket: str) -> Versioning:
        """Whether the bucket keeps versions; servers that know of none say so in several ways."""
        try:
            found = await self._source.ask(ops.GetBucketVersioning, BucketInput(bucket=bucket))
        except Refused as refused:
            if refused.status in _ABSENT_STATUSES:
                return Versioning.UNVERSIONED
            raise
        return Versioning(found.status) if found.status else Versioning.UNVERSIONED

    async def exists(self, bucket: str) -> bool:
        """Whether the target has such a bucket."""
        try:
            await self._target.ask(HeadBucket, HeadBucketInput(bucket=bucket))
        except Refused as refused:
            if refused.status == 404:
                return False
            raise
        return True

    async def prepare(
        self,
        pair: Pair,
        found: Found,
        report: BucketReport,
        *,
        with_documents: bool,
        with_acls: bool,
    ) -> None:
        """Make the bucket, if need be, so that it can take versions as they are.

        with_documents  it is given those that come before its objects
        with_acls       objects in it will have access control lists
        """
        if not await self.exists(pair.target):
            lock = True if found.is_lock_enabled else None
            args = CreateBucketInput(bucket=pair.target, object_lock_enabled_for_bucket=lock)
            await self._target.ask(CreateBucket, args)
            report.documents.append("a new bucket")
            if await self._lets_public_in(pair.source, with_documents, with_acls):
                await self._target.document(
                    ops.DeletePublicAccessBlock, BucketInput(bucket=pair.target)
                )
                report.note("it may let the public in, as at the source: it has no block of that")
        elif found.is_lock_enabled and not await self._is_lock_enabled(pair.target):
            await self._enable_lock(pair.target)
        if found.versioning is not Versioning.UNVERSIONED:
            await self._set_versioning(pair.target, ENABLED)
        for kind in documents.BEFORE if with_documents else ():
            await self._copy(kind, pair, report)
        asked = ops.GetBucketOwnershipControls
        if with_acls and await self._document(self._source, asked, pair.source) is None:
            await self._have_lists_in_force(pair, report)

    async def settle(self, pair: Pair, found: Found) -> None:
        """Have it keep versions, or not, as the source does, once its versions are there."""
        if found.versioning is Versioning.SUSPENDED:
            await self._set_versioning(pair.target, found.versioning.value)

    async def finish(self, pair: Pair, report: BucketReport) -> None:
        """Give it all that comes after its objects."""
        for kind in documents.AFTER:
            await self._copy(kind, pair, report)
        await self._copy_acl(pair, report)
        for kind in documents.NOT_COPIED:
            body = await self._read(kind, pair, report)
            if body is not None and documents.content(kind, body) is not None:
                report.note(f"its {kind.name} is not copied")

    async def _is_lock_enabled(self, bucket: str) -> bool:
        found = await self._document(self._target, ops.GetObjectLockConfiguration, bucket)
        return found is not None

    async def _enable_lock(self, bucket: str) -> None:
        await self._set_versioning(bucket, ENABLED)
        configuration = ObjectLockConfiguration(object_lock_enabled=ENABLED)
        args = PutObjectLockConfigurationInput(
            bucket=bucket, object_lock_configuration=configuration
        )
        await self._target.ask(ops.PutObjectLockConfiguration, args)

    async def _set_versioning(self, bucket: str, status: str) -> None:
        asked = BucketInput(bucket=bucket)
        if (await self._target.ask(ops.GetBucketVersioning, asked)).status == status:
            return
        configuration = VersioningConfiguration(status=status)
        args = PutBucketVersioningInput(bucket=bucket, versioning_configuration=configuration)
        await self._target.ask(ops.PutBucketVersioning, args)

    async def _copy(self, kind: Kind, pair: Pair, report: BucketReport) -> None:
        """Copy one document, unless the target's says the same."""
        body = await self._read(kind, pair, report)
        if body is None or documents.content(kind, body) is None:
            return
        body = documents.renamed(kind, body, pair.source, pair.target)
        there = await self._document(self._target, kind.get, pair.target)
        said = documents.content(kind, body)
        if there is not None and documents.content(kind, there) == said:
            return
        try:
            await self._target.document(kind.put, DocumentInput(bucket=pair.target), body=body)
        except Refused as refused:
            text = " ".join(body.decode("utf-8", "replace").split())
            if kind.name == documents.POLICY and documents.is_public(json.loads(body)):
                _tell_of_block(refused, report)
            if kind.name == "default encryption":
                report.note(f"its default encryption was refused ({refused}): {text}")
            elif kind.name == documents.NOTIFICATION:
                report.note(f"its notifications were refused ({refused}): {text}")
            else:
                report.problem(kind.name, "", refused.code, f"{refused}: {text}")
        else:
            report.documents.append(kind.name)

    async def _read(self, kind: Kind, pair: Pair, report: BucketReport) -> bytes | None:
        """A document of the source; what must not be read is told."""
        try:
            return await self._document(self._source, kind.get, pair.source)
        except Refused as refused:
            if refused.status != 403:
                raise
            report.problem(kind.name, "", refused.code, "the source does not let it be read")
            return None

    async def _lets_public_in(self, bucket: str, with_documents: bool, with_acls: bool) -> bool:
        """Whether what is copied of a bucket lets the public in at the source, or may."""
        block = await self._document(self._source, ops.GetPublicAccessBlock, bucket)
        if block is not None and b"true" in block.lower():
            return False
        if with_acls:
            return True
        if not with_documents:
            return False
        try:
            policy = await self._document(self._source, ops.GetBucketPolicy, bucket)
            if policy is not None and documents.is_public(json.loads(policy)):
                return True
            grants, _ = await self._shared(self._source, bucket)
        except (Refused, ValueError):  # what cannot be read is told when it is to be copied
            return False
        return bool(grants)

    async def _copy_acl(self, pair: Pair, report: BucketReport) -> None:
        """Share the bucket with the groups that it is shared with."""
        try:
            grants, others = await self._shared(self._source, pair.source)
        except Refused:
            return
        if others:
            report.note(f"its access control list names {others} others, who are not known here")
        if not grants or (grants, 0) == await self._shared(self._target, pair.target):
            return
        everything = f'id="{await self._target.canonical_id()}"'
        args = PutBucketAclInput(bucket=pair.target, grant_full_control=everything)
        args.__dict__.update(grants)
        try:
            await self._put_acl(args, pair, report)
        except Refused as refused:
            _tell_of_block(refused, report)
            report.problem("access control list", "", refused.code, str(refused))
        else:
            report.documents.append("access control list")

    async def _shared(self, side: S3, bucket: str) -> tuple[dict[str, str], int]:
        """With whom a bucket is shared besides its owner: groups, and how many others."""
        listed = await side.ask(GetBucketAcl, GetBucketAclInput(bucket=bucket))
        owner = listed.owner.id if listed.owner else None
        foreign = [one for one in listed.grants or [] if not one.grantee or one.grantee.id != owner]
        return carried.shared_grants(foreign)

    async def _put_acl(self, args: PutBucketAclInput, pair: Pair, report: BucketReport) -> None:
        """Set a list, where need be in a bucket that is made to have one."""
        try:
            await self._target.ask(PutBucketAcl, args)
        except Refused as refused:
            if refused.code != "AccessControlListNotSupported":
                raise
            await self._have_lists_in_force(pair, report)
            await self._target.ask(PutBucketAcl, args)

    async def _have_lists_in_force(self, pair: Pair, report: BucketReport) -> None:
        rule = OwnershipControlsRule(object_ownership=LISTS_IN_FORCE)
        controls = OwnershipControls(rules=[rule])
        args = PutBucketOwnershipControlsInput(bucket=pair.target, ownership_controls=controls)
        await self._target.ask(ops.PutBucketOwnershipControls, args)
        report.note("access control lists are in force in it, as at the source")

    async def _document(self, side: S3, get: Operation[Any, Any], bucket: str) -> bytes | None:
        """A document as it is; None where there is none."""
        try:
            return (await side.document(get, BucketInput(bucket=bucket))).body
        except Refused as refused:
            if refused.status in _ABSENT_STATUSES:
                return None
            raise


def _tell_of_block(refused: Refused, report: BucketReport) -> None:
    """Say what to do about a bucket that was there already, and keeps the public out."""
    if refused.code == "AccessDenied":
        report.note(
            "it was there already and blocks public access, unlike at the source: have that block"
            " removed (aws s3api delete-public-access-block) and run again, if that is meant"
        )
