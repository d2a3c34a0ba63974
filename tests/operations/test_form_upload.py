"""operations/form_upload.py: files that browsers upload by a form."""

import base64
import hashlib
from collections.abc import AsyncIterator, Sequence
from itertools import pairwise
from typing import Any

import pytest

from ferrox.protocol.message import Request
from tests import forms
from tests.in_process import OTHER, OTHER_ACCESS_KEY, ROOT, Answer, InProcess

DATA = b"\r\n--one\r\n" + bytes(range(256)) * 3
CRC32_OF_DATA = base64.b64encode((0xADF3F363).to_bytes(4)).decode()  # of b"data"


@pytest.fixture
async def bucket(s3: InProcess) -> InProcess:
    """The server, with an empty bucket."""
    await s3.make_bucket()
    return s3


async def post(
    s3: InProcess,
    fields: dict[str, str],
    data: bytes | None = b"data",
    *,
    body: bytes | Sequence[bytes] | None = None,
    file_name: str = "cat.png",
    path: str = "/bucket",
    headers: dict[str, str] | None = None,
    **more: Any,
) -> Answer:
    """Send a form as a browser does."""
    return await s3.ask(
        "POST",
        path,
        headers={"content-type": forms.CONTENT_TYPE, **(headers or {})},
        body=forms.form(fields, data, file_name) if body is None else body,
        is_signed=more.pop("is_signed", False),
        **more,
    )


def signed(s3: InProcess, fields: dict[str, str] | None = None) -> dict[str, str]:
    """Fields that the owner of the bucket signed, among them the key k."""
    return forms.version_4({"key": "k", **(fields or {})}, s3.clock.now_ms())


async def document(s3: InProcess, query: str, content: str) -> None:
    md5 = base64.b64encode(hashlib.md5(content.encode()).digest()).decode()
    answer = await s3.ask(
        "PUT", "/bucket", {query: ""}, body=content.encode(), headers={"content-md5": md5}
    )
    assert answer.status in {200, 204}, answer.body


async def test_a_signed_form_stores_its_file(bucket: InProcess) -> None:
    answer = await post(bucket, signed(bucket, {"Content-Type": "image/png"}), DATA)
    stored = await bucket.get("k")

    etag = f'"{hashlib.md5(DATA).hexdigest()}"'
    assert (204, b"") == (answer.status, answer.body)
    assert (etag, "http://127.0.0.1:9000/bucket/k") == (
        answer.headers["etag"],
        answer.headers["location"],
    )
    assert (DATA, "image/png", etag) == (
        stored.body,
        stored.headers["content-type"],
        stored.headers["etag"],
    )


async def test_a_form_of_version_2_stores_its_file(bucket: InProcess) -> None:
    fields = forms.version_2({"key": "k"}, bucket.clock.now_ms())

    assert 204 == (await post(bucket, fields, DATA)).status
    assert DATA == (await bucket.get("k")).body


@pytest.mark.parametrize("step", [1, 7, 64])
async def test_a_form_may_come_in_pieces(bucket: InProcess, step: int) -> None:
    whole = forms.form(signed(bucket), DATA)
    pieces = [whole[at : at + step] for at in range(0, len(whole), step)]

    answer = await post(bucket, {}, body=pieces)

    assert 204 == answer.status, answer.body
    assert DATA == (await bucket.get("k")).body


async def test_a_form_may_come_without_its_length(bucket: InProcess) -> None:
    fields = signed(bucket)

    answer = await post(
        bucket, fields, headers={"transfer-encoding": "chunked"}, is_length_announced=False
    )

    assert 204 == answer.status


async def test_a_large_file_arrives_whole(bucket: InProcess) -> None:
    data = hashlib.shake_256(b"large").digest(3_000_001)
    whole = forms.form(signed(bucket), data)
    cuts = [0, 100, 1_000_000, 1_000_001, len(whole) - 3, len(whole)]

    answer = await post(bucket, {}, body=[whole[a:b] for a, b in pairwise(cuts)])

    assert 204 == answer.status
    assert data == (await bucket.get("k")).body


