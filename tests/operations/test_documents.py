"""Every document that a row says all of: stored, shown, removed, refused."""

from typing import Any

import pytest

from ferrox.operations import documents
from ferrox.operations.handlers import HANDLERS
from ferrox.protocol.document_operations import DOCUMENT_OPERATIONS
from ferrox.protocol.shapes.tagging import Tag, Tagging
from tests.in_process import OTHER_ACCESS_KEY, InProcess
from tests.operations.configured import BUCKET, content_of, delete, get, put, refusal

XMLNS = b'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
SAMPLES = {
    "accelerate": "<AccelerateConfiguration><Status>Suspended</Status></AccelerateConfiguration>",
    "cors": (
        "<CORSConfiguration><CORSRule><ID>one</ID><AllowedMethod>GET</AllowedMethod>"
        "<AllowedMethod>PUT</AllowedMethod><AllowedOrigin>*</AllowedOrigin>"
        "<AllowedHeader>x-*</AllowedHeader><MaxAgeSeconds>30</MaxAgeSeconds>"
        "<ExposeHeader>ETag</ExposeHeader></CORSRule></CORSConfiguration>"
    ),
    "ownershipControls": (
        "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>"
        "</OwnershipControls>"
    ),
    "publicAccessBlock": (
        "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls>"
        "<IgnorePublicAcls>false</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy>"
        "<RestrictPublicBuckets>false</RestrictPublicBuckets></PublicAccessBlockConfiguration>"
    ),
    "requestPayment": (
        "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>"
    ),
    "tagging": (
        "<Tagging><TagSet><Tag><Key>a</Key><Value>1 + ä</Value></Tag>"
        "<Tag><Key>b</Key><Value></Value></Tag></TagSet></Tagging>"
    ),
    "website": (
        "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument>"
        "<ErrorDocument><Key>404.html</Key></ErrorDocument><RoutingRules><RoutingRule>"
        "<Condition><KeyPrefixEquals>a/</KeyPrefixEquals></Condition><Redirect>"
        "<HostName>example.com</HostName></Redirect></RoutingRule></RoutingRules>"
        "</WebsiteConfiguration>"
    ),
}
ABSENT = {
    "cors": "NoSuchCORSConfiguration",
    "encryption": "ServerSideEncryptionConfigurationNotFoundError",
    "ownershipControls": "OwnershipControlsNotFoundError",
    "policy": "NoSuchBucketPolicy",
    "policyStatus": "NoSuchBucketPolicy",
    "publicAccessBlock": "NoSuchPublicAccessBlockConfiguration",
    "replication": "ReplicationConfigurationNotFoundError",
    "tagging": "NoSuchTagSet",
    "website": "NoSuchWebsiteConfiguration",
}
PROTECTED = {"cors", "tagging"}


@pytest.fixture
async def s3(s3: InProcess) -> InProcess:
    """A server with a bucket that nothing is said about yet."""
    await s3.make_bucket()
    for document in ("ownershipControls", "publicAccessBlock"):
        await delete(s3, document)
    return s3


@pytest.mark.parametrize("document", SAMPLES)
async def test_a_document_is_shown_as_it_was_put(s3: InProcess, document: str) -> None:
    sample = SAMPLES[document]

    stored = await put(s3, document, sample)
    shown = await get(s3, document)

    assert (204 if document == "tagging" else 200, b"") == (stored.status, stored.body)
    root = sample[1 : sample.index(">")]
    assert 200 == shown.status
    assert f"<{root} ".encode() + XMLNS in shown.body
    assert sample[len(root) + 2 : sample.rindex("<")] == content_of(shown)


@pytest.mark.parametrize("document", ABSENT)
async def test_what_was_never_put_is_not_there(s3: InProcess, document: str) -> None:
    assert (404, ABSENT[document]) == refusal(await get(s3, document))
    assert "bucket" == (await get(s3, document)).document["BucketName"]


async def test_what_has_a_default_shows_it(s3: InProcess) -> None:
    assert "" == content_of(await get(s3, "accelerate"))
    assert "<Payer>BucketOwner</Payer>" == content_of(await get(s3, "requestPayment"))


@pytest.mark.parametrize("document", sorted(ABSENT.keys() - {"policy", "policyStatus"}))
async def test_a_document_is_removed_whether_it_is_there_or_not(
    s3: InProcess, document: str
) -> None:
    if document in SAMPLES:
        await put(s3, document, SAMPLES[document])

    removed = [await delete(s3, document) for _ in range(2)]

    assert [(204, b"")] * 2 == [(answer.status, answer.body) for answer in removed]
    assert (404, ABSENT[document]) == refusal(await get(s3, document))


@pytest.mark.parametrize("document", SAMPLES)
async def test_a_document_is_its_owners_business(s3: InProcess, document: str) -> None:
    await put(s3, document, SAMPLES[document])

    answers = [
        await put(s3, document, SAMPLES[document], access_key=OTHER_ACCESS_KEY),
        await get(s3, document, access_key=OTHER_ACCESS_KEY),
        await get(s3, document, is_signed=False),
    ]

    assert [(403, "AccessDenied")] * 3 == [refusal(answer) for answer in answers]


