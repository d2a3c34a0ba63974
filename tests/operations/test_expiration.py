"""What answers tell of expiration, in process; the clock shows 21 September 2026."""

import pytest

from ferrox.clock import SettableClock
from tests.in_process import Answer, InProcess
from tests.operations.configured import delete, put

RULES = (
    "<LifecycleConfiguration>"
    "<Rule><ID>by tag</ID><Filter><Tag><Key>k</Key><Value>v</Value></Tag></Filter>"
    "<Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>"
    "<Rule><ID>all</ID><Filter><Prefix>logs/</Prefix></Filter><Status>Enabled</Status>"
    "<Expiration><Days>3</Days></Expiration><AbortIncompleteMultipartUpload>"
    "<DaysAfterInitiation>2</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>"
    "</LifecycleConfiguration>"
)
BY_TAG = 'expiry-date="Wed, 23 Sep 2026 00:00:00 GMT", rule-id="by%20tag"'
ALL = 'expiry-date="Fri, 25 Sep 2026 00:00:00 GMT", rule-id="all"'


@pytest.fixture
async def s3(s3: InProcess) -> InProcess:
    await s3.make_bucket()
    answer = await put(s3, "lifecycle", RULES)
    assert 200 == answer.status
    return s3


def told(answer: Answer) -> str | None:
    assert 200 == answer.status, answer.body
    return answer.headers.get("x-amz-expiration")


async def test_whoever_writes_or_reads_learns_when_the_object_expires(s3: InProcess) -> None:
    answers = [
        await s3.put("logs/1"),
        await s3.get("logs/1"),
        await s3.ask("HEAD", "/bucket/logs/1"),
        await s3.put("logs/2", headers={"x-amz-copy-source": "/bucket/logs/1"}, body=b""),
    ]

    assert [ALL] * 4 == [told(answer) for answer in answers]


async def test_the_rule_whose_time_is_over_first_is_named(s3: InProcess) -> None:
    tagged = await s3.put("logs/1", headers={"x-amz-tagging": "k=v"})

    assert [BY_TAG, BY_TAG] == [told(tagged), told(await s3.get("logs/1"))]


async def test_nothing_is_told_where_no_rule_is_about_the_object(s3: InProcess) -> None:
    before = [told(await s3.put("k")), told(await s3.get("k"))]
    await s3.put("logs/1")

    await delete(s3, "lifecycle")

    assert [None, None, None] == [*before, told(await s3.get("logs/1"))]


async def test_former_versions_do_not_expire(s3: InProcess) -> None:
    await put(
        s3,
        "versioning",
        "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
    )
    ids = [(await s3.put("logs/1")).headers["x-amz-version-id"] for _ in range(2)]

    found = [told(await s3.get("logs/1", query={"versionId": one})) for one in ids]

    assert [None, ALL] == found


async def test_uploads_tell_when_they_are_aborted(s3: InProcess, clock: SettableClock) -> None:
    begun = await s3.ask("POST", "/bucket/logs/1", {"uploads": ""})
    other = await s3.ask("POST", "/bucket/k", {"uploads": ""})
    upload = {"uploadId": str(begun.document["UploadId"])}
    clock.advance(3600)
    part = await s3.ask("PUT", "/bucket/logs/1", {**upload, "partNumber": "1"}, body=b"part")
    listed = await s3.ask("GET", "/bucket/logs/1", upload)
    parts = f"<Part><PartNumber>1</PartNumber><ETag>{part.headers['etag']}</ETag></Part>"
    body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
    done = await s3.ask("POST", "/bucket/logs/1", upload, body=body)

    names = ("x-amz-abort-date", "x-amz-abort-rule-id")
    found = [[answer.headers.get(name) for name in names] for answer in (begun, listed, other)]

    assert [["Thu, 24 Sep 2026 00:00:00 GMT", "all"]] * 2 + [[None, None]] == found
    assert ALL == told(done)
