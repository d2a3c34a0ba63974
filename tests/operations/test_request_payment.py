"""operations/request_payment.py: who has to say that they pay, and is told that they did."""

import base64
import hashlib

import pytest

from ferrox.iam import acl
from tests.in_process import OTHER_ACCESS_KEY, InProcess
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

    assert (403, "AccessDenied") == (answer.status, answer.code)


async def test_where_the_owner_pays_the_word_means_nothing(s3: InProcess) -> None:
    document = REQUESTER.replace("<Payer>Requester", "<Payer>BucketOwner")
    assert (await put(s3, "requestPayment", document)).status == 200

    answers = [
        await s3.get("k", access_key=OTHER_ACCESS_KEY, headers=headers) for headers in ({}, PAYING)
    ]

    assert [200, 200] == [answer.status for answer in answers]
    assert "x-amz-request-charged" not in answers[1].headers


@pytest.mark.parametrize(("said", "expected"), [({}, 403), (PAYING, 200)])
async def test_who_copies_from_such_a_bucket_is_asked_too(
    s3: InProcess, said: dict[str, str], expected: int
) -> None:
    await s3.ask("PUT", "/others", access_key=OTHER_ACCESS_KEY)

    copied = await s3.ask(
        "PUT", "/others/copy", headers={"x-amz-copy-source": "bucket/k", **said},
        access_key=OTHER_ACCESS_KEY,
    )  # fmt: skip

    assert expected == copied.status


@pytest.mark.parametrize("said", [{}, PAYING])
async def test_who_deletes_many_keys_or_sends_a_form_is_asked_too(
    s3: InProcess, said: dict[str, str]
) -> None:
    everybody = f'uri="{acl.ALL_USERS}"'
    granted = await s3.ask("PUT", "/bucket", {"acl": ""}, headers={"x-amz-grant-write": everybody})
    wanted = b"<Delete><Object><Key>nothing</Key></Object></Delete>"
    digest = base64.b64encode(hashlib.md5(wanted, usedforsecurity=False).digest()).decode()
    fields = {"key": "new", **said}
    form = "".join(
        f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    form += '--B\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--B--\r\n'

    deleted = await s3.ask(
        "POST", "/bucket", {"delete": ""}, body=wanted, access_key=OTHER_ACCESS_KEY,
        headers={"content-md5": digest, **said},
    )  # fmt: skip
    sent = await s3.ask(
        "POST", "/bucket", body=form.encode(), access_key=OTHER_ACCESS_KEY,
        headers={"content-type": "multipart/form-data; boundary=B"},
    )  # fmt: skip

    assert 200 == granted.status
    assert bool(said) == ("Deleted" in deleted.document)
    assert (204 if said else 403) == sent.status
