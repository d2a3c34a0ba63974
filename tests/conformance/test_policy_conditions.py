"""What conditions of bucket policies say about requests that write, case by case.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/tagging-and-policies.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ferrox.storage.keys.ring import Ring
from tests import forms, key_rings
from tests.in_process import OTHER, OTHER_ACCESS_KEY, ROOT, Answer, InProcess
from tests.sealing import AES256, SSE, sealing_with

FULL_CONTROL = "x-amz-grant-full-control"


@pytest.fixture
def ring(tmp_path: Path) -> Iterator[Ring]:
    with key_rings.opened(tmp_path) as ring:
        yield ring


@pytest.fixture
async def shared(s3: InProcess) -> InProcess:
    """The server, with a bucket that has lists, and one whose objects everybody may read."""
    for name in ("bucket", "source"):
        await s3.ask("PUT", f"/{name}", headers={"x-amz-object-ownership": "ObjectWriter"})
        await s3.ask("DELETE", f"/{name}", {"publicAccessBlock": ""})
    for key in ("public/a b", "private/a"):
        await s3.put(key, key.encode(), "source")
    await set_policy(s3, statement("s3:GetObject*", bucket="source"), bucket="source")
    return s3


def statement(action: Any, condition: Any = None, effect: str = "Allow", **more: str) -> Any:
    resource = f"arn:aws:s3:::{more.get('bucket', 'bucket')}/*"
    made = {"Effect": effect, "Principal": "*", "Action": action, "Resource": resource}
    return made if condition is None else made | {"Condition": condition}


async def set_policy(s3: InProcess, *statements: Any, bucket: str = "bucket") -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    answer = await s3.ask("PUT", f"/{bucket}", {"policy": ""}, body=text.encode())
    assert 204 == answer.status, answer.body


async def write(s3: InProcess, key: str = "new", **headers: str) -> int:
    """What becomes of an object that another account puts; `x_amz_y` stands for x-amz-y."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = await s3.ask(
        "PUT", f"/bucket/{key}", body=b"", headers=named, access_key=OTHER_ACCESS_KEY
    )
    return answer.status


async def upload(s3: InProcess, headers: dict[str, str], **more: Any) -> list[Answer]:
    """Begin an upload with headers, and go on without them: one part, one copied, the end."""
    path = "/bucket/whole"
    begun = await s3.ask("POST", path, {"uploads": ""}, headers=headers, **more)
    if begun.status != 200:
        return [begun]
    query = {"uploadId": str(begun.document["UploadId"])}
    source = {"x-amz-copy-source": "source/public/a b"}
    part = await s3.ask("PUT", path, query | {"partNumber": "1"}, body=b"data", **more)
    copied = await s3.ask("PUT", path, query | {"partNumber": "2"}, headers=source, **more)
    tag = part.headers.get("etag", "")
    listed = f"<PartNumber>1</PartNumber><ETag>{tag}</ETag>"
    document = f"<CompleteMultipartUpload><Part>{listed}</Part></CompleteMultipartUpload>"
    completed = [await s3.ask("POST", path, query, body=document.encode(), **more) for _ in "12"]
    return [begun, part, copied, *completed]


# Tags that an object has
@pytest.mark.parametrize(("noun", "selector"), [("Tagging", "tagging"), ("Acl", "acl")])
async def test_the_tags_of_an_object_decide_who_reads_of_it(
    shared: InProcess, noun: str, selector: str
) -> None:
    for key in ("public", "private"):
        await shared.put(key, headers={"x-amz-tagging": f"security={key}&foo=bar"})
    await shared.put("none", headers={"x-amz-tagging": "security1=public"})
    wanted = {"StringEquals": {"s3:ExistingObjectTag/security": "public"}}
    await set_policy(shared, statement(f"s3:GetObject{noun}", wanted))

    found = [
        await shared.get(key, query={selector: ""}, access_key=OTHER_ACCESS_KEY)
        for key in ("public", "private", "none")
    ]
    content = await shared.get("public", access_key=OTHER_ACCESS_KEY)

    assert [200, 403, 403] == [answer.status for answer in found]
    assert 403 == content.status


