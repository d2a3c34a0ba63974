"""What DeleteObject and DeleteObjects answer on AWS, case by case.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
"""

import base64
import hashlib
import zlib

import pytest

from ferrox.records import Versioning
from tests.in_process import Answer, InProcess

NEVER_GIVEN = "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD"


async def delete_many(s3: InProcess, rows: str, **headers: str) -> Answer:
    body = f"<Delete>{rows}</Delete>".encode()
    md5 = base64.b64encode(hashlib.md5(body).digest()).decode()
    return await s3.ask(
        "POST", "/bucket", {"delete": ""}, body=body, headers={"content-md5": md5, **headers}
    )


async def test_deleting_answers_204_with_nothing_to_say(bucket: InProcess) -> None:
    await bucket.put("k")

    for key in ("k", "k", "never"):
        answer = await bucket.ask("DELETE", f"/bucket/{key}")
        assert (204, b"") == (answer.status, answer.body)
        assert not {"x-amz-version-id", "x-amz-delete-marker"} & answer.headers.keys()


async def test_a_version_that_was_never_given_cannot_be_deleted(bucket: InProcess) -> None:
    await bucket.put("k")

    one = await bucket.ask("DELETE", "/bucket/k", {"versionId": NEVER_GIVEN})
    many = await delete_many(
        bucket, f"<Object><Key>k</Key><VersionId>{NEVER_GIVEN}</VersionId></Object>"
    )

    assert (400, "InvalidArgument") == (one.status, one.code)
    assert ("Invalid version id specified", "versionId", NEVER_GIVEN) == (
        one.document["Message"],
        one.document["ArgumentName"],
        one.document["ArgumentValue"],
    )
    assert {
        "Key": "k",
        "VersionId": NEVER_GIVEN,
        "Code": "NoSuchVersion",
        "Message": "The specified version does not exist.",
    } == many.document["Error"]
    assert 200 == (await bucket.get("k")).status


async def test_the_null_version_is_the_object(bucket: InProcess) -> None:
    await bucket.put("a")
    await bucket.put("b")

    one = await bucket.ask("DELETE", "/bucket/a", {"versionId": "null"})
    many = await delete_many(bucket, "<Object><Key>b</Key><VersionId>null</VersionId></Object>")

    assert 204 == one.status
    assert {"Key": "b", "VersionId": "null"} == many.document["Deleted"]
    assert [404, 404] == [(await bucket.get(key)).status for key in "ab"]


async def test_there_is_nothing_to_bypass_where_nothing_is_locked(bucket: InProcess) -> None:
    await bucket.put("k")
    for value in ("true", "false"):
        headers = {"x-amz-bypass-governance-retention": value}

        one = await bucket.ask("DELETE", "/bucket/k", headers=headers)
        many = await delete_many(bucket, "<Object><Key>k</Key></Object>", **headers)

        assert (400, "InvalidArgument") == (one.status, one.code)
        assert (400, "InvalidArgument") == (many.status, many.code)
        assert "x-amz-bypass-governance-retention" == one.document["ArgumentName"]


@pytest.mark.parametrize(
    ("tag", "status", "code"),
    [("right", 204, ""), ("*", 204, ""), ('"wrong"', 412, "PreconditionFailed")],
)
async def test_if_match_guards_a_delete(
    bucket: InProcess, tag: str, status: int, code: str
) -> None:
    etag = (await bucket.put("k")).headers["etag"]

    answer = await bucket.ask(
        "DELETE", "/bucket/k", headers={"if-match": etag if tag == "right" else tag}
    )

    assert status == answer.status
    assert not code or (code, "If-Match") == (answer.code, answer.document["Condition"])


async def test_if_match_on_nothing_is_no_such_key(bucket: InProcess) -> None:
    answer = await bucket.ask("DELETE", "/bucket/none", headers={"if-match": '"0"'})

    assert (404, "NoSuchKey", "none") == (answer.status, answer.code, answer.document["Key"])


async def test_each_key_of_many_has_its_own_fate(bucket: InProcess) -> None:
    await bucket.put("a")
    await bucket.put("b")

    answer = await delete_many(
        bucket,
        '<Object><Key>a</Key></Object><Object><Key>b</Key><ETag>"no"</ETag></Object>'
        f"<Object><Key>{'x' * 1025}</Key></Object>",
    )

    assert 200 == answer.status
    assert {"Key": "a"} == answer.document["Deleted"]
    assert ["PreconditionFailed", "KeyTooLongError"] == [
        error["Code"] for error in answer.document["Error"]
    ]
    assert [404, 200] == [(await bucket.get(key)).status for key in "ab"]


async def test_what_is_named_twice_is_deleted_and_told_once(bucket: InProcess) -> None:
    found = bucket.store.bucket("bucket")
    assert found is not None
    await bucket.store.set_versioning(found, Versioning.ENABLED)
    version_id = (await bucket.put("k")).headers["x-amz-version-id"]
    plain = "<Object><Key>k</Key></Object>"
    named = f"<Object><Key>k</Key><VersionId>{version_id}</VersionId></Object>"

    answer = await delete_many(bucket, plain + named + plain + named)
    listed = await bucket.ask("GET", "/bucket", {"versions": ""})

    assert 2 == len(answer.document["Deleted"])
    assert "k" == listed.document["DeleteMarker"]["Key"]
    assert "Version" not in listed.document


async def test_keys_are_read_as_they_are_written(bucket: InProcess) -> None:
    for key in (" lead", "a&b", "<c>", "ü", "tab\there"):
        await bucket.put(key)

    answer = await delete_many(
        bucket,
        "<Quiet>false</Quiet><Object><Key> lead</Key></Object><Object><Key>a&amp;b</Key></Object>"
        "<Object><Key>&lt;c&gt;</Key></Object><Object><Key>&#xfc;</Key></Object>"
        "<Object><Key>tab&#9;here</Key></Object>",
    )
    listed = await bucket.ask("GET", "/bucket")

    assert 5 == len(answer.document["Deleted"])
    assert "Contents" not in listed.document


@pytest.mark.parametrize(
    "rows",
    ["", "<Quiet>true</Quiet>", "<Object></Object>", "<Object><Key>a</Key>", "<Object/>"],
)
async def test_a_list_that_names_nothing_is_malformed(bucket: InProcess, rows: str) -> None:
    answer = await delete_many(bucket, rows)

    assert (400, "MalformedXML") == (answer.status, answer.code)


async def test_any_checksum_protects_a_list(bucket: InProcess) -> None:
    body = b"<Delete><Object><Key>a</Key></Object></Delete>"
    crc32 = base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
    sha256 = base64.b64encode(hashlib.sha256(body).digest()).decode()

    for headers in (
        {"x-amz-checksum-crc32": crc32, "x-amz-sdk-checksum-algorithm": "CRC32"},
        {"x-amz-checksum-sha256": sha256},
    ):
        answer = await bucket.ask("POST", "/bucket", {"delete": ""}, body=body, headers=headers)
        assert (200, "a") == (answer.status, answer.document["Deleted"]["Key"])
    wrong = await bucket.ask(
        "POST", "/bucket", {"delete": ""}, body=body, headers={"x-amz-checksum-crc32": "AAAAAA=="}
    )
    assert (400, "BadDigest") == (wrong.status, wrong.code)