async def test_an_empty_file_is_an_empty_object(bucket: InProcess) -> None:
    assert 204 == (await post(bucket, signed(bucket), b"")).status
    assert b"" == (await bucket.get("k")).body


async def test_fields_take_the_name_of_the_file(bucket: InProcess) -> None:
    fields = forms.version_4(
        {"key": "me/${filename}", "x-amz-meta-name": "${filename}"},
        bucket.clock.now_ms(),
        [
            {"bucket": "bucket"},
            ["starts-with", "$key", "me/cat"],
            {"x-amz-meta-name": "cat 1.png"},
            *(
                ["starts-with", f"$x-amz-{name}", ""]
                for name in ("algorithm", "credential", "date")
            ),
        ],
    )

    answer = await post(bucket, fields, file_name="C:\\pictures\\cat 1.png")

    stored = await bucket.get("me/cat 1.png")
    assert "http://127.0.0.1:9000/bucket/me%2Fcat%201.png" == answer.headers["location"]
    assert (b"data", "cat 1.png") == (stored.body, stored.headers["x-amz-meta-name"])


async def test_a_file_without_name_leaves_its_place_as_it_is(bucket: InProcess) -> None:
    """As recorded of AWS in 2026; its documentation speaks of an empty string."""
    whole = forms.form(forms.version_4({"key": "${filename}"}, bucket.clock.now_ms()))

    answer = await post(bucket, {}, body=whole.replace(b'; filename="cat.png"', b""))

    assert 204 == answer.status, answer.body
    assert b"data" == (await bucket.get("${filename}")).body


async def test_a_form_answers_as_it_is_asked_to(bucket: InProcess) -> None:
    odd, plain, telling = [
        await post(bucket, signed(bucket, {"success_action_status": status}))
        for status in ("404", "200", "201")
    ]

    etag = f'"{hashlib.md5(b"data").hexdigest()}"'
    assert (204, 200) == (odd.status, plain.status)
    assert b"" == odd.body == plain.body
    assert (201, "application/xml") == (telling.status, telling.headers["content-type"])
    assert telling.document == {
        "Location": "http://127.0.0.1:9000/bucket/k",
        "Bucket": "bucket",
        "Key": "k",
        "ETag": etag,
    }


async def test_a_form_sends_the_browser_on(bucket: InProcess) -> None:
    fields = {"success_action_redirect": "https://app.example.com/done"}

    answer = await post(bucket, signed(bucket, fields))

    etag = hashlib.md5(b"data").hexdigest()
    assert (303, b"") == (answer.status, answer.body)
    assert (
        f"https://app.example.com/done?bucket=bucket&key=k&etag=%22{etag}%22"
        == answer.headers["location"]
    )


async def test_an_address_that_is_none_sends_nobody_anywhere(bucket: InProcess) -> None:
    fields = {"success_action_redirect": "nowhere", "success_action_status": "201"}

    answer = await post(bucket, signed(bucket, fields))

    assert 201 == answer.status


async def test_fields_say_what_headers_of_a_put_say(bucket: InProcess) -> None:
    fields = {
        "Content-Type": "text/plain; a=b",
        "Content-Disposition": 'attachment; filename="ü.txt"',
        "Cache-Control": "no-cache",
        "x-amz-meta-Note": "größe",
        "x-amz-storage-class": "STANDARD_IA",
        "x-amz-website-redirect-location": "/there",
        "tagging": "<Tagging><TagSet><Tag><Key>a</Key><Value>1 2</Value></Tag></TagSet></Tagging>",
    }

    answer = await post(bucket, signed(bucket, fields))
    stored = await bucket.get("k")
    tags = await bucket.ask("GET", "/bucket/k", {"tagging": ""})

    assert 204 == answer.status, answer.body
    assert {
        "content-type": "text/plain; a=b",
        "content-disposition": 'attachment; filename="ü.txt"',
        "cache-control": "no-cache",
        "x-amz-meta-note": "=?UTF-8?Q?gr=C3=B6=C3=9Fe?=",
        "x-amz-storage-class": "STANDARD_IA",
        "x-amz-website-redirect-location": "/there",
        "x-amz-tagging-count": "1",
    }.items() <= stored.headers.items()
    assert {"Tag": {"Key": "a", "Value": "1 2"}} == tags.document["TagSet"]


