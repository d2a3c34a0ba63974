"""Server-side encryption through the whole pipeline: who may ask for what, and what comes back."""

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ferrox.operations.encryption_rules import EncryptionRules, SseMode
from ferrox.storage.keys.ring import Ring
from tests import forms, key_rings
from tests.in_process import Answer, InProcess

SSE = "x-amz-server-side-encryption"
LARGE = bytes(range(256)) * 1200
MIB = 1024 * 1024


def customer(key: bytes, prefix: str = SSE) -> dict[str, str]:
    md5 = hashlib.md5(key, usedforsecurity=False).digest()
    return {
        f"{prefix}-customer-algorithm": "AES256",
        f"{prefix}-customer-key": base64.b64encode(key).decode(),
        f"{prefix}-customer-key-md5": base64.b64encode(md5).decode(),
    }


MINE, YOURS = customer(b"m" * 32), customer(b"y" * 32)
SOURCE = "x-amz-copy-source-server-side-encryption"
OF_SOURCE = customer(b"m" * 32, SOURCE)
AES256 = {SSE: "AES256"}


@pytest.fixture
def ring(tmp_path: Path) -> Iterator[Ring]:
    with key_rings.opened(tmp_path) as ring:
        yield ring


@pytest.fixture
async def sealing(s3: InProcess, ring: Ring) -> InProcess:
    s3.services.encryption = EncryptionRules(ring, takes_keys_in_the_open=True)
    s3.store.key_ring = ring
    await s3.make_bucket()
    return s3


def rules(s3: InProcess, **changes: Any) -> None:
    s3.services.encryption = s3.services.encryption._replace(**changes)


def md5_tag(data: bytes) -> str:
    return f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'


def stored(s3: InProcess) -> bytes:
    root = s3.store.data_dir.path
    return b"".join(path.read_bytes() for path in root.rglob("*") if path.is_file())


@pytest.mark.parametrize("data", [b"", b"a few bytes, and some more", LARGE])
async def test_an_object_encrypted_with_keys_of_the_server_is_read_like_any(
    sealing: InProcess, data: bytes
) -> None:
    put = await sealing.put("k", data, headers=AES256)
    got, head = await sealing.get("k"), await sealing.ask("HEAD", "/bucket/k")

    assert data == got.body
    assert {"AES256"} == {answer.headers[SSE] for answer in (put, got, head)}
    assert md5_tag(data) == put.headers["etag"], "as on AWS"
    assert not data or data[:20] not in stored(sealing)


async def test_a_range_and_a_part_of_what_is_encrypted(sealing: InProcess) -> None:
    await sealing.put("k", LARGE, headers=AES256)

    answer = await sealing.get("k", headers={"range": "bytes=262100-262200"})

    assert (206, LARGE[262_100:262_201]) == (answer.status, answer.body)


@pytest.mark.parametrize("data", [b"", b"a few bytes, and some more", LARGE])
async def test_an_object_under_a_customers_key(sealing: InProcess, data: bytes) -> None:
    put = await sealing.put("k", data, headers=MINE)
    got = await sealing.get("k", headers=MINE)
    head = await sealing.ask("HEAD", "/bucket/k", headers=MINE)

    assert data == got.body
    for answer in (put, got, head):
        assert "AES256" == answer.headers[f"{SSE}-customer-algorithm"]
        assert MINE[f"{SSE}-customer-key-md5"] == answer.headers[f"{SSE}-customer-key-md5"]
        assert SSE not in answer.headers
    assert md5_tag(data) != put.headers["etag"] == got.headers["etag"]
    for secret in (b"m" * 32, MINE[f"{SSE}-customer-key"].encode(), data[:20] or b"m" * 32):
        assert secret not in stored(sealing)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("key", "headers", "status"),
    [
        ("mine", {}, 400),
        ("mine", YOURS, 403),
        ("plain", MINE, 400),
        ("sealed", MINE, 400),
        ("sealed", AES256, 400),
    ],
)
async def test_the_wrong_words_open_nothing(
    sealing: InProcess, method: str, key: str, headers: dict[str, str], status: int
) -> None:
    await sealing.put("mine", b"data", headers=MINE)
    await sealing.put("plain", b"data")
    await sealing.put("sealed", b"data", headers=AES256)

    answer = await sealing.ask(method, f"/bucket/{key}", headers=headers)

    assert status == answer.status
    assert b"data" not in answer.body


