"""operations/policy.py: policies of buckets, through the whole pipeline."""

import base64
import hashlib
import json
from typing import Any

import pytest

from ferrox.operations.policy import MAX_BYTES
from tests import signing
from tests.in_process import OTHER, OTHER_ACCESS_KEY, Answer, InProcess
from tests.operations.configured import delete, get, put, refusal

OPEN = (
    "<PublicAccessBlockConfiguration><BlockPublicPolicy>false</BlockPublicPolicy>"
    "</PublicAccessBlockConfiguration>"
)
RESTRICTED = (
    "<PublicAccessBlockConfiguration><RestrictPublicBuckets>true</RestrictPublicBuckets>"
    "</PublicAccessBlockConfiguration>"
)


def policy(**changes: Any) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::bucket/*",
        **changes,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
async def opened(s3: InProcess) -> InProcess:
    """A server with a bucket that may have public policies, and an object in it."""
    await s3.make_bucket()
    assert (await put(s3, "publicAccessBlock", OPEN)).status == 200
    await s3.put("key", b"data")
    return s3


async def set_policy(s3: InProcess, text: str, **more: Any) -> Answer:
    return await put(s3, "policy", text, **more)


def md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()


async def get_anonymously(s3: InProcess, key: str = "key") -> Answer:
    return await s3.get(key, is_signed=False)


async def test_a_policy_is_shown_as_it_was_written_until_it_is_removed(opened: InProcess) -> None:
    text = policy() + "\n  "

    stored = await set_policy(opened, text)
    shown = await get(opened, "policy")
    removed = [await delete(opened, "policy") for _ in range(2)]

    assert (stored.status, stored.body) == (204, b"")
    assert (shown.status, shown.body.decode()) == (200, text)
    assert shown.headers["content-type"] == "application/json"
    assert [answer.status for answer in removed] == [204, 204]
    assert refusal(await get(opened, "policy")) == (404, "NoSuchBucketPolicy")


async def test_a_policy_opens_a_bucket_to_everybody_and_closes_it_again(opened: InProcess) -> None:
    before = await get_anonymously(opened)
    await set_policy(opened, policy())
    while_open = await get_anonymously(opened)
    await delete(opened, "policy")
    after = await get_anonymously(opened)

    assert [before.status, while_open.status, after.status] == [403, 200, 403]
    assert while_open.body == b"data"


async def test_a_key_that_is_not_there_is_a_secret_of_those_who_may_list(
    opened: InProcess,
) -> None:
    await set_policy(opened, policy())
    secret = await get_anonymously(opened, "nothing")
    both = ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"]
    await set_policy(opened, policy(Action=["s3:GetObject", "s3:ListBucket"], Resource=both))
    told = await get_anonymously(opened, "nothing")

    assert refusal(secret) == (403, "AccessDenied")
    assert refusal(told) == (404, "NoSuchKey")


async def test_a_policy_lets_another_account_write_and_not_read(opened: InProcess) -> None:
    await set_policy(opened, policy(Principal={"AWS": OTHER.account_id}, Action="s3:PutObject"))

    written = await opened.ask("PUT", "/bucket/new", body=b"x", access_key=OTHER_ACCESS_KEY)
    read = await opened.get("key", access_key=OTHER_ACCESS_KEY)

    assert written.status == 200
    assert refusal(read) == (403, "AccessDenied")


async def test_a_policy_can_deny_the_owner_everything_but_the_policy(opened: InProcess) -> None:
    both = ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"]
    await set_policy(opened, policy(Effect="Deny", Action="s3:*", Resource=both))

    refused = [
        await opened.get("key"),
        await get(opened, "acl"),
        await opened.ask("GET", "/bucket"),
    ]

    assert {refusal(answer) for answer in refused} == {(403, "AccessDenied")}
    assert (await get(opened, "policy")).status == 200
    assert (await delete(opened, "policy")).status == 204
    assert (await opened.get("key")).status == 200


@pytest.mark.parametrize(
    ("condition", "headers", "expected"),
    [
        ({"StringEquals": {"aws:UserAgent": "friend"}}, {"user-agent": "friend"}, 200),
        ({"StringEquals": {"aws:UserAgent": "friend"}}, {"user-agent": "foe"}, 403),
        ({"StringLike": {"aws:Referer": "https://a.example/*"}}, {}, 403),
        (
            {"StringLike": {"aws:Referer": "https://a.example/*"}},
            {"referer": "https://a.example/x"},
            200,
        ),
        ({"Bool": {"aws:SecureTransport": "true"}}, {}, 403),
        ({"DateGreaterThan": {"aws:CurrentTime": "2000-01-01T00:00:00Z"}}, {}, 200),
        ({"DateLessThan": {"aws:CurrentTime": "2000-01-01T00:00:00Z"}}, {}, 403),
        ({"StringEquals": {"s3:ExistingObjectTag/Color": "red"}}, {}, 200),
        ({"StringEquals": {"s3:ExistingObjectTag/Color": "blue"}}, {}, 403),
        ({"StringEquals": {"aws:PrincipalType": "Anonymous"}}, {}, 200),
        ({"Null": {"s3:signatureversion": "true"}}, {}, 200),
    ],
)
async def test_a_condition_is_held_against_the_request(
    opened: InProcess, condition: dict[str, Any], headers: dict[str, str], expected: int
) -> None:
    await opened.put("key", headers={"x-amz-tagging": "Color=red"})
    await set_policy(opened, policy(Condition=condition))

    answer = await opened.get("key", headers=headers, is_signed=False)

    assert answer.status == expected


async def test_an_upload_is_held_to_what_its_headers_say(opened: InProcess) -> None:
    condition = {"StringEquals": {"s3:x-amz-storage-class": "STANDARD_IA"}}
    tagged = {"StringEquals": {"s3:RequestObjectTag/team": "blue"}}
    writers = {"AWS": OTHER.account_id}

    async def write(headers: dict[str, str]) -> int:
        answer = await opened.ask(
            "PUT", "/bucket/new", body=b"x", headers=headers, access_key=OTHER_ACCESS_KEY
        )
        return answer.status

    await set_policy(opened, policy(Principal=writers, Action="s3:PutObject", Condition=condition))
    by_class = [await write({}), await write({"x-amz-storage-class": "STANDARD_IA"})]
    await set_policy(opened, policy(Principal=writers, Action="s3:PutObject*", Condition=tagged))
    by_tag = [await write({}), await write({"x-amz-tagging": "team=blue"})]

    assert by_class == [403, 200]
    assert by_tag == [403, 200]


async def test_a_listing_is_held_to_its_prefix(opened: InProcess) -> None:
    condition = {"StringEquals": {"s3:prefix": "home/"}}
    listing = policy(Action="s3:ListBucket", Resource="arn:aws:s3:::bucket", Condition=condition)
    await set_policy(opened, listing)

    home = await opened.ask("GET", "/bucket", {"prefix": "home/"}, is_signed=False)
    everything = await opened.ask("GET", "/bucket", is_signed=False)

    assert [home.status, everything.status] == [200, 403]


async def test_keys_of_one_deletion_are_allowed_one_by_one(opened: InProcess) -> None:
    await opened.put("own/a")
    await set_policy(
        opened,
        policy(
            Principal={"AWS": OTHER.account_id},
            Action="s3:DeleteObject",
            Resource="arn:aws:s3:::bucket/own/*",
        ),
    )
    wanted = b"<Delete><Object><Key>own/a</Key></Object><Object><Key>key</Key></Object></Delete>"

    answer = await opened.ask(
        "POST",
        "/bucket",
        {"delete": ""},
        headers={"content-md5": md5(wanted)},
        body=wanted,
        access_key=OTHER_ACCESS_KEY,
    )

    assert answer.document["Deleted"]["Key"] == "own/a"
    assert answer.document["Error"]["Code"] == "AccessDenied"


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("", "MissingRequestBodyError", ""),
        ("no json", "MalformedPolicy", "Policies must be valid JSON"),
        (policy(Effect="Maybe"), "MalformedPolicy", "Invalid effect: Maybe"),
        (policy(Resource="arn:aws:s3:::other/*"), "MalformedPolicy", "Policy has invalid resource"),
        (policy(Action="s3:ListBucket"), "MalformedPolicy", "Action does not apply to any"),
        (policy(Principal="ada"), "MalformedPolicy", "Invalid principal in policy"),
        ('{"Version"', "MalformedPolicy", "This policy contains invalid Json"),
        (
            policy(Condition={"StringEquals": {"s3:VersionStatus": "x"}}),
            "MalformedPolicy",
            "Policy has an invalid condition key",
        ),
        (
            policy(Condition={"StringLike": {"s3:prefix": "home/*"}}),
            "MalformedPolicy",
            "Conditions do not apply to combination of actions and resources in statement",
        ),
        (
            policy(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/255.0.0.0"}}),
            "MalformedPolicy",
            "Invalid IP address in Conditions",
        ),
        (
            policy(Condition={"BinaryEquals": {"aws:x": "é"}}),
            "MalformedPolicy",
            "Invalid Base64 value for binary condition",
        ),
        (policy(Sid="x" * MAX_BYTES), "PolicyTooLarge", "Policy exceeds the maximum"),
    ],
)
async def test_what_is_no_policy_is_refused(
    opened: InProcess, text: str, code: str, message: str
) -> None:
    answer = await set_policy(opened, text)

    assert refusal(answer) == (400, code)
    assert message in answer.document["Message"]
    assert refusal(await get(opened, "policy")) == (404, "NoSuchBucketPolicy")


async def test_a_public_policy_is_refused_where_that_is_blocked(s3: InProcess) -> None:
    await s3.make_bucket()

    refused = await set_policy(s3, policy())
    narrow = await set_policy(s3, policy(Principal={"AWS": OTHER.account_id}))

    assert refusal(refused) == (403, "AccessDenied")
    assert "BlockPublicPolicy" in refused.document["Message"]
    assert narrow.status == 204


async def test_a_public_policy_can_be_held_to_the_buckets_own_account(opened: InProcess) -> None:
    await set_policy(opened, policy())
    await put(opened, "publicAccessBlock", RESTRICTED)

    assert (await get_anonymously(opened)).status == 403
    assert (await opened.get("key", access_key=OTHER_ACCESS_KEY)).status == 403
    assert (await opened.get("key")).status == 200


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, "true"),
        ({"Principal": {"AWS": "*"}}, "true"),
        ({"Principal": {"AWS": OTHER.account_id}}, "false"),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/32"}}}, "false"),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}}, "true"),
    ],
)
async def test_the_status_tells_whether_the_public_is_let_in(
    opened: InProcess, changes: dict[str, Any], shown: str
) -> None:
    await set_policy(opened, policy(**changes))

    assert (await get(opened, "policyStatus")).document["IsPublic"] == shown


async def test_the_status_is_of_the_policy_whatever_lists_say(s3: InProcess) -> None:
    await s3.ask("PUT", "/bucket", headers={"x-amz-object-ownership": "ObjectWriter"})
    await delete(s3, "publicAccessBlock")
    listed = await s3.ask("PUT", "/bucket", {"acl": ""}, headers={"x-amz-acl": "public-read"})

    status = await get(s3, "policyStatus")

    assert listed.status == 200
    assert refusal(status) == (404, "NoSuchBucketPolicy")


async def test_only_who_may_sets_a_policy(opened: InProcess) -> None:
    refused = await set_policy(opened, policy(), access_key=OTHER_ACCESS_KEY)

    assert refusal(refused) == (403, "AccessDenied")


async def test_nobody_deletes_many_keys_without_a_permission(opened: InProcess) -> None:
    wanted = b"<Delete><Object><Key>key</Key></Object></Delete>"

    answer = await opened.ask(
        "POST",
        "/bucket",
        {"delete": ""},
        headers={"content-md5": md5(wanted)},
        body=wanted,
        is_signed=False,
    )

    assert answer.document["Error"]["Code"] == "AccessDenied"
    assert (await opened.get("key")).status == 200


BOTH = ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("caller", [{"access_key": OTHER_ACCESS_KEY}, {"is_signed": False}])
async def test_a_policy_lets_no_other_account_touch_itself(
    opened: InProcess, method: str, caller: dict[str, Any]
) -> None:
    text = policy(Action="s3:*", Resource=BOTH)
    await set_policy(opened, text)

    body = policy().encode() if method == "PUT" else b""
    answer = await opened.ask(method, "/bucket", {"policy": ""}, body=body, **caller)

    assert refusal(answer) == (405, "MethodNotAllowed")
    assert (await get(opened, "policy")).body.decode() == text


async def put_versions(s3: InProcess, *tags: str) -> list[str]:
    """Put versions of one key with these tags; return their ids."""
    await put(s3, "versioning", "<VersioningConfiguration><Status>Enabled</Status>"
        "</VersioningConfiguration>")  # fmt: skip
    put_all = [await s3.put("key", headers={"x-amz-tagging": tag}) for tag in tags]
    return [answer.headers["x-amz-version-id"] for answer in put_all]


async def test_a_version_that_must_not_be_removed_is_not_in_a_list_either(
    opened: InProcess,
) -> None:
    (version_id,) = await put_versions(opened, "")
    condition = {"StringEquals": {"s3:VersionId": version_id}}
    await set_policy(
        opened, policy(Effect="Deny", Action="s3:DeleteObjectVersion", Condition=condition)
    )
    content = f"<Object><Key>key</Key><VersionId>{version_id}</VersionId></Object>"
    wanted = f"<Delete>{content}</Delete>".encode()

    answer = await opened.ask(
        "POST", "/bucket", {"delete": ""}, headers={"content-md5": md5(wanted)}, body=wanted
    )

    assert answer.document["Error"]["Code"] == "AccessDenied"
    assert (await opened.get("key", query={"versionId": version_id})).status == 200


@pytest.mark.parametrize(
    ("action", "condition"),
    [
        ("s3:GetObjectVersion", "s3:VersionId"),
        ("s3:GetObjectVersionTagging", "s3:ExistingObjectTag/secret"),
    ],
)
async def test_a_version_that_must_not_be_read_is_not_copied_either(
    opened: InProcess, action: str, condition: str
) -> None:
    old, new = await put_versions(opened, "secret=yes", "secret=no")
    denied = old if condition == "s3:VersionId" else "yes"
    condition_element = {"StringEquals": {condition: denied}}
    await set_policy(opened, policy(Effect="Deny", Action=action, Condition=condition_element))

    copied = [
        await opened.ask(
            "PUT", "/bucket/copy", headers={"x-amz-copy-source": f"bucket/key?versionId={one}"}
        )
        for one in (old, new)
    ]

    assert [answer.status for answer in copied] == [403, 200]


async def test_an_empty_prefix_is_one_that_a_condition_may_want(opened: InProcess) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/walkthrough1.html."""
    condition = {"StringEquals": {"s3:prefix": ["", "home/"]}}
    await set_policy(opened, policy(Action="s3:ListBucket", Resource=BOTH[0], Condition=condition))

    statuses = [
        (await opened.ask("GET", "/bucket", query, is_signed=False)).status
        for query in ({"prefix": ""}, {"prefix": "home/"}, {"prefix": "else"}, {})
    ]

    assert statuses == [200, 200, 403, 403]


TAGS = "<Tagging><TagSet><Tag><Key>level</Key><Value>{}</Value></Tag></TagSet></Tagging>"
RETENTION = "<Retention><Mode>{}</Mode><RetainUntilDate>{}</RetainUntilDate></Retention>"
HOLD = "<LegalHold><Status>{}</Status></LegalHold>"


@pytest.mark.parametrize(
    ("selector", "action", "condition", "denied", "allowed"),
    [
        (
            "tagging", "s3:PutObjectTagging",
            {"StringEquals": {"s3:RequestObjectTag/level": "high"}},
            TAGS.format("high"), TAGS.format("low"),
        ),
        (
            "retention", "s3:PutObjectRetention",
            {"StringEquals": {"s3:object-lock-mode": "COMPLIANCE"}},
            RETENTION.format("COMPLIANCE", "2090-01-01T00:00:00Z"),
            RETENTION.format("GOVERNANCE", "2090-01-01T00:00:00Z"),
        ),
        (
            "retention", "s3:PutObjectRetention",
            {"NumericGreaterThan": {"s3:object-lock-remaining-retention-days": "100000"}},
            RETENTION.format("GOVERNANCE", "2990-01-01T00:00:00Z"),
            RETENTION.format("GOVERNANCE", "2090-01-01T00:00:00Z"),
        ),
        (
            "legal-hold", "s3:PutObjectLegalHold",
            {"StringEquals": {"s3:object-lock-legal-hold": "OFF"}},
            HOLD.format("OFF"), HOLD.format("ON"),
        ),
    ],
)  # fmt: skip
async def test_a_condition_is_held_against_what_a_document_says(
    s3: InProcess, selector: str, action: str, condition: Any, denied: str, allowed: str
) -> None:
    await s3.ask("PUT", "/bucket", headers={"x-amz-bucket-object-lock-enabled": "true"})
    await s3.put("key", headers={"content-md5": md5(b"data")})
    await set_policy(s3, policy(Effect="Deny", Action=action, Condition=condition))
    # What is no part of such a request must not stand in for what is.
    misleading = {"x-amz-tagging": "level=low", "x-amz-object-lock-mode": "GOVERNANCE"}

    answers = [
        await put(s3, selector, content, path="/bucket/key", headers=misleading)
        for content in (denied, allowed)
    ]

    assert [answer.status for answer in answers] == [403, 200], answers


@pytest.mark.parametrize(("method", "query"), [("PUT", {}), ("POST", {"uploads": ""})])
@pytest.mark.parametrize("access_key", [signing.ACCESS_KEY, OTHER_ACCESS_KEY])
async def test_a_list_that_must_not_be_set_does_not_come_with_an_object(
    s3: InProcess, method: str, query: dict[str, str], access_key: str
) -> None:
    await s3.ask("PUT", "/bucket", headers={"x-amz-object-ownership": "ObjectWriter"})
    other = {"AWS": OTHER.account_id}
    granted, denied = (
        json.loads(text)["Statement"][0]
        for text in (
            policy(Principal=other, Action="s3:PutObject"),
            policy(Effect="Deny", Action="s3:PutObjectAcl"),
        )
    )
    await set_policy(s3, json.dumps({"Version": "2012-10-17", "Statement": [granted, denied]}))

    with_list, without = [
        await s3.ask(method, "/bucket/key", query, headers=headers, access_key=access_key)
        for headers in ({"x-amz-acl": "bucket-owner-read"}, {})
    ]

    assert refusal(with_list) == (403, "AccessDenied")
    assert without.status == 200


async def test_how_many_tags_there_are_is_told_to_who_may_read_them(opened: InProcess) -> None:
    await opened.put("key", headers={"x-amz-tagging": "secret=yes"})
    await set_policy(opened, policy())
    hidden = await get_anonymously(opened)
    await set_policy(opened, policy(Action=["s3:GetObject", "s3:GetObjectTagging"]))
    told = await get_anonymously(opened)

    assert (hidden.status, hidden.headers.get("x-amz-tagging-count")) == (200, None)
    assert (told.status, told.headers.get("x-amz-tagging-count")) == (200, "1")


async def test_a_policy_that_names_all_buckets_is_good_for_each_that_has_it(
    opened: InProcess,
) -> None:
    await opened.make_bucket("second")
    resources = ["arn:aws:s3:::*", "arn:aws:s3:::*/*"]
    text = policy(Sid="All may list", Action="s3:ListBucket", Resource=resources)
    stored = await set_policy(opened, text)

    listed, of_second = [
        await opened.ask("GET", f"/{bucket}", access_key=OTHER_ACCESS_KEY)
        for bucket in ("bucket", "second")
    ]

    assert (stored.status, listed.status, of_second.status) == (204, 200, 403)
