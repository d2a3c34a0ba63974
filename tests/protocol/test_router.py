from typing import Any
from urllib.parse import urlencode

import pytest

from ferrox.errors import InvalidArgument, MethodNotAllowed
from ferrox.protocol.message import Request
from ferrox.protocol.operation import ANY, Operation
from ferrox.protocol.operations import OPERATIONS
from ferrox.protocol.router import resolve

AnyOperation = Operation[Any, Any]

HARMLESS = {
    "x-id": "PutObject",
    "cachebuster": "1",
    "versionId": "v",
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Signature": "00",
    "AWSAccessKeyId": "k",
    "Signature": "s",
    "Expires": "1",
    "x-amz-checksum-crc32": "AAAAAA==",
}
ORDINARY = [operation for operation in OPERATIONS if operation.selector != ANY]
SELECTORS = sorted({tag for operation in ORDINARY for tag in operation.tags} | {"session"})


def own_query(operation: AnyOperation) -> dict[str, str]:
    tags = {} if operation.selector == ANY else operation.tags
    return {**tags, **dict.fromkeys(operation.query, "1")}


def ask(operation: AnyOperation, query: dict[str, str]) -> AnyOperation:
    headers = {operation.header: "x"} if operation.header else {}
    return resolve(Request(operation.method, "/", urlencode(query), headers), operation.level)


def name_of(method: str, level: str, query: str, **headers: str) -> str:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return resolve(Request(method, "/", query, names), level).name


@pytest.mark.parametrize("operation", OPERATIONS, ids=repr)
def test_every_row_resolves_to_itself(operation: AnyOperation) -> None:
    assert operation is ask(operation, own_query(operation))


@pytest.mark.parametrize("operation", OPERATIONS, ids=repr)
def test_every_row_resolves_to_itself_among_harmless_parameters(operation: AnyOperation) -> None:
    assert operation is ask(operation, own_query(operation) | HARMLESS)


@pytest.mark.parametrize("operation", OPERATIONS, ids=repr)
def test_every_row_resolves_to_itself_with_all_its_optional_parameters(
    operation: AnyOperation, s3_model: Any
) -> None:
    query = own_query(operation)
    if operation.name in s3_model.operation_names:
        shape = s3_model.operation_model(operation.name).input_shape
        for member in shape.members.values() if shape else ():
            if member.serialization.get("location") == "querystring":
                query.setdefault(member.serialization["name"], "1")

    assert operation is ask(operation, query)


@pytest.mark.parametrize("operation", ORDINARY, ids=repr)
def test_no_row_runs_with_the_selector_of_another(operation: AnyOperation) -> None:
    """The selector either picks the row that owns both, or the request is refused."""
    for stray in SELECTORS:
        if stray in operation.tags or (operation.name, stray) == ("ListObjects", "list-type"):
            continue
        query = own_query(operation) | {stray: ""}
        try:
            found = ask(operation, query)
        except (MethodNotAllowed, InvalidArgument):
            continue
        assert stray in found.tags
        assert operation.query <= found.query | found.optional_query


@pytest.mark.parametrize(
    ("method", "level", "query"),
    [
        ("PUT", "object", "uploadId=X"),
        ("PUT", "object", "acl&uploadId=X"),
        ("PUT", "object", "uploads"),
        ("PUT", "object", "versioning"),
        ("PUT", "object", "delete"),
        ("PUT", "bucket", "uploadId=X&partNumber=1"),
        ("PUT", "bucket", "session"),
        ("DELETE", "bucket", "versioning"),
        ("DELETE", "bucket", "acl"),
        ("DELETE", "bucket", "uploadId=X"),
        ("DELETE", "bucket", "id=X"),
        ("DELETE", "bucket", "location"),
        ("DELETE", "object", "acl"),
        ("DELETE", "object", "uploads"),
        ("DELETE", "object", "partNumber=1"),
        ("DELETE", "object", "uploadId=X&partNumber=1"),
        ("DELETE", "object", "lifecycle"),
        ("DELETE", "object", "delete"),
        ("POST", "object", "uploads&uploadId=X"),
        ("POST", "object", "select"),
        ("POST", "bucket", "uploads"),
        ("GET", "bucket", "session"),
        ("GET", "object", "uploads"),
        ("GET", "object", "policy"),
        ("HEAD", "object", "acl"),
        ("HEAD", "bucket", "acl"),
    ],
)
def test_a_known_selector_is_never_ignored(method: str, level: str, query: str) -> None:
    with pytest.raises(MethodNotAllowed) as refusal:
        name_of(method, level, query)

    assert {"Method": method, "ResourceType": level.upper()} == refusal.value.details