async def test_the_wrong_key_is_called_the_wrong_key(sealing: InProcess) -> None:
    await sealing.put("k", b"data", headers=MINE)

    short = await sealing.get("k", headers=customer(b"m" * 31))
    other = await sealing.get("k", headers=YOURS)

    assert (403, "AccessDenied") == (other.status, other.code)
    assert "must provide the correct secret key" in other.document["Message"]
    assert other.document["Message"] == short.document["Message"]


async def test_whoever_reads_need_not_bring_the_md5_of_the_key(sealing: InProcess) -> None:
    await sealing.put("k", b"data", headers=MINE)
    md5 = f"{SSE}-customer-key-md5"

    got = await sealing.get("k", headers={name: MINE[name] for name in MINE if name != md5})

    assert (b"data", MINE[md5]) == (got.body, got.headers[md5])


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("DELETE", "/bucket/k", {}),
        ("GET", "/bucket/k", {"tagging": ""}),
        ("GET", "/bucket", {"list-type": "2"}),
        ("PUT", "/another", {}),
    ],
)
async def test_only_what_begins_an_object_is_asked_to_encrypt_it(
    sealing: InProcess, method: str, path: str, query: dict[str, str]
) -> None:
    await sealing.put("k", b"data")

    answer = await sealing.ask(method, path, query, headers=AES256)

    assert (400, "InvalidArgument") == (answer.status, answer.code)
    assert f"{SSE} header is not supported for this operation." == answer.document["Message"]
    assert 200 == (await sealing.get("k")).status


async def test_a_customers_key_is_not_taken_in_the_open_unless_the_operator_says_so(
    sealing: InProcess,
) -> None:
    rules(sealing, takes_keys_in_the_open=False)

    wrong = MINE | {f"{SSE}-customer-algorithm": "ROT13"}
    answer = await sealing.ask("PUT", "/bucket/k", body=b"data", headers=wrong)

    assert (400, "InvalidArgument") == (answer.status, answer.code)
    assert "must be made over a secure connection" in answer.document["Message"]
    assert 404 == (await sealing.get("k")).status


async def test_a_form_brings_a_customers_key_like_any_upload(sealing: InProcess) -> None:
    fields = forms.version_2({"key": "k"} | MINE, sealing.clock.now_ms())
    headers = {"content-type": forms.CONTENT_TYPE}

    sent = await sealing.ask(
        "POST", "/bucket", headers=headers, body=forms.form(fields), is_signed=False
    )

    assert (204, MINE[f"{SSE}-customer-key-md5"]) == (
        sent.status,
        sent.headers[f"{SSE}-customer-key-md5"],
    )
    assert (400, 200) == (
        (await sealing.get("k")).status,
        (await sealing.get("k", headers=MINE)).status,
    )


async def test_two_kinds_of_keys_at_once_are_refused(sealing: InProcess) -> None:
    answer = await sealing.ask("PUT", "/bucket/k", body=b"data", headers=MINE | AES256)

    assert (400, "InvalidArgument") == (answer.status, answer.code)


async def test_without_a_master_key_nothing_is_stored_in_clear(s3: InProcess) -> None:
    await s3.make_bucket()

    answer = await s3.ask("PUT", "/bucket/k", body=b"data", headers=AES256)

    assert (400, "InvalidRequest") == (answer.status, answer.code)
    assert "has no master key" in answer.document["Message"]
    assert 404 == (await s3.get("k")).status


async def configure(s3: InProcess, rule: str) -> Answer:
    document = (
        "<ServerSideEncryptionConfiguration><Rule>"
        f"{rule}</Rule></ServerSideEncryptionConfiguration>"
    )
    answer = await s3.ask("PUT", "/bucket", {"encryption": ""}, body=document.encode())
    assert 200 == answer.status, answer.body
    return answer


BY_DEFAULT = (
    "<ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>"
    "</ApplyServerSideEncryptionByDefault>"
)


BLOCKED = "<BlockedEncryptionTypes><EncryptionType>SSE-C</EncryptionType></BlockedEncryptionTypes>"


async def test_a_bucket_says_how_what_says_nothing_is_encrypted(sealing: InProcess) -> None:
    await configure(sealing, BY_DEFAULT)

    put = await sealing.put("k", b"data, long enough to be found")

    assert "AES256" == put.headers[SSE]
    assert b"long enough to be found" not in stored(sealing)


