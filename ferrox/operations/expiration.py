"""What answers tell of the rules by which objects expire and uploads are aborted.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html

A bucket without rules costs one look into a dictionary. What an answer tells are AWS's dates, of
days of 24 hours, however long the operator makes them for the job that removes.
"""

from typing import Any

from ferrox.operations.call import Call
from ferrox.protocol.lifecycle import Lifecycle, abort_rule_header, expiration_header
from ferrox.protocol.shapes.lifecycle import BucketLifecycleConfiguration
from ferrox.records import UploadRecord, VersionRecord


def of_new_object(call: Call, version: VersionRecord) -> str | None:
    """The x-amz-expiration of a version that was made just now, None if no rule is about it."""
    rules = call.configuration(BucketLifecycleConfiguration)
    if rules is None:
        return None
    due = Lifecycle(rules).expiration(
        version.key, version.size_bytes, version.tags, version.modified_ms
    )
    return None if due is None else expiration_header(due)


def of_object(call: Call, version: VersionRecord, *, is_named: bool) -> str | None:
    """The x-amz-expiration of a version that is read; only what is current expires.

    is_named  the request names the version, so it may be a former one
    """
    told = of_new_object(call, version)
    if told is not None and is_named:
        newest = call.store.version(call.bucket, version.key)
        if newest is None or newest.version != version.version:
            return None
    return told


def of_upload(call: Call, upload: UploadRecord) -> dict[str, Any]:
    """The output fields that tell when an upload is aborted; none if no rule is about it."""
    rules = call.configuration(BucketLifecycleConfiguration)
    due = None if rules is None else Lifecycle(rules).abort(upload.key, upload.initiated_ms)
    if due is None:
        return {}
    return {"abort_date": due.at_ms, "abort_rule_id": abort_rule_header(due)}
