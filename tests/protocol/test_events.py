"""protocol/events.py: events in AWS's words."""

import pytest

from ferrox.protocol import events
from ferrox.records import Event

EVENT = Event(
    number=255,
    name="ObjectCreated:Put",
    occurred_ms=1_790_000_000_123,
    bucket_id=1,
    bucket="photos",
    key="a b/ü+.jpg",
    version_id="v1",
    size_bytes=0,
    etag="tag",
    owner_id="owner",
    region="eu-west-1",
    principal_id="AKIA",
    source_ip="192.0.2.1",
    request_id="REQUEST",
    host_id="HOST",
)


def test_a_record_has_the_form_of_aws() -> None:
    assert events.record(EVENT, "one") == {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "eu-west-1",
        "eventTime": "2026-09-21T14:13:20.123Z",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AKIA"},
        "requestParameters": {"sourceIPAddress": "192.0.2.1"},
        "responseElements": {"x-amz-request-id": "REQUEST", "x-amz-id-2": "HOST"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "one",
            "bucket": {
                "name": "photos",
                "ownerIdentity": {"principalId": "owner"},
                "arn": "arn:aws:s3:::photos",
            },
            "object": {
                "key": "a+b/%C3%BC%2B.jpg",
                "size": 0,
                "eTag": "tag",
                "versionId": "v1",
                "sequencer": "0000000000000000FF",
            },
        },
    }


def test_what_a_removed_object_was_is_not_told() -> None:
    removed = EVENT._replace(version_id=None, size_bytes=None, etag=None)

    assert {"key", "sequencer"} == set(events.record(removed, "")["s3"]["object"])


@pytest.mark.parametrize("number", [1, 15, 255, 4095, 2**63 - 2])
def test_sequencers_grow_as_texts(number: int) -> None:
    earlier, later = (
        events.record(EVENT._replace(number=one), "")["s3"]["object"]["sequencer"]
        for one in (number, number + 1)
    )

    assert earlier < later


def test_a_message_is_a_list_of_one_record() -> None:
    assert {"Records": [events.record(EVENT, "one")]} == events.message(EVENT, "one")


def test_the_test_message_is_no_record() -> None:
    test = EVENT._replace(name="TestEvent", key="")

    assert events.message(test, "one") == {
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": "2026-09-21T14:13:20.123Z",
        "Bucket": "photos",
        "RequestId": "REQUEST",
        "HostId": "HOST",
    }
