"""Rules about objects: put, get, delete, copy."""

from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st
from hypothesis.stateful import initialize, multiple, rule

from tests.operations.model.driver import (
    BUCKETS,
    Driver,
    base64_sha256,
    buckets,
    compare,
    content,
    content_types,
    description,
    document,
    escape,
    etag_in,
    in_pieces,
    key_names,
    keys,
    metadata,
    outcome,
    part_numbers,
    range_headers,
    seeds,
    sizes,
    write_condition,
)
from tests.operations.model.reference import StoredObject, put_object


class ObjectRules(Driver):
    """What is asked of single keys."""

    @initialize(target=keys, names=st.lists(key_names, min_size=5, max_size=10, unique=True))
    def choose_keys(self, names: list[str]) -> Any:
        for number, name in enumerate(names[2:]):
            for bucket in BUCKETS[: 1 + number % 2]:
                self.put(bucket, name, number, 700 * number, "", {}, "")
        return multiple(*names)

    @rule(bucket=buckets, names=st.lists(keys, min_size=3), seed=seeds, size=sizes)
    def put_many(self, bucket: str, names: list[str], seed: int, size: int) -> None:
        for name in names:
            self.put(bucket, name, seed, size, "", {}, "")

    @rule(
        bucket=buckets,
        key=keys,
        seed=seeds,
        size=sizes,
        content_type=content_types,
        metadata=metadata,
        condition=st.sampled_from(["", "", "", "absent", "same", "other"]),
    )
    def put(
        self,
        bucket: str,
        key: str,
        seed: int,
        size: int,
        content_type: str,
        metadata: dict[str, str],
        condition: str,
    ) -> None:
        current = self.model.buckets[bucket].get(key)
        body = content(seed, size)
        conditions, refusal = write_condition(condition, current)

        answer = self.ask(
            "PUT",
            f"/{bucket}/{key}",
            body=in_pieces(body),
            headers=description(content_type, metadata) | conditions,
        )

        if refusal:
            assert refusal == outcome(answer)[1]
            return
        made = put_object(
            body, content_type or "binary/octet-stream", metadata, self.clock.now_ms()
        )
        assert (200, f'"{made.etag}"') == (answer.status, answer.headers["etag"])
        self.model.buckets[bucket][key] = made

    @rule(bucket=buckets, key=keys, wanted=st.one_of(st.none(), range_headers))
    def get(self, bucket: str, key: str, wanted: str | None) -> None:
        stored = self.model.buckets[bucket].get(key)
        headers = {"range": wanted} if wanted else {}

        got = self.ask("GET", f"/{bucket}/{key}", headers=headers)
        told = self.ask("HEAD", f"/{bucket}/{key}", headers=headers)

        assert (got.status, b"") == (told.status, told.body)
        if stored is None:
            assert (404, "NoSuchKey") == outcome(got)
            return
        compare(stored, got, wanted)
        if got.status < 300:
            assert got.headers | {"x-amz-request-id": ""} == told.headers | {"x-amz-request-id": ""}

    @rule(bucket=buckets, key=keys, number=part_numbers)
    def get_part(self, bucket: str, key: str, number: int) -> None:
        stored = self.model.buckets[bucket].get(key)

        got = self.ask("GET", f"/{bucket}/{key}", {"partNumber": str(number)})

        if stored is None:
            assert "NoSuchKey" == outcome(got)[1]
        elif (part := stored.part(number)) is None:
            assert (416, "InvalidPartNumber") == outcome(got)
        else:
            assert (206 if part else 200, part) == (got.status, got.body)
            count = str(len(stored.part_sizes)) if stored.part_sizes else None
            assert count == got.headers.get("x-amz-mp-parts-count")

    @rule(bucket=buckets, key=keys, is_same=st.booleans())
    def get_conditionally(self, bucket: str, key: str, is_same: bool) -> None:
        stored = self.model.buckets[bucket].get(key)
        tag = f'"{stored.etag}"' if stored and is_same else '"0123"'

        match = self.ask("GET", f"/{bucket}/{key}", headers={"if-match": tag})
        differ = self.ask("GET", f"/{bucket}/{key}", headers={"if-none-match": tag})

        if stored is None:
            assert (404, 404) == (match.status, differ.status)
        else:
            assert ((200, 304) if is_same else (412, 200)) == (match.status, differ.status)

    @rule(bucket=buckets, key=keys, condition=st.sampled_from(["", "", "same", "other"]))
    def delete(self, bucket: str, key: str, condition: str) -> None:
        current = self.model.buckets[bucket].get(key)
        conditions, refusal = write_condition(condition, current)

        answer = self.ask("DELETE", f"/{bucket}/{key}", headers=conditions)

        if refusal:
            assert refusal == outcome(answer)[1]
        else:
            assert (204, b"") == (answer.status, answer.body)
            self.model.buckets[bucket].pop(key, None)

    @rule(bucket=buckets, names=st.lists(keys, min_size=1, max_size=5), quiet=st.booleans())
    def delete_many(self, bucket: str, names: list[str], quiet: bool) -> None:
        writable = [name for name in names if "\x01" not in name]
        if not writable:
            return
        rows = "".join(f"<Object><Key>{escape(name)}</Key></Object>" for name in writable)
        body = f"<Delete><Quiet>{str(quiet).lower()}</Quiet>{rows}</Delete>".encode()

        answer = self.ask(
            "POST",
            f"/{bucket}",
            {"delete": ""},
            body=body,
            headers={"x-amz-checksum-sha256": base64_sha256(body)},
        )

        shown = [row["Key"] for row in document(answer).get("Deleted", [])]
        assert ([] if quiet else sorted(set(writable))) == sorted(shown)
        for name in writable:
            self.model.buckets[bucket].pop(name, None)

    @rule(
        source_bucket=buckets,
        source_key=keys,
        bucket=buckets,
        key=keys,
        metadata=metadata,
        replaces=st.booleans(),
        condition=st.sampled_from(["", "", "same", "other"]),
    )
    def copy(
        self,
        source_bucket: str,
        source_key: str,
        bucket: str,
        key: str,
        metadata: dict[str, str],
        replaces: bool,
        condition: str,
    ) -> None:
        source = self.model.buckets[source_bucket].get(source_key)
        headers = {"x-amz-copy-source": quote(f"/{source_bucket}/{source_key}")}
        if replaces:
            headers |= {"x-amz-metadata-directive": "REPLACE"} | description("text/x", metadata)
        if condition:
            tag = source.etag if source and condition == "same" else "0123"
            headers["x-amz-copy-source-if-match"] = f'"{tag}"'

        answer = self.ask("PUT", f"/{bucket}/{key}", headers=headers)

        if source is None:
            assert (404, "NoSuchKey") == outcome(answer)
        elif condition == "other":
            assert (412, "PreconditionFailed") == outcome(answer)
        elif (source_bucket, source_key) == (bucket, key) and not replaces:
            assert (400, "InvalidRequest") == outcome(answer)
        else:
            assert 200 == answer.status, answer.body
            described = ("text/x", metadata) if replaces else (source.content_type, source.metadata)
            etag = etag_in(answer)
            assert source.etag == etag
            self.model.buckets[bucket][key] = StoredObject(
                source.body, etag, *described, source.part_sizes, self.clock.now_ms()
            )
