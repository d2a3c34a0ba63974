"""What requests about locks answer on AWS, case by case.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectRetention.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectLegalHold.html
"""

import base64
import hashlib
from typing import Any

import pytest

from ferrox.protocol.dates import iso8601
from tests.conformance.documents import put_document
from tests.in_process import OTHER_ACCESS_KEY, ROOT, Answer, InProcess

MISSING = "Bucket is missing Object Lock Configuration"
PROTECTED = "Access Denied because object protected by object lock."
NOTHING_SET = "The specified object does not have a ObjectLock configuration"
BYPASS = {"x_amz_bypass_governance_retention": "true"}
DAY_S = 86_400
MODE, DATE, HOLD = (
    "x-amz-object-lock-mode",
    "x-amz-object-lock-retain-until-date",
    "x-amz-object-lock-legal-hold",
)
DATA_MD5 = base64.b64encode(hashlib.md5(b"data").digest()).decode()
LOCKS = "locks"


@pytest.fixture
async def locks(s3: InProcess) -> InProcess:
    """The server, with an empty bucket "locks" in which objects can be locked."""
    await s3.store.create_bucket(LOCKS, ROOT.canonical_id, "us-east-1", is_object_lock_enabled=True)
    return s3


def later(s3: InProcess, days: float) -> str:
    """An instant in the form of a document."""
    return iso8601(s3.clock.now_ms() + round(days * DAY_S * 1000))


async def put(s3: InProcess, key: str = "k", **headers: str) -> str:
    named = {"content-md5": DATA_MD5, **{k.replace("_", "-"): v for k, v in headers.items()}}
    answer = await s3.put(key, b"data", bucket=LOCKS, headers=named)
    return answer.headers["x-amz-version-id"]


async def retain(
    s3: InProcess, mode: str | None, date: str | None, version_id: str = "", **headers: str
) -> Answer:
    query = {"retention": ""} | ({"versionId": version_id} if version_id else {})
    content = (f"<Mode>{mode}</Mode>" if mode else "") + (
        f"<RetainUntilDate>{date}</RetainUntilDate>" if date else ""
    )
    document = f"<Retention>{content}</Retention>"
    return await put_document(s3, f"/{LOCKS}/k", query, document, **headers)


async def hold(s3: InProcess, status: str) -> Answer:
    document = f"<LegalHold><Status>{status}</Status></LegalHold>"
    return await put_document(s3, f"/{LOCKS}/k", {"legal-hold": ""}, document)


