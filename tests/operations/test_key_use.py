"""SSE-KMS through the whole pipeline: keys, permissions, states, contexts, copies."""

import base64
import json
from typing import Any

import pytest

from ferrox.iam import key_policies
from ferrox.storage.keys.kms_keys import KmsKeys
from ferrox.storage.keys.kms_records import KeyState, KmsKey
from tests import forms
from tests.callers import add_account, add_user, policy
from tests.in_process import OTHER, OTHER_ACCESS_KEY, ROOT, Answer, InProcess
from tests.key_rings import give_keys, make_key

SSE = "x-amz-server-side-encryption"
KMS = {SSE: "aws:kms"}
KEY_ID, CONTEXT = f"{SSE}-aws-kms-key-id", f"{SSE}-context"
BUCKET_KEY = f"{SSE}-bucket-key-enabled"
LARGE = bytes(range(256)) * 1200


@pytest.fixture
def keys(s3: InProcess) -> KmsKeys:
    return give_keys(s3)


@pytest.fixture
async def key(keys: KmsKeys, s3: InProcess) -> KmsKey:
    await s3.make_bucket()
    return await make_key(keys)


def under(key: KmsKey, **more: str) -> dict[str, str]:
    return {**KMS, KEY_ID: key.key_id, **more}


def context(**pairs: str) -> dict[str, str]:
    return {CONTEXT: base64.b64encode(json.dumps(pairs).encode()).decode()}


async def change(keys: KmsKeys, key: KmsKey, **fields: Any) -> None:
    changed = key._replace(**fields)
    await keys.change(lambda tx: keys.put(tx, changed))


def told(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.code


@pytest.mark.parametrize("data", [b"", b"a few bytes, and some more", LARGE])
@pytest.mark.parametrize("algorithm", ["aws:kms", "aws:kms:dsse"])
async def test_an_object_under_a_key_is_read_like_any(
    s3: InProcess, keys: KmsKeys, key: KmsKey, data: bytes, algorithm: str
) -> None:
    put = await s3.put("k", data, headers=under(key) | {SSE: algorithm})
    got, head = await s3.get("k"), await s3.ask("HEAD", "/bucket/k")

    assert data == got.body
    for answer in (put, got, head):
        assert algorithm == answer.headers[SSE]
        assert keys.arn(key) == answer.headers[KEY_ID]
        assert BUCKET_KEY not in answer.headers


async def test_who_names_no_key_gets_the_one_of_the_account(
    s3: InProcess, keys: KmsKeys, key: KmsKey
) -> None:
    unnamed = await s3.put("k", headers=KMS)
    named = await s3.put("l", headers=KMS | {KEY_ID: "alias/aws/s3"})

    made = keys.find(ROOT.account_id, "alias/aws/s3")
    assert {keys.arn(made)} == {answer.headers[KEY_ID] for answer in (unnamed, named)}
    assert b"data" == (await s3.get("k")).body


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (KeyState.DISABLED, "KMS.DisabledException"),
        (KeyState.PENDING_DELETION, "KMS.KMSInvalidStateException"),
    ],
)
@pytest.mark.parametrize("data", [b"", b"data", LARGE])
async def test_objects_are_unreadable_while_their_key_cannot_be_used(
    s3: InProcess, keys: KmsKeys, key: KmsKey, state: KeyState, code: str, data: bytes
) -> None:
    await s3.put("k", data, headers=under(key))
    await change(keys, key, state=state)

    answers = [
        await s3.get("k"),
        await s3.ask("PUT", "/bucket/l", headers={"x-amz-copy-source": "/bucket/k"}),
        await s3.ask("PUT", "/bucket/m", body=b"data", headers=under(key)),
    ]
    head = await s3.ask("HEAD", "/bucket/k")
    await change(keys, key)

    assert [(400, code)] * 3 == [told(answer) for answer in answers]
    assert 200 == head.status, "as on AWS: nothing that is sealed is told"
    assert data == (await s3.get("k")).body


