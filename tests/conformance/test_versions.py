"""What versions and delete markers answer on AWS, and ListObjectVersions, case by case.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
"""

import pytest

from ferrox.records import Versioning
from tests.conformance.test_deletion import delete_many
from tests.in_process import OTHER_ACCESS_KEY, ROOT, InProcess

NEVER_GIVEN = "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD"


async def switch(s3: InProcess, versioning: Versioning, bucket: str = "bucket") -> None:
    found = s3.store.bucket(bucket)
    assert found is not None
    await s3.store.set_versioning(found, versioning)


@pytest.fixture
async def versioned(bucket: InProcess) -> InProcess:
    """The server, with an empty bucket that keeps versions."""
    await switch(bucket, Versioning.ENABLED)
    return bucket


async def put(s3: InProcess, key: str, body: bytes = b"data") -> str:
    return (await s3.put(key, body)).headers["x-amz-version-id"]


async def test_every_put_answers_an_id_of_its_own(versioned: InProcess) -> None:
    first, second = [await put(versioned, "k", body) for body in (b"1", b"2")]

    current = await versioned.get("k")
    former = await versioned.ask("GET", "/bucket/k", {"versionId": first})

    assert (200, b"2", second) == (
        current.status, current.body, current.headers["x-amz-version-id"],
    )  # fmt: skip
    assert (200, b"1", first) == (former.status, former.body, former.headers["x-amz-version-id"])


async def test_what_was_put_before_versioning_has_the_null_version(bucket: InProcess) -> None:
    before = await bucket.put("k", b"before")
    await switch(bucket, Versioning.ENABLED)
    await bucket.put("k", b"after")

    null = await bucket.ask("GET", "/bucket/k", {"versionId": "null"})

    assert "x-amz-version-id" not in before.headers
    assert (b"before", "null") == (null.body, null.headers["x-amz-version-id"])


async def test_suspended_versioning_replaces_the_null_version_only(versioned: InProcess) -> None:
    kept = await put(versioned, "k", b"kept")
    await switch(versioned, Versioning.SUSPENDED)

    for body in (b"1", b"2"):
        await versioned.put("k", body)
    listed = await versioned.ask("GET", "/bucket", {"versions": ""})
    current = await versioned.get("k")

    assert ["null", kept] == [row["VersionId"] for row in listed.document["Version"]]
    assert (b"2", "null") == (current.body, current.headers["x-amz-version-id"])


async def test_where_versioning_is_suspended_no_write_but_copies_names_its_version(
    versioned: InProcess,
) -> None:
    await switch(versioned, Versioning.SUSPENDED)

    plain = await versioned.put("k")
    copied = await versioned.ask("PUT", "/bucket/c", headers={"x-amz-copy-source": "bucket/k"})
    assert (200, "null") == (copied.status, copied.headers["x-amz-version-id"])
    assert "x-amz-copy-source-version-id" not in copied.headers  # nor of null versions
    begun = await versioned.ask("POST", "/bucket/m", {"uploads": ""})
    upload = {"uploadId": begun.document["UploadId"]}
    part = await versioned.ask("PUT", "/bucket/m", {"partNumber": "1", **upload}, body=b"data")
    parts = f"<Part><PartNumber>1</PartNumber><ETag>{part.headers['etag']}</ETag></Part>"
    body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
    assembled = await versioned.ask("POST", "/bucket/m", upload, body=body)

    for answer in (plain, assembled):
        assert 200 == answer.status
        assert "x-amz-version-id" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("PUT", "/bucket/k", {}),
        ("PUT", "/bucket/k", {"partNumber": "1", "uploadId": "x"}),
        ("POST", "/bucket/k", {"uploads": ""}),
        ("GET", "/bucket", {}),
        ("GET", "/bucket", {"versioning": ""}),
    ],
)
@pytest.mark.parametrize("version_id", ["", "null", NEVER_GIVEN])
async def test_what_is_not_about_one_version_takes_no_version_id(
    versioned: InProcess, method: str, path: str, query: dict[str, str], version_id: str
) -> None:
    answer = await versioned.ask(method, path, {**query, "versionId": version_id})

    assert (400, "InvalidArgument") == (answer.status, answer.code)
    assert "This operation does not accept a version-id." == answer.document["Message"]
    assert "versionId" == answer.document["ArgumentName"]
    assert (version_id or None) == answer.document["ArgumentValue"]