async def test_who_takes_away_the_tag_that_let_him_in_is_out(shared: InProcess) -> None:
    await shared.put("key", headers={"x-amz-tagging": "security=public"})
    wanted = {"StringEquals": {"s3:ExistingObjectTag/security": "public"}}
    await set_policy(shared, statement("s3:PutObjectTagging", wanted))

    async def tag(value: str) -> int:
        tags = f"<TagSet><Tag><Key>security</Key><Value>{value}</Value></Tag></TagSet>"
        document = f"<Tagging>{tags}</Tagging>"
        md5 = base64.b64encode(hashlib.md5(document.encode()).digest()).decode()
        answer = await shared.ask(
            "PUT", "/bucket/key", {"tagging": ""}, body=document.encode(),
            headers={"content-md5": md5}, access_key=OTHER_ACCESS_KEY,
        )  # fmt: skip
        return answer.status

    assert [200, 200, 403] == [await tag("public"), await tag("private"), await tag("public")]


# Headers
async def test_a_list_for_the_public_is_denied(shared: InProcess) -> None:
    public = {"StringLike": {"s3:x-amz-acl": "public*"}}
    await set_policy(shared, statement("s3:PutObject*"), statement("s3:PutObject", public, "Deny"))

    assert 200 == await write(shared)
    assert 200 == await write(shared, x_amz_acl="private")
    assert 403 == await write(shared, x_amz_acl="public-read")


async def test_the_owner_of_a_bucket_can_demand_to_be_granted_everything(
    shared: InProcess,
) -> None:
    grantee = f"id={ROOT.canonical_id}"
    wanted = {"StringEquals": {f"s3:{FULL_CONTROL}": grantee}}
    await set_policy(shared, statement("s3:PutObject*", wanted))

    refused = [await write(shared), await write(shared, x_amz_grant_full_control="id=" + "d" * 64)]
    taken = await write(shared, x_amz_grant_full_control=grantee)
    listed = await shared.get("new", query={"acl": ""})

    assert ([403, 403], 200) == (refused, taken)
    assert OTHER.canonical_id == listed.document["Owner"]["ID"]
    assert ROOT.canonical_id == listed.document["AccessControlList"]["Grant"]["Grantee"]["ID"]


async def test_a_copy_that_says_nothing_of_metadata_is_not_one_that_says_copy(
    shared: InProcess,
) -> None:
    wanted = {"StringEquals": {"s3:x-amz-metadata-directive": "COPY"}}
    await set_policy(shared, statement("s3:PutObject", wanted))
    source = "source/public/a%20b"

    said = await write(shared, x_amz_copy_source=source, x_amz_metadata_directive="COPY")
    unsaid = await write(shared, x_amz_copy_source=source)

    assert (200, 403) == (said, unsaid)


# The source of a copy, which clients spell in several ways
SPELLINGS = (
    *("source/{}/{}", "/source/{}/{}", "source%2F{}%2F{}", "/%73ource/{}%2f{}"),
    "source/{}/{}?versionId=null",
)


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_the_source_of_a_copy_is_denied_however_it_is_spelt(
    shared: InProcess, spelling: str
) -> None:
    private = {"StringLike": {"s3:x-amz-copy-source": "source/private/*"}}
    await set_policy(shared, statement("s3:PutObject"), statement("s3:PutObject", private, "Deny"))

    assert 403 == await write(shared, x_amz_copy_source=spelling.format("private", "a"))


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("operator", ["StringLike", "StringEquals"])
async def test_the_source_of_a_copy_is_allowed_however_it_is_spelt(
    shared: InProcess, spelling: str, operator: str
) -> None:
    name = "source/public/a b" if operator == "StringEquals" else "source/public/*"
    await set_policy(shared, statement("s3:PutObject", {operator: {"s3:x-amz-copy-source": name}}))

    allowed = await write(shared, x_amz_copy_source=spelling.format("public", "a+b"))
    other = await write(shared, x_amz_copy_source=spelling.format("private", "a"))
    none = await write(shared)

    assert (200, 403, 403) == (allowed, other, none)


async def test_a_source_that_is_none_is_told_to_be_none(shared: InProcess) -> None:
    wanted = {"StringLike": {"s3:x-amz-copy-source": "*"}}
    await set_policy(shared, statement("s3:PutObject", wanted))

    assert 400 == await write(shared, x_amz_copy_source="nothing")


