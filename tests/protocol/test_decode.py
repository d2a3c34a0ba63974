from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.errors import (
    InvalidArgument,
    InvalidRequest,
    MalformedXML,
    MissingRequestBodyError,
    S3Error,
)
from ferrox.protocol import decode, operations, xml
from ferrox.protocol.address import Bucket, Object, Service, Target
from ferrox.protocol.message import Request
from ferrox.protocol.operation import Operation
from ferrox.protocol.shape import Shape, attribute, element
from ferrox.protocol.shapes.deletion import Delete, DeleteObjectsInput, ObjectIdentifier

LEGAL_TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n\r")
)
LISTING = operations.ListObjectsV2
BUCKET, OBJECT = Bucket("b"), Object("b", "k")


def read(
    operation: Operation[Any, Any], target: Target, query: str = "", **headers: str
) -> Any:  # whichever shape
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return decode.parameters(operation, Request("GET", "/", query, names), target)


def deletion(document: str | bytes) -> Delete:
    args = DeleteObjectsInput.partial({"bucket": "b"})
    body = document.encode() if isinstance(document, str) else document
    decode.payload(operations.DeleteObjects, args, body)
    return args.delete


def test_the_address_fills_bucket_and_key() -> None:
    args = read(operations.GetObject, Object("photos", "a/b"))

    assert ("photos", "a/b") == (args.bucket, args.key)


def test_a_request_to_the_service_has_no_bucket() -> None:
    assert "pre" == read(operations.ListBuckets, Service(), "prefix=pre").prefix


def test_what_is_not_sent_has_its_default() -> None:
    args = read(operations.PutObject, OBJECT)

    assert args.content_type is None
    assert {} == args.metadata


def test_headers_of_a_family_are_collected_under_the_rest_of_their_names() -> None:
    args = read(operations.PutObject, OBJECT, x_amz_meta_mtime="1", x_amz_meta_a_b="x y", host="h")

    assert {"mtime": "1", "a-b": "x y"} == args.metadata


def test_headers_are_kept_as_sent() -> None:
    args = read(operations.PutObject, OBJECT, content_type=" a ; b ", if_match='"etag"')

    assert (" a ; b ", '"etag"') == (args.content_type, args.if_match)


def test_an_empty_text_is_not_nothing() -> None:
    args = read(LISTING, BUCKET, "prefix=&delimiter")

    assert ("", "") == (args.prefix, args.delimiter)


def test_an_empty_number_is_nothing() -> None:
    assert read(LISTING, BUCKET, "max-keys=&fetch-owner=").max_keys is None


@pytest.mark.parametrize(
    ("text", "number"), [("0", 0), ("1000", 1000), ("007", 7), ("2147483647", 2**31 - 1)]
)
def test_numbers(text: str, number: int) -> None:
    assert number == read(LISTING, BUCKET, f"max-keys={text}").max_keys


@pytest.mark.parametrize(
    "text", ["blah", "1.0", "1_000", "%2B1", "2147483648", "9" * 5000, "%D9%A3", "0x10", "-", "--1"]
)
def test_what_is_no_number_is_refused_in_the_words_of_aws(text: str) -> None:
    with pytest.raises(InvalidArgument) as refusal:
        read(LISTING, BUCKET, f"max-keys={text}")

    assert refusal.value.message == "Provided max-keys not an integer or within integer range"
    assert refusal.value.details["ArgumentName"] == "max-keys"


def test_a_number_below_nothing_is_left_to_those_who_know_the_limits() -> None:
    assert read(LISTING, BUCKET, "max-keys=-1").max_keys == -1


@pytest.mark.parametrize("number", ["1", "10000"])
def test_part_numbers(number: str) -> None:
    args = read(operations.UploadPart, OBJECT, f"partNumber={number}&uploadId=u")

    assert (int(number), "u") == (args.part_number, args.upload_id)


@pytest.mark.parametrize("number", ["0", "10001", "-1", "x", "1.5", "", "99999999999999999999999"])
@pytest.mark.parametrize("operation", [operations.UploadPart, operations.UploadPartCopy])
def test_a_part_number_out_of_range_is_refused(operation: Any, number: str) -> None:
    with pytest.raises(InvalidArgument) as refusal:
        read(operation, OBJECT, f"partNumber={number}&uploadId=u", x_amz_copy_source="a/b")

    assert "Part number must be an integer between 1 and 10000, inclusive" == refusal.value.message
    assert {"ArgumentName": "partNumber", "ArgumentValue": number} == refusal.value.details


def test_a_marker_below_zero_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="between 0 and 2147483647"):
        read(operations.ListParts, OBJECT, "uploadId=u&part-number-marker=-1")


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("True", False), ("false", False), ("bogus", False), ("1", False)],
)
def test_a_boolean_in_the_query_is_true_or_not_asked_for(text: str, value: bool) -> None:
    assert read(LISTING, BUCKET, f"fetch-owner={text}").fetch_owner is value


