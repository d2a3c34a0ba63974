"""ListObjectVersions.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
"""

from ferrox.errors import InvalidArgument
from ferrox.operations import facts
from ferrox.operations.call import Call
from ferrox.operations.listing import encoder, owned
from ferrox.operations.registry import handles
from ferrox.protocol import listing
from ferrox.protocol.contents import common_prefixes, names_as_xml, version_contents
from ferrox.protocol.operations import ListObjectVersions
from ferrox.protocol.shapes.versions import ListObjectVersionsInput, ListObjectVersionsOutput
from ferrox.records import CommonPrefix, VersionSummary


@handles(ListObjectVersions, action="s3:ListBucketVersions")
async def list_object_versions(
    call: Call, args: ListObjectVersionsInput
) -> ListObjectVersionsOutput:
    """List versions and delete markers by key, and within a key the newest first."""
    limit = _page_size(args.max_keys)
    _check_version_id_marker(call, args)
    encode = encoder(args.encoding_type)
    _refuse_null(args)
    found = await call.store.list_versions(
        call.bucket,
        prefix=args.prefix or "",
        delimiter=args.delimiter or "",
        key_marker=args.key_marker or "",
        version_id_marker=args.version_id_marker or "",
        limit=limit,
    )
    rows = owned(call, [row for row in found.entries if isinstance(row, VersionSummary)])
    prefixes = [entry.prefix for entry in found.entries if isinstance(entry, CommonPrefix)]
    names = names_as_xml(url_encoded=args.encoding_type is not None)
    return ListObjectVersionsOutput(
        name=call.bucket.name,
        prefix=encode(args.prefix or ""),
        key_marker=encode(args.key_marker or ""),
        version_id_marker=args.version_id_marker or "",
        next_key_marker=encode(found.next_key_marker) if found.is_truncated else None,
        next_version_id_marker=found.next_version_id_marker or None,
        max_keys=limit if args.max_keys is None else args.max_keys,
        delimiter=None if args.delimiter is None else encode(args.delimiter),
        encoding_type=args.encoding_type,
        is_truncated=found.is_truncated,
        versions=version_contents(rows, names, call.owner_name),
        common_prefixes=common_prefixes(prefixes, names),
    )


def _page_size(max_keys: int | None) -> int:
    """How many entries a page may have; of negative numbers AWS says something else here."""
    if max_keys is not None and max_keys < 0:
        raise InvalidArgument("max-keys cannot be negative", ArgumentName="max-keys")
    return listing.max_keys(max_keys)


def _refuse_null(args: ListObjectVersionsInput) -> None:
    """Raise for a name with a character that no answer in XML could tell."""
    for name, value in (("key-marker", args.key_marker), ("prefix", args.prefix)):
        if value is not None and "\0" in value:
            raise InvalidArgument(
                "Value must be a sequence of Unicode characters and cannot include Null.",
                ArgumentName=name,
                ArgumentValue=value,
            )


def _check_version_id_marker(call: Call, args: ListObjectVersionsInput) -> None:
    """A version id marker goes with a key marker, and is one that a version can have."""
    marker = args.version_id_marker
    if marker is None:
        return
    refusal = None
    if args.key_marker is None:
        refusal = "A version-id marker cannot be specified without a key marker."
    elif not marker:
        refusal = "A version-id marker cannot be empty."
    elif not facts.may_be_version(call.bucket, marker):
        refusal = "Invalid version id specified"
    if refusal:
        raise InvalidArgument(refusal, ArgumentName="version-id-marker", ArgumentValue=marker)
