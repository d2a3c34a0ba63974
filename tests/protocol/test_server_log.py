"""protocol/server_log.py: lines of access logs, and the keys they are delivered under."""

import pytest

from ferrox.protocol import server_log
from ferrox.protocol.message import Removal
from ferrox.protocol.operations import OPERATIONS
from ferrox.protocol.server_log import Entry
from ferrox.protocol.shapes.logging import (
    LoggingEnabled,
    PartitionedPrefix,
    SimplePrefix,
    TargetObjectKeyFormat,
)

OWNER = 64 * "a"
AT_MS = 1_549_411_238_000  # 6 February 2019, 00:00:38
ENTRY = Entry(
    owner_id=OWNER,
    bucket="photos",
    time_ms=AT_MS,
    peer="192.0.2.3",
    requester=OWNER,
    request_id="3E57427F33A59F07",
    operation="REST.GET.OBJECT",
    key="a b/ü.txt",
    request_line="GET /photos/a%20b/%C3%BC.txt HTTP/1.1",
    status=200,
    error_code="",
    sent_bytes=113,
    size_bytes=4096,
    total_ms=7,
    turnaround_ms=0,
    referer="",
    user_agent="curl/8",
    version_id="",
    host_id="abc+/=",
    signature_version="SigV4",
    cipher="",
    auth_type="AuthHeader",
    host="localhost:9000",
    tls_version="",
    access_point="",
    acl_required="",
    region="us-east-1",
)


def test_a_line_has_its_fields_in_order() -> None:
    expected = (
        f"{OWNER} photos [06/Feb/2019:00:00:38 +0000] 192.0.2.3 {OWNER} 3E57427F33A59F07"
        ' REST.GET.OBJECT a%20b/%C3%BC.txt "GET /photos/a%20b/%C3%BC.txt HTTP/1.1" 200 -'
        ' 113 4096 7 0 "-" "curl/8" - abc+/= SigV4 - AuthHeader localhost:9000 - - - us-east-1'
    )

    assert expected == server_log.line(ENTRY)


def test_what_is_not_known_is_a_hyphen() -> None:
    known = {"owner_id": "o", "bucket": "b", "time_ms": AT_MS, "status": 0}
    blank = {name: None if type(value) is int else "" for name, value in ENTRY._asdict().items()}
    unknown = Entry(**{**blank, **known})  # type: ignore[arg-type]

    fields = server_log.line(unknown).split(" ")

    assert 28 == len(fields)  # 27, and the space within the time
    assert {"-", '"-"'} == set(fields) - {"o", "b", "[06/Feb/2019:00:00:38", "+0000]", "0"}


@pytest.mark.parametrize("field", ["key", "request_line", "referer", "user_agent", "host", "peer"])
def test_nothing_that_a_client_sends_ends_its_field(field: str) -> None:
    evil = 'a" b\r\nc\0\x7f\udcff€'

    line = server_log.line(Entry(**{**ENTRY._asdict(), field: evil}))

    assert server_log.line(ENTRY).count('"') == line.count('"')
    assert line.isascii()
    assert line.isprintable()
    if field in {"key", "host", "peer"}:
        assert server_log.line(ENTRY).count(" ") == line.count(" ")


def test_a_key_that_was_removed_beside_others_has_a_line_of_its_own() -> None:
    removed = server_log.batch_entry(ENTRY, Removal("k", "v1"))
    refused = server_log.batch_entry(ENTRY, Removal("k", None, "AccessDenied"))
    failed = server_log.batch_entry(ENTRY, Removal("k", None, "Strange"))

    expected = ' BATCH.DELETE.OBJECT k "-" 204 - - - - - "-" "-" v1 '
    assert expected in server_log.line(removed)
    assert ' "-" 403 AccessDenied - ' in server_log.line(refused)
    assert ' "-" 500 Strange - ' in server_log.line(failed)