# What is said of an object as its upload begins counts for the parts and the end of it
@pytest.mark.parametrize(
    ("key", "header", "value"),
    [
        ("s3:x-amz-acl", "x-amz-acl", "bucket-owner-full-control"),
        (f"s3:{FULL_CONTROL}", FULL_CONTROL, f"id={ROOT.canonical_id}"),
        ("s3:x-amz-storage-class", "x-amz-storage-class", "STANDARD"),
        ("s3:RequestObjectTag/team", "x-amz-tagging", "team=blue"),
    ],
)
async def test_an_upload_is_held_to_how_it_began(
    shared: InProcess, key: str, header: str, value: str
) -> None:
    wanted = {"StringEquals": {key: value.removeprefix("team=")}}
    await set_policy(shared, statement("s3:PutObject*", wanted))
    more = {"access_key": OTHER_ACCESS_KEY}

    unsaid = await upload(shared, {}, **more)
    said = await upload(shared, {header: value}, **more)

    assert [403] == [answer.status for answer in unsaid]
    assert [200] * 5 == [answer.status for answer in said]


async def test_a_bucket_that_demands_encryption_takes_uploads(
    shared: InProcess, ring: Ring
) -> None:
    sealing_with(shared, ring)
    other = {"StringNotEquals": {f"s3:{SSE}": "AES256"}}
    unsaid = {"Null": {f"s3:{SSE}": "true"}}
    denials = [statement("s3:PutObject", condition, "Deny") for condition in (other, unsaid)]
    await set_policy(shared, *denials)

    plain = await upload(shared, {})
    sealed = await upload(shared, AES256)
    put = [
        (await shared.ask("PUT", "/bucket/one", headers=headers)).status for headers in ({}, AES256)
    ]

    assert [403] == [answer.status for answer in plain]
    assert [200] * 5 == [answer.status for answer in sealed]
    assert [403, 200] == put


async def test_the_upload_of_one_key_opens_no_other(shared: InProcess) -> None:
    begun = await shared.ask(
        "POST", "/bucket/whole", {"uploads": ""}, headers={"x-amz-storage-class": "STANDARD"}
    )
    wanted = {"StringEquals": {"s3:x-amz-storage-class": "STANDARD"}}
    await set_policy(shared, statement("s3:PutObject", wanted))
    query = {"uploadId": str(begun.document["UploadId"]), "partNumber": "1"}

    answers = [
        await shared.ask("PUT", path, query, body=b"x", access_key=OTHER_ACCESS_KEY)
        for path in ("/bucket/whole", "/bucket/other")
    ]

    assert [200, 403] == [answer.status for answer in answers]


async def test_a_form_is_no_part_of_an_upload_that_its_address_names(shared: InProcess) -> None:
    said = {"x-amz-storage-class": "STANDARD"}
    begun = await shared.ask("POST", "/bucket/whole", {"uploads": ""}, headers=said)
    condition = {"StringEquals": {"s3:x-amz-storage-class": "STANDARD"}}
    await set_policy(shared, statement("s3:PutObject", condition))
    body = forms.form({"key": "whole"})
    headers = {"content-type": forms.CONTENT_TYPE, "content-length": str(len(body))}

    answers = [
        await shared.send("POST", "/bucket", query, headers, body)
        for query in ("", f"uploadId={begun.document['UploadId']}")
    ]

    assert [403, 405] == [answer.status for answer in answers]
    assert 404 == (await shared.get("whole")).status


# Conditional writes
async def test_a_bucket_can_demand_that_nothing_is_overwritten(shared: InProcess) -> None:
    await set_policy(
        shared,
        statement(
            "s3:PutObject",
            {"Null": {"s3:if-none-match": "true"}, "Bool": {"s3:ObjectCreationOperation": "true"}},
            "Deny",
        ),
    )
    source = {"x-amz-copy-source": "source/private/a"}

    blind, careful = [
        await shared.ask("PUT", "/bucket/new", body=b"x", headers=headers)
        for headers in ({}, {"if-none-match": "*"})
    ]
    copied = await shared.ask("PUT", "/bucket/copy", headers=source)
    steps = await upload(shared, {})

    assert (403, 200, 403) == (blind.status, careful.status, copied.status)
    assert [200, 200, 200, 403, 403] == [answer.status for answer in steps]
