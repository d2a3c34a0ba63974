"""Rules about multipart uploads."""

import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.in_process import Answer
from tests.operations.model.driver import (
    SMALLEST_PART_BYTES,
    Driver,
    buckets,
    content,
    content_types,
    description,
    document,
    etag_in,
    in_pieces,
    keys,
    metadata,
    outcome,
    page_sizes,
    part_numbers,
    part_sizes,
    seeds,
    uploads,
    write_condition,
)
from tests.operations.model.reference import OpenUpload, StoredPart, is_ascending


class UploadRules(Driver):
    """What is asked of uploads, open or not any more."""

    @rule(target=uploads, bucket=buckets, key=keys, content_type=content_types, metadata=metadata)
    def create_upload(
        self, bucket: str, key: str, content_type: str, metadata: dict[str, str]
    ) -> str:
        headers = description(content_type, metadata)
        answer = self.ask("POST", f"/{bucket}/{key}", {"uploads": ""}, headers=headers)

        assert 200 == answer.status
        upload_id = str(document(answer)["UploadId"])
        opened = OpenUpload(
            bucket, key, self.clock.now_ms(), content_type or "binary/octet-stream", metadata
        )
        self.model.uploads[upload_id] = opened
        return upload_id

    @rule(upload_id=uploads, number=part_numbers, seed=seeds, size=part_sizes)
    def upload_part(self, upload_id: str, number: int, seed: int, size: int) -> None:
        body = content(seed, size)
        answer = self.ask_part(upload_id, number, body=in_pieces(body))

        if upload_id not in self.model.uploads:
            assert (404, "NoSuchUpload") == outcome(answer)
            return
        etag = hashlib.md5(body).hexdigest()
        assert (200, f'"{etag}"') == (answer.status, answer.headers["etag"])
        self.model.uploads[upload_id].parts[number] = StoredPart(body, etag)

    @rule(
        upload_id=uploads,
        number=part_numbers,
        bucket=buckets,
        key=keys,
        ends=st.none() | st.tuples(st.integers(0, 2000), st.integers(0, 2000)),
    )
    def copy_part(
        self,
        upload_id: str,
        number: int,
        bucket: str,
        key: str,
        ends: tuple[int, int] | None,
    ) -> None:
        source = self.model.buckets[bucket].get(key)
        headers = {"x-amz-copy-source": quote(f"{bucket}/{key}", safe="")}
        wanted = slice(None)
        if source and source.body and ends:
            first, last = sorted(end % len(source.body) for end in ends)
            headers["x-amz-copy-source-range"] = f"bytes={first}-{last}"
            wanted = slice(first, last + 1)

        answer = self.ask_part(upload_id, number, headers=headers)

        if upload_id not in self.model.uploads:
            assert (404, "NoSuchUpload") == outcome(answer)
        elif source is None:
            assert (404, "NoSuchKey") == outcome(answer)
        else:
            assert 200 == answer.status, answer.body
            part = StoredPart(source.body[wanted], etag_in(answer))
            self.model.uploads[upload_id].parts[number] = part

    def address(self, upload_id: str) -> str:
        """The path of an upload, whatever became of it."""
        finished = self.model.completed.get(upload_id, (None, ""))[0]
        upload = self.model.uploads.get(upload_id) or finished
        return f"/{upload.bucket}/{upload.key}" if upload else "/first/forgotten"

    def ask_part(self, upload_id: str, number: int, **more: Any) -> Answer:
        query = {"uploadId": upload_id, "partNumber": str(number)}
        return self.ask("PUT", self.address(upload_id), query, **more)

    @rule(
        upload_id=uploads,
        left_out=st.sets(part_numbers, max_size=2),
        flaw=st.sampled_from(["", "", "", "order", "absent", "etag"]),
        condition=st.sampled_from(["", "", "", "absent", "same", "other"]),
    )
    def complete(self, upload_id: str, left_out: set[int], flaw: str, condition: str) -> None:
        upload = self.model.uploads.get(upload_id)
        numbers = sorted(upload.parts.keys() - left_out) if upload else [1]
        if not numbers:
            return
        tags = {number: upload.parts[number].etag for number in numbers} if upload else {1: "0"}
        if flaw == "order":
            numbers.reverse()
        elif flaw == "absent":
            numbers.append(9)
        elif flaw == "etag":
            tags[numbers[0]] = "0" * 32
        current = self.model.buckets[upload.bucket].get(upload.key) if upload else None
        conditions, refusal = write_condition(condition, current)
        if condition == "same" and upload and current:
            has_changed = current.modified_ms > upload.initiated_ms
            refusal = "ConditionalRequestConflict" if has_changed else None

        answer = self.ask_complete(upload_id, numbers, tags, conditions)

        if upload is None:
            self.compare_completed(upload_id, answer)
            return
        refusals = {refusal, *flaws_of(upload, numbers, tags)} - {None}
        if refusals:
            assert outcome(answer)[1] in refusals
        else:
            assert 200 == answer.status, answer.body
            made = self.model.complete(upload_id, numbers, self.clock.now_ms())
            assert made.etag == etag_in(answer)

    def ask_complete(
        self, upload_id: str, numbers: list[int], tags: dict[int, str], conditions: dict[str, str]
    ) -> Answer:
        parts = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>{tags.get(number, 'f')}</ETag></Part>"
            for number in numbers
        )
        return self.ask(
            "POST",
            self.address(upload_id),
            {"uploadId": upload_id},
            body=f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode(),
            headers=conditions,
        )

    def compare_completed(self, upload_id: str, answer: Answer) -> None:
        """Completing again has the first answer; completing what was aborted has none."""
        if upload_id in self.model.completed:
            _, etag = self.model.completed[upload_id]
            assert (200, etag) == (answer.status, etag_in(answer))
        else:
            assert (404, "NoSuchUpload") == outcome(answer)

    @rule(bucket=buckets, key=keys, seed=seeds, wanted=st.lists(part_sizes, min_size=1, max_size=4))
    def put_in_parts(self, bucket: str, key: str, seed: int, wanted: list[int]) -> None:
        upload_id = self.create_upload(bucket, key, "", {})
        for number, size in enumerate(wanted, 1):
            self.upload_part(upload_id, number, seed + number, size)
        self.complete(upload_id, set(), "", "")

    @rule(upload_id=uploads)
    def abort(self, upload_id: str) -> None:
        is_known = upload_id in self.model.uploads or upload_id in self.model.completed
        answer = self.ask("DELETE", self.address(upload_id), {"uploadId": upload_id})

        assert (204 if is_known else 404) == answer.status
        self.model.uploads.pop(upload_id, None)

    @rule(upload_id=uploads, page_size=page_sizes)
    def list_parts(self, upload_id: str, page_size: int | None) -> None:
        upload = self.model.uploads.get(upload_id)
        query = {"uploadId": upload_id} | ({"max-parts": str(page_size)} if page_size else {})
        found = []
        while True:
            answer = self.ask("GET", self.address(upload_id), query)
            if upload is None:
                assert (404, "NoSuchUpload") == outcome(answer)
                return
            page = document(answer)
            found += page.get("Part", [])
            if page["IsTruncated"] == "false":
                break
            assert len(page["Part"]) == page_size
            query["part-number-marker"] = page["NextPartNumberMarker"]

        assert [
            (str(number), f'"{part.etag}"', str(len(part.body)))
            for number, part in sorted(upload.parts.items())
        ] == [(part["PartNumber"], part["ETag"], part["Size"]) for part in found]


def flaws_of(upload: OpenUpload, numbers: list[int], tags: dict[int, str]) -> Iterator[str]:
    """The errors, any of which a completion may meet."""
    if not is_ascending(numbers):
        yield "InvalidPartOrder"
    stored = upload.parts
    if any(n not in stored or tags.get(n) != stored[n].etag for n in numbers):
        yield "InvalidPart"
    if any(n in stored and len(stored[n].body) < SMALLEST_PART_BYTES for n in numbers[:-1]):
        yield "EntityTooSmall"
