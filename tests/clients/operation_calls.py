"""How each operation is called with the least that is valid, and what must be done before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PLAIN, ABSENT, LOCKS, LISTS = "plain", "absent", "locks", "lists"
"""Kinds of bucket: as made by default, not made, with object lock, with access control lists."""


@dataclass(frozen=True)
class Call:
    """One operation, beside the bucket and the key that its level implies.

    first    operations to do before, each as its own row says
    takes    what is taken from the answers to those: member → member of this call
    refusal  the error code where success needs what cannot be had yet
    """

    parameters: Mapping[str, Any] = field(default_factory=dict)
    bucket: str = PLAIN
    first: tuple[str, ...] = ()
    takes: Mapping[str, str] = field(default_factory=dict)
    refusal: str = ""


def _configuration(kind: str, **members: Any) -> dict[str, Call]:
    """The four calls of a kind of configuration of which a bucket has many."""
    put = f"PutBucket{kind}Configuration"
    one = {"Id": "one"}
    return {
        put: Call(one | {f"{kind}Configuration": one | members}),
        f"GetBucket{kind}Configuration": Call(one, first=(put,)),
        f"ListBucket{kind}Configurations": Call(first=(put,)),
        f"DeleteBucket{kind}Configuration": Call(one, first=(put,)),
    }


_TAGS = {"TagSet": [{"Key": "a", "Value": "1"}]}
_CORS = {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}
_RULE = {"ID": "all", "Filter": {}, "Status": "Enabled", "Expiration": {"Days": 1}}
_ENCRYPTED = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
_COPY = {"CopySource": "{bucket}/k"}
_LISTED = {
    "Schedule": {"Frequency": "Daily"},
    "IsEnabled": True,
    "IncludedObjectVersions": "All",
    "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::{bucket}", "Format": "CSV"}},
}
_TIERED = {"Status": "Enabled", "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]}
_POLICY = (
    '{{"Version": "2012-10-17", "Statement": [{{"Effect": "Deny", "Principal": "*",'
    ' "Action": "s3:GetObject", "Resource": "arn:aws:s3:::{bucket}/*"}}]}}'
)
_UPLOAD = {"UploadId": "UploadId"}
_PART = {"PartNumber": 1}

CALLS: dict[str, Call] = {
    "ListBuckets": Call(),
    "CreateBucket": Call(bucket=ABSENT),
    "HeadBucket": Call(),
    "DeleteBucket": Call(),
    "GetBucketLocation": Call(),
    "ListObjects": Call(first=("PutObject",)),
    "ListObjectsV2": Call(first=("PutObject",)),
    "ListObjectVersions": Call(first=("PutObject",)),
    "DeleteObjects": Call({"Delete": {"Objects": [{"Key": "k"}]}}, first=("PutObject",)),
    "PutObject": Call({"Body": b"data"}),
    "CopyObject": Call(_COPY | {"MetadataDirective": "REPLACE"}, first=("PutObject",)),
    "GetObject": Call(first=("PutObject",)),
    "HeadObject": Call(first=("PutObject",)),
    "RenameObject": Call({"RenameSource": "{bucket}/k", "Key": "new"}, first=("PutObject",)),
    "DeleteObject": Call(first=("PutObject",)),
    "GetObjectAttributes": Call({"ObjectAttributes": ["ETag"]}, first=("PutObject",)),
    "GetObjectTagging": Call(first=("PutObject", "PutObjectTagging")),
    "PutObjectTagging": Call({"Tagging": _TAGS}, first=("PutObject",)),
    "DeleteObjectTagging": Call(first=("PutObject", "PutObjectTagging")),
    "GetObjectRetention": Call(bucket=LOCKS, first=("PutObject", "PutObjectRetention")),
    "PutObjectRetention": Call(
        {"Retention": {"Mode": "GOVERNANCE", "RetainUntilDate": "2099-01-01T00:00:00Z"}},
        bucket=LOCKS, first=("PutObject",),
    ),
    "GetObjectLegalHold": Call(bucket=LOCKS, first=("PutObject", "PutObjectLegalHold")),
    "PutObjectLegalHold": Call(
        {"LegalHold": {"Status": "ON"}}, bucket=LOCKS, first=("PutObject",)
    ),
    "CreateMultipartUpload": Call(),
    "UploadPart": Call(_PART | {"Body": b"data"}, first=("CreateMultipartUpload",), takes=_UPLOAD),
    "UploadPartCopy": Call(
        _PART | _COPY, first=("PutObject", "CreateMultipartUpload"), takes=_UPLOAD
    ),
    "CompleteMultipartUpload": Call(
        {"MultipartUpload": {"Parts": [_PART | {"ETag": "{ETag}"}]}},
        first=("CreateMultipartUpload", "UploadPart"), takes=_UPLOAD,
    ),
    "AbortMultipartUpload": Call(first=("CreateMultipartUpload",), takes=_UPLOAD),
    "ListParts": Call(first=("CreateMultipartUpload", "UploadPart"), takes=_UPLOAD),
    "ListMultipartUploads": Call(first=("CreateMultipartUpload",)),
    "GetBucketAcl": Call(),
    "PutBucketAcl": Call({"ACL": "private"}, bucket=LISTS),
    "GetObjectAcl": Call(first=("PutObject",)),
    "PutObjectAcl": Call({"ACL": "private"}, bucket=LISTS, first=("PutObject",)),
    "GetBucketAccelerateConfiguration": Call(),
    "PutBucketAccelerateConfiguration": Call({"AccelerateConfiguration": {"Status": "Suspended"}}),
    **_configuration("Analytics", StorageClassAnalysis={}),
    "DeleteBucketCors": Call(first=("PutBucketCors",)),
    "GetBucketCors": Call(first=("PutBucketCors",)),
    "PutBucketCors": Call({"CORSConfiguration": _CORS}),
    "DeleteBucketEncryption": Call(),
    "GetBucketEncryption": Call(refusal="ServerSideEncryptionConfigurationNotFoundError"),
    "PutBucketEncryption": Call(
        {"ServerSideEncryptionConfiguration": _ENCRYPTED}, refusal="InvalidRequest"
    ),
    **_configuration("IntelligentTiering", **_TIERED),
    **_configuration("Inventory", **_LISTED),
    "DeleteBucketLifecycle": Call(first=("PutBucketLifecycleConfiguration",)),
    "GetBucketLifecycleConfiguration": Call(first=("PutBucketLifecycleConfiguration",)),
    "PutBucketLifecycleConfiguration": Call({"LifecycleConfiguration": {"Rules": [_RULE]}}),
    "GetBucketLogging": Call(),
    "PutBucketLogging": Call({"BucketLoggingStatus": {}}),
    **_configuration("Metrics"),
    "GetBucketNotificationConfiguration": Call(),
    "PutBucketNotificationConfiguration": Call({"NotificationConfiguration": {}}),
    "GetObjectLockConfiguration": Call(bucket=LOCKS),
    "PutObjectLockConfiguration": Call(
        {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}, bucket=LOCKS
    ),
    "DeleteBucketOwnershipControls": Call(bucket=LISTS),
    "GetBucketOwnershipControls": Call(bucket=LISTS),
    "PutBucketOwnershipControls": Call(
        {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}}
    ),
    "DeleteBucketPolicy": Call(first=("PutBucketPolicy",)),
    "GetBucketPolicy": Call(first=("PutBucketPolicy",)),
    "GetBucketPolicyStatus": Call(first=("PutBucketPolicy",)),
    "PutBucketPolicy": Call({"Policy": _POLICY}),
    "DeletePublicAccessBlock": Call(),
    "GetPublicAccessBlock": Call(),
    "PutPublicAccessBlock": Call({"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}),
    "DeleteBucketReplication": Call(),
    "GetBucketReplication": Call(refusal="ReplicationConfigurationNotFoundError"),
    "GetBucketRequestPayment": Call(),
    "PutBucketRequestPayment": Call({"RequestPaymentConfiguration": {"Payer": "Requester"}}),
    "DeleteBucketTagging": Call(first=("PutBucketTagging",)),
    "GetBucketTagging": Call(first=("PutBucketTagging",)),
    "PutBucketTagging": Call({"Tagging": _TAGS}),
    "GetBucketVersioning": Call(),
    "PutBucketVersioning": Call({"VersioningConfiguration": {"Status": "Enabled"}}),
    "DeleteBucketWebsite": Call(first=("PutBucketWebsite",)),
    "GetBucketWebsite": Call(first=("PutBucketWebsite",)),
    "PutBucketWebsite": Call({"WebsiteConfiguration": {"IndexDocument": {"Suffix": "index"}}}),
}  # fmt: skip
"""Every operation that an SDK can call."""

NO_SDK_CALLS = {
    "OptionsBucket": "a preflight, which only browsers send",
    "OptionsObject": "a preflight, which only browsers send",
    "PostObject": "a form, which only browsers send",
}
"""What no SDK has a call for, and why."""