async def test_a_file_without_type_is_bytes_whatever_its_part_says(bucket: InProcess) -> None:
    await post(bucket, signed(bucket))

    assert "binary/octet-stream" == (await bucket.get("k")).headers["content-type"]


async def test_what_follows_the_file_means_nothing(bucket: InProcess) -> None:
    head, tail = forms.around_file(signed(bucket))
    later = forms.form({"Content-Type": "text/html"}, b"second")

    answer = await post(
        bucket, {}, body=head + b"first" + tail[: -len(b"--\r\n")] + b"\r\n" + later
    )
    stored = await bucket.get("k")

    assert 204 == answer.status
    assert (b"first", "binary/octet-stream") == (stored.body, stored.headers["content-type"])


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("x-amz-checksum-crc32", "AAAAAA==", "BadDigest"),
        ("x-amz-checksum-crc32", "short", "InvalidRequest"),
        ("Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg==", "BadDigest"),
        ("Content-MD5", "x", "InvalidDigest"),
        ("x-amz-storage-class", "TAPE", "InvalidStorageClass"),
        ("x-amz-server-side-encryption", "AES256", "InvalidRequest"),
        ("x-amz-object-lock-mode", "COMPLIANCE", "InvalidArgument"),
        ("x-amz-object-lock-legal-hold", "ON", "InvalidRequest"),
        ("acl", "public-read", "AccessControlListNotSupported"),
        ("tagging", "<Tagging", "MalformedXML"),
        ("x-amz-expected-bucket-owner", "210987654321", "AccessDenied"),
        ("x-amz-meta-a", "x" * 2048, "MetadataTooLarge"),
        ("Content-Type", "a\r\nb", "InvalidArgument"),
        ("x-amz-website-redirect-location", "there", "InvalidArgument"),
    ],
)
async def test_a_field_is_refused_as_the_header_would_be(
    bucket: InProcess, name: str, value: str, code: str
) -> None:
    answer = await post(bucket, signed(bucket, {name: value}))

    assert code == answer.code
    assert 404 == (await bucket.get("k")).status


async def test_a_checksum_of_the_file_is_kept(bucket: InProcess) -> None:
    fields = {"x-amz-checksum-crc32": CRC32_OF_DATA}

    answer = await post(bucket, signed(bucket, fields))

    assert (204, CRC32_OF_DATA) == (answer.status, answer.headers["x-amz-checksum-crc32"])


async def test_the_expected_owner_may_be_the_owner(bucket: InProcess) -> None:
    fields = {"x-amz-expected-bucket-owner": ROOT.account_id}

    assert 204 == (await post(bucket, signed(bucket, fields))).status


async def test_a_form_may_demand_that_the_key_is_new(bucket: InProcess) -> None:
    fields = {"If-None-Match": "*"}

    first = await post(bucket, signed(bucket, fields))
    second = await post(bucket, signed(bucket, fields))

    assert (204, 412) == (first.status, second.status)


async def test_a_form_makes_a_version_where_versions_are_kept(bucket: InProcess) -> None:
    await document(
        bucket,
        "versioning",
        "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
    )

    ids = {(await post(bucket, signed(bucket))).headers["x-amz-version-id"] for _ in range(2)}

    assert 2 == len(ids)


async def test_a_form_is_told_of_as_one(bucket: InProcess) -> None:
    bucket.store.keeps_all_events = True

    await post(bucket, signed(bucket))

    (event,) = await bucket.store.events(0, 10)
    assert ("ObjectCreated:Post", "k") == (event.name, event.key)


