"""entries.py: pages of listings as entries, whatever server wrote them."""

import pytest

from ferrox.errors import MalformedXML
from ferrox.migration.entries import Entry, oldest_first, page_of_objects, page_of_versions
from ferrox.protocol.shapes.listing import ListObjectsV2Output, Object
from ferrox.protocol.xml import Written

VERSIONS = b"""<?xml version="1.0" encoding="UTF-8"?>
<ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>
<EncodingType>url</EncodingType><IsTruncated>%s</IsTruncated>
<NextKeyMarker>b%%2Fc+d</NextKeyMarker><NextVersionIdMarker>v9</NextVersionIdMarker>
<DeleteMarker><Key>a%%0A+%%2Fb</Key><VersionId>v3</VersionId><IsLatest>true</IsLatest>
<LastModified>2024-01-03T00:00:00.500Z</LastModified></DeleteMarker>
<Version><Key>a%%0A+%%2Fb</Key><VersionId>v2</VersionId><IsLatest>false</IsLatest>
<LastModified>2024-01-02T00:00:00.000Z</LastModified><ETag>&quot;e2&quot;</ETag><Size>5</Size>
<Unknown><Thing/></Unknown></Version>
<DeleteMarker><Key>a%%0A+%%2Fb</Key><VersionId>v1</VersionId><IsLatest>false</IsLatest>
<LastModified>2024-01-01T00:00:00.000Z</LastModified></DeleteMarker>
</ListVersionsResult>"""


def test_versions_and_markers_come_as_they_stand() -> None:
    page = page_of_versions(VERSIONS % b"true")

    assert [
        ("a\n /b", "v3", True, 0, "", True),
        ("a\n /b", "v2", False, 5, "e2", False),
        ("a\n /b", "v1", True, 0, "", False),
    ] == [
        (one.key, one.version_id, one.is_marker, one.size_bytes, one.etag, one.is_latest)
        for one in page.entries
    ]
    assert 1_704_240_000 == page.entries[0].modified_s
    assert ("b/c d", "v9") == (page.key_marker, page.version_id_marker)


def test_the_last_page_has_no_markers() -> None:
    page = page_of_versions(VERSIONS % b"false")

    assert ("", "") == (page.key_marker, page.version_id_marker)


def test_keys_are_only_decoded_where_they_were_encoded() -> None:
    plain = (VERSIONS % b"false").replace(b"<EncodingType>url</EncodingType>", b"")

    assert "a%0A+%2Fb" == page_of_versions(plain).entries[0].key


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html/>",
        b"<ListVersionsResult><Version>text</Version></ListVersionsResult>",
        b"<ListVersionsResult><IsTruncated>true</IsTruncated></ListVersionsResult>",
    ],
)
def test_what_is_no_listing_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedXML):
        page_of_versions(body)


def test_objects_are_entries_without_ids() -> None:
    listed = Object(key="a+b%2F", last_modified=5000, e_tag="e", size=7)
    output = ListObjectsV2Output(
        contents=[listed], encoding_type="url", is_truncated=True, next_continuation_token="t"
    )

    page = page_of_objects(output)

    assert ([Entry("a b/", "", False, 7, 5000, "e")], "t") == (page.entries, page.key_marker)
    output.is_truncated = False
    assert "" == page_of_objects(output).key_marker


def test_a_listing_of_ours_that_is_written_already_is_no_page() -> None:
    with pytest.raises(TypeError):
        page_of_objects(ListObjectsV2Output(contents=Written("<Contents/>")))


def _entry(version_id: str, second: int, *, is_latest: bool = False) -> Entry:
    return Entry("k", version_id, False, 1, second * 1000, "e", is_latest)


def test_what_stands_in_order_stays_so_however_quickly_it_was_made() -> None:
    listed = [_entry("c", 5, is_latest=True), _entry("b", 5), _entry("a", 5)]

    assert ["a", "b", "c"] == [one.version_id for one in oldest_first(listed)]


def test_markers_that_stand_apart_are_put_where_they_belong() -> None:
    listed = [_entry("c", 3), _entry("a", 1), _entry("d", 4, is_latest=True), _entry("b", 2)]

    assert ["a", "b", "c", "d"] == [one.version_id for one in oldest_first(listed)]