def test_a_boolean_in_a_header_is_one_or_refused() -> None:
    args = read(operations.DeleteObject, OBJECT, x_amz_bypass_governance_retention="True")

    assert args.bypass_governance_retention is True
    with pytest.raises(InvalidArgument):
        read(operations.DeleteObject, OBJECT, x_amz_bypass_governance_retention="yes")


def test_dates_are_milliseconds() -> None:
    date = "Sun, 06 Nov 1994 08:49:37 GMT"
    args = read(operations.GetObject, OBJECT, if_modified_since=date)

    assert 784111777000 == args.if_modified_since


@pytest.mark.parametrize(
    "text", ["2026-09-21T14:13:20Z", "2026-09-21T14:13:20.000Z", "2026-09-21T16:13:20+02:00"]
)
def test_a_date_to_retain_until_is_iso_8601(text: str) -> None:
    args = read(operations.PutObject, OBJECT, x_amz_object_lock_retain_until_date=text)

    assert 1790000000000 == args.object_lock_retain_until_date


def test_a_condition_whose_date_cannot_be_read_is_no_condition() -> None:
    args = read(operations.GetObject, OBJECT, if_modified_since="yesterday")

    assert args.if_modified_since is None


@pytest.mark.parametrize(
    "header", ["x_amz_if_match_last_modified_time", "x_amz_object_lock_retain_until_date"]
)
def test_any_other_date_that_cannot_be_read_is_refused(header: str) -> None:
    """Ignored, the first would delete unconditionally."""
    operation = operations.DeleteObject if "if_match" in header else operations.PutObject

    with pytest.raises(InvalidArgument):
        read(operation, OBJECT, **{header: "yesterday"})


def test_a_list_in_a_header_is_split() -> None:
    args = read(LISTING, BUCKET, x_amz_optional_object_attributes="RestoreStatus, Other")

    assert ["RestoreStatus", "Other"] == args.optional_object_attributes


def test_a_missing_required_header_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="x-amz-copy-source"):
        read(operations.CopyObject, OBJECT)


def test_an_operation_without_shapes_cannot_be_decoded() -> None:
    row = next(row for row in operations.OPERATIONS if row.name == "SelectObjectContent")

    with pytest.raises(TypeError):
        read(row, BUCKET)


def test_a_document_becomes_nested_shapes() -> None:
    document = """<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
        <Quiet>true</Quiet>
        <Object><Key> a </Key><VersionId>v</VersionId><ETag>"e"</ETag><Size> 3 </Size>
            <LastModifiedTime>Sun, 06 Nov 1994 08:49:37 GMT</LastModifiedTime></Object>
        <Object><Key>b</Key><ETag>bare</ETag><Unknown><Deep/></Unknown></Object>
        <Unknown/>
    </Delete>"""

    expected = Delete(
        quiet=True,
        objects=[
            ObjectIdentifier(
                key=" a ", version_id="v", e_tag="e", size=3, last_modified_time=784111777000
            ),
            ObjectIdentifier(key="b", e_tag="bare"),
        ],
    )
    assert expected == deletion(document)


def test_one_entry_is_a_list_too() -> None:
    assert [ObjectIdentifier(key="a")] == deletion(
        "<Delete><Object><Key>a</Key></Object></Delete>"
    ).objects


@pytest.mark.parametrize(
    "document",
    [
        "<Remove><Object><Key>a</Key></Object></Remove>",
        "<Delete/>",
        "<Delete><Quiet>true</Quiet></Delete>",
        "<Delete><Object/></Delete>",
        "<Delete><Object><VersionId>v</VersionId></Object></Delete>",
        "<Delete><Object>text</Object></Delete>",
        "<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>",
        "<Delete><Object><Key><Deep/></Key></Object></Delete>",
        "<Delete><Object><Key>a</Key><Size>big</Size></Object></Delete>",
        "<Delete><Object><Key>a</Key><LastModifiedTime>now</LastModifiedTime></Object></Delete>",
        "<Delete><Quiet>maybe</Quiet><Object><Key>a</Key></Object></Delete>",
        "<Delete><Object><Key>a</Key></Object>",
        "not XML",
    ],
)
def test_a_document_that_does_not_fit_is_refused(document: str) -> None:
    with pytest.raises(MalformedXML):
        deletion(document)


def test_a_required_document_must_be_there() -> None:
    with pytest.raises(MissingRequestBodyError):
        deletion(b"")


def test_white_space_is_no_document() -> None:
    with pytest.raises(MalformedXML):
        deletion(b" \r\n")


@pytest.mark.parametrize("body", [b"", b"\n"])
def test_a_bucket_can_be_made_without_a_document(body: bytes) -> None:
    args = read(operations.CreateBucket, BUCKET)

    decode.payload(operations.CreateBucket, args, body)

    assert args.create_bucket_configuration is None