@pytest.mark.parametrize("document", SAMPLES)
async def test_an_unknown_element_is_refused_and_changes_nothing(
    s3: InProcess, document: str
) -> None:
    await put(s3, document, SAMPLES[document])
    shown = await get(s3, document)
    end = SAMPLES[document].rindex("</")

    strange = await put(
        s3, document, SAMPLES[document][:end] + "<Colour>red</Colour>" + SAMPLES[document][end:]
    )

    assert (400, "MalformedXML") == refusal(strange)
    assert shown.body == (await get(s3, document)).body


@pytest.mark.parametrize("document", SAMPLES)
async def test_a_document_has_to_be_brought(s3: InProcess, document: str) -> None:
    assert (400, "MissingRequestBodyError") == refusal(await put(s3, document, ""))


@pytest.mark.parametrize("document", sorted(PROTECTED))
async def test_some_documents_come_with_a_digest(s3: InProcess, document: str) -> None:
    bare = await put(s3, document, SAMPLES[document], is_protected=False)
    summed = await put(
        s3,
        document,
        "<Tagging><TagSet/></Tagging>" if document == "tagging" else SAMPLES[document],
        is_protected=False,
        headers={"x-amz-checksum-crc32": "AAAAAA=="},
    )

    assert (400, "InvalidRequest") == refusal(bare)
    assert "Content-MD5 OR x-amz-checksum-" in bare.document["Message"]
    assert 400 == summed.status, "a checksum that does not match"
    assert (404, ABSENT[document]) == refusal(await get(s3, document))


@pytest.mark.parametrize(
    ("document", "content", "code"),
    [
        ("cors", SAMPLES["cors"].replace("PUT", "OPTIONS"), "InvalidRequest"),
        ("tagging", SAMPLES["tagging"].replace("<Key>b", "<Key>a"), "InvalidTag"),
        ("website", "<WebsiteConfiguration></WebsiteConfiguration>", "InvalidArgument"),
        ("accelerate", "<AccelerateConfiguration/>", "MalformedXML"),
        ("requestPayment", SAMPLES["requestPayment"].replace("Requester", "Bank"), "MalformedXML"),
        ("publicAccessBlock", "<PublicAccessBlockConfiguration/>", "MalformedXML"),
        ("ownershipControls", "<OwnershipControls/>", "MalformedXML"),
    ],
)
async def test_a_document_that_breaks_the_rules_is_refused(
    s3: InProcess, document: str, content: str, code: str
) -> None:
    assert (400, code) == refusal(await put(s3, document, content))


async def test_a_name_with_periods_is_not_accelerated(s3: InProcess) -> None:
    await s3.make_bucket("with.period")

    answer = await put(s3, "accelerate", SAMPLES["accelerate"], path="/with.period")

    assert (400, "InvalidRequest") == refusal(answer)


async def test_what_is_not_done_is_not_stored(s3: InProcess) -> None:
    answer = await put(s3, "replication", "<Anything/>")

    assert (501, "NotImplemented") == refusal(answer)
    assert "is not implemented" in answer.document["Message"]


async def test_a_document_of_a_bucket_that_is_not_there(s3: InProcess) -> None:
    assert (404, "NoSuchBucket") == refusal(await get(s3, "cors", path="/nowhere"))


async def test_whoever_acts_by_a_document_gets_it_as_a_shape(s3: InProcess) -> None:
    await put(s3, "tagging", SAMPLES["tagging"])
    bucket = s3.store.bucket("bucket")
    assert bucket is not None

    assert Tagging(
        tag_set=[Tag(key="a", value="1 + ä"), Tag(key="b", value="")]
    ) == s3.services.configuration(bucket, Tagging)


async def test_documents_go_with_their_bucket(s3: InProcess) -> None:
    await put(s3, "tagging", SAMPLES["tagging"])
    await s3.ask("DELETE", BUCKET)
    await s3.make_bucket()

    assert (404, "NoSuchTagSet") == refusal(await get(s3, "tagging"))


def test_every_row_has_its_handlers_and_a_name_to_be_stored_under() -> None:
    names = [row.shape.stored_as for row in documents.DOCUMENTS]

    assert len(names) == len(set(names))
    assert "" not in names
    for row in documents.DOCUMENTS:
        wanted: list[Any] = [one for one in (row.get, row.put, row.delete) if one is not None]
        assert {one.name for one in wanted} <= HANDLERS.keys()
        assert {row.shape.stored_as} == {one.selector for one in wanted}


def test_reading_and_writing_need_different_permissions() -> None:
    def action(name: str) -> object:
        return HANDLERS[name].action

    assert ("s3:GetBucketCORS", "s3:PutBucketCORS", "s3:PutBucketCORS") == (
        action("GetBucketCors"),
        action("PutBucketCors"),
        action("DeleteBucketCors"),
    )
    assert "s3:DeleteBucketWebsite" == action("DeleteBucketWebsite")
    for operation in DOCUMENT_OPERATIONS:
        if operation.is_implemented:
            reads = operation.method == "GET"
            assert reads == str(action(operation.name)).startswith("s3:Get")