async def test_a_key_that_is_gone_takes_its_objects_along(
    s3: InProcess, keys: KmsKeys, key: KmsKey
) -> None:
    await s3.put("k", headers=under(key))
    await change(keys, key, state=KeyState.PENDING_DELETION, deletion_ms=5)
    await keys.do_what_is_due(6)

    answer = await s3.get("k")

    assert (400, "KMS.NotFoundException") == told(answer)
    assert f"Key '{keys.arn(key)}' does not exist" == answer.document["Message"]


async def test_after_a_rotation_old_and_new_objects_are_read(
    s3: InProcess, keys: KmsKeys, key: KmsKey
) -> None:
    await s3.put("old", LARGE, headers=under(key))
    await keys.change(lambda tx: keys.add_version(tx, key, 2, "ON_DEMAND"))
    await s3.put("new", LARGE, headers=under(key))

    assert [LARGE, LARGE] == [(await s3.get(name)).body for name in ("old", "new")]


async def test_an_unknown_key_is_refused(s3: InProcess, key: KmsKey) -> None:
    answer = await s3.ask("PUT", "/bucket/k", body=b"data", headers=KMS | {KEY_ID: "nothing"})

    assert (400, "KMS.NotFoundException") == told(answer)
    assert "Invalid keyId nothing" == answer.document["Message"]


@pytest.mark.parametrize("data", [b"data", LARGE])
async def test_a_copy_under_the_same_key_shares_the_bytes_and_a_rename_keeps_them(
    s3: InProcess, key: KmsKey, data: bytes
) -> None:
    headers = under(key) | context(a="b")
    put = await s3.put("k", data, headers=headers)
    same = await s3.ask("PUT", "/bucket/same", headers=headers | {"x-amz-copy-source": "/bucket/k"})
    await s3.ask(
        "PUT", "/bucket/renamed", {"renameObject": ""}, headers={"x-amz-rename-source": "bucket/k"}
    )
    other = await s3.ask(
        "PUT", "/bucket/other", headers=under(key) | {"x-amz-copy-source": "/bucket/same"}
    )

    tags = [answer.document["ETag"] for answer in (same, other)]
    assert put.headers["etag"] == tags[0] != tags[1], "the other one is sealed anew"
    for name in ("same", "renamed", "other"):
        assert data == (await s3.get(name)).body


async def test_what_begins_a_version_tells_its_context(s3: InProcess, key: KmsKey) -> None:
    headers = under(key) | context(b="2", a="1")
    put = await s3.put("k", headers=headers)
    copied = {"x-amz-copy-source": "/bucket/k"}
    others = [
        await s3.ask("PUT", "/bucket/l", headers=headers | copied),
        await s3.ask("POST", "/bucket/m", {"uploads": ""}, headers=headers),
    ]
    got = await s3.get("k")

    for answer in (put, *others):
        told = json.loads(base64.b64decode(answer.headers[CONTEXT]))
        assert {"a": "1", "b": "2"} == told
    assert CONTEXT not in got.headers


