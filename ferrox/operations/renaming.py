"""RenameObject: AWS's call for directory buckets, here for every bucket.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_RenameObject.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/directory-buckets-objects-rename.html

What becomes of both keys in a bucket that keeps versions AWS does not say, because directory
buckets keep none: see storage/metadata/renaming.py.
"""

import json
import re

from ferrox.errors import InvalidArgument, InvalidRequest, NoSuchKey
from ferrox.operations import facts
from ferrox.operations.call import Call
from ferrox.operations.registry import handles
from ferrox.protocol import conditions, names
from ferrox.protocol.message import decode_component
from ferrox.protocol.operations import RenameObject
from ferrox.protocol.shapes.renaming import RenameObjectInput, RenameObjectOutput
from ferrox.records import VersionRecord
from ferrox.storage.metadata.renaming import Token

_is_token = re.compile(r"[!-~]{1,64}").fullmatch


@handles(RenameObject, action="s3:PutObject")
async def rename_object(call: Call, args: RenameObjectInput) -> RenameObjectOutput:
    """Give an object another key, in one transaction, whatever its size."""
    names.check_key(args.key)
    source_key = _source_key(call, args)
    call.require("s3:GetObject", call.bucket, source_key)
    call.require("s3:DeleteObject", call.bucket, source_key)

    def check(source: VersionRecord | None, target: VersionRecord | None) -> VersionRecord:
        if source is None:
            raise NoSuchKey(Key=source_key)
        _check_conditions(call, args, source, target)
        return source

    await call.store.rename_object(
        call.bucket,
        source_key,
        args.key,
        check=check,
        token=_token(args),
        occasion=call.occasion("ObjectCreated:Copy"),
    )
    return RenameObjectOutput()


def _source_key(call: Call, args: RenameObjectInput) -> str:
    """The key out of x-amz-rename-source: `[/]bucket/key`, percent-encoded."""
    given = args.rename_source
    bucket, slash, key = decode_component(given).removeprefix("/").partition("/")
    if not slash or not bucket or not key:
        raise InvalidArgument(
            "Rename Source must mention the source bucket and key: sourcebucket/sourcekey",
            ArgumentName="x-amz-rename-source",
            ArgumentValue=given,
        )
    if bucket != call.bucket.name:
        raise InvalidRequest("The source and the destination must be in the same bucket.")
    if key == args.key:
        raise InvalidRequest("The source and the destination must not be the same key.")
    names.check_key(key)
    return key


def _check_conditions(
    call: Call, args: RenameObjectInput, source: VersionRecord, target: VersionRecord | None
) -> None:
    now_ms = call.services.clock.now_ms()
    conditions.check_source(
        conditions.RENAME_SOURCE,
        if_match=args.source_if_match,
        if_none_match=args.source_if_none_match,
        if_modified_since=args.source_if_modified_since,
        if_unmodified_since=args.source_if_unmodified_since,
        etag=source.etag,
        modified_ms=source.modified_ms,
        now_ms=now_ms,
    )
    conditions.check_write(
        args.destination_if_match, args.destination_if_none_match,
        facts.current_etag(target), args.key,
    )  # fmt: skip
    conditions.check_target_dates(
        args.destination_if_modified_since,
        args.destination_if_unmodified_since,
        None if target is None else target.modified_ms,
        now_ms,
    )


def _token(args: RenameObjectInput) -> Token | None:
    """What makes the request one that is done once: the client's word, and all that it asks for."""
    token = args.client_token
    if token is None:
        return None
    if not _is_token(token):
        raise InvalidArgument(
            "The client token must have 1 to 64 ASCII characters, none of them a space.",
            ArgumentName="x-amz-client-token",
            ArgumentValue=token,
        )
    asked = {name: value for name, value in vars(args).items() if name != "client_token"}
    return Token(token, json.dumps(asked, sort_keys=True))
