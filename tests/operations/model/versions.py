"""Rules about versions, tags, locks, time and restoring."""

from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote_plus

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from ferrox.protocol.dates import iso8601
from ferrox.records import Versioning
from tests.in_process import ROOT, Answer
from tests.operations.model.driver import (
    INLINE_LIMIT_BYTES,
    World,
    base64_sha256,
    content,
    delimiters,
    document,
    escape,
    key_names,
    outcome,
    page_sizes,
    prefixes,
    seeds,
)
from tests.operations.model.histories import DAY_MS, NULL, Held, History, Kept, Refused

BUCKETS = ("plain", "locks")
BYPASS = {"x-amz-bypass-governance-retention": "true"}

buckets = st.sampled_from(BUCKETS)
picks = st.integers(0, 1000)
sizes = st.sampled_from([0, 1, 1024, 1025, 70_000])
tag_sets = st.dictionaries(st.sampled_from(["a", "b ü"]), st.sampled_from(["", "1", "x+y"]))
modes = st.sampled_from(["GOVERNANCE", "GOVERNANCE", "COMPLIANCE"])
days = st.integers(1, 4)
key_numbers = st.integers(0, 4)


class VersionRules(World):
    """The server and the lists that it is compared with."""

    def __init__(self) -> None:
        super().__init__()
        self.histories = {name: History() for name in BUCKETS}
        self.histories["locks"].versioning = "Enabled"
        self.instants = [self.clock.now_ms()]
        self.origin = 0
        for name in BUCKETS:
            self.run(
                self.store.create_bucket(
                    name, ROOT.canonical_id, "us-east-1", is_object_lock_enabled=name == "locks"
                )
            )

    @initialize(names=st.lists(key_names, min_size=5, max_size=5, unique=True))
    def choose_keys(self, names: list[str]) -> None:
        self.names = names

    def pick(self, bucket: str, number: int) -> tuple[str, Kept] | None:
        """Some version of the bucket."""
        everything = [(key, v) for key, v, _ in self.histories[bucket].everything()]
        return everything[number % len(everything)] if everything else None

    # What makes versions

    @rule(
        bucket=buckets,
        number=key_numbers,
        seed=seeds,
        size=sizes,
        tags=tag_sets,
        lock=st.none() | st.tuples(modes, days),
    )
    def put(
        self,
        bucket: str,
        number: int,
        seed: int,
        size: int,
        tags: dict[str, str],
        lock: tuple[str, int] | None,
    ) -> None:
        key, body = self.names[number], content(seed, size)
        headers = {"x-amz-checksum-sha256": base64_sha256(body)}
        if tags:
            headers["x-amz-tagging"] = "&".join(f"{quote(k)}={quote(v)}" for k, v in tags.items())
        held = Held()
        if lock and bucket == "locks":
            held = Held(lock[0], self.clock.now_ms() // 1000 * 1000 + lock[1] * DAY_MS)
            headers["x-amz-object-lock-mode"] = lock[0]
            headers["x-amz-object-lock-retain-until-date"] = iso8601(held.until_ms)

        answer = self.ask("PUT", f"/{bucket}/{key}", body=body, headers=headers)

        assert 200 == answer.status, answer.body
        self.origin += 1
        made = Kept(
            self.made_id(bucket, answer), body, self.clock.now_ms(), self.origin, tags, held
        )
        self.histories[bucket].put(key, made)

    def made_id(self, bucket: str, answer: Answer, *, is_copy: bool = False) -> str:
        """The id an answer gives, as the bucket's versioning wants it: copies tell of "null"."""
        version_id = answer.headers.get("x-amz-version-id")
        versioning = self.histories[bucket].versioning
        if is_copy and versioning == "Suspended":
            assert NULL == version_id
        else:
            assert (versioning == "Enabled") == (version_id is not None)
            assert NULL != version_id
        return version_id or NULL

    @rule(source=buckets, pick=picks, bucket=buckets, number=key_numbers)
    def copy(self, source: str, pick: int, bucket: str, number: int) -> None:
        picked = self.pick(source, pick)
        if picked is None:
            return
        key, version = picked
        path = quote(f"{source}/{key}", safe="")
        headers = {"x-amz-copy-source": f"{path}?versionId={version.version_id}"}

        answer = self.ask("PUT", f"/{bucket}/{self.names[number]}", headers=headers)

        if version.body is None:
            assert (400, "InvalidRequest") == outcome(answer)
            return
        assert 200 == answer.status, answer.body
        made = replace(
            version,
            version_id=self.made_id(bucket, answer, is_copy=True),
            modified_ms=self.clock.now_ms(),
            held=Held(),
        )
        self.histories[bucket].put(self.names[number], made)

    @rule(bucket=buckets, number=key_numbers)
    def delete(self, bucket: str, number: int) -> None:
        key = self.names[number]

        answer = self.ask("DELETE", f"/{bucket}/{key}")

        assert 204 == answer.status, answer.body
        marker_id = answer.headers.get("x-amz-version-id")
        assert (marker_id is None) == ("x-amz-delete-marker" not in answer.headers)
        self.histories[bucket].delete(key, marker_id, self.clock.now_ms())

    @rule(bucket=buckets, source=key_numbers, number=key_numbers)
    def rename(self, bucket: str, source: int, number: int) -> None:
        old, new = self.names[source], self.names[number]
        history = self.histories[bucket]
        shown = history.shown(old)

        answer = self.ask(
            "PUT",
            f"/{bucket}/{new}",
            {"renameObject": ""},
            headers={"x-amz-rename-source": quote(f"{bucket}/{old}", safe="")},
        )

        if old == new:
            assert (400, "InvalidRequest") == outcome(answer)
        elif shown is None:
            assert (404, "NoSuchKey") == outcome(answer)
        else:
            assert 200 == answer.status, answer.body
            is_kept = history.versioning != "Unversioned"
            now_ms = self.clock.now_ms()
            modified_ms = now_ms if is_kept else shown.modified_ms
            made_id = self.shown_id(bucket, new) if is_kept else NULL
            made = replace(shown, version_id=made_id, modified_ms=modified_ms, held=Held())
            history.put(new, made)
            history.delete(old, self.shown_id(bucket, old) if is_kept else None, now_ms)

    def shown_id(self, bucket: str, key: str) -> str:
        """The id of what a key shows, marker or not."""
        head = self.run(self.s3.ask("HEAD", f"/{bucket}/{key}"))
        return head.headers["x-amz-version-id"]

    @rule(status=st.sampled_from(["Enabled", "Enabled", "Suspended"]))
    def switch(self, status: str) -> None:
        found = self.store.bucket("plain")
        assert found is not None
        self.run(self.store.set_versioning(found, Versioning(status)))
        self.histories["plain"].versioning = status

    # What changes and removes them

    @rule(bucket=buckets, pick=picks, bypass=st.booleans(), many=st.booleans())
    def remove(self, bucket: str, pick: int, bypass: bool, many: bool) -> None:
        picked = self.pick(bucket, pick)
        if picked is None:
            return
        key, version = picked
        headers = (
            {"x-amz-bypass-governance-retention": "true"} if bypass and bucket == "locks" else {}
        )
        if many:
            body = (
                f"<Delete><Object><Key>{escape(key)}</Key>"
                f"<VersionId>{version.version_id}</VersionId></Object></Delete>"
            ).encode()
            headers["x-amz-checksum-sha256"] = base64_sha256(body)
            if "\x01" in key:
                return
            answer = self.ask("POST", f"/{bucket}", {"delete": ""}, body=body, headers=headers)
            error = document(answer).get("Error")
            code = error["Code"] if error else ""
        else:
            answer = self.ask(
                "DELETE", f"/{bucket}/{key}", {"versionId": version.version_id}, headers=headers
            )
            code = outcome(answer)[1]

        expected = ""
        try:
            self.histories[bucket].remove(
                key, version.version_id, self.clock.now_ms(), bypass=bypass
            )
        except Refused as refusal:
            expected = str(refusal)
        assert expected == code

    @rule(bucket=buckets, pick=picks, tags=tag_sets)
    def tag(self, bucket: str, pick: int, tags: dict[str, str]) -> None:
        picked = self.pick(bucket, pick)
        if picked is None:
            return
        key, version = picked
        rows = "".join(f"<Tag><Key>{k}</Key><Value>{v}</Value></Tag>" for k, v in tags.items())

        answer = self.put_document(
            bucket, key, version, "tagging", f"<Tagging><TagSet>{rows}</TagSet></Tagging>"
        )

        if self.expect_change(version, answer):
            self.histories[bucket].amend(key, version.version_id, replace(version, tags=tags))

    @rule(pick=picks, is_on=st.booleans())
    def hold(self, pick: int, is_on: bool) -> None:
        picked = self.pick("locks", pick)
        if picked is None:
            return
        key, version = picked
        status = "ON" if is_on else "OFF"

        answer = self.put_document(
            "locks", key, version, "legal-hold", f"<LegalHold><Status>{status}</Status></LegalHold>"
        )

        if self.expect_change(version, answer):
            held = replace(version.held, is_on_hold=is_on)
            self.histories["locks"].amend(key, version.version_id, replace(version, held=held))

    @rule(pick=picks, mode=st.none() | modes, wanted=days, bypass=st.booleans())
    def retain(self, pick: int, mode: str | None, wanted: int, bypass: bool) -> None:
        picked = self.pick("locks", pick)
        if picked is None:
            return
        key, version = picked
        until_ms = self.clock.now_ms() // 1000 * 1000 + wanted * DAY_MS if mode else 0
        text = (
            f"<Mode>{mode}</Mode><RetainUntilDate>{iso8601(until_ms)}</RetainUntilDate>"
            if mode
            else ""
        )
        more = BYPASS if bypass else {}

        answer = self.put_document(
            "locks", key, version, "retention", f"<Retention>{text}</Retention>", more
        )

        if version.body is None:
            assert (405, "MethodNotAllowed") == outcome(answer)
            return
        expected = ""
        try:
            self.histories["locks"].retain(
                key, version.version_id, mode, until_ms, self.clock.now_ms(), bypass
            )
        except Refused as refusal:
            expected = str(refusal)
        assert expected == outcome(answer)[1]

    def put_document(
        self,
        bucket: str,
        key: str,
        version: Kept,
        what: str,
        text: str,
        more: dict[str, str] | None = None,
    ) -> Answer:
        body = text.encode()
        headers = {"x-amz-checksum-sha256": base64_sha256(body)} | (more or {})
        query = {what: "", "versionId": version.version_id}
        return self.ask("PUT", f"/{bucket}/{key}", query, body=body, headers=headers)

    def expect_change(self, version: Kept, answer: Answer) -> bool:
        """Whether the version could be changed: a delete marker could not."""
        if version.body is None:
            assert (405, "MethodNotAllowed") == outcome(answer)
            return False
        assert 200 == answer.status, answer.body
        return True

    @rule(wanted=st.integers(0, 2))
    def set_default_retention(self, wanted: int) -> None:
        found = self.store.bucket("locks")
        assert found is not None
        default = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": wanted}}
        rule = {"Rule": default} if wanted else {}
        self.run(
            self.store.put_bucket_document(
                found, "object-lock", {"ObjectLockEnabled": "Enabled", **rule}
            )
        )
        self.histories["locks"].default_days = wanted

    # Time

    @rule(hours=st.sampled_from([1, 12, 24, 48]))
    def wait(self, hours: int) -> None:
        self.instants.append(self.clock.now_ms())
        self.clock.advance(hours * 3600)

    @rule(bucket=buckets, pick=picks, is_dry=st.booleans())
    def restore(self, bucket: str, pick: int, is_dry: bool) -> None:
        history = self.histories[bucket]
        if history.versioning == "Unversioned":
            return
        at_ms = self.instants[pick % len(self.instants)]
        found = self.store.bucket(bucket)
        assert found is not None
        self.clock.advance(0.25)

        report = self.run(self.store.restore_bucket(found, at_ms, dry_run=is_dry))

        doing = history.to_restore(at_ms, INLINE_LIMIT_BYTES)
        restored = [version for version in doing.values() if version is not None]
        assert (
            len(restored),
            sum(len(version.body or b"") for version in restored),
            len(doing) - len(restored),
        ) == report[:3]
        if is_dry:
            return
        now_ms = self.clock.now_ms()
        for key, then in doing.items():
            made_id = self.shown_id(bucket, key)
            made = (
                Kept(made_id, None, now_ms)
                if then is None
                else replace(then, version_id=made_id, modified_ms=now_ms, held=Held())
            )
            history.put(key, made, keeps_versions=True)

    # What is looked at

    @rule(bucket=buckets, prefix=prefixes, delimiter=delimiters, page_size=page_sizes)
    def list_versions(
        self, bucket: str, prefix: str, delimiter: str, page_size: int | None
    ) -> None:
        query = {"versions": "", "prefix": prefix, "delimiter": delimiter, "encoding-type": "url"}
        query |= {"max-keys": str(page_size)} if page_size else {}
        found: list[Any] = []
        while True:
            answer = self.ask("GET", f"/{bucket}", query)
            page = document(answer)
            rows = rows_of(page)
            assert len(rows) <= (page_size or 1000)
            found += rows
            if page["IsTruncated"] == "false":
                break
            query["key-marker"] = unquote_plus(page["NextKeyMarker"])
            query.pop("version-id-marker", None)
            if "NextVersionIdMarker" in page:
                query["version-id-marker"] = page["NextVersionIdMarker"]

        assert sorted(self.expected_rows(bucket, prefix, delimiter)) == sorted(found)

    def expected_rows(self, bucket: str, prefix: str, delimiter: str) -> list[Any]:
        rows: dict[Any, None] = {}
        for key, version, is_latest in self.histories[bucket].everything():
            if not key.startswith(prefix):
                continue
            head, separator, _ = key[len(prefix) :].partition(delimiter or "\0\0")
            if separator:
                rows["CommonPrefixes", prefix + head + separator, "", False] = None
            else:
                kind = "DeleteMarker" if version.body is None else "Version"
                rows[kind, key, version.version_id, is_latest] = None
        return list(rows)

    @rule(bucket=buckets)
    def list_objects(self, bucket: str) -> None:
        page = document(self.ask("GET", f"/{bucket}", {"list-type": "2", "encoding-type": "url"}))

        history = self.histories[bucket]
        shown = [key for key in history.keys if history.shown(key)]
        found = [unquote_plus(row["Key"]) for row in page.get("Contents", [])]
        assert sorted(shown, key=str.encode) == found

    @rule(bucket=buckets, pick=picks)
    def look(self, bucket: str, pick: int) -> None:
        picked = self.pick(bucket, pick)
        if picked is not None:
            self.compare(bucket, *picked)

    def compare(self, bucket: str, key: str, version: Kept) -> None:
        answer = self.ask("GET", f"/{bucket}/{key}", {"versionId": version.version_id})
        if version.body is None:
            assert (405, "MethodNotAllowed") == outcome(answer)
            return
        assert (200, version.body) == (answer.status, answer.body)
        assert len(version.tags) == int(answer.headers.get("x-amz-tagging-count", "0"))
        assert version.held.mode == answer.headers.get("x-amz-object-lock-mode")
        if version.held.mode:
            until = answer.headers["x-amz-object-lock-retain-until-date"]
            assert iso8601(version.held.until_ms) == until
        hold = {None: None, True: "ON", False: "OFF"}[version.held.is_on_hold]
        assert hold == answer.headers.get("x-amz-object-lock-legal-hold")

    def compare_everything(self) -> None:
        for bucket, history in self.histories.items():
            for key, version, _ in history.everything():
                self.compare(bucket, key, version)
            self.list_objects(bucket)

    @rule()
    def restart(self) -> None:
        self.run(self.store.close())
        self.open()

    @rule()
    def reap(self) -> None:
        self.run(self.store.reap())


def rows_of(page: dict[str, Any]) -> list[Any]:
    """The entries of a page: kind, name, version id, whether it is the latest."""
    rows = []
    for kind in ("Version", "DeleteMarker"):
        found = page.get(kind, [])
        for row in found if isinstance(found, list) else [found]:
            is_latest = row["IsLatest"] == "true"
            rows.append((kind, unquote_plus(row["Key"]), row["VersionId"], is_latest))
    return rows + [
        ("CommonPrefixes", unquote_plus(row["Prefix"]), "", False)
        for row in page.get("CommonPrefixes", [])
    ]
