from collections.abc import AsyncIterator
from typing import Any
from xml.etree import ElementTree  # noqa: TID251 - an opinion that is independent of ours

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.errors import InvalidArgument, NoSuchKey, NotModified, PreconditionFailed
from ferrox.protocol import encode, operations
from ferrox.protocol.message import Response
from ferrox.protocol.operation import Operation
from ferrox.protocol.shape import Shape, attribute, element, payload, status
from ferrox.protocol.shapes.buckets import Bucket, HeadBucketOutput, ListBucketsOutput
from ferrox.protocol.shapes.copying import CopyObjectOutput, CopyObjectResult
from ferrox.protocol.shapes.deletion import DeletedObject, DeleteObjectOutput, DeleteObjectsOutput
from ferrox.protocol.shapes.deletion import Error as DeletionError
from ferrox.protocol.shapes.groups import Owner
from ferrox.protocol.shapes.listing import CommonPrefix, ListObjectsV2Output, Object
from ferrox.protocol.shapes.objects import GetObjectOutput, HeadObjectOutput, PutObjectOutput

NOON_MS = 1_790_000_000_000
XMLNS = "{http://s3.amazonaws.com/doc/2006-03-01/}"
LEGAL_TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n\r")
)


def text_of(response: Response) -> str:
    assert isinstance(response.body, bytes)
    return response.body.decode()


def refusal(error: Any, *, is_head: bool = False) -> Response:
    return encode.error(error, "0A1B", "host", "/b/a&b", is_head=is_head)


def test_headers_are_written_as_their_kind_wants() -> None:
    output = GetObjectOutput(
        e_tag="abc",
        last_modified=NOON_MS + 999,
        content_length=3,
        delete_marker=False,
        content_type="text/plain",
        object_lock_retain_until_date=NOON_MS,
        metadata={"Mtime": "1"},
        version_id=None,
        body=b"abc",
    )

    expected = {
        "etag": '"abc"',
        "last-modified": "Mon, 21 Sep 2026 14:13:20 GMT",
        "content-length": "3",
        "x-amz-delete-marker": "false",
        "content-type": "text/plain",
        "x-amz-object-lock-retain-until-date": "2026-09-21T14:13:20.000Z",
        "x-amz-meta-mtime": "1",
    }
    assert Response(200, expected, b"abc") == encode.response(operations.GetObject, output)


def test_part_of_an_object_is_partial_content() -> None:
    part = encode.response(operations.GetObject, GetObjectOutput(content_range="bytes 0-0/3"))
    head = encode.response(operations.HeadObject, HeadObjectOutput(content_range="bytes 0-0/3"))

    assert (206, 206) == (part.status, head.status)
    assert "bytes 0-0/3" == part.headers["content-range"]


def test_a_long_body_is_handed_on_as_it_is() -> None:
    async def blocks() -> AsyncIterator[bytes]:
        yield b"x"

    body = blocks()

    response = encode.response(operations.GetObject, GetObjectOutput(body=body))

    assert response.body is body
    assert {} == response.headers


def test_a_success_has_the_status_of_its_row() -> None:
    assert encode.response(operations.DeleteObject, DeleteObjectOutput()).status == 204
    assert encode.response(operations.PutObject, PutObjectOutput()).status == 200


def test_an_output_may_say_its_status() -> None:
    class Answer(HeadBucketOutput):
        answered_with: int | None = status(default=None)

    saying = encode.response(operations.HeadBucket, Answer(answered_with=201))
    silent = encode.response(operations.HeadBucket, Answer())

    assert (201, 200) == (saying.status, silent.status)
    assert {} == saying.headers


def test_an_answer_without_a_document_has_no_body_and_no_type() -> None:
    response = encode.response(operations.HeadBucket, HeadBucketOutput(bucket_region="eu-west-1"))

    assert Response(200, {"x-amz-bucket-region": "eu-west-1"}) == response


