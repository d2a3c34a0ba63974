"""The rows of a listing of objects or versions as XML, written straight from what is stored.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html

A page of a thousand keys is the longest answer that S3 has in XML. Made of shapes it costs several
milliseconds; here it is one template and one look for characters to escape. The shapes `Object` and
`CommonPrefix` still say what a row is: a test compares the two byte by byte.
"""

from collections.abc import Callable, Sequence

from ferrox.protocol.dates import iso8601
from ferrox.protocol.listing import url_encode_all
from ferrox.protocol.xml import Written, escape, escape_all
from ferrox.records import ObjectSummary, VersionSummary

Names = Callable[[list[str]], list[str]]
"""How keys and prefixes are written: `names_as_xml` chooses."""


def names_as_xml(*, url_encoded: bool) -> Names:
    """How keys and prefixes stand in a document; what is encoded needs no escaping."""
    return url_encode_all if url_encoded else escape_all


def contents(
    objects: Sequence[ObjectSummary], names: Names, owner_name: Callable[[str], str] | None
) -> Written:
    """The `Contents` elements.

    owner_name  gives the display name of an owner's canonical id; None shows no owners
    """
    keys = names([row[0] for row in objects])
    etags = escape_all([row[3] for row in objects])
    # What is alike in most rows is written once: storage class, owner, checksum.
    frames = {alike: _frame(alike, owner_name) for alike in {row[4:] for row in objects}}
    pieces = [
        f"<Contents><Key>{key}</Key><LastModified>{iso8601(row[2])}</LastModified>"
        f"<ETag>&quot;{etag}&quot;</ETag>{(frame := frames[row[4:]])[0]}"
        f"<Size>{row[1]}</Size>{frame[1]}</Contents>"
        for row, key, etag in zip(objects, keys, etags, strict=True)
    ]
    return Written("".join(pieces))


def version_contents(
    versions: Sequence[VersionSummary], names: Names, owner_name: Callable[[str], str]
) -> Written:
    """The `Version` and `DeleteMarker` elements, in the one order that both kinds have together."""
    keys = names([row.key for row in versions])
    owners = {row.owner_id for row in versions}
    shown_owners = {owner_id: _owner(owner_id, owner_name(owner_id)) for owner_id in owners}
    pieces = []
    for row, key in zip(versions, keys, strict=True):
        state = (
            f"<Key>{key}</Key><VersionId>{escape(row.version_id)}</VersionId>"
            f"<IsLatest>{'true' if row.is_latest else 'false'}</IsLatest>"
            f"<LastModified>{iso8601(row.modified_ms)}</LastModified>"
        )
        owner = shown_owners[row.owner_id]
        if row.is_delete_marker:
            pieces.append(f"<DeleteMarker>{state}{owner}</DeleteMarker>")
            continue
        checksum = _checksum(row.checksum_algorithm, row.checksum_type)
        pieces.append(
            f"<Version>{state}<ETag>&quot;{escape(row.etag)}&quot;</ETag>{checksum}"
            f"<Size>{row.size_bytes}</Size>"
            f"<StorageClass>{escape(row.storage_class)}</StorageClass>{owner}</Version>"
        )
    return Written("".join(pieces))


def common_prefixes(prefixes: list[str], names: Names) -> Written:
    """The `CommonPrefixes` elements."""
    return Written(
        "".join(
            [
                f"<CommonPrefixes><Prefix>{prefix}</Prefix></CommonPrefixes>"
                for prefix in names(prefixes)
            ]
        )
    )


def _frame(
    alike: tuple[str, str, str | None, str | None], owner_name: Callable[[str], str] | None
) -> tuple[str, str]:
    """What stands before the size of an object, and what behind it."""
    storage_class, owner_id, algorithm, checksum_type = alike
    after = f"<StorageClass>{escape(storage_class)}</StorageClass>"
    if owner_name is not None:
        after += _owner(owner_id, owner_name(owner_id))
    return _checksum(algorithm, checksum_type), after


def _checksum(algorithm: str | None, checksum_type: str | None) -> str:
    shown = f"<ChecksumAlgorithm>{escape(algorithm)}</ChecksumAlgorithm>" if algorithm else ""
    if checksum_type is not None:
        shown += f"<ChecksumType>{escape(checksum_type)}</ChecksumType>"
    return shown


def _owner(owner_id: str, display_name: str) -> str:
    return (
        f"<Owner><ID>{escape(owner_id)}</ID>"
        f"<DisplayName>{escape(display_name)}</DisplayName></Owner>"
    )