@pytest.mark.parametrize("query", ["partNumber=1", "partNumber=1&uploadId=", "acl&partNumber=1"])
@pytest.mark.parametrize("source", ["", "bucket/key"])
def test_a_part_is_one_of_an_upload(query: str, source: str) -> None:
    headers = {"x_amz_copy_source": source} if source else {}

    with pytest.raises(InvalidArgument) as refusal:
        name_of("PUT", "object", query, **headers)

    assert "This operation does not accept partNumber without uploadId" == refusal.value.message
    assert {
        "ArgumentName": "partNumber", "ArgumentValue": "partNumber",
    } == refusal.value.details  # fmt: skip


@pytest.mark.parametrize(
    ("method", "level", "query", "named"),
    [
        ("PUT", "object", "tagging&acl", "acl, tagging"),
        ("GET", "bucket", "versioning&acl&x-id=1", "acl, versioning"),
        ("DELETE", "bucket", "uploads&list-type=2&cors", "cors, uploads"),
    ],
)
def test_two_selectors_conflict(method: str, level: str, query: str, named: str) -> None:
    with pytest.raises(InvalidArgument, match=f"query string parameters: {named}$") as refusal:
        name_of(method, level, query)

    expected = {"ArgumentName": "ResourceType", "ArgumentValue": named.partition(",")[0]}
    assert expected == refusal.value.details


@pytest.mark.parametrize(
    ("method", "level"),
    [
        ("PATCH", "object"),
        ("TRACE", "bucket"),
        ("get", "object"),
        ("POST", "service"),
        ("HEAD", "service"),
        ("DELETE", "service"),
        ("POST", "object"),
        ("", "object"),
    ],
)
def test_a_method_without_a_plain_row_is_refused(method: str, level: str) -> None:
    with pytest.raises(MethodNotAllowed):
        name_of(method, level, "")


@pytest.mark.parametrize(
    ("method", "level", "query", "name"),
    [
        ("GET", "service", "", "ListBuckets"),
        ("GET", "service", "x-id=ListBuckets", "ListBuckets"),
        ("GET", "bucket", "location", "GetBucketLocation"),
        ("GET", "bucket", "location=", "GetBucketLocation"),
        ("GET", "bucket", "uploads&max-uploads=1000", "ListMultipartUploads"),
        ("GET", "bucket", "uploads=&prefix=a&delimiter=%2F", "ListMultipartUploads"),
        ("GET", "bucket", "list-type=2&prefix=&fetch-owner=true", "ListObjectsV2"),
        ("GET", "bucket", "prefix=acl&marker=uploads", "ListObjects"),
        ("GET", "bucket", "list-type=1", "ListObjects"),
        ("GET", "bucket", "list-type=&prefix=a", "ListObjects"),
        ("GET", "bucket", "acl", "GetBucketAcl"),
        ("GET", "bucket", "cors", "GetBucketCors"),
        ("GET", "bucket", "policy", "GetBucketPolicy"),
        ("GET", "bucket", "analytics&id=1", "GetBucketAnalyticsConfiguration"),
        ("GET", "bucket", "analytics", "ListBucketAnalyticsConfigurations"),
        ("POST", "bucket", "delete", "DeleteObjects"),
        ("POST", "bucket", "delete=&x-id=DeleteObjects", "DeleteObjects"),
        ("POST", "bucket", "", "PostObject"),
        ("OPTIONS", "object", "uploadId=X&partNumber=1", "OptionsObject"),
        ("OPTIONS", "bucket", "list-type=2", "OptionsBucket"),
        ("GET", "object", "partNumber=2&versionId=v", "GetObject"),
        ("HEAD", "object", "partNumber=2", "HeadObject"),
        ("GET", "object", "id=7", "GetObject"),
        ("GET", "object", "attributes", "GetObjectAttributes"),
        ("GET", "object", "uploadId=X&max-parts=5", "ListParts"),
        ("PUT", "object", "x-id=UploadPart&partNumber=1&uploadId=X", "UploadPart"),
        ("POST", "object", "uploads", "CreateMultipartUpload"),
        ("POST", "object", "uploads=1&x-id=CreateMultipartUpload", "CreateMultipartUpload"),
        ("POST", "object", "select&select-type=2", "SelectObjectContent"),
    ],
)
def test_what_clients_send(method: str, level: str, query: str, name: str) -> None:
    assert name == name_of(method, level, query)


def test_a_copy_source_makes_a_copy_of_it() -> None:
    assert name_of("PUT", "object", "", x_amz_copy_source="a/b") == "CopyObject"
    assert (
        name_of("PUT", "object", "partNumber=1&uploadId=X", x_amz_copy_source="a/b")
        == "UploadPartCopy"
    )


def test_a_copy_source_does_not_turn_off_the_guard() -> None:
    with pytest.raises(MethodNotAllowed):
        name_of("PUT", "object", "uploadId=X", x_amz_copy_source="a/b")