async def test_a_bucket_can_refuse_customers_keys(sealing: InProcess) -> None:
    await configure(sealing, BY_DEFAULT + BLOCKED)

    answer = await sealing.ask("PUT", "/bucket/k", body=b"data", headers=MINE)

    assert (403, "AccessDenied") == (answer.status, answer.code)
    assert "because this bucket has blocked upload requests" in answer.document["Message"]


async def test_a_bucket_that_refuses_customers_keys_takes_no_more_parts_under_them(
    sealing: InProcess,
) -> None:
    upload_id, _ = await begin(sealing, MINE)
    await configure(sealing, BY_DEFAULT + BLOCKED)

    answer = await add(sealing, upload_id, 1, b"data", MINE)

    assert (403, "AccessDenied") == (answer.status, answer.code)


@pytest.mark.parametrize(
    ("mode", "status", "shown"),
    [("optional", 200, None), ("default", 200, "AES256"), ("required", 403, None)],
)
async def test_a_server_decides_about_what_nobody_asked_to_have_encrypted(
    sealing: InProcess, mode: SseMode, status: int, shown: str | None
) -> None:
    rules(sealing, mode=mode)

    answer = await sealing.ask("PUT", "/bucket/k", body=b"data")
    asked = await sealing.ask("PUT", "/bucket/asked", body=b"data", headers=MINE)

    assert (status, shown) == (answer.status, answer.headers.get(SSE))
    assert 200 == asked.status


async def begin(s3: InProcess, headers: dict[str, str]) -> tuple[str, Answer]:
    answer = await s3.ask("POST", "/bucket/k", {"uploads": ""}, headers=headers)
    return answer.document["UploadId"], answer


async def add(
    s3: InProcess, upload_id: str, number: int, data: bytes, headers: dict[str, str]
) -> Answer:
    query = {"uploadId": upload_id, "partNumber": str(number)}
    return await s3.ask("PUT", "/bucket/k", query, body=data, headers=headers)


async def complete(
    s3: InProcess, upload_id: str, *tags: str, headers: dict[str, str] | None = None
) -> Answer:
    parts = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag></Part>"
        for number, tag in enumerate(tags, 1)
    )
    document = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
    query = {"uploadId": upload_id}
    return await s3.ask("POST", "/bucket/k", query, body=document, headers=headers)


@pytest.mark.parametrize(("headers", "of_parts"), [(AES256, {}), (MINE, MINE)])
async def test_parts_come_under_the_key_of_their_upload(
    sealing: InProcess, headers: dict[str, str], of_parts: dict[str, str]
) -> None:
    first, second = bytes(5 * MIB), b"the end of it, in a second part"
    upload_id, begun = await begin(sealing, headers)

    parts = [
        await add(sealing, upload_id, 1, first, of_parts),
        await add(sealing, upload_id, 2, second, of_parts),
    ]
    done = await complete(sealing, upload_id, *(part.headers["etag"] for part in parts))
    got = await sealing.get("k", headers=of_parts)
    of_second = await sealing.ask("GET", "/bucket/k", {"partNumber": "2"}, headers=of_parts)

    assert (200, first + second, second) == (done.status, got.body, of_second.body)
    says = SSE if headers is AES256 else f"{SSE}-customer-algorithm"
    assert {"AES256"} == {answer.headers[says] for answer in (begun, *parts, got)}
    assert second not in stored(sealing)


@pytest.mark.parametrize(
    ("begun_with", "part_with", "message"),
    [
        (MINE, {}, "Subsequent part requests must include"),
        (MINE, YOURS, "did not match the ones used originally"),
        (AES256, MINE, "Subsequent part requests must include"),
        ({}, MINE, "Subsequent part requests must include"),
        (MINE, customer(b"m" * 31), "did not match the ones used originally"),
        ({}, AES256, "not supported for this operation"),
        ({}, {f"{SSE}-aws-kms-key-id": "k"}, "requires HTTP header"),
    ],
)
async def test_a_part_that_is_otherwise_encrypted_is_refused(
    sealing: InProcess, begun_with: dict[str, str], part_with: dict[str, str], message: str
) -> None:
    upload_id, _ = await begin(sealing, begun_with)

    answer = await add(sealing, upload_id, 1, b"data", part_with)

    assert 400 == answer.status
    assert message in answer.document["Message"]


