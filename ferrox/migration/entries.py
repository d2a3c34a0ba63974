"""Entries of listings, as both sides are compared by them: read from pages, put in order.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html

A page of versions has them by key and within a key the newest first, delete markers in between.
There are servers (moto is one) that put all markers after all versions: within a key the newest
version says that it is, and the times say the rest. Times are compared in whole seconds, because
that is what most servers list.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from ferrox.errors import MalformedXML
from ferrox.protocol import decode, xml
from ferrox.protocol.shape import Shape
from ferrox.protocol.shapes.listing import ListObjectsV2Output
from ferrox.protocol.shapes.versions import (
    DeleteMarkerEntry,
    ListObjectVersionsOutput,
    ObjectVersion,
)
from ferrox.records import NULL_VERSION

_SHAPES: dict[str, type[Shape]] = {"Version": ObjectVersion, "DeleteMarker": DeleteMarkerEntry}
_ROOT = ListObjectVersionsOutput.plan.root


class Entry(NamedTuple):
    """One version of a key, or delete marker.

    version_id  "" where the listing does not tell
    follows     the id of the version before it, where that is the younger one by its time; or ""
    """

    key: str
    version_id: str
    is_marker: bool
    size_bytes: int
    modified_ms: int
    etag: str
    is_latest: bool = True
    follows: str = ""

    @property
    def modified_s(self) -> int:
        """When it was made, as exactly as all servers say."""
        return self.modified_ms // 1000


class Page(NamedTuple):
    """A page of a listing; the markers begin the next one and are empty on the last."""

    entries: list[Entry]
    key_marker: str = ""
    version_id_marker: str = ""


def page_of_versions(body: bytes) -> Page:
    """A page of ListObjectVersions. MalformedXML"""
    entries: list[Entry] = []
    told: dict[str, str] = {}
    children = xml.parse_in_order(body, _ROOT)
    is_encoded = ("EncodingType", "url") in children
    for name, content in children:
        if name in _SHAPES:
            if not isinstance(content, dict):
                raise MalformedXML
            entries.append(_version(decode.structure(_SHAPES[name], content), is_encoded))
        elif isinstance(content, str):
            told[name] = content
    if told.get("IsTruncated", "").strip() != "true":
        return Page(entries)
    key_marker = told.get("NextKeyMarker", "")
    if not key_marker:
        raise MalformedXML
    return Page(
        entries, _decoded(key_marker, is_encoded), told.get("NextVersionIdMarker", NULL_VERSION)
    )


def page_of_objects(output: ListObjectsV2Output) -> Page:
    """A page of ListObjectsV2; its marker is the continuation token. MalformedXML"""
    is_encoded = output.encoding_type == "url"
    contents = output.contents
    if isinstance(contents, xml.Written):
        raise TypeError("a listing that was read is not written")
    entries = [
        Entry(
            _decoded(found.key or "", is_encoded),
            "",
            is_marker=False,
            size_bytes=found.size or 0,
            modified_ms=found.last_modified or 0,
            etag=found.e_tag or "",
        )
        for found in contents
    ]
    if not output.is_truncated:
        return Page(entries)
    if not output.next_continuation_token:  # taken for the end, the rest would never be copied
        raise MalformedXML
    return Page(entries, output.next_continuation_token)


def oldest_first(newest_first: Sequence[Entry]) -> list[Entry]:
    """The versions of one key in the order in which they were made."""
    if not _is_in_order(newest_first):
        newest_first = sorted(
            newest_first, key=lambda entry: (entry.is_latest, entry.modified_ms), reverse=True
        )
    return list(reversed(newest_first))


def _is_in_order(newest_first: Sequence[Entry]) -> bool:
    """Whether the versions of a key stand as they should, as far as their times tell."""
    times = [entry.modified_s for entry in newest_first]
    return newest_first[0].is_latest and times == sorted(times, reverse=True)


def _version(found: Any, is_encoded: bool) -> Entry:
    is_marker = isinstance(found, DeleteMarkerEntry)
    return Entry(
        _decoded(found.key or "", is_encoded),
        found.version_id or NULL_VERSION,
        is_marker,
        0 if is_marker else found.size or 0,
        found.last_modified or 0,
        "" if is_marker else found.e_tag or "",
        bool(found.is_latest),
    )


def _decoded(name: str, is_encoded: bool) -> str:
    return unquote_plus(name) if is_encoded else name