async def test_a_bucket_policy_may_insist_on_a_key(
    s3: InProcess, keys: KmsKeys, key: KmsKey
) -> None:
    wanted = {f"s3:{KEY_ID}": keys.arn(key)}
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::bucket/*",
        "Condition": {"StringNotEquals": wanted},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": statement}).encode()
    await s3.ask("PUT", "/bucket", {"policy": ""}, body=document)

    answers = [
        await s3.ask("PUT", "/bucket/k", body=b"data", headers=headers)
        for headers in ({}, KMS, KMS | {KEY_ID: keys.arn(key)})
    ]

    assert [403, 403, 200] == [answer.status for answer in answers]


async def test_parts_come_under_the_key_of_their_upload(
    s3: InProcess, keys: KmsKeys, key: KmsKey
) -> None:
    begun = await s3.ask("POST", "/bucket/k", {"uploads": ""}, headers=under(key))
    query = {"uploadId": begun.document["UploadId"], "partNumber": "1"}
    part = await s3.ask("PUT", "/bucket/k", query, body=LARGE)
    whole = (
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>"
        f"<ETag>{part.headers['etag']}</ETag></Part></CompleteMultipartUpload>"
    )
    done = await s3.ask("POST", "/bucket/k", {"uploadId": query["uploadId"]}, body=whole.encode())

    assert LARGE == (await s3.get("k")).body
    assert {keys.arn(key)} == {answer.headers[KEY_ID] for answer in (begun, part, done)}


def default_document(key_id: str, algorithm: str = "aws:kms") -> bytes:
    return (
        "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>"
        f"<SSEAlgorithm>{algorithm}</SSEAlgorithm><KMSMasterKeyID>{key_id}</KMSMasterKeyID>"
        "</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled>"
        "</Rule></ServerSideEncryptionConfiguration>"
    ).encode()


async def test_a_bucket_says_under_which_key(s3: InProcess, keys: KmsKeys, key: KmsKey) -> None:
    document = default_document(keys.arn(key))
    set_ = await s3.ask("PUT", "/bucket", {"encryption": ""}, body=document)

    put = await s3.put("k")
    head = await s3.ask("HEAD", "/bucket/k")

    assert 200 == set_.status
    for answer in (put, head):
        assert ("aws:kms", keys.arn(key)) == (answer.headers[SSE], answer.headers[KEY_ID])
        assert "true" == answer.headers[BUCKET_KEY]
    assert b"data" == (await s3.get("k")).body


async def test_a_bucket_may_name_a_key_that_is_not_there_yet(s3: InProcess, key: KmsKey) -> None:
    set_ = await s3.ask("PUT", "/bucket", {"encryption": ""}, body=default_document("alias/later"))

    answer = await s3.ask("PUT", "/bucket/k", body=b"data")

    assert 200 == set_.status
    assert (400, "KMS.NotFoundException") == told(answer)


# Who may


@pytest.fixture
def ada(s3: InProcess) -> str:
    """A user who may do everything with S3."""
    add_account(s3, ROOT)
    return add_user(s3, "ada", policy("s3:*"))


@pytest.mark.parametrize(
    ("actions", "statuses"),
    [
        ([], [403, 403]),
        (["kms:GenerateDataKey"], [200, 403]),
        (["kms:Decrypt"], [403, 200]),
        (["kms:*"], [200, 200]),
    ],
)
async def test_a_user_needs_permission_to_the_key(
    s3: InProcess, key: KmsKey, actions: list[str], statuses: list[int]
) -> None:
    add_account(s3, ROOT)
    ada = add_user(s3, "ada", policy("s3:*", *actions))
    await s3.put("k", headers=under(key))

    put = await s3.ask("PUT", "/bucket/l", body=b"data", headers=under(key), access_key=ada)
    got = await s3.get("k", access_key=ada)

    assert statuses == [put.status, got.status]


async def test_a_refusal_names_the_key_and_the_action(
    s3: InProcess, keys: KmsKeys, key: KmsKey, ada: str
) -> None:
    await s3.put("k", headers=under(key))

    answer = await s3.get("k", access_key=ada)

    assert (
        f"User: arn:aws:iam::{ROOT.account_id}:user/ada is not authorized to perform: kms:Decrypt "
        f"on resource: {keys.arn(key)} because no identity-based policy allows the kms:Decrypt "
        "action"
    ) == answer.document["Message"]


async def test_everybody_of_the_account_may_use_its_own_key_through_s3(
    s3: InProcess, key: KmsKey, ada: str
) -> None:
    put = await s3.ask("PUT", "/bucket/k", body=b"data", headers=KMS, access_key=ada)
    got = await s3.get("k", access_key=ada)

    assert [200, 200] == [put.status, got.status]


async def test_a_condition_on_the_context_is_told_the_object(
    s3: InProcess, keys: KmsKeys, key: KmsKey, ada: str
) -> None:
    arn = f"arn:aws:iam::{ROOT.account_id}:user/ada"
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": arn},
        "Action": "kms:GenerateDataKey",
        "Resource": "*",
        "Condition": {
            "StringEquals": {
                "kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::bucket/mine",
                "kms:EncryptionContext:team": "red",
            }
        },
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": statement})
    await change(keys, key, policy=text)

    answers = [
        await s3.ask(
            "PUT", f"/bucket/{name}", body=b"data", headers=under(key) | extra, access_key=ada
        )
        for name, extra in (
            ("mine", context(team="red")),
            ("mine", context(team="blue")),
            ("other", context(team="red")),
        )
    ]

    assert [200, 403, 403] == [answer.status for answer in answers]


async def test_a_key_of_another_account_needs_both_sides(
    s3: InProcess, keys: KmsKeys, key: KmsKey
) -> None:
    theirs = await make_key(keys, OTHER.account_id)
    named = KMS | {KEY_ID: keys.arn(theirs)}

    refused = await s3.ask("PUT", "/bucket/k", body=b"data", headers=named)
    both = json.loads(key_policies.default_policy(OTHER.account_id))
    both["Statement"][0]["Principal"]["AWS"] = [ROOT.arn, OTHER.arn]
    await change(keys, theirs, policy=json.dumps(both))
    let = await s3.ask("PUT", "/bucket/k", body=b"data", headers=named)

    assert (403, "AccessDenied") == told(refused)
    assert (200, keys.arn(theirs)) == (let.status, let.headers[KEY_ID])


async def test_who_does_not_sign_reads_nothing_under_a_key(s3: InProcess, key: KmsKey) -> None:
    await s3.put("k", headers=under(key))
    rule = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::bucket/*",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": rule}).encode()
    await s3.ask("DELETE", "/bucket", {"publicAccessBlock": ""})
    await s3.ask("PUT", "/bucket", {"policy": ""}, body=document)

    answer = await s3.get("k", is_signed=False)
    other = await s3.get("k", access_key=OTHER_ACCESS_KEY)

    assert (400, "InvalidArgument") == told(answer)
    assert "require AWS Signature Version 4" in answer.document["Message"]
    assert (403, "AccessDenied") == told(other)


async def test_a_form_for_what_is_to_be_under_a_key_is_signed_in_version_4(
    s3: InProcess, keys: KmsKeys, key: KmsKey
) -> None:
    fields = {"key": "k"} | under(key)

    of_2, of_4 = [
        await s3.ask(
            "POST",
            "/bucket",
            headers={"content-type": forms.CONTENT_TYPE},
            body=forms.form(sign(fields, s3.clock.now_ms())),
            is_signed=False,
        )
        for sign in (forms.version_2, forms.version_4)
    ]

    assert (400, "InvalidArgument") == told(of_2)
    assert "require AWS Signature Version 4" in of_2.document["Message"]
    assert (204, keys.arn(key)) == (of_4.status, of_4.headers[KEY_ID])


async def test_what_policies_know_of_a_key_they_do_not_take_for_the_objects(
    s3: InProcess, keys: KmsKeys, key: KmsKey
) -> None:
    add_account(s3, ROOT)
    await keys.change(lambda tx: keys.put(tx, key._replace(tags={"team": "red"})))
    red = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    ada = add_user(
        s3, "ada",
        policy("kms:*", Condition=red),
        policy("s3:PutObject", "s3:GetObject"),
        policy("s3:ListBucket", Condition=red),
    )  # fmt: skip

    put = await s3.ask("PUT", "/bucket/k", headers=under(key), access_key=ada)
    source = {"x-amz-copy-source": "/bucket/gone"}
    copied = await s3.ask("PUT", "/bucket/k", headers={**under(key), **source}, access_key=ada)

    assert 200 == put.status, put.body
    assert (403, "AccessDenied") == (copied.status, copied.code)
