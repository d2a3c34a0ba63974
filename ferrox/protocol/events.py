"""Events as AWS writes them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html

`eventSource` is "aws:s3", as in AWS: programs that are told of events look for it. A program that
wants to know where an event comes from has the ARN, the name and the request id.
"""

from typing import Any
from urllib.parse import quote_plus

from ferrox.protocol import dates
from ferrox.records import Event

EVENT_VERSION = "2.1"
SEQUENCER_DIGITS = 18


def message(event: Event, configuration_id: str) -> dict[str, Any]:
    """What a target is told: a list of one record, or the word that it will be told of more."""
    if event.key:
        return {"Records": [record(event, configuration_id)]}
    return {
        "Service": "Amazon S3",
        "Event": f"s3:{event.name}",
        "Time": instant(event.occurred_ms),
        "Bucket": event.bucket,
        "RequestId": event.request_id,
        "HostId": event.host_id,
    }


def record(event: Event, configuration_id: str) -> dict[str, Any]:
    """One event; the sequencers of a key grow, as texts and as hexadecimal numbers."""
    known = {"size": event.size_bytes, "eTag": event.etag, "versionId": event.version_id}
    return {
        "eventVersion": EVENT_VERSION,
        "eventSource": "aws:s3",
        "awsRegion": event.region,
        "eventTime": instant(event.occurred_ms),
        "eventName": event.name,
        "userIdentity": {"principalId": event.principal_id},
        "requestParameters": {"sourceIPAddress": event.source_ip},
        "responseElements": {
            "x-amz-request-id": event.request_id,
            "x-amz-id-2": event.host_id,
        },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": configuration_id,
            "bucket": {
                "name": event.bucket,
                "ownerIdentity": {"principalId": event.owner_id},
                "arn": f"arn:aws:s3:::{event.bucket}",
            },
            "object": {
                "key": quote_plus(event.key, safe="/"),
                **{name: value for name, value in known.items() if value is not None},
                "sequencer": f"{event.number:0{SEQUENCER_DIGITS}X}",
            },
        },
    }


def instant(ms: int) -> str:
    """An instant as events carry it: unlike documents, with its milliseconds."""
    return f"{dates.iso8601(ms).removesuffix('000Z')}{ms % 1000:03d}Z"
