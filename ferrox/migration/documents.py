"""The documents of a bucket: which are copied, in which order, and what is changed in them.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html

They go over as they are: GET and PUT of each have the same root element. What has a say in how
objects are stored comes before them; what would act on them, tell of them, or stand in the way of
whoever copies comes after them. Policies speak of buckets by name, so where a bucket gets another
one its own name is changed in what they say of resources.
"""

import json
from typing import Any, NamedTuple

from ferrox.errors import MalformedXML
from ferrox.protocol import document_operations as ops
from ferrox.protocol import xml
from ferrox.protocol.operation import Operation

POLICY = "policy"
NOTIFICATION = "notification"
PUBLIC_ACCESS_BLOCK = "public access block"
OBJECT_LOCK = "object lock"
_ARN = "arn:aws:s3:::"


class Kind(NamedTuple):
    """One kind of document; `root` is "" for what is no XML."""

    name: str
    get: Operation[Any, Any]
    put: Operation[Any, Any]
    root: str


BEFORE = (
    Kind(
        "ownership controls",
        ops.GetBucketOwnershipControls,
        ops.PutBucketOwnershipControls,
        "OwnershipControls",
    ),
    Kind(
        "default encryption",
        ops.GetBucketEncryption,
        ops.PutBucketEncryption,
        "ServerSideEncryptionConfiguration",
    ),
)
AFTER = (
    Kind("tagging", ops.GetBucketTagging, ops.PutBucketTagging, "Tagging"),
    Kind("CORS", ops.GetBucketCors, ops.PutBucketCors, "CORSConfiguration"),
    Kind("website", ops.GetBucketWebsite, ops.PutBucketWebsite, "WebsiteConfiguration"),
    Kind(
        OBJECT_LOCK,
        ops.GetObjectLockConfiguration,
        ops.PutObjectLockConfiguration,
        "ObjectLockConfiguration",
    ),
    Kind(
        PUBLIC_ACCESS_BLOCK,
        ops.GetPublicAccessBlock,
        ops.PutPublicAccessBlock,
        "PublicAccessBlockConfiguration",
    ),
    Kind(
        "lifecycle",
        ops.GetBucketLifecycleConfiguration,
        ops.PutBucketLifecycleConfiguration,
        "LifecycleConfiguration",
    ),
    Kind("logging", ops.GetBucketLogging, ops.PutBucketLogging, "BucketLoggingStatus"),
    Kind(
        "request payment",
        ops.GetBucketRequestPayment,
        ops.PutBucketRequestPayment,
        "RequestPaymentConfiguration",
    ),
    Kind(
        NOTIFICATION,
        ops.GetBucketNotificationConfiguration,
        ops.PutBucketNotificationConfiguration,
        "NotificationConfiguration",
    ),
    Kind(POLICY, ops.GetBucketPolicy, ops.PutBucketPolicy, ""),
)

NOT_COPIED = (
    Kind(
        "replication",
        ops.GetBucketReplication,
        ops.PutBucketReplication,
        "ReplicationConfiguration",
    ),
)
"""What is only told of where a bucket has it."""

_SAYS_NOTHING: tuple[dict[str, str], ...] = (
    {},
    {"Payer": "BucketOwner"},
    {"ObjectLockEnabled": "Enabled"},
)
"""Contents of documents that say what is so without them."""


def content(kind: Kind, body: bytes) -> Any:
    """What a document says, so that two can be compared; None if that is nothing."""
    if not kind.root:
        try:
            return json.loads(body) or None
        except ValueError:
            return None
    try:
        said = xml.parse(body, kind.root)
    except MalformedXML:
        return None
    return None if said in _SAYS_NOTHING else said


def renamed(kind: Kind, body: bytes, source: str, target: str) -> bytes:
    """A document of a bucket for the bucket that it becomes."""
    if kind.name != POLICY or source == target:
        return body
    document = json.loads(body)
    statements = document.get("Statement", [])
    for statement in [statements] if isinstance(statements, dict) else statements:
        for name in ("Resource", "NotResource"):
            if name in statement:
                statement[name] = _renamed(statement[name], source, target)
    return json.dumps(document, ensure_ascii=False).encode()


def _renamed(resources: Any, source: str, target: str) -> Any:
    if isinstance(resources, list):
        return [_renamed(one, source, target) for one in resources]
    head, tail = _ARN + source, str(resources)[len(_ARN + source) :]
    if str(resources).startswith(head) and tail[:1] in {"", "/", "*", "?"}:
        return _ARN + target + tail
    return resources


def is_public(policy: Any) -> bool:
    """Whether a policy speaks of everybody, as far as can be seen from outside."""
    statements = policy.get("Statement", []) if isinstance(policy, dict) else []
    for statement in [statements] if isinstance(statements, dict) else statements:
        principal = statement.get("Principal")
        named = principal.get("AWS") if isinstance(principal, dict) else principal
        if statement.get("Effect") == "Allow" and named in ("*", ["*"]):
            return True
    return False
