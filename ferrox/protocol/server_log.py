"""The lines of a bucket's access log, and the keys of the objects that hold them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PartitionedPrefix.html

A line has 27 fields, a space between two of them; what is not known is a hyphen. Whatever a client
sent is escaped so far that it can end neither its field nor its line. Signatures and tokens are not
written down: for days, the line of a presigned request would be as good as the request.
"""

import re
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from ferrox.errors import S3Error
from ferrox.protocol.message import Copied, Removal
from ferrox.protocol.operation import Operation
from ferrox.protocol.operations import OPERATIONS
from ferrox.protocol.shapes.logging import LoggingEnabled

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HIDDEN = r"\1HIDDEN_DUE_TO_SECURITY_REASONS"
_hide = re.compile(r"(?i)((?:^|[?&])(?:X-Amz-Signature|Signature|X-Amz-Security-Token)=)[^&]*").sub

_OPERATIONS = {operation.name: operation for operation in OPERATIONS}
_NAMES = {
    "AbortMultipartUpload": "REST.DELETE.UPLOAD",
    "CompleteMultipartUpload": "REST.POST.UPLOAD",
    "CopyObject": "REST.COPY.OBJECT",
    "ListObjectsV2": "REST.GET.BUCKET",
    "ListParts": "REST.GET.UPLOAD",
    "OptionsBucket": "REST.OPTIONS.PREFLIGHT",
    "OptionsObject": "REST.OPTIONS.PREFLIGHT",
    "PostObject": "REST.POST.OBJECT",
    "UploadPart": "REST.PUT.PART",
    "UploadPartCopy": "REST.COPY.PART",
}
"""Operations that the log does not name after their method and what they are about."""

_RESOURCES = {
    "delete": "MULTI_OBJECT_DELETE",
    "legal-hold": "OBJECT_LOCK_LEGALHOLD",
    "logging": "LOGGING_STATUS",
    "object-lock": "OBJECT_LOCK_CONFIGURATION",
    "ownershipControls": "OWNERSHIP_CONTROLS",
    "policy": "BUCKETPOLICY",
    "policyStatus": "BUCKETPOLICYSTATUS",
    "publicAccessBlock": "PUBLIC_ACCESS_BLOCK",
    "requestPayment": "REQUEST_PAYMENT",
    "retention": "OBJECT_LOCK_RETENTION",
    "versions": "BUCKETVERSIONS",
}
"""What the log calls what a selector picks, where it is not the selector in capitals."""

_WEBSITE = "GetWebsite"
_BATCH_DELETE = "BATCH.DELETE.OBJECT"
_STATUS = {error.code: error.status for error in S3Error.__subclasses__()}


class Entry(NamedTuple):
    """What one line says, in the order of its fields; "" and None are not known."""

    owner_id: str
    bucket: str
    time_ms: int
    peer: str
    requester: str
    request_id: str
    operation: str
    key: str
    request_line: str
    status: int | None
    error_code: str
    sent_bytes: int | None
    size_bytes: int | None
    total_ms: int | None
    turnaround_ms: int | None
    referer: str
    user_agent: str
    version_id: str
    host_id: str
    signature_version: str
    cipher: str
    auth_type: str
    host: str
    tls_version: str
    access_point: str
    acl_required: str
    region: str


def line(entry: Entry) -> str:
    """An entry as its line, without the end of the line."""
    fields = entry._asdict()
    fields["time_ms"] = f"[{_time(entry.time_ms)}]"
    fields["key"] = quote(entry.key, safe="/-_.~!*'()", errors="replace")
    for name in ("request_line", "referer", "user_agent"):
        fields[name] = f'"{_inside_quotes(fields[name]) or "-"}"'
    quoted = {"time_ms", "request_line", "referer", "user_agent"}
    return " ".join(text if name in quoted else _bare(text) for name, text in fields.items())


def batch_entry(entry: Entry, removal: Removal) -> Entry:
    """The entry of one key that a request removed beside others."""
    return _beside(entry)._replace(
        operation=_BATCH_DELETE,
        key=removal.key,
        status=_STATUS.get(removal.error_code, 500) if removal.error_code else 204,
        error_code=removal.error_code,
        version_id=removal.version_id or "",
    )


def copied_entry(entry: Entry, copied: Copied) -> Entry:
    """The entry of what a request copied from, for the log of the bucket where that lies."""
    return _beside(entry)._replace(
        owner_id=copied.bucket.owner_id,
        bucket=copied.bucket.name,
        operation=f"{entry.operation}_GET",
        key=copied.key,
        status=200,
        error_code="",
        size_bytes=copied.size_bytes,
        version_id=copied.version_id or "",
    )


def _beside(entry: Entry) -> Entry:
    """An entry that stands beside that of its request, and repeats nothing of how that went."""
    return entry._replace(
        request_line="",
        sent_bytes=None,
        size_bytes=None,
        total_ms=None,
        turnaround_ms=None,
        referer="",
        user_agent="",
    )


def operation_name(name: str, method: str) -> str:
    """What the log calls an operation."""
    if name == _WEBSITE:
        return f"WEBSITE.{method}.OBJECT"
    operation = _OPERATIONS.get(name)
    if operation is None:
        return f"REST.{method}.BUCKET"
    return _NAMES.get(name) or f"REST.{operation.method}.{_resource(operation)}"


def request_line(method: str, path: str, query_string: str, version: str = "HTTP/1.1") -> str:
    """The first line of a request, as far as it may be kept."""
    query = "?" + _hide(_HIDDEN, query_string) if query_string else ""
    return f"{method} {path}{query} {version}"


def object_key(
    logging: LoggingEnabled,
    account_id: str,
    region: str,
    bucket: str,
    *,
    event_day: str,
    now_ms: int,
    unique: str,
) -> str:
    """The key under which lines are delivered.

    event_day  YYYYMMDD of the lines, which are all of one day
    """
    prefix = logging.target_prefix
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    stamp = f"{now:%Y-%m-%d-%H-%M-%S}"
    key_format = logging.target_object_key_format
    partitioned = key_format.partitioned_prefix if key_format else None
    if partitioned is None:
        return f"{prefix}{stamp}-{unique}"
    if partitioned.partition_date_source != "DeliveryTime":
        stamp = f"{event_day[:4]}-{event_day[4:6]}-{event_day[6:]}-00-00-00"
    day = "/".join(stamp.split("-")[:3])
    return f"{prefix}{account_id}/{region}/{bucket}/{day}/{stamp}-{unique}"


def event_day(time_ms: int) -> str:
    """YYYYMMDD of an instant."""
    return f"{datetime.fromtimestamp(time_ms / 1000, UTC):%Y%m%d}"


def _resource(operation: Operation[Any, Any]) -> str:
    selector = next(iter(operation.tags), "")
    if not selector:
        return operation.level.upper()
    if selector == "tagging" and operation.level == "object":
        return "OBJECT_TAGGING"
    return _RESOURCES.get(selector) or selector.upper().replace("-", "_")


def _time(time_ms: int) -> str:
    """`06/Feb/2019:00:00:38 +0000`, in English whatever the locale."""
    time = datetime.fromtimestamp(time_ms / 1000, UTC)
    return f"{time:%d}/{_MONTHS[time.month - 1]}/{time:%Y:%H:%M:%S} +0000"


def _bare(value: object) -> str:
    if value is None or value == "":
        return "-"
    return quote(str(value), safe="/-_.~!*'():+=,;@&$%[]", errors="replace")


def _inside_quotes(text: str) -> str:
    """A text without quotes and without what is not visible ASCII."""
    return quote(text, safe=" !#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", errors="replace")
