"""XML bodies: every document that S3 takes; what was read says the same once it is written."""

import re
from typing import Any

from ferrox.errors import S3Error
from ferrox.protocol import cors as cors_rules
from ferrox.protocol import decode, encode
from ferrox.protocol import lifecycle as lifecycle_rules
from ferrox.protocol import website as website_rules
from ferrox.protocol.documents import (
    access,
    analysis,
    cors,
    encryption,
    inventory,
    lifecycle,
    lock_configuration,
    logging,
    notification,
    tagging,
    website,
)
from ferrox.protocol.operation import Operation
from ferrox.protocol.operations import OPERATIONS
from ferrox.protocol.plain import as_plain, from_plain
from ferrox.protocol.shape import Shape
from ferrox.protocol.shapes.cors import CORSConfiguration
from ferrox.protocol.shapes.lifecycle import BucketLifecycleConfiguration
from ferrox.protocol.shapes.website import WebsiteConfiguration
from tests.fuzz.target import Target, check_refusal
from tests.fuzz.xml_documents import DOCUMENTS
from tests.fuzz.xml_making import made

_WITH_DOCUMENT = {
    operation.name: (operation, field)
    for operation in OPERATIONS
    if operation.input is not None
    and (field := operation.input.plan.payload) is not None
    and issubclass(field.type, Shape)
}
_CHECKS: dict[str, Any] = {
    "AnalyticsConfiguration": lambda found: analysis.check_analytics(found, "id"),
    "BucketLifecycleConfiguration": lifecycle.check,
    "BucketLoggingStatus": lambda found: logging.check(found.logging_enabled),
    "CORSConfiguration": cors.check,
    "IntelligentTieringConfiguration": lambda found: analysis.check_tiering(found, "id"),
    "InventoryConfiguration": lambda found: inventory.check(found, "id"),
    "MetricsConfiguration": lambda found: analysis.check_metrics(found, "id"),
    "NotificationConfiguration": notification.check,
    "ObjectLockConfiguration": lock_configuration.check,
    "OwnershipControls": access.check_ownership,
    "PublicAccessBlockConfiguration": access.complete_public_access_block,
    "ServerSideEncryptionConfiguration": encryption.check,
    "Tagging": tagging.check,
    "WebsiteConfiguration": website.check,
}


def check(data: bytes) -> None:
    """Read `name of an operation LF document`, hold it to its rules, write it and read it again.

    What begins with a zero byte is no document, but makes one.
    """
    name, _, body = data.partition(b"\n")
    operation, field = _WITH_DOCUMENT.get(name.decode("ascii", "ignore"), (None, None))
    if operation is None or field is None:
        return
    if body.startswith(b"\0"):
        body = made(field.wire, field.type, body[1:])
    try:
        document = _read(operation, body)
    except S3Error as error:
        check_refusal(error)
        return
    assert b"<!ENTITY" not in body or b"<![CDATA[" in body or b"<!--" in body
    if document is None:
        return
    render = encode.structure(type(document))
    written = render(document)
    again = _read(operation, f"<{field.wire}>{written}</{field.wire}>".encode())
    if written.strip():
        assert again is not None
        assert written == render(again)
    try:
        _hold_to_rules(document)
    except S3Error as error:
        check_refusal(error)
        return
    kept = as_plain(document)
    assert kept == as_plain(from_plain(type(document), kept))
    _use(document)


def _hold_to_rules(document: Shape) -> None:
    rule = _CHECKS.get(type(document).__name__)
    if rule and getattr(document, "logging_enabled", document) is not None:
        rule(document)


def _read(operation: Operation[Any, Any], body: bytes) -> Shape | None:
    assert operation.input is not None
    args = operation.input.partial({})
    decode.payload(operation, args, body)
    found = getattr(args, args.plan.payload.name, None)
    assert found is None or isinstance(found, Shape)
    return found


def _use(document: Shape) -> None:
    """Ask an accepted document what it is for."""
    match document:
        case CORSConfiguration():
            for asked in (("http://a.example.com", "PUT", "X-A, x-b"), ("http://b", "GET", None)):
                for value in (cors_rules.allowance(document.cors_rules, *asked) or {}).values():
                    assert not {"\r", "\n", "\0"} & set(value)
        case WebsiteConfiguration():
            visit = website_rules.Visit("docs/é", "h", is_secure=False)
            for moved in (
                website_rules.before_look_up(document, visit),
                website_rules.after_error(document, visit, 404),
            ):
                assert moved is None or 300 <= moved.status < 400
                assert moved is None or not {"\r", "\n", "\0"} & set(moved.location)
        case BucketLifecycleConfiguration():
            due = lifecycle_rules.Lifecycle(document).expiration("logs/a", 1, {}, 1_369_353_600_000)
            if due is not None:
                assert lifecycle_rules.expiration_header(due).isprintable()
        case _:
            pass


TARGET = Target(
    check,
    seeds=(
        *(f"{name}\n{document}".encode() for name, document in DOCUMENTS.items()),
        b'DeleteObjects\n<!DOCTYPE a [<!ENTITY b "c">]><Delete><Object>&b;</Object></Delete>',
        '\ufeffDeleteObjects\n<?xml version="1.0" encoding="UTF-16"?><Delete/>'.encode("utf-16"),
        b"DeleteObjects\n" + b"<Delete>" * 20,
        *(f"{name}\n\0".encode() + bytes([1, 9, 3, 2] * 20) for name in DOCUMENTS),
    ),
    words=(
        *(b"<!DOCTYPE a [", b"<!ENTITY ", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"&#x0;", b"&lt;"),
        *(b"<?xml version='1.0' encoding='", b"UTF-16", b"xmlns=", b"xsi:type=", b"</", b"/>"),
        *(tag.encode() for tag in sorted(set(re.findall("<[^<]*>", "".join(DOCUMENTS.values()))))),
    ),
    max_bytes=8192,
)
