"""The public access block of an account: who reaches it, and what each setting does to buckets.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

import hashlib
import json
from typing import Any

import pytest

from ferrox.operations.exposure import exposures
from ferrox.protocol.control import PATH
from tests import signing
from tests.in_process import OTHER, OTHER_ACCESS_KEY, ROOT, Answer, InProcess

FLAGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
EVERYBODY = {"x-amz-acl": "public-read"}
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::bucket/*",
        },
    }
).encode()


def block(*flags: str) -> bytes:
    said = "".join(f"<{flag}>{str(flag in flags).lower()}</{flag}>" for flag in FLAGS)
    namespace = 'xmlns="http://awss3control.amazonaws.com/doc/2018-08-20/"'
    root = "PublicAccessBlockConfiguration"
    return f"<{root} {namespace}>{said}</{root}>".encode()


async def account(
    s3: InProcess, method: str, body: bytes = b"", account_id: str = ROOT.account_id, **more: Any
) -> Answer:
    headers = {"x-amz-account-id": account_id, "host": f"{account_id}.127.0.0.1:9000"}
    return await s3.ask(method, PATH, headers=headers, body=body, **more)


async def switch_on(s3: InProcess, *flags: str) -> None:
    answer = await account(s3, "PUT", block(*flags))
    assert 200 == answer.status, answer.body


@pytest.fixture
async def open_bucket(s3: InProcess) -> InProcess:
    """The server, with a bucket that has lists and no public access block of its own."""
    await s3.ask("PUT", "/bucket", headers={"x-amz-object-ownership": "ObjectWriter"})
    await s3.ask("DELETE", "/bucket", {"publicAccessBlock": ""})
    await s3.put("key")
    return s3


# Who reaches it
async def test_an_account_sets_shows_and_removes_its_block(s3: InProcess) -> None:
    await switch_on(s3, "BlockPublicPolicy")
    shown = await account(s3, "GET")
    removed = await account(s3, "DELETE")
    again = await account(s3, "DELETE")
    gone = await account(s3, "GET")

    expected = {flag: str(flag == "BlockPublicPolicy").lower() for flag in FLAGS}
    assert expected.items() <= shown.document.items()
    assert b'xmlns="http://awss3control.amazonaws.com/doc/2018-08-20/"' in shown.body
    assert (204, 204, 404) == (removed.status, again.status, gone.status)
    error = gone.document["Error"]
    assert "NoSuchPublicAccessBlockConfiguration" == error["Code"]
    assert "The public access block configuration was not found" == error["Message"]
    assert ROOT.account_id == error["AccountId"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_nobody_reaches_the_block_of_another_account(s3: InProcess, method: str) -> None:
    """Not even the first account, whose root is the operator's."""
    await account(s3, "PUT", block(*FLAGS), OTHER.account_id, access_key=OTHER_ACCESS_KEY)
    body = block() if method == "PUT" else b""

    refused = await account(s3, method, body, OTHER.account_id)
    unsigned = await account(s3, method, body, is_signed=False)

    assert (403, "AccessDenied") == (refused.status, refused.document["Error"]["Code"])
    assert (403, "AccessDenied") == (unsigned.status, unsigned.document["Error"]["Code"])
    kept = await account(s3, "GET", b"", OTHER.account_id, access_key=OTHER_ACCESS_KEY)
    assert "true" == kept.document["BlockPublicAcls"]


@pytest.mark.parametrize(
    ("body", "code"), [(b"", "MissingRequestBodyError"), (b"<x/>", "MalformedXML")]
)
async def test_what_is_no_block_is_refused(s3: InProcess, body: bytes, code: str) -> None:
    refused = await account(s3, "PUT", body)

    assert (400, code) == (refused.status, refused.document["Error"]["Code"])


async def test_a_bucket_may_be_called_like_the_path(s3: InProcess) -> None:
    await s3.make_bucket("v20180820")
    await s3.put("configuration/publicAccessBlock", b"an object", "v20180820")
    await switch_on(s3, "BlockPublicAcls")

    found = await s3.get("configuration/publicAccessBlock", "v20180820")
    shown = await account(s3, "GET")

    assert b"an object" == found.body
    assert "true" == shown.document["BlockPublicAcls"]


async def test_a_signature_for_an_object_opens_no_account(s3: InProcess) -> None:
    """Whoever was given the signature may add the header by himself."""
    await s3.make_bucket("v20180820")
    await s3.put("configuration/publicAccessBlock", b"an object", "v20180820")
    await switch_on(s3, "BlockPublicAcls")
    headers = {"host": "127.0.0.1:9000"}
    sha256 = hashlib.sha256(b"").hexdigest()
    signed = signing.sign("GET", PATH, "", headers, sha256, s3.clock.now_ms())

    plain = await s3.send("GET", PATH, "", signed)
    changed = await s3.send("GET", PATH, "", signed | {"x-amz-account-id": ROOT.account_id})

    assert (200, b"an object") == (plain.status, plain.body)
    assert 403 == changed.status


async def test_a_target_that_is_none_is_refused(s3: InProcess) -> None:
    headers = {"host": "127.0.0.1:9000", "x-amz-account-id": ROOT.account_id}

    refused = await s3.send("GET", "nonsense", "", headers)

    assert (400, "InvalidURI") == (refused.status, refused.code)