async def remove(s3: InProcess, version_id: str, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await s3.ask("DELETE", f"/{LOCKS}/k", {"versionId": version_id}, headers=named)


def refusal(answer: Answer) -> tuple[int, str, str]:
    return answer.status, answer.code, answer.document["Message"]


async def test_a_retention_is_put_and_told(locks: InProcess) -> None:
    version_id = await put(locks)
    date = later(locks, 1)

    answer = await retain(locks, "GOVERNANCE", date)
    told = await locks.ask("GET", f"/{LOCKS}/k", {"retention": ""})
    named = await locks.ask("GET", f"/{LOCKS}/k", {"retention": "", "versionId": version_id})

    assert (200, b"") == (answer.status, answer.body)
    assert ("GOVERNANCE", date) == (told.document["Mode"], told.document["RetainUntilDate"])
    assert told.body == named.body
    for method in ("GET", "HEAD"):
        shown = await locks.ask(method, f"/{LOCKS}/k")
        assert ("GOVERNANCE", date) == (shown.headers[MODE], shown.headers[DATE])
        assert HOLD not in shown.headers


async def test_a_legal_hold_is_put_told_and_released(locks: InProcess) -> None:
    version_id = await put(locks)

    put_on = await hold(locks, "ON")
    told = await locks.ask("GET", f"/{LOCKS}/k", {"legal-hold": ""})
    kept = await remove(locks, version_id, **BYPASS)
    put_off = await hold(locks, "OFF")
    head = await locks.ask("HEAD", f"/{LOCKS}/k")
    removed = await remove(locks, version_id)

    assert (200, 200, 204) == (put_on.status, put_off.status, removed.status)
    assert "ON" == told.document["Status"]
    assert (403, "AccessDenied", PROTECTED) == refusal(kept)
    assert "OFF" == head.headers[HOLD]


@pytest.mark.parametrize("kind", ["retention", "legal-hold"])
async def test_what_was_never_locked_says_so(locks: InProcess, kind: str) -> None:
    await put(locks)

    answer = await locks.ask("GET", f"/{LOCKS}/k", {kind: ""})

    assert (404, "NoSuchObjectLockConfiguration", NOTHING_SET) == refusal(answer)


async def test_a_bucket_without_object_lock_knows_no_locks(bucket: InProcess) -> None:
    await bucket.put("k")
    date = later(bucket, 1)

    answers = [
        await bucket.ask("GET", "/bucket/k", {"retention": ""}),
        await bucket.ask("GET", "/bucket/k", {"legal-hold": ""}),
        await put_document(
            bucket, "/bucket/k", {"retention": ""},
            f"<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>{date}</RetainUntilDate>"
            "</Retention>",
        ),
        await put_document(
            bucket, "/bucket/k", {"legal-hold": ""}, "<LegalHold><Status>ON</Status></LegalHold>"
        ),
        await bucket.ask("PUT", "/bucket/k", body=b"x", headers={HOLD: "ON"}),
        await bucket.ask("PUT", "/bucket/k", body=b"x", headers={MODE: "GOVERNANCE", DATE: date}),
        await bucket.ask("POST", "/bucket/k", {"uploads": ""}, headers={HOLD: "OFF"}),
        await bucket.ask(
            "PUT", "/bucket/c", headers={"x-amz-copy-source": "bucket/k", HOLD: "ON"}
        ),
    ]  # fmt: skip

    assert [(400, "InvalidRequest", MISSING)] * 8 == [refusal(answer) for answer in answers]


@pytest.mark.parametrize(
    "document",
    [
        "<Retention><Mode>GOVERNANCE</Mode></Retention>",
        "<Retention><RetainUntilDate>2030-01-01T00:00:00Z</RetainUntilDate></Retention>",
        "<Retention><Mode>governance</Mode>"
        "<RetainUntilDate>2030-01-01T00:00:00Z</RetainUntilDate></Retention>",
        "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>soon</RetainUntilDate></Retention>",
        "<Hold/>",
        "",
    ],
)
async def test_retentions_that_are_no_documents(locks: InProcess, document: str) -> None:
    await put(locks)

    answer = await put_document(locks, f"/{LOCKS}/k", {"retention": ""}, document)

    assert (400, "MalformedXML") == (answer.status, answer.code)


@pytest.mark.parametrize(
    "document",
    [
        "<LegalHold/>",
        "<LegalHold><Status>abc</Status></LegalHold>",
        "<LegalHold><Status>on</Status></LegalHold>",
        "",
    ],
)
async def test_holds_that_are_no_documents(locks: InProcess, document: str) -> None:
    await put(locks)

    answer = await put_document(locks, f"/{LOCKS}/k", {"legal-hold": ""}, document)

    assert (400, "MalformedXML") == (answer.status, answer.code)


async def test_a_retention_must_end_in_the_future(locks: InProcess) -> None:
    await put(locks)

    answer = await retain(locks, "GOVERNANCE", later(locks, -1))

    assert (400, "InvalidArgument", "The retain until date must be in the future!") == refusal(
        answer
    )
    assert "RetainUntilDate" == answer.document["ArgumentName"]


async def test_an_event_hold_is_refused_not_ignored(locks: InProcess) -> None:
    await put(locks)

    document = await put_document(
        locks, f"/{LOCKS}/k", {"retention": ""},
        "<Retention><EventHold>ON</EventHold></Retention>",
    )  # fmt: skip
    header = await locks.ask(
        "PUT", f"/{LOCKS}/k", body=b"x", headers={"x-amz-object-lock-event-hold": "ON"}
    )

    assert [(501, "NotImplemented")] * 2 == [(a.status, a.code) for a in (document, header)]


async def test_governance_is_kept_until_its_date(locks: InProcess) -> None:
    version_id = await put(locks)
    await retain(locks, "GOVERNANCE", later(locks, 1))

    one = await remove(locks, version_id)
    many = await delete_many_locks(locks, version_id)
    locks.clock.advance(DAY_S)
    after = await remove(locks, version_id)

    assert (403, "AccessDenied", PROTECTED) == refusal(one)
    assert {
        "Key": "k", "VersionId": version_id, "Code": "AccessDenied", "Message": PROTECTED,
    } == many.document["Error"]  # fmt: skip
    assert 204 == after.status


async def delete_many_locks(s3: InProcess, version_id: str, **headers: str) -> Answer:
    body = (
        f"<Delete><Object><Key>k</Key><VersionId>{version_id}</VersionId></Object></Delete>"
    ).encode()
    md5 = base64.b64encode(hashlib.md5(body).digest()).decode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await s3.ask(
        "POST", f"/{LOCKS}", {"delete": ""}, body=body, headers={"content-md5": md5, **named}
    )


@pytest.mark.parametrize("is_one_of_many", [False, True])
async def test_governance_is_bypassed_by_who_says_so(
    locks: InProcess, is_one_of_many: bool
) -> None:
    version_id = await put(locks)
    await retain(locks, "GOVERNANCE", later(locks, 1))
    delete = delete_many_locks if is_one_of_many else remove

    unsaid = await delete(locks, version_id, x_amz_bypass_governance_retention="false")
    said = await delete(locks, version_id, **BYPASS)

    assert b"AccessDenied" in unsaid.body
    assert b"AccessDenied" not in said.body
    assert 404 == (await locks.ask("GET", f"/{LOCKS}/k")).status


@pytest.mark.parametrize("is_one_of_many", [False, True])
async def test_compliance_is_bypassed_by_nobody(locks: InProcess, is_one_of_many: bool) -> None:
    version_id = await put(locks)
    await retain(locks, "COMPLIANCE", later(locks, 1))
    delete = delete_many_locks if is_one_of_many else remove

    answer = await delete(locks, version_id, **BYPASS)

    assert PROTECTED.encode() in answer.body
    assert 200 == (await locks.ask("GET", f"/{LOCKS}/k")).status


async def test_a_locked_object_can_be_hidden_and_replaced(locks: InProcess) -> None:
    version_id = await put(locks)
    await retain(locks, "COMPLIANCE", later(locks, 1))

    hidden = await locks.ask("DELETE", f"/{LOCKS}/k")
    replaced = await put(locks)
    kept = await locks.ask("GET", f"/{LOCKS}/k", {"versionId": version_id})

    assert (204, "true") == (hidden.status, hidden.headers["x-amz-delete-marker"])
    assert replaced != version_id
    assert b"data" == kept.body


@pytest.mark.parametrize(
    ("before", "after", "bypass", "is_allowed"),
    [
        (("GOVERNANCE", 2), ("GOVERNANCE", 3), False, True),
        (("GOVERNANCE", 2), ("GOVERNANCE", 1), False, False),
        (("GOVERNANCE", 2), ("GOVERNANCE", 1), True, True),
        (("GOVERNANCE", 2), ("COMPLIANCE", 3), False, False),
        (("GOVERNANCE", 2), ("COMPLIANCE", 1), True, True),
        (("GOVERNANCE", 2), None, False, False),
        (("GOVERNANCE", 2), None, True, True),
        (("COMPLIANCE", 2), ("COMPLIANCE", 3), False, True),
        (("COMPLIANCE", 2), ("COMPLIANCE", 2), False, True),
        (("COMPLIANCE", 2), ("COMPLIANCE", 1), True, False),
        (("COMPLIANCE", 2), ("GOVERNANCE", 3), True, False),
        (("COMPLIANCE", 2), None, True, False),
    ],
)
async def test_what_may_become_of_a_retention(
    locks: InProcess,
    before: tuple[str, int],
    after: tuple[str, int] | None,
    bypass: bool,
    is_allowed: bool,
) -> None:
    await put(locks)
    await retain(locks, before[0], later(locks, before[1]))
    mode, days = after or (None, None)

    answer = await retain(
        locks, mode, None if days is None else later(locks, days), **(BYPASS if bypass else {})
    )
    told = await locks.ask("GET", f"/{LOCKS}/k", {"retention": ""})

    if is_allowed:
        assert 200 == answer.status
    else:
        assert (403, "AccessDenied", PROTECTED) == refusal(answer)
    shown = (after if is_allowed else before) or ()
    if shown:
        assert (shown[0], later(locks, shown[1])) == (
            told.document["Mode"], told.document["RetainUntilDate"],
        )  # fmt: skip
    else:
        assert 404 == told.status


async def test_locks_are_asked_for_in_headers(locks: InProcess) -> None:
    date = later(locks, 1)
    headers = {
        "x_amz_object_lock_mode": "COMPLIANCE",
        "x_amz_object_lock_retain_until_date": date,
        "x_amz_object_lock_legal_hold": "ON",
    }
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    await put(locks, **headers)
    await locks.ask("PUT", f"/{LOCKS}/copy", headers={"x-amz-copy-source": "locks/k", **named})
    await put_in_parts(locks, "parts", named)

    for key in ("k", "copy", "parts"):
        shown = (await locks.ask("HEAD", f"/{LOCKS}/{key}")).headers
        assert ("COMPLIANCE", date, "ON") == (shown[MODE], shown[DATE], shown[HOLD])


async def put_in_parts(s3: InProcess, key: str, headers: dict[str, str]) -> None:
    begun = await s3.ask("POST", f"/{LOCKS}/{key}", {"uploads": ""}, headers=headers)
    query = {"uploadId": begun.document["UploadId"]}
    part = await s3.ask("PUT", f"/{LOCKS}/{key}", {**query, "partNumber": "1"}, body=b"data")
    rows = f"<Part><PartNumber>1</PartNumber><ETag>{part.headers['etag']}</ETag></Part>"
    done = await s3.ask(
        "POST", f"/{LOCKS}/{key}", query,
        body=f"<CompleteMultipartUpload>{rows}</CompleteMultipartUpload>".encode(),
    )  # fmt: skip
    assert 200 == done.status, done.body


async def test_a_copy_does_not_take_the_lock_along(locks: InProcess) -> None:
    await put(locks)
    await hold(locks, "ON")

    await locks.ask("PUT", f"/{LOCKS}/copy", headers={"x-amz-copy-source": "locks/k"})

    assert HOLD not in (await locks.ask("HEAD", f"/{LOCKS}/copy")).headers


@pytest.mark.parametrize(
    ("headers", "message", "argument"),
    [
        (
            {MODE: "GOVERNANCE"},
            "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
            DATE,
        ),
        (
            {DATE: "2030-01-01T00:00:00Z"},
            "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
            MODE,
        ),
        ({MODE: "abc", DATE: "2030-01-01T00:00:00Z"}, "Unknown wormMode directive.", MODE),
        (
            {MODE: "GOVERNANCE", DATE: "abc"},
            "The retain until date must be provided in ISO 8601 format",
            DATE,
        ),
        (
            {MODE: "GOVERNANCE", DATE: "2020-01-01T00:00:00Z"},
            "The retain until date must be in the future!",
            DATE,
        ),
        ({HOLD: "wrong"}, "Legal Hold must be either of 'ON' or 'OFF'", HOLD),
    ],
)
@pytest.mark.parametrize("name", [LOCKS, "bucket"])
async def test_headers_that_ask_for_no_lock(
    locks: InProcess, name: str, headers: dict[str, str], message: str, argument: str
) -> None:
    """They are looked at before the bucket is."""
    if name != LOCKS:
        await locks.make_bucket(name)

    answer = await locks.ask(
        "PUT", f"/{name}/k", body=b"data", headers={"content-md5": DATA_MD5, **headers}
    )

    assert (400, "InvalidArgument", message) == refusal(answer)
    assert argument == answer.document["ArgumentName"]


@pytest.mark.parametrize(
    "digest", [{}, {"content-md5": DATA_MD5}, {"x-amz-checksum-crc32": "rfPzYw=="}]
)
async def test_what_is_locked_must_come_with_a_digest(
    locks: InProcess, digest: dict[str, str]
) -> None:
    answer = await locks.ask("PUT", f"/{LOCKS}/k", body=b"data", headers={HOLD: "ON", **digest})

    if digest:
        assert 200 == answer.status
        return
    assert (
        400,
        "InvalidRequest",
        "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with "
        "Object Lock parameters",
    ) == refusal(answer)


async def test_the_retention_of_the_bucket_is_that_of_what_is_put(locks: InProcess) -> None:
    found = locks.store.bucket(LOCKS)
    assert found is not None
    rule: dict[str, Any] = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 2}}
    await locks.store.put_bucket_document(
        found, "object-lock", {"ObjectLockEnabled": "Enabled", "Rule": rule}
    )

    bare = await locks.ask("PUT", f"/{LOCKS}/k", body=b"data")
    await put(locks, "k")
    await put(
        locks,
        "own",
        x_amz_object_lock_mode="COMPLIANCE",
        x_amz_object_lock_retain_until_date=later(locks, 1),
    )
    await put_in_parts(locks, "parts", {})
    await locks.ask("PUT", f"/{LOCKS}/copy", headers={"x-amz-copy-source": "locks/k"})

    assert (400, "InvalidRequest") == (bare.status, bare.code)
    for key in ("k", "parts", "copy"):
        shown = (await locks.ask("HEAD", f"/{LOCKS}/{key}")).headers
        assert ("GOVERNANCE", later(locks, 2)) == (shown[MODE], shown[DATE]), key
    own = (await locks.ask("HEAD", f"/{LOCKS}/own")).headers
    assert ("COMPLIANCE", later(locks, 1)) == (own[MODE], own[DATE])


