import pytest

from ferrox.records import Versioning
from tests.in_process import Answer, InProcess
from tests.operations.configured import content_of, get, put, refusal

ENABLED = "<ObjectLockEnabled>Enabled</ObjectLockEnabled>"
RULE = "<Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>{}</Days></DefaultRetention></Rule>"

IN_YEARS = "<Rule><DefaultRetention><Mode>COMPLIANCE</Mode>{}</DefaultRetention></Rule>"


@pytest.fixture
async def s3(s3: InProcess) -> InProcess:
    await s3.ask("PUT", "/bucket", headers={"x-amz-bucket-object-lock-enabled": "true"})
    await s3.make_bucket("plain")
    return s3


async def put_lock(
    s3: InProcess, content: str, bucket: str = "bucket", *, is_protected: bool = True
) -> Answer:
    text = f"<ObjectLockConfiguration>{content}</ObjectLockConfiguration>"
    return await put(s3, "object-lock", text, path=f"/{bucket}", is_protected=is_protected)


async def test_a_bucket_that_was_made_with_a_lock_has_one(s3: InProcess) -> None:
    shown = await get(s3, "object-lock")
    versioning = await get(s3, "versioning")

    assert (200, ENABLED) == (shown.status, content_of(shown))
    assert "<Status>Enabled</Status>" == content_of(versioning)


async def test_a_default_retention_is_shown_and_replaced(s3: InProcess) -> None:
    first = await put_lock(s3, ENABLED + RULE.format(1))
    shown = await get(s3, "object-lock")
    second = await put_lock(s3, ENABLED)

    assert [(200, b"")] * 2 == [(one.status, one.body) for one in (first, second)]
    assert ENABLED + RULE.format(1) == content_of(shown)
    assert ENABLED == content_of(await get(s3, "object-lock"))


async def test_a_bucket_without_versions_gets_no_lock(s3: InProcess) -> None:
    assert (404, "ObjectLockConfigurationNotFoundError") == refusal(
        await get(s3, "object-lock", path="/plain")
    )
    assert (409, "InvalidBucketState") == refusal(await put_lock(s3, ENABLED, "plain"))


async def test_a_bucket_with_versions_can_get_a_lock_later(s3: InProcess) -> None:
    plain = s3.store.bucket("plain")
    assert plain is not None
    await s3.store.set_versioning(plain, Versioning.ENABLED)

    answer = await put_lock(s3, ENABLED + RULE.format(2), "plain")

    found = s3.store.bucket("plain")
    assert 200 == answer.status
    assert found is not None
    assert found.is_object_lock_enabled
    assert ENABLED + RULE.format(2) == content_of(await get(s3, "object-lock", path="/plain"))


async def test_a_default_retention_holds_what_is_put_from_then_on(s3: InProcess) -> None:
    await put_lock(s3, ENABLED + RULE.format(2))

    await s3.put("k", headers={"content-md5": "jXd/OF09/siBXSD3SWAm3A=="})  # of b"data"

    head = await s3.ask("HEAD", "/bucket/k")
    assert "GOVERNANCE" == head.headers["x-amz-object-lock-mode"]
    assert "x-amz-object-lock-retain-until-date" in head.headers


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (ENABLED.replace("Enabled<", "Disabled<"), "MalformedXML"),
        ("", "MalformedXML"),
        (ENABLED + RULE.format(0), "InvalidRetentionPeriod"),
        (ENABLED + RULE.format(-1), "InvalidRetentionPeriod"),
        (ENABLED + RULE.format(36501), "InvalidRetentionPeriod"),
        (ENABLED + IN_YEARS.format("<Years>0</Years>"), "InvalidRetentionPeriod"),
        (ENABLED + IN_YEARS.format("<Years>-1</Years>"), "InvalidRetentionPeriod"),
        (ENABLED + IN_YEARS.format("<Years>101</Years>"), "InvalidRetentionPeriod"),
        (ENABLED + IN_YEARS.format(""), "MalformedXML"),
        (ENABLED + IN_YEARS.format("<Days>1</Days><Years>1</Years>"), "MalformedXML"),
        (ENABLED + RULE.format("x"), "MalformedXML"),
        (ENABLED + RULE.format(1).replace("GOVERNANCE", "governance"), "MalformedXML"),
        (ENABLED + RULE.format(1).replace("GOVERNANCE", "abc"), "MalformedXML"),
        (ENABLED + RULE.format(1).replace("<Mode>GOVERNANCE</Mode>", ""), "MalformedXML"),
        (RULE.format(1), "MalformedXML"),
    ],
)
async def test_a_lock_is_not_taken_away_nor_set_wrongly(
    s3: InProcess, content: str, code: str
) -> None:
    assert (400, code) == refusal(await put_lock(s3, content))
    assert ENABLED == content_of(await get(s3, "object-lock"))


async def test_a_lock_comes_with_a_digest_and_has_to_be_brought(s3: InProcess) -> None:
    assert (400, "InvalidRequest") == refusal(await put_lock(s3, ENABLED, is_protected=False))
    assert (400, "MissingRequestBodyError") == refusal(await put(s3, "object-lock", ""))
