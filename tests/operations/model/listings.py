"""Rules about listings, each followed to its end."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.operations.model.driver import (
    Driver,
    buckets,
    delimiters,
    document,
    keys,
    page_sizes,
    plain,
    prefixes,
)
from tests.operations.model.reference import Entries, StoredObject


class ListingRules(Driver):
    """What is asked of buckets."""

    @rule(
        bucket=buckets,
        prefix=prefixes,
        delimiter=delimiters,
        starts=st.lists(prefixes | keys, max_size=3),
        page_size=page_sizes,
        is_encoded=st.booleans(),
    )
    def list_objects(
        self,
        bucket: str,
        prefix: str,
        delimiter: str,
        starts: list[str],
        page_size: int | None,
        is_encoded: bool,
    ) -> None:
        query = {"prefix": prefix, "delimiter": delimiter}
        query |= {"max-keys": str(page_size)} if page_size else {}
        query |= {"encoding-type": "url"} if is_encoded else {}
        for after in ("", *starts):
            expected = self.model.list_keys(bucket, prefix, delimiter, after)
            marker = query | {"marker": after}
            start_after = query | {"list-type": "2"} | ({"start-after": after} if after else {})
            for pages in (
                self.pages_of_version_1(bucket, marker),
                self.pages_of_version_2(bucket, start_after),
            ):
                assert expected == self.joined(bucket, pages, page_size, is_encoded)

    def joined(
        self,
        bucket: str,
        pages: Iterator[dict[str, Any]],
        page_size: int | None,
        is_encoded: bool,
    ) -> Entries:
        found = Entries([], [])
        for page in pages:
            entries = entries_of(page, is_encoded, self.model.buckets[bucket])
            found.keys.extend(entries.keys)
            found.common_prefixes.extend(entries.common_prefixes)
            if page["IsTruncated"] == "true":
                assert page_size == len(entries.keys) + len(entries.common_prefixes)
        return found

    def pages_of_version_1(self, bucket: str, query: dict[str, str]) -> Iterator[dict[str, Any]]:
        read = unquote_plus if "encoding-type" in query else plain
        while True:
            page = document(self.ask("GET", f"/{bucket}", query))
            yield page
            if page["IsTruncated"] == "false":
                return
            assert ("NextMarker" in page) == bool(query["delimiter"])
            following = page["NextMarker"] if query["delimiter"] else page["Contents"][-1]["Key"]
            query = query | {"marker": read(following)}

    def pages_of_version_2(self, bucket: str, query: dict[str, str]) -> Iterator[dict[str, Any]]:
        while True:
            page = document(self.ask("GET", f"/{bucket}", query))
            count = len(page.get("Contents", [])) + len(page.get("CommonPrefixes", []))
            assert str(count) == page["KeyCount"]
            yield page
            if page["IsTruncated"] == "false":
                return
            query = query | {"continuation-token": page["NextContinuationToken"]}

    @rule(bucket=buckets, prefix=prefixes, delimiter=delimiters, page_size=page_sizes)
    def list_uploads(self, bucket: str, prefix: str, delimiter: str, page_size: int | None) -> None:
        query = {"uploads": "", "prefix": prefix, "delimiter": delimiter, "encoding-type": "url"}
        query |= {"max-uploads": str(page_size)} if page_size else {}
        found, ids = Entries([], []), []
        while True:
            page = document(self.ask("GET", f"/{bucket}", query))
            uploads, rolled_up = page.get("Upload", []), page.get("CommonPrefixes", [])
            found.keys.extend(unquote_plus(row["Key"]) for row in uploads)
            found.common_prefixes.extend(unquote_plus(row["Prefix"]) for row in rolled_up)
            ids += [row["UploadId"] for row in uploads]
            if page["IsTruncated"] == "false":
                break
            assert page_size == len(uploads) + len(rolled_up)
            query["key-marker"] = unquote_plus(page["NextKeyMarker"])
            query["upload-id-marker"] = page.get("NextUploadIdMarker") or ""

        assert self.model.list_uploads(bucket, prefix, delimiter) == found
        assert len(ids) == len(set(ids))
        assert [self.model.uploads[upload_id].key for upload_id in ids] == found.keys


def entries_of(page: dict[str, Any], is_encoded: bool, stored: dict[str, StoredObject]) -> Entries:
    """The names on one page; what else it says of an object is checked on the way."""
    read = unquote_plus if is_encoded else plain
    keys = []
    for row in page.get("Contents", []):
        key = read(row["Key"])
        keys.append(key)
        shown = stored[key]
        assert (f'"{shown.etag}"', str(len(shown.body))) == (row["ETag"], row["Size"])
    return Entries(keys, [read(row["Prefix"]) for row in page.get("CommonPrefixes", [])])
