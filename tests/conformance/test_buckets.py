"""What the operations on buckets answer on AWS, case by case.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
"""

import pytest

from tests.in_process import OTHER_ACCESS_KEY, InProcess

XMLNS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


@pytest.mark.parametrize(
    "name",
    [
        "_alice", "-alice", "alice-", "alice_bob", "Alice", "aa", "a" * 64, "alice..bob",
        "alice.-bob", "alice-.bob", ".alice", "alice.", "192.168.5.123", "xn--alice",
        "sthree-alice", "alice-s3alias", "alice--ol-s3", "alice.mrap", "alice--x-s3", "al!ce",
        "alice bob", "ألف",
    ],
)  # fmt: skip
async def test_a_name_that_is_no_dns_name_is_refused(s3: InProcess, name: str) -> None:
    answer = await s3.ask("PUT", f"/{name}")

    assert (400, "InvalidBucketName") == (answer.status, answer.code)
    assert name == answer.document["BucketName"]


async def test_names_that_the_rules_allow_are_taken(s3: InProcess) -> None:
    for name in ("aaa", "a" * 63, "alice-bob", "alice.bob", "0alice", "1.2.3", "amzn-s3-demo-x"):
        assert 200 == (await s3.ask("PUT", f"/{name}")).status, name
        assert 204 == (await s3.ask("DELETE", f"/{name}")).status, name


async def test_everything_in_a_bucket_that_is_not_there_is_no_such_bucket(s3: InProcess) -> None:
    for method, path, query in (
        ("GET", "/nowhere", {}),
        ("GET", "/nowhere", {"location": ""}),
        ("GET", "/nowhere", {"uploads": ""}),
        ("DELETE", "/nowhere", {}),
        ("GET", "/nowhere/k", {}),
        ("PUT", "/nowhere/k", {}),
        ("DELETE", "/nowhere/k", {}),
        ("POST", "/nowhere/k", {"uploads": ""}),
    ):
        answer = await s3.ask(method, path, query)

        assert (404, "NoSuchBucket") == (answer.status, answer.code), (method, path, query)
        assert "nowhere" == answer.document["BucketName"]


async def test_head_has_the_status_of_the_refusal_and_no_body(bucket: InProcess) -> None:
    absent = await bucket.ask("HEAD", "/nowhere")
    foreign = await bucket.ask("HEAD", "/bucket", access_key=OTHER_ACCESS_KEY)
    anonymous = await bucket.ask("HEAD", "/bucket", is_signed=False)
    key = await bucket.ask("HEAD", "/bucket/none")

    assert [404, 403, 403, 404] == [a.status for a in (absent, foreign, anonymous, key)]
    assert [b""] * 4 == [a.body for a in (absent, foreign, anonymous, key)]


async def test_head_tells_the_region(bucket: InProcess) -> None:
    answer = await bucket.ask("HEAD", "/bucket")

    assert (200, b"", "arn:aws:s3:::bucket", "us-east-1", "false") == (
        answer.status,
        answer.body,
        answer.headers["x-amz-bucket-arn"],
        answer.headers["x-amz-bucket-region"],
        answer.headers["x-amz-access-point-alias"],
    )


async def test_a_bucket_is_deleted_once(bucket: InProcess) -> None:
    first = await bucket.ask("DELETE", "/bucket")
    second = await bucket.ask("DELETE", "/bucket")

    assert (204, b"") == (first.status, first.body)
    assert (404, "NoSuchBucket") == (second.status, second.code)


async def test_open_uploads_do_not_keep_a_bucket_from_being_deleted(bucket: InProcess) -> None:
    await bucket.ask("POST", "/bucket/k", {"uploads": ""})

    assert 204 == (await bucket.ask("DELETE", "/bucket")).status


async def test_objects_keep_a_bucket_from_being_deleted(bucket: InProcess) -> None:
    await bucket.put("k")

    refused = await bucket.ask("DELETE", "/bucket")
    await bucket.ask("DELETE", "/bucket/k")
    done = await bucket.ask("DELETE", "/bucket")

    assert (409, "BucketNotEmpty", "bucket") == (
        refused.status,
        refused.code,
        refused.document["BucketName"],
    )
    assert "The bucket you tried to delete is not empty" == refused.document["Message"]
    assert 204 == done.status


async def test_only_ones_own_bucket_can_be_deleted(bucket: InProcess) -> None:
    foreign = await bucket.ask("DELETE", "/bucket", access_key=OTHER_ACCESS_KEY)
    anonymous = await bucket.ask("DELETE", "/bucket", is_signed=False)

    assert ("AccessDenied", "AccessDenied") == (foreign.code, anonymous.code)
    assert 200 == (await bucket.ask("HEAD", "/bucket")).status


async def test_nobody_anonymous_does_anything(bucket: InProcess) -> None:
    await bucket.put("k")

    for method, path, query in (
        ("GET", "/", {}),
        ("PUT", "/other-bucket", {}),
        ("GET", "/bucket", {}),
        ("GET", "/bucket/k", {}),
        ("PUT", "/bucket/k", {}),
        ("DELETE", "/bucket/k", {}),
        ("POST", "/bucket/k", {"uploads": ""}),
        ("GET", "/bucket", {"policy": ""}),
    ):
        answer = await bucket.ask(method, path, query, is_signed=False)

        assert (403, "AccessDenied") == (answer.status, answer.code), (method, path, query)