# What each setting does
async def test_block_public_acls_refuses_lists(open_bucket: InProcess) -> None:
    await switch_on(open_bucket, "BlockPublicAcls")

    asked = [
        await open_bucket.ask("PUT", "/bucket", {"acl": ""}, headers=EVERYBODY),
        await open_bucket.ask("PUT", "/bucket/key", {"acl": ""}, headers=EVERYBODY),
        await open_bucket.ask("PUT", "/bucket/new", headers=EVERYBODY),
        await open_bucket.ask("POST", "/bucket/new", {"uploads": ""}, headers=EVERYBODY),
        await open_bucket.ask(
            "PUT", "/bucket/new",
            headers={**EVERYBODY, "x-amz-copy-source": "/bucket/key"},
        ),
    ]  # fmt: skip
    private = await open_bucket.ask("PUT", "/bucket", {"acl": ""}, headers={"x-amz-acl": "private"})

    assert [(403, "AccessDenied")] * 5 == [(one.status, one.code) for one in asked]
    assert b"BlockPublicAcls" in asked[0].body
    assert 200 == private.status


async def test_ignore_public_acls_closes_what_lists_opened(open_bucket: InProcess) -> None:
    await open_bucket.ask("PUT", "/bucket/key", {"acl": ""}, headers=EVERYBODY)
    before = await open_bucket.get("key", is_signed=False)
    await switch_on(open_bucket, "IgnorePublicAcls")
    closed = await open_bucket.get("key", is_signed=False)
    other = await open_bucket.get("key", access_key=OTHER_ACCESS_KEY)
    await account(open_bucket, "DELETE")
    after = await open_bucket.get("key", is_signed=False)

    assert [200, 403, 403, 200] == [one.status for one in (before, closed, other, after)]


async def test_block_public_policy_refuses_policies(open_bucket: InProcess) -> None:
    await switch_on(open_bucket, "BlockPublicPolicy")

    refused = await open_bucket.ask("PUT", "/bucket", {"policy": ""}, body=POLICY)
    certain = POLICY.replace(b'"*"', f'{{"AWS": "{OTHER.account_id}"}}'.encode(), 1)
    let_pass = await open_bucket.ask("PUT", "/bucket", {"policy": ""}, body=certain)

    assert (403, "AccessDenied") == (refused.status, refused.code)
    assert b"BlockPublicPolicy" in refused.body
    assert 204 == let_pass.status


async def test_restrict_public_buckets_closes_what_policies_opened(open_bucket: InProcess) -> None:
    await open_bucket.ask("PUT", "/bucket", {"policy": ""}, body=POLICY)
    before = await open_bucket.get("key", is_signed=False)
    await switch_on(open_bucket, "RestrictPublicBuckets")
    closed = await open_bucket.get("key", is_signed=False)
    other = await open_bucket.get("key", access_key=OTHER_ACCESS_KEY)
    await account(open_bucket, "DELETE")
    after = await open_bucket.get("key", is_signed=False)

    assert [200, 403, 403, 200] == [one.status for one in (before, closed, other, after)]


# Together with the bucket's own
@pytest.mark.parametrize(
    ("of_account", "of_bucket", "expected"),
    [([], [], 200), (["x"], [], 403), ([], ["x"], 403), (["x"], ["x"], 403)],
)
async def test_a_setting_of_either_is_in_force(
    open_bucket: InProcess, of_account: list[str], of_bucket: list[str], expected: int
) -> None:
    flag = "RestrictPublicBuckets"
    await open_bucket.ask("PUT", "/bucket", {"policy": ""}, body=POLICY)
    await switch_on(open_bucket, "BlockPublicAcls", *([flag] if of_account else []))
    own = block("IgnorePublicAcls", *([flag] if of_bucket else []))
    await open_bucket.ask("PUT", "/bucket", {"publicAccessBlock": ""}, body=own)

    assert expected == (await open_bucket.get("key", is_signed=False)).status
    shown = await open_bucket.ask("GET", "/bucket", {"publicAccessBlock": ""})
    assert "false" == shown.document["BlockPublicAcls"], "a bucket shows its own settings only"


async def test_the_block_of_one_account_means_no_other(open_bucket: InProcess) -> None:
    await open_bucket.ask("PUT", "/bucket", {"policy": ""}, body=POLICY)
    await account(open_bucket, "PUT", block(*FLAGS), OTHER.account_id, access_key=OTHER_ACCESS_KEY)

    assert 200 == (await open_bucket.get("key", is_signed=False)).status


async def test_what_is_blocked_is_not_reported_as_open(open_bucket: InProcess) -> None:
    await open_bucket.ask("PUT", "/bucket", {"policy": ""}, body=POLICY)
    await open_bucket.ask("PUT", "/bucket", {"acl": ""}, headers=EVERYBODY)
    bucket = open_bucket.store.bucket("bucket")
    assert bucket is not None

    before = await exposures(open_bucket.services, bucket)
    await switch_on(open_bucket, "IgnorePublicAcls")
    without_lists = await exposures(open_bucket.services, bucket)
    await switch_on(open_bucket, "IgnorePublicAcls", "RestrictPublicBuckets")

    assert (2, 1) == (len(before), len(without_lists))
    assert [] == await exposures(open_bucket.services, bucket)