def test_buckets_are_listed_as_aws_does() -> None:
    output = ListBucketsOutput(
        owner=Owner(id="1", display_name="me"), buckets=[Bucket(name="b", creation_date=NOON_MS)]
    )

    response = encode.response(operations.ListBuckets, output)

    assert "application/xml" == response.headers["content-type"]
    assert text_of(response) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        "<Owner><ID>1</ID><DisplayName>me</DisplayName></Owner>"
        "<Buckets><Bucket><Name>b</Name><CreationDate>2026-09-21T14:13:20.000Z</CreationDate>"
        "</Bucket></Buckets></ListAllMyBucketsResult>"
    )


def test_no_buckets_is_an_empty_list_not_a_missing_one() -> None:
    assert "<Buckets></Buckets>" in text_of(
        encode.response(operations.ListBuckets, ListBucketsOutput())
    )


def test_objects_are_listed_as_aws_does() -> None:
    output = ListObjectsV2Output(
        name="b",
        prefix="",
        key_count=2,
        max_keys=1000,
        delimiter="/",
        is_truncated=False,
        contents=[
            Object(
                key="a<b",
                last_modified=NOON_MS,
                e_tag="e-1",
                size=0,
                storage_class="STANDARD",
                checksum_algorithm=["CRC32"],
            )
        ],
        common_prefixes=[CommonPrefix(prefix="x/"), CommonPrefix(prefix="y/")],
    )

    text = text_of(encode.response(operations.ListObjectsV2, output))

    assert text.endswith(
        "<Name>b</Name><Prefix></Prefix><KeyCount>2</KeyCount><MaxKeys>1000</MaxKeys>"
        "<Delimiter>/</Delimiter><IsTruncated>false</IsTruncated>"
        "<Contents><Key>a&lt;b</Key><LastModified>2026-09-21T14:13:20.000Z</LastModified>"
        "<ETag>&quot;e-1&quot;</ETag><ChecksumAlgorithm>CRC32</ChecksumAlgorithm><Size>0</Size>"
        "<StorageClass>STANDARD</StorageClass></Contents>"
        "<CommonPrefixes><Prefix>x/</Prefix></CommonPrefixes>"
        "<CommonPrefixes><Prefix>y/</Prefix></CommonPrefixes></ListBucketResult>"
    )


def test_the_result_of_a_copy_is_the_root() -> None:
    result = CopyObjectResult(e_tag="e", last_modified=NOON_MS, checksum_crc32="AAAAAA==")
    output = CopyObjectOutput(copy_object_result=result, version_id="v")

    response = encode.response(operations.CopyObject, output)

    assert "v" == response.headers["x-amz-version-id"]
    assert text_of(response).endswith(
        "<LastModified>2026-09-21T14:13:20.000Z</LastModified><ETag>&quot;e&quot;</ETag>"
        "<ChecksumCRC32>AAAAAA==</ChecksumCRC32></CopyObjectResult>"
    )


def test_a_copy_without_a_result_has_no_document() -> None:
    assert Response(200, {}) == encode.response(operations.CopyObject, CopyObjectOutput())


def test_deletions_and_failures_stand_side_by_side() -> None:
    output = DeleteObjectsOutput(
        deleted=[DeletedObject(key="a", delete_marker=True)],
        errors=[DeletionError(key="b", code="AccessDenied", message="Access Denied")],
    )

    assert text_of(encode.response(operations.DeleteObjects, output)).endswith(
        "<Deleted><Key>a</Key><DeleteMarker>true</DeleteMarker></Deleted>"
        "<Error><Key>b</Key><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
        "</DeleteResult>"
    )


@pytest.mark.parametrize(
    ("name", "root"),
    [
        ("CreateMultipartUpload", "InitiateMultipartUploadResult"),
        ("CompleteMultipartUpload", "CompleteMultipartUploadResult"),
        ("ListParts", "ListPartsResult"),
        ("ListMultipartUploads", "ListMultipartUploadsResult"),
        ("ListObjects", "ListBucketResult"),
        ("DeleteObjects", "DeleteResult"),
    ],
)
def test_documents_have_the_names_that_aws_gives_them(name: str, root: str) -> None:
    row = next(row for row in operations.OPERATIONS if row.name == name)
    assert row.output

    text = text_of(encode.response(row, row.output()))

    assert text.endswith(f'<{root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></{root}>')


