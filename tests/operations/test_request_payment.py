"""operations/request_payment.py: who has to say that they pay, and is told that they did."""

import pytest

from tests.in_process import OTHER, OTHER_ACCESS_KEY, InProcess
from tests.operations.configured import delete, put

PAYING = {"x-amz-request-payer": "requester"}
REQUESTER = "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>"


@pytest.fixture
async def s3(s3: InProcess) -> InProcess:
    """A bucket whose requesters pay, with an object that everybody may read."""
    await s3.ask("PUT", "/bucket", headers={"x-amz-object-ownership": "ObjectWriter"})
    await delete(s3, "publicAccessBlock")
    await s3.put("k", headers={"x-amz-acl": "public-read"})
    assert (await put(s3, "requestPayment", REQUESTER)).status == 200
    return s3


async def test_the_owner_is_not_asked(s3: InProcess) -> None:
    answer = await s3.get("k", headers=PAYING)

    assert 200 == answer.status
    assert "x-amz-request-charged" not in answer.headers


async def test_others_say_that_they_pay_and_are_told_so(s3: InProcess) -> None:
    silent = await s3.get("k", access_key=OTHER_ACCESS_KEY)
    paying = await s3.get("k", access_key=OTHER_ACCESS_KEY, headers=PAYING)
    in_query = await s3.ask("GET", "/bucket/k", PAYING, access_key=OTHER_ACCESS_KEY)

    assert (403, "AccessDenied") == (silent.status, silent.code)
    assert ["requester", "requester"] == [
        answer.headers["x-amz-request-charged"] for answer in (paying, in_query)
    ]


async def test_nobody_pays_without_a_name(s3: InProcess) -> None:
    answer = await s3.get("k", headers=PAYING, is_signed=False)

    assert (403, "AccessDenied") == (answer.status, answer.code)


async def test_the_word_gives_no_permission(s3: InProcess) -> None:
    await s3.put("mine")

    answer = await s3.get("mine", access_key=OTHER_ACCESS_KEY, headers=PAYING)

    assert 403 == answer.status
    assert OTHER.arn.encode() in answer.body


async def test_where_the_owner_pays_the_word_means_nothing(s3: InProcess) -> None:
    document = REQUESTER.replace("<Payer>Requester", "<Payer>BucketOwner")
    assert (await put(s3, "requestPayment", document)).status == 200

    answers = [
        await s3.get("k", access_key=OTHER_ACCESS_KEY, headers=headers) for headers in ({}, PAYING)
    ]

    assert [200, 200] == [answer.status for answer in answers]
    assert "x-amz-request-charged" not in answers[1].headers