async def test_creating_again_keeps_what_is_in_the_bucket(bucket: InProcess) -> None:
    await bucket.put("k", b"precious")

    again = await bucket.ask("PUT", "/bucket")

    assert 200 == again.status
    assert b"precious" == (await bucket.get("k")).body


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("<CreateBucketConfiguration>", 400, "MalformedXML"),
        ("not xml", 400, "MalformedXML"),
        ("<Other/>", 400, "MalformedXML"),
        (f"<CreateBucketConfiguration {XMLNS}/>", 200, ""),
        (
            "<CreateBucketConfiguration><LocationConstraint>mars</LocationConstraint>"
            "</CreateBucketConfiguration>",
            400,
            "IllegalLocationConstraintException",
        ),
    ],
)
async def test_the_configuration_of_a_new_bucket_is_read(
    s3: InProcess, body: str, status: int, code: str
) -> None:
    answer = await s3.ask("PUT", "/photos", body=body.encode())

    assert status == answer.status
    assert not code or code == answer.code


async def test_a_listing_of_buckets_is_by_name_and_prefix(s3: InProcess) -> None:
    for name in ("beta-1", "alpha", "beta-0"):
        await s3.make_bucket(name)

    everything = (await s3.ask("GET", "/")).document
    some = (await s3.ask("GET", "/", {"prefix": "beta-", "continuation-token": ""})).document
    none = (await s3.ask("GET", "/", {"prefix": "Beta"})).document

    names = ["alpha", "beta-0", "beta-1"]
    assert names == [bucket["Name"] for bucket in everything["Buckets"]["Bucket"]]
    assert "2026-09-21T14:13:20.000Z" == everything["Buckets"]["Bucket"][0]["CreationDate"]
    assert "arn:aws:s3:::alpha" == everything["Buckets"]["Bucket"][0]["BucketArn"]
    assert "Prefix" not in everything
    assert "BucketRegion" not in everything["Buckets"]["Bucket"][0]
    assert "us-east-1" == some["Buckets"]["Bucket"][0]["BucketRegion"]
    assert names[1:] == [bucket["Name"] for bucket in some["Buckets"]["Bucket"]]
    assert "beta-" == some["Prefix"]
    assert (None, "Beta") == (none["Buckets"], none["Prefix"])


@pytest.mark.parametrize("value", ["0", "10001", "-1", "many"])
async def test_a_page_of_buckets_has_1_to_10000(s3: InProcess, value: str) -> None:
    answer = await s3.ask("GET", "/", {"max-buckets": value})

    assert (400, "InvalidArgument") == (answer.status, answer.code)


@pytest.mark.parametrize(
    ("owner", "status", "code"),
    [
        ("123456789012", 200, ""),
        ("111122223333", 403, "AccessDenied"),
        ("", 400, "InvalidBucketOwnerAWSAccountID"),
        ("abc", 400, "InvalidBucketOwnerAWSAccountID"),
        ("1234567890123", 400, "InvalidBucketOwnerAWSAccountID"),
    ],
)
async def test_the_expected_owner_is_an_account_and_the_right_one(
    bucket: InProcess, owner: str, status: int, code: str
) -> None:
    await bucket.put("k")
    expected = {"x-amz-expected-bucket-owner": owner}
    source = {"x-amz-copy-source": "/bucket/k", "x-amz-source-expected-bucket-owner": owner}

    read = await bucket.get("k", headers=expected)
    copied = await bucket.ask("PUT", "/bucket/copy", headers=source)

    assert (status, status) == (read.status, copied.status)
    assert not code or (code, code) == (read.code, copied.code)


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/"), ("PUT", "/"), ("DELETE", "/"), ("PATCH", "/bucket"), ("POST", "/bucket/k")],
)
async def test_a_method_that_a_resource_has_not_is_not_allowed(
    bucket: InProcess, method: str, path: str
) -> None:
    answer = await bucket.ask(method, path)

    assert (405, "MethodNotAllowed", method) == (
        answer.status,
        answer.code,
        answer.document["Method"],
    )


async def test_two_selectors_at_once_conflict(bucket: InProcess) -> None:
    for method, path in (("GET", "/bucket"), ("DELETE", "/bucket"), ("PUT", "/bucket/k")):
        answer = await bucket.ask(method, path, {"tagging": "", "acl": ""})

        assert (400, "InvalidArgument") == (answer.status, answer.code)
        assert "Conflicting query string parameters: acl, tagging" == answer.document["Message"]


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("GET", "/bucket", {"metadataTable": ""}),
        ("GET", "/bucket", {"abac": ""}),
        ("PUT", "/bucket", {"replication": ""}),
        ("GET", "/bucket/k", {"torrent": ""}),
        ("POST", "/bucket/k", {"select": "", "select-type": "2"}),
        ("POST", "/bucket/k", {"restore": ""}),
        ("GET", "/bucket/k", {"annotation": ""}),
    ],
)
async def test_what_s3_has_and_this_server_has_not_yet_says_so(
    bucket: InProcess, method: str, path: str, query: dict[str, str]
) -> None:
    await bucket.put("k", b"untouched")

    answer = await bucket.ask(method, path, query)

    assert (501, "NotImplemented") == (answer.status, answer.code)
    assert b"untouched" == (await bucket.get("k")).body