@pytest.mark.parametrize("value", ["a\r\nset-cookie: b", "a\nb", "a\x00b", "\x7f"])
def test_a_value_that_would_end_its_header_is_refused(value: str) -> None:
    with pytest.raises(InvalidArgument):
        encode.response(operations.GetObject, GetObjectOutput(content_type=value))
    with pytest.raises(InvalidArgument):
        encode.response(operations.GetObject, GetObjectOutput(metadata={"a": value}))


def test_a_tab_and_letters_of_any_language_may_be_in_a_header() -> None:
    value = "a\tb é\u00a0"

    response = encode.response(operations.GetObject, GetObjectOutput(content_disposition=value))

    assert value == response.headers["content-disposition"]


def test_a_refusal_tells_code_message_details_and_resource() -> None:
    response = refusal(NoSuchKey(Key="a&b"))

    assert 404 == response.status
    assert "application/xml" == response.headers["content-type"]
    assert text_of(response) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code>'
        "<Message>The specified key does not exist.</Message><Key>a&amp;b</Key>"
        "<Resource>/b/a&amp;b</Resource><RequestId>0A1B</RequestId><HostId>host</HostId></Error>"
    )


def test_a_wrapped_refusal_has_the_ids_beside_the_error() -> None:
    error = NoSuchKey(Key="k")

    response = encode.error(error, "0A1B", "host", "/b/k", is_head=False, is_wrapped=True)

    assert text_of(response) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ErrorResponse><Error><Code>NoSuchKey</Code>'
        "<Message>The specified key does not exist.</Message><Key>k</Key></Error>"
        "<RequestId>0A1B</RequestId><HostId>host</HostId></ErrorResponse>"
    )


def test_a_refused_head_has_no_body() -> None:
    response = refusal(PreconditionFailed(Condition="If-Match"), is_head=True)

    assert (412, b"") == (response.status, response.body)


def test_not_modified_has_headers_but_no_body() -> None:
    response = refusal(NotModified(headers={"etag": '"e"'}))

    assert Response(304, {"etag": '"e"'}) == response


def test_headers_of_a_refusal_are_sent() -> None:
    headers = refusal(NoSuchKey(headers={"x-amz-delete-marker": "true"})).headers

    assert "true" == headers["x-amz-delete-marker"]


@given(st.lists(LEGAL_TEXT, max_size=5))
def test_any_key_survives_a_listing(keys: list[str]) -> None:
    output = ListObjectsV2Output(contents=[Object(key=key) for key in keys])

    root = ElementTree.fromstring(text_of(encode.response(operations.ListObjectsV2, output)))

    assert keys == [key.text or "" for key in root.iter(f"{XMLNS}Key")]


class Person(Shape):
    kind: str = attribute("xsi:type")
    name: str | None = element("Name", default=None)


class Silence(Shape):
    pass


class PartyOutput(Shape, root="Party"):
    host: Person | None = element("Host", default=None)
    end: Silence | None = element("End", default=None)


class PoemOutput(Shape):
    poem: str | None = payload(default=None)


def output_of(shape: type[Shape]) -> Operation[Shape, Any]:
    return Operation("GetThing", "GET", "bucket", "thing", Shape, shape)


def test_an_attribute_is_written_into_its_tag() -> None:
    party = PartyOutput(host=Person(kind='"Friend"', name="Ada"), end=Silence())

    body = encode.response(output_of(PartyOutput), party).body

    assert isinstance(body, bytes)
    assert body.endswith(
        b'<Host xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        b' xsi:type="&quot;Friend&quot;"><Name>Ada</Name></Host><End></End></Party>'
    )


def test_a_text_is_a_body_as_it_is() -> None:
    response = encode.response(output_of(PoemOutput), PoemOutput(poem="<é>"))

    assert "<é>".encode() == response.body
    assert "application/json" == response.headers["content-type"]  # policies are all the text
