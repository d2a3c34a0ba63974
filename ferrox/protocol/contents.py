"""The rows of a listing of objects as XML, written straight from what is stored.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html

A page of a thousand keys is the longest answer that S3 has in XML. Made of shapes it costs several
milliseconds; here it is one template and one look for characters to escape. The shapes `Object` and
`CommonPrefix` still say what a row is: a test compares the two byte by byte.
"""

from collections.abc import Callable, Sequence

from ferrox.protocol.dates import iso8601
from ferrox.protocol.listing import url_encode_all
from ferrox.protocol.xml import Written, escape, escape_all
from ferrox.records import ObjectSummary

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
    before, after = "", f"<StorageClass>{escape(storage_class)}</StorageClass>"
    if algorithm:
        before += f"<ChecksumAlgorithm>{escape(algorithm)}</ChecksumAlgorithm>"
    if checksum_type is not None:
        before += f"<ChecksumType>{escape(checksum_type)}</ChecksumType>"
    if owner_name is not None:
        after += (
            f"<Owner><ID>{escape(owner_id)}</ID>"
            f"<DisplayName>{escape(owner_name(owner_id))}</DisplayName></Owner>"
        )
    return before, after
