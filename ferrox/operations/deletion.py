"""DeleteObject and DeleteObjects.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
"""

import asyncio
import logging
from collections.abc import Callable, Sequence

from ferrox import errors, ids
from ferrox.errors import (
    Fault,
    InternalError,
    InvalidArgument,
    MalformedXML,
    NoSuchVersion,
    S3Error,
)
from ferrox.operations import protection, provenance, request_payment
from ferrox.operations.call import Call
from ferrox.operations.objects import can_have_been, check_address, require_to_compare
from ferrox.operations.registry import handles
from ferrox.protocol import conditions, names
from ferrox.protocol.message import Removal
from ferrox.protocol.operations import DeleteObject, DeleteObjects
from ferrox.protocol.provenance import Provenance
from ferrox.protocol.shapes.deletion import (
    DeletedObject,
    DeleteObjectInput,
    DeleteObjectOutput,
    DeleteObjectsInput,
    DeleteObjectsOutput,
    Error,
    ObjectIdentifier,
)
from ferrox.records import VersionRecord

log = logging.getLogger(__name__)

MAX_KEYS_PER_REQUEST = 1000


def delete_action(args: DeleteObjectInput) -> str:
    """Removing one version for good has an action of its own."""
    return "s3:DeleteObject" if args.version_id is None else "s3:DeleteObjectVersion"


@handles(DeleteObject, action=delete_action)
async def delete_object(call: Call, args: DeleteObjectInput) -> DeleteObjectOutput:
    """Remove a key, or one version of it; a key that is not there is no error."""
    check_address(call, args.key, args.version_id)
    _refuse_what_is_not_done(call, args)
    brought = provenance.claimed(call)
    if brought.modified_ms:
        return await _bring_marker(call, args, brought)
    require_to_compare(call, args.key, args.if_match)
    check = delete_condition(
        args.key, args.if_match, args.if_match_last_modified_time, args.if_match_size
    )
    deletion = await call.store.delete_object(
        call.bucket,
        args.key,
        args.version_id,
        check=check,
        bypass=protection.may_bypass(call, args.key, is_asked_for=args.bypass_governance_retention),
        occasion=call.occasion("ObjectRemoved:Delete"),
    )
    return DeleteObjectOutput(
        delete_marker=deletion.is_delete_marker or None, version_id=deletion.version_id
    )


async def _bring_marker(
    call: Call, args: DeleteObjectInput, brought: Provenance
) -> DeleteObjectOutput:
    """Add the delete marker that another object store had."""
    if args.version_id is not None:
        raise InvalidArgument("What is brought here is no version that is already here")
    version_id = brought.version_id or ids.version_id()
    deletion = await call.store.bring_delete_marker(
        call.bucket,
        args.key,
        version_id,
        brought.modified_ms,
        follows=brought.follows,
        occasion=call.occasion("ObjectRemoved:Delete"),
    )
    return DeleteObjectOutput(delete_marker=True, version_id=deletion.version_id)


def _refuse_what_is_not_done(call: Call, args: DeleteObjectInput | DeleteObjectsInput) -> None:
    """Only where objects can be locked is there anything to bypass; MFA delete does not exist."""
    if args.mfa is not None:
        raise errors.NotImplemented(
            "Deleting with multi-factor authentication is not implemented", Header="x-amz-mfa"
        )
    is_asked_for = args.bypass_governance_retention is not None
    if is_asked_for and not call.bucket.is_object_lock_enabled:
        raise InvalidArgument(
            "x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.",
            ArgumentName="x-amz-bypass-governance-retention",
        )


def delete_condition(
    key: str, if_match: str | None, modified_ms: int | None, size_bytes: int | None
) -> Callable[[VersionRecord | None], None] | None:
    """The If-Match family of a delete as a function of the key's current version."""
    if if_match is None and modified_ms is None and size_bytes is None:
        return None

    def check(current: VersionRecord | None) -> None:
        conditions.check_delete(if_match, modified_ms, size_bytes, current, key)

    return check


@handles(DeleteObjects, action=None)  # each key asks for itself
async def delete_objects(call: Call, args: DeleteObjectsInput) -> DeleteObjectsOutput:
    """Remove up to 1,000 keys; each succeeds or fails on its own, all in one group commit."""
    objects = args.delete.objects
    if not objects or len(objects) > MAX_KEYS_PER_REQUEST:
        raise MalformedXML
    _refuse_what_is_not_done(call, args)
    wanted = _each_once(objects)
    results = await asyncio.gather(*(_delete_one(call, args, one) for one in wanted))
    errors = [result for result in results if isinstance(result, Error)]
    deleted = [result for result in results if isinstance(result, DeletedObject)]
    call.request.removals = [
        Removal(result.key or "", result.version_id, getattr(result, "code", None) or "")
        for result in results
    ]
    return DeleteObjectsOutput(deleted=[] if args.delete.quiet else deleted, errors=errors)


def _each_once(objects: Sequence[ObjectIdentifier]) -> list[ObjectIdentifier]:
    """What is named twice is deleted once, or a key would get a marker on top of a marker."""
    return list(
        {
            (one.key, one.version_id, one.e_tag, one.last_modified_time, one.size): one
            for one in objects
        }.values()
    )


async def _delete_one(
    call: Call, args: DeleteObjectsInput, wanted: ObjectIdentifier
) -> DeletedObject | Error:
    """Delete one of many, and turn what goes wrong into its row of the answer.

    A fault, too: others of the request are deleted by then, and the client must learn of them.
    """
    version_id = wanted.version_id or None
    try:
        names.check_key(wanted.key)
        action = "s3:DeleteObject" if version_id is None else "s3:DeleteObjectVersion"
        call.require(action, call.bucket, wanted.key, version_id)
        request_payment.charges(call.services, call.principal, call.bucket, call.request)
        if version_id is not None and not can_have_been(call, wanted.key, version_id):
            raise NoSuchVersion
        require_to_compare(call, wanted.key, wanted.e_tag)
        check = delete_condition(wanted.key, wanted.e_tag, wanted.last_modified_time, wanted.size)
        bypass = protection.may_bypass(
            call, wanted.key, is_asked_for=args.bypass_governance_retention
        )
        deletion = await call.store.delete_object(
            call.bucket,
            wanted.key,
            version_id,
            check=check,
            bypass=bypass,
            occasion=call.occasion("ObjectRemoved:Delete"),
        )
    except S3Error as error:
        return _error(wanted.key, version_id, error)
    except Fault:
        log.exception("%s: deleting one of many keys failed", call.request.request_id)
        return _error(wanted.key, version_id, InternalError())
    return DeletedObject(
        key=wanted.key,
        version_id=version_id,
        delete_marker=deletion.is_delete_marker or None,
        delete_marker_version_id=deletion.version_id if deletion.is_delete_marker else None,
    )


def _error(key: str, version_id: str | None, error: S3Error) -> Error:
    return Error(key=key, version_id=version_id, code=error.code, message=error.message)