def test_a_bucket_can_be_made_elsewhere_with_tags() -> None:
    args = read(operations.CreateBucket, BUCKET)
    body = b"""<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint>
        <Tags><Tag><Key>k</Key><Value/></Tag></Tags></CreateBucketConfiguration>"""

    decode.payload(operations.CreateBucket, args, body)

    configuration = args.create_bucket_configuration
    assert "eu-west-1" == configuration.location_constraint
    assert [("k", "")] == [(tag.key, tag.value) for tag in configuration.tags]


def test_a_wrapped_list_may_be_empty() -> None:
    args = read(operations.CreateBucket, BUCKET)

    decode.payload(
        operations.CreateBucket,
        args,
        b"<CreateBucketConfiguration><Tags/></CreateBucketConfiguration>",
    )

    assert [] == args.create_bucket_configuration.tags


def test_an_operation_without_a_document_ignores_the_body() -> None:
    args = read(operations.PutObject, OBJECT)

    decode.payload(operations.PutObject, args, b"bytes")

    assert read(operations.PutObject, OBJECT) == args


def test_completing_names_parts_by_number_and_etag() -> None:
    args = read(operations.CompleteMultipartUpload, OBJECT, "uploadId=u")
    body = b"""<CompleteMultipartUpload>
        <Part><PartNumber>2</PartNumber><ETag>&quot;b&quot;</ETag></Part>
        <Part><PartNumber>1</PartNumber><ETag>a</ETag><ChecksumCRC32>c</ChecksumCRC32></Part>
        </CompleteMultipartUpload>"""

    decode.payload(operations.CompleteMultipartUpload, args, body)

    parts = [(p.part_number, p.e_tag, p.checksum_crc32) for p in args.multipart_upload.parts]
    assert [(2, "b", None), (1, "a", "c")] == parts


@given(st.lists(LEGAL_TEXT, min_size=1, max_size=5))
def test_any_key_can_be_deleted(keys: list[str]) -> None:
    content = "".join(f"<Object><Key>{xml.escape(key)}</Key></Object>" for key in keys)

    assert keys == [entry.key for entry in deletion(xml.document("Delete", content)).objects]


@given(st.dictionaries(st.sampled_from(["Delete", "Object", "Key", "Quiet"]), st.text(max_size=9)))
def test_a_document_of_the_wrong_form_is_refused(elements: dict[str, str]) -> None:
    content = "".join(f"<{tag}>{xml.escape(text)}</{tag}>" for tag, text in elements.items())

    with pytest.raises(S3Error):
        deletion(xml.document("Delete", content))


class Person(Shape):
    kind: str = attribute("xsi:type", one_of=("Friend", "Stranger"))
    name: str | None = element("Name", default=None)
    mood: str | None = element("Mood", default=None, one_of=("glad", "sad"))


class Party(Shape, stored_as="party"):
    host: Person | None = element("Host", default=None)
    guests: list[str] = element("Guests", default_factory=list, item="Guest")


def party(document: str, *, is_strict: bool = True) -> Party:
    return decode.structure(Party, xml.parse(document.encode(), "Party"), is_strict)


FRIEND = '<Host xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Friend">'


def test_an_attribute_says_what_an_element_is() -> None:
    assert (
        Person(kind="Friend", name="Ada", mood="glad")
        == party(f"<Party>{FRIEND}<Name>Ada</Name><Mood>glad</Mood></Host></Party>").host
    )
    assert Person(kind="Friend") == party(f"<Party>{FRIEND}</Host></Party>").host


@pytest.mark.parametrize(
    "content",
    [
        "<Host><Name>Ada</Name></Host>",
        f"{FRIEND.replace('Friend', 'Foe')}</Host>",
        f"{FRIEND}<Mood>fine</Mood></Host>",
        f"{FRIEND}<Mood/></Host>",
        f"{FRIEND}<Mood>glad</Mood><Mood>sad</Mood></Host>",
    ],
)
def test_a_value_that_is_none_of_those_there_are_is_malformed(content: str) -> None:
    with pytest.raises(MalformedXML):
        party(f"<Party>{content}</Party>", is_strict=False)


@pytest.mark.parametrize(
    "content",
    [
        "<Band/>",
        f"{FRIEND}<Age>3</Age></Host>",
        "<Guests><Guest>a</Guest><Cat/></Guests>",
        "<Guests><Guest>a</Guest></Guests>loud",
    ],
)
def test_a_strict_document_knows_all_its_elements(content: str) -> None:
    document = f"<Party>{content}</Party>"

    assert isinstance(party(document, is_strict=False), Party)
    with pytest.raises(MalformedXML):
        party(document)


def test_a_document_that_is_stored_is_strict() -> None:
    assert Party.is_strict
    assert not Person.is_strict


def test_attributes_that_nobody_asks_for_do_not_matter() -> None:
    read = party('<Party xmlns="urn:x" a="1"><Guests b="2"><Guest>a</Guest></Guests></Party>')

    assert Party(guests=["a"]) == read
