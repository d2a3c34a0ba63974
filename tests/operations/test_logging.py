import pytest

from tests.in_process import OTHER_ACCESS_KEY, Answer, InProcess
from tests.operations.configured import content_of, get, put, refusal

XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
GRANTS = (
    f'<TargetGrants><Grant><Grantee {XSI} xsi:type="Group">'
    "<URI>http://acs.amazonaws.com/groups/s3/LogDelivery</URI></Grantee>"
    "<Permission>READ</Permission></Grant></TargetGrants>"
)
FORMAT = (
    "<TargetObjectKeyFormat><PartitionedPrefix><PartitionDateSource>EventTime"
    "</PartitionDateSource></PartitionedPrefix></TargetObjectKeyFormat>"
)


@pytest.fixture
async def s3(s3: InProcess) -> InProcess:
    await s3.make_bucket()
    await s3.make_bucket("logs")
    return s3


async def put_target(s3: InProcess, bucket: str = "logs", grants: str = "") -> Answer:
    content = (
        f"<LoggingEnabled><TargetBucket>{bucket}</TargetBucket>{grants}"
        f"<TargetPrefix>a/</TargetPrefix>{FORMAT}</LoggingEnabled>"
    )
    return await put(
        s3, "logging", f"<BucketLoggingStatus>{content}</BucketLoggingStatus>", is_protected=False
    )


async def test_logging_is_off_switched_on_and_off_again(s3: InProcess) -> None:
    first = await get(s3, "logging")
    switched_on = await put_target(s3)
    shown = await get(s3, "logging")
    switched_off = await put(s3, "logging", "<BucketLoggingStatus/>", is_protected=False)
    last = await get(s3, "logging")

    assert [200] * 5 == [one.status for one in (first, switched_on, shown, switched_off, last)]
    assert "logs" == shown.document["LoggingEnabled"]["TargetBucket"]
    assert FORMAT in content_of(shown)
    assert ["", ""] == [content_of(one) for one in (first, last)]


async def test_the_target_must_exist_and_be_the_same_owners(s3: InProcess) -> None:
    await s3.ask("PUT", "/others", access_key=OTHER_ACCESS_KEY)

    answers = [await put_target(s3, bucket) for bucket in ("nowhere", "others", "NO BUCKET")]

    assert [(400, "InvalidTargetBucketForLogging")] * 3 == [refusal(one) for one in answers]
    assert "nowhere" == answers[0].document["TargetBucket"]


async def test_the_target_must_be_in_the_same_region(s3: InProcess) -> None:
    await InProcess(s3.store, s3.clock, region="eu-west-1").make_bucket("far")

    assert (403, "CrossLocationLoggingProhibitted") == refusal(await put_target(s3, "far"))


async def test_grants_are_kept_where_the_target_knows_lists(s3: InProcess) -> None:
    enforced, preferred = "BucketOwnerEnforced", "BucketOwnerPreferred"
    controls = (
        "<OwnershipControls><Rule><ObjectOwnership>{}</ObjectOwnership></Rule></OwnershipControls>"
    )
    await put(s3, "ownershipControls", controls.format(enforced), path="/logs")
    refused = await put_target(s3, grants=GRANTS)
    await put(s3, "ownershipControls", controls.format(preferred), path="/logs")
    accepted = await put_target(s3, grants=GRANTS)

    assert (400, "AccessControlListNotSupported") == refusal(refused)
    assert 200 == accepted.status
    assert GRANTS in content_of(await get(s3, "logging"))


async def test_what_is_no_target_is_malformed(s3: InProcess) -> None:
    answer = await put(
        s3,
        "logging",
        "<BucketLoggingStatus><LoggingEnabled/></BucketLoggingStatus>",
        is_protected=False,
    )

    assert (400, "MalformedXML") == refusal(answer)