async def test_the_request_is_known_as_a_form_with_its_signer(
    bucket: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, str]] = []
    require = bucket.services.authorizer.require

    def listening(*arguments: Any, **more: Any) -> None:
        asked.append(dict(more["request"].facts) | more["request"].headers)
        require(*arguments, **more)

    monkeypatch.setattr(bucket.services.authorizer, "require", listening)
    await post(
        bucket,
        forms.version_2({"key": "k"}, bucket.clock.now_ms()),
        headers={"referer": "https://app.example.com/", "x-amz-acl": "public-read"},
    )

    (seen,) = asked
    assert {
        "access_key_id": ROOT.access_key_id,
        "signature_version": "AWS",
        "auth_type": "POST",
        "bucket": "bucket",
        "key": "k",
        "referer": "https://app.example.com/",
    }.items() <= seen.items()
    assert "x-amz-acl" not in seen


async def test_a_form_locks_what_it_stores(s3: InProcess) -> None:
    await s3.ask("PUT", "/bucket", headers={"x-amz-bucket-object-lock-enabled": "true"})
    bare = {"x-amz-object-lock-legal-hold": "ON"}
    protected = bare | {"x-amz-checksum-crc32": CRC32_OF_DATA}

    refused = await post(s3, signed(s3, bare))
    taken = await post(s3, signed(s3, protected))

    assert ("InvalidRequest", 204) == (refused.code, taken.status)
    assert "ON" == (await s3.get("k")).headers["x-amz-object-lock-legal-hold"]


# Who may


async def test_nobody_posts_into_a_bucket_that_is_not_open(bucket: InProcess) -> None:
    answer = await post(bucket, {"key": "k"})

    assert (403, "AccessDenied") == (answer.status, answer.code)
    assert 404 == (await bucket.get("k")).status


async def test_anybody_posts_into_a_bucket_that_is_open(bucket: InProcess) -> None:
    await open_to_all(bucket)

    answer = await post(bucket, {"key": "k", "acl": "public-read"})

    assert 204 == answer.status, answer.body
    assert b"data" == (await bucket.get("k", is_signed=False)).body


async def test_tags_of_nobody_are_refused(bucket: InProcess) -> None:
    await open_to_all(bucket)
    tag = "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>"

    assert "AccessDenied" == (await post(bucket, {"key": "k", "tagging": tag})).code


async def test_the_form_of_another_account_is_refused(bucket: InProcess) -> None:
    fields = forms.version_2({"key": "k"}, bucket.clock.now_ms(), access_key=OTHER_ACCESS_KEY)

    answer = await post(bucket, fields)

    assert (403, "AccessDenied") == (answer.status, answer.code)


async def test_why_a_form_is_refused_is_known_of_its_request(bucket: InProcess) -> None:
    fields = forms.version_2({"key": "k"}, bucket.clock.now_ms(), access_key=OTHER_ACCESS_KEY)
    headers = {"host": "127.0.0.1:9000", "content-type": forms.CONTENT_TYPE}

    async def body() -> AsyncIterator[bytes]:
        yield forms.form(fields)

    request = Request("POST", "/bucket", "", headers, body())
    await bucket.pipeline.answer(request)

    assert request.decision is not None
    assert ("s3:PutObject", OTHER.arn) == (request.decision.action, request.decision.principal)


async def test_a_request_that_is_signed_needs_no_policy(bucket: InProcess) -> None:
    answer = await post(bucket, {"key": "k"}, is_signed=True)

    assert 204 == answer.status, answer.body


async def test_a_signed_form_must_be_the_one_that_was_signed(bucket: InProcess) -> None:
    answer = await post(
        bucket, {"key": "k"}, is_signed=True, content_sha256=hashlib.sha256(b"other").hexdigest()
    )

    assert "XAmzContentSHA256Mismatch" == answer.code
    assert 404 == (await bucket.get("k")).status