async def test_an_upload_under_a_customers_key_is_completed_with_that_key_or_with_none(
    sealing: InProcess,
) -> None:
    part_of_key = {f"{SSE}-customer-algorithm": "ROT13"}
    md5 = f"{SSE}-customer-key-md5"

    answers = {}
    for number, headers in enumerate((MINE, {}, part_of_key, YOURS, MINE | {md5: "AAAA"})):
        upload_id, _ = await begin(sealing, MINE)
        part = await add(sealing, upload_id, 1, b"data", MINE)
        answers[number] = await complete(sealing, upload_id, part.headers["etag"], headers=headers)

    assert [200, 200, 200, 400, 400] == [answer.status for answer in answers.values()]
    assert MINE[md5] == answers[0].headers[md5]
    for number in (0, 1, 2):
        assert "AES256" == answers[number].headers[f"{SSE}-customer-algorithm"]
    assert not {md5, SSE} & answers[1].headers.keys()
    assert "Correct SSE-C request parameters are required" in answers[3].document["Message"]
    assert "did not match the hash" in answers[4].document["Message"]


async def test_a_completion_may_repeat_how_its_upload_is_encrypted(sealing: InProcess) -> None:
    upload_id, _ = await begin(sealing, AES256)
    part = await add(sealing, upload_id, 1, b"data", {})
    tag = part.headers["etag"]

    other = await complete(sealing, upload_id, tag, headers={SSE: "aws:kms"})
    same = await complete(sealing, upload_id, tag, headers=AES256)
    again = await complete(sealing, upload_id, tag, headers=AES256)

    assert (400, "InvalidArgument") == (other.status, other.code)
    assert (200, 200) == (same.status, again.status)
    assert b"data" == (await sealing.get("k")).body


@pytest.mark.parametrize("headers", [MINE, AES256])
async def test_the_completion_of_another_upload_takes_no_word_of_encryption(
    sealing: InProcess, headers: dict[str, str]
) -> None:
    upload_id, _ = await begin(sealing, {})
    part = await add(sealing, upload_id, 1, b"data", {})

    answer = await complete(sealing, upload_id, part.headers["etag"], headers=headers)

    assert 400 == answer.status


async def copy(s3: InProcess, headers: dict[str, str], to: str = "copy") -> Answer:
    return await s3.ask(
        "PUT", f"/bucket/{to}", headers={"x-amz-copy-source": "/bucket/k"} | headers
    )


@pytest.mark.parametrize("data", [b"a few bytes, and some more", LARGE])
@pytest.mark.parametrize(
    ("put_with", "copy_with", "read_with"),
    [
        ({}, AES256, {}),
        ({}, MINE, MINE),
        (AES256, {}, {}),
        (AES256, MINE, MINE),
        (MINE, OF_SOURCE, {}),
        (MINE, OF_SOURCE | AES256, {}),
        (MINE, OF_SOURCE | MINE, MINE),
        (MINE, OF_SOURCE | YOURS, YOURS),
    ],
)
async def test_a_copy_is_encrypted_as_it_asks(
    sealing: InProcess,
    data: bytes,
    put_with: dict[str, str],
    copy_with: dict[str, str],
    read_with: dict[str, str],
) -> None:
    await sealing.put("k", data, headers=put_with)

    done = await copy(sealing, copy_with)
    got = await sealing.get("copy", headers=read_with)

    assert (200, data) == (done.status, got.body), done.body
    assert data == (await sealing.get("k", headers=put_with if put_with is MINE else {})).body
    wanted = "AES256" if AES256.items() <= copy_with.items() or put_with is AES256 else None
    assert (None if read_with else wanted) == got.headers.get(SSE)


async def test_a_copy_under_the_same_key_moves_no_bytes(sealing: InProcess) -> None:
    await sealing.put("k", LARGE, headers=AES256)
    blobs = sealing.store.data_dir.blobs_path
    before = [path for path in blobs.rglob("*") if path.is_file()]

    await copy(sealing, AES256)

    assert before == [path for path in blobs.rglob("*") if path.is_file()]


@pytest.mark.parametrize("headers", [{}, customer(b"y" * 32, SOURCE)])
async def test_a_copy_of_what_cannot_be_opened_is_refused(
    sealing: InProcess, headers: dict[str, str]
) -> None:
    await sealing.put("k", b"data", headers=MINE)

    answer = await copy(sealing, headers)

    assert (400, "InvalidRequest") == (answer.status, answer.code)
    assert 404 == (await sealing.get("copy")).status


