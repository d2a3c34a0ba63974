"""Documents with an id: each on its own, a thousand at most, listed in pages."""

import pytest

from ferrox.document_errors import TooManyConfigurations
from tests.in_process import OTHER_ACCESS_KEY, InProcess
from tests.operations.configured import content_of, delete, get, put, refusal

FILTER = "<Filter><Prefix>a/</Prefix></Filter>"
SAMPLES = {
    "analytics": (
        "<AnalyticsConfiguration><Id>{}</Id>" + FILTER + "<StorageClassAnalysis>"
        "</StorageClassAnalysis></AnalyticsConfiguration>"
    ),
    "intelligent-tiering": (
        "<IntelligentTieringConfiguration><Id>{}</Id>" + FILTER + "<Status>Enabled</Status>"
        "<Tiering><Days>90</Days><AccessTier>ARCHIVE_ACCESS</AccessTier></Tiering>"
        "</IntelligentTieringConfiguration>"
    ),
    "inventory": (
        "<InventoryConfiguration><Id>{}</Id><IsEnabled>true</IsEnabled>" + FILTER + "<Destination>"
        "<S3BucketDestination><Format>CSV</Format><Bucket>arn:aws:s3:::lists</Bucket>"
        "<Encryption><SSE-S3></SSE-S3></Encryption></S3BucketDestination></Destination><Schedule>"
        "<Frequency>Daily</Frequency></Schedule><IncludedObjectVersions>All"
        "</IncludedObjectVersions><OptionalFields><Field>Size</Field></OptionalFields>"
        "</InventoryConfiguration>"
    ),
    "metrics": "<MetricsConfiguration><Id>{}</Id>" + FILTER + "</MetricsConfiguration>",
}
KINDS = sorted(SAMPLES)


@pytest.fixture
async def s3(s3: InProcess) -> InProcess:
    await s3.make_bucket()
    return s3


async def put_one(s3: InProcess, kind: str, name: str, **more: str) -> tuple[int, bytes]:
    answer = await put(s3, f"{kind}&id={name}", SAMPLES[kind].format(name), is_protected=False)
    return answer.status, answer.body


@pytest.mark.parametrize("kind", KINDS)
async def test_a_document_is_shown_as_it_was_put(s3: InProcess, kind: str) -> None:
    assert (200, b"") == await put_one(s3, kind, "one")
    assert (200, b"") == await put_one(s3, kind, "two")

    shown = await get(s3, f"{kind}&id=one")

    sample = SAMPLES[kind].format("one")
    assert 200 == shown.status
    assert sample[sample.index(">") + 1 : sample.rindex("<")] == content_of(shown)


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_not_there_can_be_neither_shown_nor_removed(s3: InProcess, kind: str) -> None:
    await put_one(s3, kind, "one")

    removed = await delete(s3, f"{kind}&id=one")
    answers = [await get(s3, f"{kind}&id=one"), await delete(s3, f"{kind}&id=one")]

    assert (204, b"") == (removed.status, removed.body)
    assert [(404, "NoSuchConfiguration")] * 2 == [refusal(answer) for answer in answers]


@pytest.mark.parametrize("kind", KINDS)
async def test_documents_are_listed_by_id_in_pages(s3: InProcess, kind: str) -> None:
    for number in range(101):
        await put_one(s3, kind, f"n{number:03}")

    first = (await get(s3, kind)).document
    token = first["NextContinuationToken"]
    second = (await get(s3, f"{kind}&continuation-token={token}")).document

    root = SAMPLES[kind][1 : SAMPLES[kind].index(">")]
    assert [f"n{number:03}" for number in range(100)] == [one["Id"] for one in first[root]]
    assert ("true", "n100", "false") == (
        first["IsTruncated"],
        second[root]["Id"],
        second["IsTruncated"],
    )
    assert token == second["ContinuationToken"]
    assert "NextContinuationToken" not in second


@pytest.mark.parametrize("kind", KINDS)
async def test_a_bucket_without_any_lists_none(s3: InProcess, kind: str) -> None:
    listed = await get(s3, kind)

    assert (200, "<IsTruncated>false</IsTruncated>") == (listed.status, content_of(listed))


@pytest.mark.parametrize("name", ["", "a b", "ä", "a" * 65, "a/b"])
async def test_an_id_is_short_and_plain(s3: InProcess, name: str) -> None:
    answer = await put(
        s3, f"metrics&id={name}", SAMPLES["metrics"].format(name), is_protected=False
    )

    assert (400, "InvalidConfigurationId") == refusal(answer)


async def test_the_id_in_the_document_is_that_of_the_request(s3: InProcess) -> None:
    answers = {
        kind: await put(s3, f"{kind}&id=one", SAMPLES[kind].format("two"), is_protected=False)
        for kind in KINDS
    }

    assert {"inventory": "IdMismatch"} | dict.fromkeys(
        ["analytics", "intelligent-tiering", "metrics"], "MalformedXML"
    ) == {kind: answer.code for kind, answer in answers.items()}


async def test_a_destination_is_a_bucket(s3: InProcess) -> None:
    content = SAMPLES["inventory"].format("one").replace("arn:aws:s3:::lists", "lists")

    answer = await put(s3, "inventory&id=one", content, is_protected=False)

    assert (400, "InvalidS3DestinationBucket") == refusal(answer)


async def test_there_are_a_thousand_of_a_kind_at_most(
    s3: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ferrox.operations.named_documents.MOST_CONFIGURATIONS", 3)
    for number in range(3):
        await put_one(s3, "metrics", f"n{number}")

    more = await put(s3, "metrics&id=n3", SAMPLES["metrics"].format("n3"), is_protected=False)

    assert (400, TooManyConfigurations.default_message()) == (
        more.status,
        more.document["Message"],
    )
    assert (200, b"") == await put_one(s3, "metrics", "n2"), "it replaces one"
    assert (200, b"") == await put_one(s3, "analytics", "n3"), "another kind"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_document_is_its_owners_business(s3: InProcess, kind: str) -> None:
    await put_one(s3, kind, "one")

    answers = [
        await get(s3, kind, access_key=OTHER_ACCESS_KEY),
        await get(s3, f"{kind}&id=one", access_key=OTHER_ACCESS_KEY),
        await delete(s3, f"{kind}&id=one", access_key=OTHER_ACCESS_KEY),
    ]

    assert [(403, "AccessDenied")] * 3 == [refusal(answer) for answer in answers]