async def test_the_request_may_carry_the_md5_of_the_form(bucket: InProcess) -> None:
    fields = signed(bucket)
    right = base64.b64encode(hashlib.md5(forms.form(fields)).digest()).decode()
    wrong = base64.b64encode(hashlib.md5(b"data").digest()).decode()

    refused = await post(bucket, fields, headers={"content-md5": wrong})
    taken = await post(bucket, fields, headers={"content-md5": right})

    assert ("BadDigest", 204) == (refused.code, taken.status)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"policy": None}, 400, "InvalidArgument"),
        ({"signature": None}, 400, "InvalidArgument"),
        ({"AWSAccessKeyId": None}, 400, "InvalidArgument"),
        ({"AWSAccessKeyId": "AKIANOBODY"}, 403, "InvalidAccessKeyId"),
        ({"signature": "AAAA"}, 403, "SignatureDoesNotMatch"),
        ({"policy": "e30="}, 403, "SignatureDoesNotMatch"),
        ({"x-amz-security-token": "t"}, 400, "InvalidToken"),
        ({"key": "other"}, 403, "AccessDenied"),
        ({"key": None}, 400, "InvalidArgument"),
        ({"key": ""}, 400, "UserKeyMustBeSpecified"),
        ({"key": "k" * 1025}, 403, "AccessDenied"),
        ({"Content-Type": "text/plain"}, 403, "AccessDenied"),
    ],
)
async def test_a_form_that_was_changed_is_refused(
    bucket: InProcess, change: dict[str, str | None], status: int, code: str
) -> None:
    fields = forms.version_2({"key": "k"}, bucket.clock.now_ms()) | change

    answer = await post(
        bucket, {name: value for name, value in fields.items() if value is not None}
    )

    assert (status, code) == (answer.status, answer.code)


async def test_a_policy_without_signature_is_nobodys(bucket: InProcess) -> None:
    fields = forms.version_2({"key": "k"}, bucket.clock.now_ms())

    answer = await post(bucket, {"key": "k", "policy": fields["policy"]})

    assert (403, "AccessDenied") == (answer.status, answer.code)


async def test_a_policy_that_is_none_is_refused(bucket: InProcess) -> None:
    fields = forms.version_2({"key": "k"}, bucket.clock.now_ms(), [{}])

    answer = await post(bucket, fields)

    assert (400, "InvalidPolicyDocument") == (answer.status, answer.code)


async def test_a_policy_ends(bucket: InProcess) -> None:
    fields = forms.version_2({"key": "k"}, bucket.clock.now_ms(), valid_ms=-1000)

    answer = await post(bucket, fields)

    assert (403, "AccessDenied") == (answer.status, answer.code)
    assert "Invalid according to Policy: Policy expired." == answer.document["Message"]


async def test_a_policy_for_another_bucket_is_refused(bucket: InProcess) -> None:
    fields = forms.version_2({"key": "k"}, bucket.clock.now_ms(), bucket="other")

    answer = await post(bucket, fields | {"bucket": "other"})

    assert (403, "AccessDenied") == (answer.status, answer.code)
    assert "Policy Condition failed" in answer.document["Message"]


@pytest.mark.parametrize(
    ("least", "most", "code"),
    [(4, 4, ""), (0, 3, "EntityTooLarge"), (5, 10, "EntityTooSmall"), (0, 5 * 10**12, "")],
)
@pytest.mark.parametrize("step", [1, 10_000])
async def test_a_policy_may_bound_the_size_of_the_file(
    bucket: InProcess, least: int, most: int, code: str, step: int
) -> None:
    conditions = [{"bucket": "bucket"}, {"key": "k"}, ["content-length-range", least, most]]
    whole = forms.form(forms.version_2({"key": "k"}, bucket.clock.now_ms(), conditions))

    answer = await post(
        bucket, {}, body=[whole[at : at + step] for at in range(0, len(whole), step)]
    )

    assert (204 if not code else 400) == answer.status
    if code:
        assert code == answer.code
        assert 404 == (await bucket.get("k")).status