@pytest.mark.parametrize(
    ("method", "status", "code"), [("GET", 404, "NoSuchKey"), ("PUT", 405, "MethodNotAllowed")]
)
async def test_a_delete_marker_has_no_list(
    versioned: InProcess, method: str, status: int, code: str
) -> None:
    await put(versioned, "k")
    marker = (await versioned.ask("DELETE", "/bucket/k")).headers["x-amz-version-id"]
    headers = {"x-amz-acl": "private"} if method == "PUT" else {}

    by_key = await versioned.ask(method, "/bucket/k", {"acl": ""}, headers=headers)
    by_id = await versioned.ask(
        method, "/bucket/k", {"acl": "", "versionId": marker}, headers=headers
    )

    assert (status, code) == (by_key.status, by_key.code)
    assert (405, "MethodNotAllowed") == (by_id.status, by_id.code)
    assert ("DELETE", "true", marker) == (
        by_id.headers["allow"],
        by_id.headers["x-amz-delete-marker"],
        by_id.headers["x-amz-version-id"],
    )
    assert ("DELETE" if status == 405 else None) == by_key.headers.get("allow")


async def test_deleting_a_key_adds_a_marker(versioned: InProcess) -> None:
    version_id = await put(versioned, "k")

    deleted = await versioned.ask("DELETE", "/bucket/k")
    marker = deleted.headers["x-amz-version-id"]

    assert (204, "true") == (deleted.status, deleted.headers["x-amz-delete-marker"])
    for method in ("GET", "HEAD"):
        gone = await versioned.ask(method, "/bucket/k")
        assert (404, "true", marker) == (
            gone.status,
            gone.headers["x-amz-delete-marker"],
            gone.headers["x-amz-version-id"],
        )
        named = await versioned.ask(method, "/bucket/k", {"versionId": marker})
        assert (405, "true", "DELETE") == (
            named.status, named.headers["x-amz-delete-marker"], named.headers["allow"],
        )  # fmt: skip
        assert "last-modified" in named.headers
        kept = await versioned.ask(method, "/bucket/k", {"versionId": version_id})
        assert 200 == kept.status


async def test_if_match_is_about_the_current_version_whichever_is_to_go(
    versioned: InProcess,
) -> None:
    former = await versioned.put("k", b"former")
    current = await versioned.put("k", b"current")
    query = {"versionId": former.headers["x-amz-version-id"]}

    kept, gone = [
        await versioned.ask("DELETE", "/bucket/k", query, headers={"if-match": tag})
        for tag in (former.headers["etag"], current.headers["etag"])
    ]

    assert (412, "PreconditionFailed", 204) == (kept.status, kept.code, gone.status)


async def test_removing_the_marker_brings_the_object_back(versioned: InProcess) -> None:
    version_id = await put(versioned, "k", b"back")
    marker = (await versioned.ask("DELETE", "/bucket/k")).headers["x-amz-version-id"]

    removed = await versioned.ask("DELETE", "/bucket/k", {"versionId": marker})
    back = await versioned.get("k")

    assert ("true", marker) == (
        removed.headers["x-amz-delete-marker"], removed.headers["x-amz-version-id"],
    )  # fmt: skip
    assert (b"back", version_id) == (back.body, back.headers["x-amz-version-id"])


async def test_suspended_versioning_deletes_with_a_null_marker(versioned: InProcess) -> None:
    kept = await put(versioned, "k")
    await switch(versioned, Versioning.SUSPENDED)

    deleted = await versioned.ask("DELETE", "/bucket/k")
    listed = await versioned.ask("GET", "/bucket", {"versions": ""})

    assert ("true", "null") == (
        deleted.headers["x-amz-delete-marker"], deleted.headers["x-amz-version-id"],
    )  # fmt: skip
    assert ("null", kept) == (
        listed.document["DeleteMarker"]["VersionId"], listed.document["Version"]["VersionId"],
    )  # fmt: skip


async def test_removing_one_version_names_it(versioned: InProcess) -> None:
    first, second = await put(versioned, "k", b"1"), await put(versioned, "k", b"2")

    removed = await versioned.ask("DELETE", "/bucket/k", {"versionId": second})
    again = await versioned.ask("DELETE", "/bucket/k", {"versionId": second})

    assert [(204, second)] * 2 == [
        (answer.status, answer.headers["x-amz-version-id"]) for answer in (removed, again)
    ]
    assert "x-amz-delete-marker" not in removed.headers
    assert (b"1", first) == (
        (await versioned.get("k")).body, (await versioned.get("k")).headers["x-amz-version-id"],
    )  # fmt: skip


async def test_a_version_that_does_not_exist(versioned: InProcess) -> None:
    await put(versioned, "k")

    got = await versioned.ask("GET", "/bucket/k", {"versionId": NEVER_GIVEN})

    assert (404, "NoSuchVersion", "k", NEVER_GIVEN) == (
        got.status,
        got.code,
        got.document["Key"],
        got.document["VersionId"],
    )