@pytest.mark.parametrize(
    ("operation", "method", "name"),
    [
        ("GetObject", "GET", "REST.GET.OBJECT"),
        ("HeadObject", "HEAD", "REST.HEAD.OBJECT"),
        ("PutObject", "PUT", "REST.PUT.OBJECT"),
        ("CopyObject", "PUT", "REST.COPY.OBJECT"),
        ("DeleteObject", "DELETE", "REST.DELETE.OBJECT"),
        ("DeleteObjects", "POST", "REST.POST.MULTI_OBJECT_DELETE"),
        ("CreateMultipartUpload", "POST", "REST.POST.UPLOADS"),
        ("UploadPart", "PUT", "REST.PUT.PART"),
        ("UploadPartCopy", "PUT", "REST.COPY.PART"),
        ("CompleteMultipartUpload", "POST", "REST.POST.UPLOAD"),
        ("AbortMultipartUpload", "DELETE", "REST.DELETE.UPLOAD"),
        ("ListParts", "GET", "REST.GET.UPLOAD"),
        ("ListMultipartUploads", "GET", "REST.GET.UPLOADS"),
        ("ListObjects", "GET", "REST.GET.BUCKET"),
        ("ListObjectsV2", "GET", "REST.GET.BUCKET"),
        ("ListObjectVersions", "GET", "REST.GET.BUCKETVERSIONS"),
        ("CreateBucket", "PUT", "REST.PUT.BUCKET"),
        ("HeadBucket", "HEAD", "REST.HEAD.BUCKET"),
        ("GetBucketVersioning", "GET", "REST.GET.VERSIONING"),
        ("GetBucketLogging", "GET", "REST.GET.LOGGING_STATUS"),
        ("GetBucketPolicy", "GET", "REST.GET.BUCKETPOLICY"),
        ("PutBucketAcl", "PUT", "REST.PUT.ACL"),
        ("GetObjectTagging", "GET", "REST.GET.OBJECT_TAGGING"),
        ("GetBucketTagging", "GET", "REST.GET.TAGGING"),
        ("OptionsObject", "OPTIONS", "REST.OPTIONS.PREFLIGHT"),
        ("GetWebsite", "HEAD", "WEBSITE.HEAD.OBJECT"),
        ("", "GET", "REST.GET.BUCKET"),
    ],
)
def test_operations_have_the_names_of_the_log(operation: str, method: str, name: str) -> None:
    assert name == server_log.operation_name(operation, method)


def test_every_operation_has_a_name_of_one_word() -> None:
    names = [server_log.operation_name(row.name, row.method) for row in OPERATIONS]

    assert [] == [name for name in names if not name.replace(".", "").replace("_", "").isalnum()]


@pytest.mark.parametrize(
    "name", ["X-Amz-Signature", "x-amz-signature", "Signature", "X-Amz-Security-Token"]
)
def test_what_would_let_a_reader_in_is_not_written_down(name: str) -> None:
    line = server_log.request_line("GET", "/b/k", f"a=1&{name}=secret&b=2")

    assert f"GET /b/k?a=1&{name}=HIDDEN_DUE_TO_SECURITY_REASONS&b=2 HTTP/1.1" == line
    assert "secret" not in server_log.request_line("GET", "/b/k", f"{name}=secret")


def test_a_query_that_only_looks_alike_stays() -> None:
    assert "GET / HTTP/1.1" == server_log.request_line("GET", "/", "")
    assert "GET / HTTP/2.0" == server_log.request_line("GET", "/", "", "HTTP/2.0")
    assert "?MySignature=a" in server_log.request_line("GET", "/", "MySignature=a")


@pytest.mark.parametrize(
    ("key_format", "key"),
    [
        (None, "logs/2019-02-06-00-00-38-U"),
        (TargetObjectKeyFormat(simple_prefix=SimplePrefix()), "logs/2019-02-06-00-00-38-U"),
        (
            TargetObjectKeyFormat(
                partitioned_prefix=PartitionedPrefix(partition_date_source="DeliveryTime")
            ),
            "logs/123/eu-1/photos/2019/02/06/2019-02-06-00-00-38-U",
        ),
        (
            TargetObjectKeyFormat(
                partitioned_prefix=PartitionedPrefix(partition_date_source="EventTime")
            ),
            "logs/123/eu-1/photos/2019/02/05/2019-02-05-00-00-00-U",
        ),
        (
            TargetObjectKeyFormat(partitioned_prefix=PartitionedPrefix()),
            "logs/123/eu-1/photos/2019/02/05/2019-02-05-00-00-00-U",
        ),
    ],
)
def test_lines_are_delivered_under_the_prefix(
    key_format: TargetObjectKeyFormat | None, key: str
) -> None:
    logging = LoggingEnabled(
        target_bucket="target", target_prefix="logs/", target_object_key_format=key_format
    )

    found = server_log.object_key(
        logging, "123", "eu-1", "photos", event_day="20190205", now_ms=AT_MS, unique="U"
    )

    assert key == found


def test_lines_belong_to_the_day_of_their_requests() -> None:
    assert ("20190206", "20190205") == (
        server_log.event_day(AT_MS),
        server_log.event_day(AT_MS - 39_000),
    )