async def test_a_file_that_is_too_large_is_not_read_to_its_end(bucket: InProcess) -> None:
    conditions = [{"bucket": "bucket"}, {"key": "k"}, ["content-length-range", 0, 10]]
    head, tail = forms.around_file(forms.version_2({"key": "k"}, bucket.clock.now_ms(), conditions))

    answer = await post(bucket, {}, body=[head, *[b"x" * 1000] * 100, tail])

    assert "EntityTooLarge" == answer.code
    assert bucket.bytes_asked_for < len(head) + 3000


# What is no form


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded"])
async def test_what_is_no_form_is_refused(bucket: InProcess, content_type: str) -> None:
    answer = await bucket.ask("POST", "/bucket", headers={"content-type": content_type})

    assert (412, "PreconditionFailed") == (answer.status, answer.code)
    assert (
        "Bucket POST must be of the enclosure-type multipart/form-data"
        == answer.document["Condition"]
    )


async def test_a_form_without_file_is_refused(bucket: InProcess) -> None:
    answer = await post(bucket, signed(bucket), None)

    assert (400, "InvalidArgument") == (answer.status, answer.code)
    assert "POST requires exactly one file upload per request." == answer.document["Message"]


@pytest.mark.parametrize("lost_bytes", [1, 5, 40, 300, 900])
async def test_a_form_that_breaks_off_stores_nothing(bucket: InProcess, lost_bytes: int) -> None:
    answer = await post(bucket, {}, body=forms.form(signed(bucket), DATA)[:-lost_bytes])
    after_boundary = lost_bytes <= 2

    assert (204 if after_boundary else 400) == answer.status
    if not after_boundary:
        assert "MalformedPOSTRequest" == answer.code
        assert 404 == (await bucket.get("k")).status


async def test_fields_that_are_too_long_are_refused(bucket: InProcess) -> None:
    answer = await post(bucket, {"key": "k", "x-ignore-a": "x" * 20_480})

    assert (400, "MaxPostPreDataLengthExceeded") == (answer.status, answer.code)
    assert "20480" == answer.document["MaxPostPreDataLengthBytes"]


async def test_a_file_name_of_an_old_browser_is_a_key_all_the_same(bucket: InProcess) -> None:
    head, tail = forms.around_file({"key": "${filename}"}, "NAME")
    await open_to_all(bucket)

    answer = await post(bucket, {}, body=head.replace(b"NAME", b"\xe9") + b"data" + tail)

    assert 204 == answer.status, answer.body
    assert "http://127.0.0.1:9000/bucket/%C3%A9" == answer.headers["location"]


async def test_a_form_for_a_bucket_that_is_not_there_is_refused(s3: InProcess) -> None:
    assert "NoSuchBucket" == (await post(s3, {"key": "k"})).code


async def test_a_page_of_another_origin_may_see_the_answer(bucket: InProcess) -> None:
    await document(
        bucket,
        "cors",
        "<CORSConfiguration><CORSRule><AllowedOrigin>https://app.example.com</AllowedOrigin>"
        "<AllowedMethod>POST</AllowedMethod></CORSRule></CORSConfiguration>",
    )
    origin = {"origin": "https://app.example.com"}

    taken = await post(bucket, signed(bucket), headers=origin)
    refused = await post(bucket, {"key": "k"}, headers=origin)

    for answer in (taken, refused):
        assert "https://app.example.com" == answer.headers["access-control-allow-origin"]
    assert (204, 403) == (taken.status, refused.status)


async def open_to_all(s3: InProcess) -> None:
    """Let lists decide, and this one say that anybody may write."""
    await s3.ask("DELETE", "/bucket", {"publicAccessBlock": ""})
    await document(
        s3,
        "ownershipControls",
        "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule>"
        "</OwnershipControls>",
    )
    answer = await s3.ask("PUT", "/bucket", {"acl": ""}, headers={"x-amz-acl": "public-read-write"})
    assert 200 == answer.status, answer.body