async def test_many_versions_are_deleted_at_once(versioned: InProcess) -> None:
    first = await put(versioned, "k", b"1")
    await put(versioned, "k", b"2")
    marker = (await versioned.ask("DELETE", "/bucket/k")).headers["x-amz-version-id"]
    rows = "".join(
        f"<Object><Key>k</Key><VersionId>{version_id}</VersionId></Object>"
        for version_id in (first, marker)
    )

    answer = await delete_many(versioned, f"{rows}<Object><Key>new</Key></Object>")
    removed, unmarked, hidden = answer.document["Deleted"]

    assert {"Key": "k", "VersionId": first} == removed
    assert {
        "Key": "k", "VersionId": marker, "DeleteMarker": "true", "DeleteMarkerVersionId": marker,
    } == unmarked  # fmt: skip
    assert ("new", "true") == (hidden["Key"], hidden["DeleteMarker"])
    assert "VersionId" not in hidden
    assert b"2" == (await versioned.get("k")).body


async def test_a_former_version_can_be_copied_over_the_current_one(versioned: InProcess) -> None:
    first = await put(versioned, "k", b"first")
    await put(versioned, "k", b"second")

    copied = await versioned.ask(
        "PUT", "/bucket/k", headers={"x-amz-copy-source": f"bucket/k?versionId={first}"}
    )

    assert (200, first) == (copied.status, copied.headers["x-amz-copy-source-version-id"])
    assert copied.headers["x-amz-version-id"] != first
    assert b"first" == (await versioned.get("k")).body


async def test_a_delete_marker_cannot_be_copied(versioned: InProcess) -> None:
    await put(versioned, "k")
    marker = (await versioned.ask("DELETE", "/bucket/k")).headers["x-amz-version-id"]

    by_key = await versioned.ask("PUT", "/bucket/c", headers={"x-amz-copy-source": "bucket/k"})
    by_id = await versioned.ask(
        "PUT", "/bucket/c", headers={"x-amz-copy-source": f"bucket/k?versionId={marker}"}
    )

    assert (404, "NoSuchKey") == (by_key.status, by_key.code)
    assert ("true", marker) == (
        by_key.headers["x-amz-delete-marker"],
        by_key.headers["x-amz-version-id"],
    )
    assert (400, "InvalidRequest") == (by_id.status, by_id.code)


@pytest.mark.parametrize(
    ("version_id", "message"),
    [("", "Version id cannot be the empty string"), ("abc", "Invalid version id specified")],
)
async def test_the_version_of_a_source_is_part_of_the_header(
    versioned: InProcess, version_id: str, message: str
) -> None:
    source = f"/bucket/k?versionId={version_id}"

    answer = await versioned.ask("PUT", "/bucket/c", headers={"x-amz-copy-source": source})

    assert (400, "InvalidArgument", message) == (
        answer.status,
        answer.code,
        answer.document["Message"],
    )
    assert ("x-amz-copy-source", version_id or None) == (
        answer.document["ArgumentName"],
        answer.document["ArgumentValue"],
    )


async def test_a_bucket_with_versions_is_not_empty(versioned: InProcess) -> None:
    await put(versioned, "k")
    await versioned.ask("DELETE", "/bucket/k")

    answer = await versioned.ask("DELETE", "/bucket")

    assert (409, "BucketNotEmpty") == (answer.status, answer.code)
    assert "all versions" in answer.document["Message"]


async def test_multi_factor_authentication_is_refused_not_ignored(versioned: InProcess) -> None:
    version_id = await put(versioned, "k")
    headers = {"x-amz-mfa": "arn:aws:iam::123456789012:mfa/user 123456"}

    answer = await versioned.ask("DELETE", "/bucket/k", {"versionId": version_id}, headers=headers)

    assert (501, "NotImplemented", "x-amz-mfa") == (
        answer.status, answer.code, answer.document["Header"],
    )  # fmt: skip
    assert 200 == (await versioned.get("k")).status


async def test_a_listing_of_versions_says_what_it_was_asked(versioned: InProcess) -> None:
    version_id = await put(versioned, "k", b"data")
    marker = (await versioned.ask("DELETE", "/bucket/k")).headers["x-amz-version-id"]

    answer = await versioned.ask("GET", "/bucket", {"versions": ""})

    document = answer.document
    owner = {"ID": ROOT.canonical_id, "DisplayName": ROOT.display_name}
    assert ("bucket", None, None, None, "1000", "false") == tuple(
        document[name]
        for name in ("Name", "Prefix", "KeyMarker", "VersionIdMarker", "MaxKeys", "IsTruncated")
    )
    assert {
        "Key": "k", "VersionId": version_id, "IsLatest": "false", "Size": "4",
        "ETag": '"8d777f385d3dfec8815d20f7496026dc"', "StorageClass": "STANDARD",
        "ChecksumAlgorithm": "CRC64NVME", "ChecksumType": "FULL_OBJECT", "Owner": owner,
        "LastModified": "2026-09-21T14:13:20.000Z",
    } == document["Version"]  # fmt: skip
    assert {
        "Key": "k", "VersionId": marker, "IsLatest": "true", "Owner": owner,
        "LastModified": "2026-09-21T14:13:20.000Z",
    } == document["DeleteMarker"]  # fmt: skip
    assert answer.body.index(b"<DeleteMarker>") < answer.body.index(b"<Version>")


