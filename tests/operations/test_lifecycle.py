import base64

import pytest

from tests.in_process import Answer, InProcess
from tests.operations.configured import content_of, delete, get, put, refusal

MINIMUM = "x-amz-transition-default-minimum-object-size"
RULE = (
    "<Rule><ID>{}</ID><Filter></Filter><Status>Enabled</Status><Expiration><Days>3</Days>"
    "</Expiration></Rule>"
)
FULL = (
    "<Rule><ID>all of it</ID><Filter><And><Prefix>a/</Prefix><Tag><Key>k</Key><Value>v</Value>"
    "</Tag><ObjectSizeGreaterThan>1</ObjectSizeGreaterThan><ObjectSizeLessThan>9"
    "</ObjectSizeLessThan></And></Filter><Status>Disabled</Status><Expiration>"
    "<Date>2030-01-01T00:00:00.000Z</Date></Expiration><Transition>"
    "<Date>2029-01-01T00:00:00.000Z</Date><StorageClass>GLACIER</StorageClass></Transition>"
    "<NoncurrentVersionTransition><NoncurrentDays>1</NoncurrentDays>"
    "<StorageClass>GLACIER_IR</StorageClass></NoncurrentVersionTransition>"
    "<NoncurrentVersionExpiration><NoncurrentDays>2</NoncurrentDays>"
    "<NewerNoncurrentVersions>5</NewerNoncurrentVersions></NoncurrentVersionExpiration></Rule>"
)


@pytest.fixture
async def s3(s3: InProcess) -> InProcess:
    await s3.make_bucket()
    return s3


async def put_rules(s3: InProcess, *rules: str, headers: dict[str, str] | None = None) -> Answer:
    text = f"<LifecycleConfiguration>{''.join(rules)}</LifecycleConfiguration>"
    return await put(s3, "lifecycle", text, headers=headers)


async def test_rules_are_shown_as_they_were_put(s3: InProcess) -> None:
    answer = await put_rules(s3, FULL, RULE.format("one"))
    shown = await get(s3, "lifecycle")

    assert (200, b"") == (answer.status, answer.body)
    assert FULL + RULE.format("one") == content_of(shown)
    assert ["all_storage_classes_128K"] * 2 == [one.headers[MINIMUM] for one in (answer, shown)]


async def test_the_smallest_object_of_a_transition_is_kept_with_the_rules(s3: InProcess) -> None:
    answer = await put_rules(s3, FULL, headers={MINIMUM: "varies_by_storage_class"})
    wrong = await put_rules(s3, FULL, headers={MINIMUM: "tiny"})

    shown = await get(s3, "lifecycle")

    assert ["varies_by_storage_class"] * 2 == [one.headers[MINIMUM] for one in (answer, shown)]
    assert (400, "InvalidRequest") == refusal(wrong)


async def test_a_rule_without_an_id_gets_one(s3: InProcess) -> None:
    await put_rules(s3, RULE.replace("<ID>{}</ID>", ""), RULE.format(""))

    rules = (await get(s3, "lifecycle")).document["Rule"]

    ids = {rule["ID"] for rule in rules}
    assert 2 == len(ids)
    assert {36} == {len(base64.b64decode(one)) for one in ids}


async def test_a_lifecycle_can_be_removed_and_is_not_there_at_first(s3: InProcess) -> None:
    first = await get(s3, "lifecycle")
    await put_rules(s3, FULL)

    removed = [await delete(s3, "lifecycle") for _ in range(2)]

    assert [204, 204] == [answer.status for answer in removed]
    assert [(404, "NoSuchLifecycleConfiguration")] * 2 == [
        refusal(answer) for answer in (first, await get(s3, "lifecycle"))
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (RULE.format("a") * 2, "InvalidArgument"),
        (RULE.format("a").replace("<Expiration><Days>3</Days></Expiration>", ""), "InvalidRequest"),
        (RULE.format("a").replace("Enabled", "On"), "MalformedXML"),
        ("", "MalformedXML"),
    ],
)
async def test_rules_that_break_the_rules_change_nothing(
    s3: InProcess, content: str, code: str
) -> None:
    await put_rules(s3, RULE.format("kept"))

    assert (400, code) == refusal(await put_rules(s3, content))
    assert RULE.format("kept") == content_of(await get(s3, "lifecycle"))


async def test_rules_come_with_a_digest_and_have_to_be_brought(s3: InProcess) -> None:
    bare = await put(
        s3,
        "lifecycle",
        f"<LifecycleConfiguration>{FULL}</LifecycleConfiguration>",
        is_protected=False,
    )

    assert (400, "InvalidRequest") == refusal(bare)
    assert (400, "MissingRequestBodyError") == refusal(await put(s3, "lifecycle", ""))
