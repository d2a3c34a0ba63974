"""Rows of a listing written straight: byte by byte what their shapes would give."""

from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.protocol import encode
from ferrox.protocol.contents import (
    common_prefixes,
    contents,
    names_as_xml,
    version_contents,
)
from ferrox.protocol.listing import url_encode
from ferrox.protocol.operation import Operation
from ferrox.protocol.operations import ListObjects, ListObjectsV2, ListObjectVersions
from ferrox.protocol.shape import Shape
from ferrox.protocol.shapes.groups import Owner
from ferrox.protocol.shapes.listing import (
    CommonPrefix,
    ListObjectsOutput,
    ListObjectsV2Output,
    Object,
)
from ferrox.protocol.shapes.versions import (
    DeleteMarkerEntry,
    ListObjectVersionsOutput,
    ObjectVersion,
)
from ferrox.records import ObjectSummary, VersionSummary

NAMES = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20) | st.text(
    alphabet="az/&<>\"'\0\n\x1f\x7f\x85\u2028\uffff~+% é"
)
OBJECTS = st.builds(
    ObjectSummary,
    key=NAMES,
    size_bytes=st.integers(0, 2**50),
    modified_ms=st.integers(0, 253_402_300_799_999),
    etag=st.sampled_from(["d41d8cd98f00b204e9800998ecf8427e", "abc-2", "", '<&">']),
    storage_class=st.sampled_from(["STANDARD", "GLACIER", "A&B"]),
    owner_id=st.sampled_from(["a" * 64, "b" * 64, "<"]),
    checksum_algorithm=st.sampled_from([None, "CRC32", "SHA256"]),
    checksum_type=st.sampled_from([None, "FULL_OBJECT", "COMPOSITE"]),
)
OWNER_NAMES = {"a" * 64: "root", "b" * 64: "Tom & Jerry", "<": ""}


def as_shape(row: ObjectSummary, encoded: Callable[[str], str], *, has_owner: bool) -> Object:
    """The declared form of a row."""
    owner = Owner(id=row.owner_id, display_name=OWNER_NAMES[row.owner_id])
    return Object(
        key=encoded(row.key),
        last_modified=row.modified_ms,
        e_tag=row.etag,
        checksum_algorithm=[row.checksum_algorithm] if row.checksum_algorithm else [],
        checksum_type=row.checksum_type,
        size=row.size_bytes,
        storage_class=row.storage_class,
        owner=owner if has_owner else None,
    )


@given(
    rows=st.lists(OBJECTS, max_size=5),
    prefixes=st.lists(NAMES, max_size=4),
    is_encoded=st.booleans(),
    has_owner=st.booleans(),
    version=st.sampled_from(
        [(ListObjects, ListObjectsOutput), (ListObjectsV2, ListObjectsV2Output)]
    ),
)
def test_a_page_is_what_the_shapes_give(
    rows: list[ObjectSummary],
    prefixes: list[str],
    is_encoded: bool,
    has_owner: bool,
    version: tuple[Operation[Any, Any], type[Shape]],
) -> None:
    operation, output = version
    encoded: Callable[[str], str] = url_encode if is_encoded else str
    names = names_as_xml(url_encoded=is_encoded)
    owner_name = OWNER_NAMES.__getitem__ if has_owner else None

    declared = output(
        name="bucket",
        contents=[as_shape(row, encoded, has_owner=has_owner) for row in rows],
        common_prefixes=[CommonPrefix(prefix=encoded(prefix)) for prefix in prefixes],
    )
    written = output(
        name="bucket",
        contents=contents(rows, names, owner_name),
        common_prefixes=common_prefixes(prefixes, names),
    )

    expected = encode.response(operation, declared)
    actual = encode.response(operation, written)
    assert (expected.headers, expected.body) == (actual.headers, actual.body)


@given(
    rows=st.lists(OBJECTS, max_size=5),
    markers=st.lists(st.booleans(), min_size=5, max_size=5),
    is_latest=st.booleans(),
    is_encoded=st.booleans(),
)
def test_a_page_of_versions_is_what_the_shapes_give(
    rows: list[ObjectSummary], markers: list[bool], is_latest: bool, is_encoded: bool
) -> None:
    """All versions, then all delete markers: shapes cannot say it in any other order."""
    encoded: Callable[[str], str] = url_encode if is_encoded else str
    summaries = sorted(
        (
            VersionSummary(row.key, "<id>", is_latest, is_marker, *row[1:])
            for row, is_marker in zip(rows, markers, strict=False)
        ),
        key=lambda row: row.is_delete_marker,
    )

    declared = ListObjectVersionsOutput(
        name="bucket",
        versions=[as_version(row, encoded) for row in summaries if not row.is_delete_marker],
        delete_markers=[as_marker(row, encoded) for row in summaries if row.is_delete_marker],
    )
    names = names_as_xml(url_encoded=is_encoded)
    written = ListObjectVersionsOutput(
        name="bucket", versions=version_contents(summaries, names, OWNER_NAMES.__getitem__)
    )

    expected = encode.response(ListObjectVersions, declared)
    assert expected.body == encode.response(ListObjectVersions, written).body


def as_version(row: VersionSummary, encoded: Callable[[str], str]) -> ObjectVersion:
    """The declared form of a version."""
    return ObjectVersion(
        key=encoded(row.key),
        version_id=row.version_id,
        is_latest=row.is_latest,
        last_modified=row.modified_ms,
        e_tag=row.etag,
        checksum_algorithm=[row.checksum_algorithm] if row.checksum_algorithm else [],
        checksum_type=row.checksum_type,
        size=row.size_bytes,
        storage_class=row.storage_class,
        owner=Owner(id=row.owner_id, display_name=OWNER_NAMES[row.owner_id]),
    )


def as_marker(row: VersionSummary, encoded: Callable[[str], str]) -> DeleteMarkerEntry:
    """The declared form of a delete marker."""
    return DeleteMarkerEntry(
        key=encoded(row.key),
        version_id=row.version_id,
        is_latest=row.is_latest,
        last_modified=row.modified_ms,
        owner=Owner(id=row.owner_id, display_name=OWNER_NAMES[row.owner_id]),
    )


@pytest.mark.parametrize("is_encoded", [False, True])
def test_one_name_that_needs_escaping_leaves_the_others_as_they_are(is_encoded: bool) -> None:
    names = names_as_xml(url_encoded=is_encoded)

    expected = ["plain", "a%26b" if is_encoded else "a&amp;b"]
    assert expected == names(["plain", "a&b"])


@given(st.lists(NAMES))
def test_escaped_names_come_back(texts: list[str]) -> None:
    escaped = names_as_xml(url_encoded=False)(texts)

    references = {"&quot;": '"'} | {f"&#x{ord(c):x};": c for c in map(chr, range(32))}
    references |= {"&#xfffe;": "\ufffe", "&#xffff;": "\uffff"}
    assert texts == [unescape(text, references) for text in escaped]