async def test_a_bucket_without_versioning_lists_null_versions(bucket: InProcess) -> None:
    await bucket.put("k")

    row = (await bucket.ask("GET", "/bucket", {"versions": ""})).document["Version"]

    assert ("k", "null", "true") == (row["Key"], row["VersionId"], row["IsLatest"])


async def test_pages_of_versions_resume_at_their_markers(versioned: InProcess) -> None:
    ids = [await put(versioned, "a b", b"%d" % number) for number in range(3)]
    await put(versioned, "z/1")

    query = {"versions": "", "max-keys": "2", "encoding-type": "url", "delimiter": "/"}
    first = (await versioned.ask("GET", "/bucket", query)).document
    second = (
        await versioned.ask(
            "GET", "/bucket",
            query | {
                "key-marker": "a b", "version-id-marker": first["NextVersionIdMarker"],
            },
        )
    ).document  # fmt: skip

    assert ("true", "a+b", ids[1]) == (
        first["IsTruncated"], first["NextKeyMarker"], first["NextVersionIdMarker"],
    )  # fmt: skip
    assert [ids[2], ids[1]] == [row["VersionId"] for row in first["Version"]]
    assert ("false", "a+b", ids[1]) == (
        second["IsTruncated"], second["KeyMarker"], second["VersionIdMarker"],
    )  # fmt: skip
    assert ids[0] == second["Version"]["VersionId"]
    assert "z/" == second["CommonPrefixes"]["Prefix"]
    assert "NextKeyMarker" not in second


@pytest.mark.parametrize(
    ("query", "message", "value"),
    [
        (
            {"version-id-marker": "null"},
            "A version-id marker cannot be specified without a key marker.",
            "null",
        ),
        (
            {"version-id-marker": "", "key-marker": "k"},
            "A version-id marker cannot be empty.",
            None,
        ),
        ({"version-id-marker": "x", "key-marker": "k"}, "Invalid version id specified", "x"),
        (  # looked at before the encoding
            {"version-id-marker": "x", "key-marker": "k", "encoding-type": "x"},
            "Invalid version id specified",
            "x",
        ),
    ],
)
async def test_markers_of_versions_that_make_no_sense(
    versioned: InProcess, query: dict[str, str], message: str, value: str | None
) -> None:
    answer = await versioned.ask("GET", "/bucket", {"versions": "", **query})

    assert (400, "InvalidArgument", message, "version-id-marker", value) == (
        answer.status,
        answer.code,
        answer.document["Message"],
        answer.document["ArgumentName"],
        answer.document["ArgumentValue"],
    )


@pytest.mark.parametrize(
    ("query", "argument", "message"),
    [
        (
            {"max-keys": "x", "version-id-marker": ""},
            "max-keys",
            "Provided max-keys not an integer or within integer range",
        ),
        ({"max-keys": "-1"}, "max-keys", "max-keys cannot be negative"),
        ({"encoding-type": "x"}, "encoding-type", "Invalid Encoding Method specified in Request"),
        (
            {"key-marker": "a\0"},
            "key-marker",
            "Value must be a sequence of Unicode characters and cannot include Null.",
        ),
        (
            {"prefix": "\0"},
            "prefix",
            "Value must be a sequence of Unicode characters and cannot include Null.",
        ),
    ],
)
async def test_other_arguments_of_the_listing(
    versioned: InProcess, query: dict[str, str], argument: str, message: str
) -> None:
    answer = await versioned.ask("GET", "/bucket", {"versions": "", **query})

    assert 400 == answer.status
    for expected in ("InvalidArgument", argument, message):  # no reader takes the null of a value
        assert f">{expected}<".encode() in answer.body


async def test_an_empty_delimiter_is_told(versioned: InProcess) -> None:
    answer = await versioned.ask("GET", "/bucket", {"versions": "", "delimiter": ""})

    assert b"<Delimiter></Delimiter>" in answer.body


async def test_nobody_else_lists_versions(versioned: InProcess) -> None:
    answer = await versioned.ask("GET", "/bucket", {"versions": ""}, access_key=OTHER_ACCESS_KEY)

    assert (403, "AccessDenied") == (answer.status, answer.code)
    assert "s3:ListBucketVersions" == versioned.refused_action
