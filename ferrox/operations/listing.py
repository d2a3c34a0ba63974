"""ListObjects and ListObjectsV2.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
"""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from ferrox.errors import InvalidArgument
from ferrox.operations.call import Call
from ferrox.operations.registry import handles
from ferrox.protocol import listing
from ferrox.protocol.contents import Names, common_prefixes, contents, names_as_xml
from ferrox.protocol.listing import ContinuationToken
from ferrox.protocol.operations import ListObjects, ListObjectsV2
from ferrox.protocol.shapes.listing import (
    ListObjectsInput,
    ListObjectsOutput,
    ListObjectsV2Input,
    ListObjectsV2Output,
)
from ferrox.protocol.xml import Written
from ferrox.records import CommonPrefix, Listing, ObjectSummary, VersionSummary


class Page(NamedTuple):
    """Entries of a listing in the form in which documents show them."""

    contents: Written
    common_prefixes: Written
    key_count: int
    is_truncated: bool
    next_after: str


V2_ONLY = {"continuation-token": "continuation-token", "start-after": "startAfter"}
"""Parameters that a version 1 listing refuses, and what AWS calls them then."""


@handles(ListObjects, action="s3:ListBucket")
async def list_objects(call: Call, args: ListObjectsInput) -> ListObjectsOutput:
    """List keys in the order of their UTF-8, resuming after a marker that is a key."""
    for name, called in V2_ONLY.items():
        if name in call.request.query:
            raise InvalidArgument(
                f"{called} only supported in REST.GET.BUCKET with list-type=2", ArgumentName=name
            )
    encode = encoder(args.encoding_type)
    limit = listing.max_keys(args.max_keys, "max-keys")
    marker = args.marker or ""
    found = await call.store.list_objects(
        call.bucket,
        prefix=args.prefix or "",
        delimiter=args.delimiter or "",
        after=marker,
        limit=limit,
    )
    page = shown(call, found, _names(args), has_owners=True)
    has_next_marker = page.is_truncated and args.delimiter
    return ListObjectsOutput(
        name=call.bucket.name,
        prefix=encode(args.prefix or ""),
        marker=encode(marker),
        next_marker=encode(page.next_after) if has_next_marker else None,
        max_keys=limit if args.max_keys is None else args.max_keys,
        delimiter=encode(args.delimiter) if args.delimiter else None,
        encoding_type=args.encoding_type,
        is_truncated=page.is_truncated,
        contents=page.contents,
        common_prefixes=page.common_prefixes,
    )


@handles(ListObjectsV2, action="s3:ListBucket")
async def list_objects_v2(call: Call, args: ListObjectsV2Input) -> ListObjectsV2Output:
    """List keys in the order of their UTF-8, resuming at an opaque token."""
    if "marker" in call.request.query:
        raise InvalidArgument(
            "Marker unsupported with REST.GET.BUCKET in list-type=2", ArgumentName="marker"
        )
    encode = encoder(args.encoding_type)
    limit = listing.max_keys(args.max_keys, "max-keys")
    start_after = args.start_after
    after = start_after or ""
    if args.continuation_token is not None:
        start_after = None  # neither looked at nor told on a later page
        after = ContinuationToken.decode(args.continuation_token).after
    found = await call.store.list_objects(
        call.bucket,
        prefix=args.prefix or "",
        delimiter=args.delimiter or "",
        after=after,
        limit=limit,
    )
    page = shown(call, found, _names(args), has_owners=bool(args.fetch_owner))
    return ListObjectsV2Output(
        name=call.bucket.name,
        prefix=encode(args.prefix or ""),
        start_after=None if start_after is None else encode(start_after),
        continuation_token=args.continuation_token,
        next_continuation_token=ContinuationToken(page.next_after).encode()
        if page.is_truncated
        else None,
        key_count=page.key_count,
        max_keys=limit if args.max_keys is None else args.max_keys,
        delimiter=encode(args.delimiter) if args.delimiter else None,
        encoding_type=args.encoding_type,
        is_truncated=page.is_truncated,
        contents=page.contents,
        common_prefixes=page.common_prefixes,
    )


def encoder(encoding_type: str | None) -> Callable[[str], str]:
    """How keys are written: as they are, or escaped for XML readers that choke on some of them."""
    return listing.url_encode if listing.check_encoding_type(encoding_type) else str


def shown(call: Call, found: Listing, names: Names, *, has_owners: bool) -> Page:
    """Turn stored rows into the elements of a document."""
    objects = [entry for entry in found.entries if isinstance(entry, ObjectSummary)]
    if has_owners:
        objects = owned(call, objects)
    prefixes = [entry.prefix for entry in found.entries if isinstance(entry, CommonPrefix)]
    return Page(
        contents(objects, names, call.owner_name if has_owners else None),
        common_prefixes(prefixes, names),
        len(found.entries),
        found.is_truncated,
        found.next_after,
    )


def _names(args: ListObjectsInput | ListObjectsV2Input) -> Names:
    return names_as_xml(url_encoded=args.encoding_type is not None)


Row = TypeVar("Row", ObjectSummary, VersionSummary)


def owned(call: Call, rows: list[Row]) -> list[Row]:
    """Rows with the owners they have now: the bucket's, where access control lists are off.

    So do delete markers, which have no owner of their own.
    """
    owner_id = call.bucket.owner_id
    if all(row.owner_id == owner_id for row in rows):
        return rows
    has_lists = call.services.access(call.bucket).has_lists
    return [row if row.owner_id and has_lists else row._replace(owner_id=owner_id) for row in rows]
