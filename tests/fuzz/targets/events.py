"""Event filters: a rule covers a key as its words say, and an event is JSON whatever the key is."""

import json

from ferrox.errors import S3Error
from ferrox.protocol import events
from ferrox.protocol.documents import notification
from ferrox.protocol.plain import as_plain
from ferrox.protocol.shapes.notification import (
    FilterRule,
    NotificationConfiguration,
    NotificationConfigurationFilter,
    QueueConfiguration,
    S3KeyFilter,
)
from ferrox.records import Event
from ferrox.storage.metadata import outbox
from tests.fuzz.target import Target, check_refusal, clean_text, pieces_of

_NOW_MS = 1_369_353_600_000


def check(data: bytes) -> None:
    """Make a rule of words of the input, and ask it about a key and an event of others."""
    arn, wanted, prefix, suffix, key, happened = map(clean_text, pieces_of(data, 6))
    event = Event(1, happened, _NOW_MS, 1, "b", key, "v", 1, "e", "o", "r", "p", "ip", "id", "h")
    assert json.loads(json.dumps(events.message(event, wanted)).encode())
    rules = [FilterRule(name="Prefix", value=prefix), FilterRule(name="suffix", value=suffix)]
    condition = NotificationConfigurationFilter(key=S3KeyFilter(filter_rules=rules))
    queue = QueueConfiguration(queue_arn=arn, events=[wanted], filter=condition, id="i")
    document = NotificationConfiguration(queue_configurations=[queue])
    try:
        notification.check(document)
    except S3Error as error:
        check_refusal(error)
        return
    (rule,) = outbox.rules_of(as_plain(document))
    assert rule.target in arn
    is_about = key.startswith(prefix) and key.endswith(suffix)
    stem, star, _ = wanted.partition("*")
    is_meant = f"s3:{happened}".startswith(stem) if star else f"s3:{happened}" == wanted
    assert (is_about and is_meant) == rule.covers(happened, key)


TARGET = Target(
    check,
    seeds=(
        b"arn:aws:sqs:us-east-1:1:q\0s3:ObjectCreated:*\0a/\0.jpg\0a/b.jpg\0ObjectCreated:Put",
        b"arn:ferrox:sqs::orders:webhook\0s3:ObjectRemoved:Delete\0\0\0\xc3\xa9\0ObjectRemoved:Delete",
    ),
    words=(
        *(event.encode() for event in sorted(notification.EVENTS)),
        *(b"arn:aws:sqs:", b"arn:minio:sqs::", b"\0", b"*", b"ObjectCreated:Copy", b"\xff"),
    ),
    max_bytes=512,
)