async def test_a_delete_marker_cannot_be_locked(locks: InProcess) -> None:
    await put(locks)
    marker = (await locks.ask("DELETE", f"/{LOCKS}/k")).headers["x-amz-version-id"]

    answers = [
        await retain(locks, "GOVERNANCE", later(locks, 1)),
        await retain(locks, "GOVERNANCE", later(locks, 1), marker),
        await hold(locks, "ON"),
        await locks.ask("GET", f"/{LOCKS}/k", {"retention": "", "versionId": marker}),
    ]

    assert [(405, "MethodNotAllowed", "DeleteMarker")] * 4 == [
        (answer.status, answer.code, answer.document["ResourceType"]) for answer in answers
    ]


@pytest.mark.parametrize(
    ("method", "kind", "action"),
    [
        ("GET", "retention", "s3:GetObjectRetention"),
        ("PUT", "retention", "s3:PutObjectRetention"),
        ("GET", "legal-hold", "s3:GetObjectLegalHold"),
        ("PUT", "legal-hold", "s3:PutObjectLegalHold"),
    ],
)
async def test_each_operation_asks_for_its_own_permission(
    locks: InProcess, method: str, kind: str, action: str
) -> None:
    await put(locks)

    answer = await locks.ask(method, f"/{LOCKS}/k", {kind: ""}, access_key=OTHER_ACCESS_KEY)

    assert (403, "AccessDenied") == (answer.status, answer.code)
    assert action == locks.refused_action


async def test_a_bucket_with_a_locked_version_stays(locks: InProcess) -> None:
    await put(locks)
    await hold(locks, "ON")
    await locks.ask("DELETE", f"/{LOCKS}/k")

    answer = await locks.ask("DELETE", f"/{LOCKS}")

    assert (409, "BucketNotEmpty") == (answer.status, answer.code)