async def test_an_object_can_be_encrypted_where_it_is(sealing: InProcess) -> None:
    await sealing.put("k", b"data, long enough to be found")

    done = await copy(sealing, AES256, to="k")
    again = await copy(sealing, {}, to="k")

    assert (200, 400) == (done.status, again.status)
    assert "AES256" == (await sealing.get("k")).headers[SSE]


@pytest.mark.parametrize(
    ("put_with", "begun_with", "part_with"),
    [
        (AES256, AES256, {}),
        (AES256, {}, {}),
        ({}, AES256, {}),
        (MINE, MINE, MINE | OF_SOURCE),
        (MINE, {}, OF_SOURCE),
    ],
)
@pytest.mark.parametrize("data", [b"a few bytes, and some more", LARGE])
async def test_a_part_is_copied_into_an_upload_that_is_sealed_otherwise(
    sealing: InProcess,
    data: bytes,
    put_with: dict[str, str],
    begun_with: dict[str, str],
    part_with: dict[str, str],
) -> None:
    await sealing.ask("PUT", "/bucket/source", body=data, headers=put_with)
    upload_id, _ = await begin(sealing, begun_with)
    headers = {"x-amz-copy-source": "/bucket/source", "x-amz-copy-source-range": "bytes=1-20"}

    part = await add(sealing, upload_id, 1, b"", headers | part_with)
    tag = part.document["ETag"]
    done = await complete(sealing, upload_id, tag)
    got = await sealing.get("k", headers=MINE if begun_with is MINE else {})

    assert (200, 200, data[1:21]) == (part.status, done.status, got.body), part.body


async def test_attributes_of_an_object_under_a_customers_key_need_the_key(
    sealing: InProcess,
) -> None:
    await sealing.put("k", b"data", headers=MINE)
    wanted = {"x-amz-object-attributes": "ObjectSize"}

    without = await sealing.ask("GET", "/bucket/k", {"attributes": ""}, headers=wanted)
    along = await sealing.ask("GET", "/bucket/k", {"attributes": ""}, headers=wanted | MINE)

    assert (400, 200) == (without.status, along.status)
    assert "4" == along.document["ObjectSize"]


@pytest.mark.parametrize(
    ("rule", "status", "code"),
    [
        ("", 400, "MalformedXML"),
        (f"</Rule><Rule>{BY_DEFAULT}", 400, "MalformedXML"),
        (BY_DEFAULT.replace("AES256", "aes"), 400, "MalformedXML"),
        (BY_DEFAULT.replace("AES256", "aws:fsx"), 400, "InvalidArgument"),
        (
            BY_DEFAULT.replace(
                "</SSEAlgorithm>", "</SSEAlgorithm><KMSMasterKeyID>k</KMSMasterKeyID>"
            ),
            400,
            "InvalidArgument",
        ),
        (BY_DEFAULT.replace("AES256", "aws:kms"), 400, "InvalidRequest"),
    ],
)
async def test_a_default_that_cannot_be_obeyed_is_refused(
    sealing: InProcess, rule: str, status: int, code: str
) -> None:
    document = (
        "<ServerSideEncryptionConfiguration><Rule>"
        f"{rule}</Rule></ServerSideEncryptionConfiguration>"
    )

    answer = await sealing.ask("PUT", "/bucket", {"encryption": ""}, body=document.encode())

    assert (status, code) == (answer.status, answer.code)


async def test_a_default_without_a_master_key_is_refused(s3: InProcess) -> None:
    await s3.make_bucket()
    document = (
        f"<ServerSideEncryptionConfiguration><Rule>{BY_DEFAULT}</Rule>"
        "</ServerSideEncryptionConfiguration>"
    )

    answer = await s3.ask("PUT", "/bucket", {"encryption": ""}, body=document.encode())

    assert (400, "InvalidRequest") == (answer.status, answer.code)


@pytest.mark.parametrize(("mode", "status"), [("optional", 404), ("default", 200)])
async def test_what_a_bucket_says_that_was_told_nothing(
    sealing: InProcess, mode: SseMode, status: int
) -> None:
    rules(sealing, mode=mode)

    answer = await sealing.ask("GET", "/bucket", {"encryption": ""})

    assert status == answer.status
    assert (b"<SSEAlgorithm>AES256</SSEAlgorithm>" in answer.body) == (status == 200)
