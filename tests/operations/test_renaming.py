"""RenameObject for every bucket: what it takes, what it refuses, and what it leaves.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_RenameObject.html
"""

import asyncio
import hashlib

import pytest

from ferrox.protocol.dates import http_date
from ferrox.records import Versioning
from tests.in_process import OTHER_ACCESS_KEY, Answer, InProcess

BIG = hashlib.shake_128(b"big").digest(3 * 1024**2)


@pytest.fixture(autouse=True)
async def _bucket(s3: InProcess) -> None:
    await s3.make_bucket()


async def rename(
    s3: InProcess, key: str = "new", source: str = "/bucket/old", **headers: str
) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await s3.ask(
        "PUT", f"/bucket/{key}", {"renameObject": ""},
        headers={"x-amz-rename-source": source, **named},
    )  # fmt: skip


@pytest.mark.parametrize("data", [b"", b"data", BIG], ids=["empty", "inline", "blob"])
async def test_the_object_is_the_same_under_another_key(s3: InProcess, data: bytes) -> None:
    await s3.put("old", data, headers={"x-amz-meta-a": "1", "x-amz-tagging": "t=1"})
    before = await s3.get("old")
    s3.clock.advance(60)

    answer = await rename(s3)
    await s3.store.reap()
    after = await s3.get("new")

    assert (200, b"") == (answer.status, answer.body)
    assert 404 == (await s3.get("old")).status
    for found in (before, after):
        del found.headers["x-amz-request-id"]
    assert before == after


@pytest.mark.parametrize("source", ["bucket/a%20b%2B%C3%BC", "/bucket/a b%2Bü"])
async def test_the_source_is_percent_encoded(s3: InProcess, source: str) -> None:
    await s3.put("a b+ü", b"data")

    assert 200 == (await rename(s3, source=source)).status
    assert b"data" == (await s3.get("new")).body


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("/bucket/none", "NoSuchKey"),
        ("old", "InvalidArgument"),
        ("/bucket/", "InvalidArgument"),
        ("/other/old", "InvalidRequest"),
        ("/bucket/new", "InvalidRequest"),
    ],
)
async def test_sources_that_are_none(s3: InProcess, source: str, code: str) -> None:
    await s3.put("old", b"old")
    await s3.put("new", b"new")

    answer = await rename(s3, source=source)

    assert (404 if code == "NoSuchKey" else 400, code) == (answer.status, answer.code)
    assert (b"old", b"new") == ((await s3.get("old")).body, (await s3.get("new")).body)


async def test_a_source_is_needed(s3: InProcess) -> None:
    answer = await s3.ask("PUT", "/bucket/new", {"renameObject": ""}, body=b"untouched")

    assert (400, "InvalidRequest") == (answer.status, answer.code)
    assert 404 == (await s3.get("new")).status


@pytest.mark.parametrize(
    ("headers", "has_target", "code", "condition"),
    [
        ({"if_none_match": "*"}, False, "", ""),
        ({"if_none_match": "*"}, True, "PreconditionFailed", "If-None-Match"),
        ({"if_match": "target"}, True, "", ""),
        ({"if_match": '"0"'}, True, "PreconditionFailed", "If-Match"),
        ({"if_match": '"0"'}, False, "NoSuchKey", ""),
        ({"if_modified_since": "-1"}, True, "", ""),
        ({"if_modified_since": "-1"}, False, "PreconditionFailed", "If-Modified-Since"),
        ({"if_unmodified_since": "-1"}, True, "PreconditionFailed", "If-Unmodified-Since"),
        ({"if_unmodified_since": "-1"}, False, "", ""),
        ({"x_amz_rename_source_if_match": "source"}, True, "", ""),
        (
            {"x_amz_rename_source_if_match": '"0"'},
            True, "PreconditionFailed", "x-amz-rename-source-If-Match",
        ),
        (
            {"x_amz_rename_source_if_none_match": "*"},
            True, "PreconditionFailed", "x-amz-rename-source-If-None-Match",
        ),
        ({"x_amz_rename_source_if_modified_since": "-1"}, True, "", ""),
        (
            {"x_amz_rename_source_if_unmodified_since": "-1"},
            True, "PreconditionFailed", "x-amz-rename-source-If-Unmodified-Since",
        ),
    ],
)  # fmt: skip
async def test_conditions_on_both_ends(
    s3: InProcess, headers: dict[str, str], has_target: bool, code: str, condition: str
) -> None:
    """`-1` stands for a second before both were put; `source` and `target` for their ETags."""
    known = {"source": (await s3.put("old", b"old")).headers["etag"]}
    if has_target:
        known["target"] = (await s3.put("new", b"new")).headers["etag"]
    known["-1"] = http_date(s3.clock.now_ms() - 1000)
    s3.clock.advance(10)

    answer = await rename(s3, **{name: known.get(text, text) for name, text in headers.items()})

    if code:
        assert code == answer.code
        assert not condition or condition == answer.document["Condition"]
        assert b"old" == (await s3.get("old")).body
    else:
        assert (200, b"old") == (answer.status, (await s3.get("new")).body)


async def test_a_token_makes_a_retry_harmless(s3: InProcess) -> None:
    await s3.put("old")

    first = await rename(s3, x_amz_client_token="token-1")
    again = await rename(s3, x_amz_client_token="token-1")
    other = await rename(s3, "elsewhere", x_amz_client_token="token-1")
    without = await rename(s3)

    assert (200, 200) == (first.status, again.status)
    assert (400, "IdempotencyParameterMismatch") == (other.status, other.code)
    assert (404, "NoSuchKey") == (without.status, without.code)


@pytest.mark.parametrize("token", ["", "x" * 65, "a b", "é"])
async def test_tokens_that_are_none(s3: InProcess, token: str) -> None:
    await s3.put("old")

    answer = await rename(s3, x_amz_client_token=token)

    assert (400, "InvalidArgument") == (answer.status, answer.code)


async def test_where_versions_are_kept_both_keys_can_be_brought_back(s3: InProcess) -> None:
    bucket = s3.store.bucket("bucket")
    assert bucket is not None
    await s3.store.set_versioning(bucket, Versioning.ENABLED)
    old = (await s3.put("old", b"old")).headers["x-amz-version-id"]
    new = (await s3.put("new", b"new")).headers["x-amz-version-id"]

    await rename(s3)
    gone = await s3.get("old")

    assert (404, "true") == (gone.status, gone.headers["x-amz-delete-marker"])
    assert b"old" == (await s3.get("new")).body
    for key, version_id in (("old", old), ("new", new)):
        former = await s3.ask("GET", f"/bucket/{key}", {"versionId": version_id})
        assert key.encode() == former.body


async def test_of_two_renames_at_once_one_finds_nothing(s3: InProcess) -> None:
    await s3.put("old", BIG)

    answers = await asyncio.gather(*(rename(s3, f"new{number}") for number in range(4)))

    assert [200, 404, 404, 404] == sorted(answer.status for answer in answers)
    listed = await s3.ask("GET", "/bucket")
    assert isinstance(listed.document["Contents"], dict)


async def test_only_the_owner_renames(s3: InProcess) -> None:
    await s3.put("old")

    answer = await s3.ask(
        "PUT", "/bucket/new", {"renameObject": ""},
        headers={"x-amz-rename-source": "bucket/old"}, access_key=OTHER_ACCESS_KEY,
    )  # fmt: skip

    assert (403, "AccessDenied") == (answer.status, answer.code)
