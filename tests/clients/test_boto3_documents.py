"""boto3 as it is installed today: every document of a bucket, put and got and deleted."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.clients.witness import code

MIDNIGHT = datetime(2030, 1, 1, tzinfo=UTC)
TAGS = [{"Key": "stage", "Value": "test"}, {"Key": "größe", "Value": ""}]
RULE = {"ID": "all", "Filter": {}, "Status": "Enabled", "Expiration": {"Days": 1}}


def refused(function: Any, **parameters: Any) -> tuple[int, str]:
    """Status and code of a refusal."""
    with pytest.raises(ClientError) as refusal:
        function(**parameters)
    return code(refusal)


def told(answer: Any) -> Any:
    """An answer without what is the same in all."""
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def test_tags(s3: Any, bucket: str) -> None:
    assert (404, "NoSuchTagSet") == refused(s3.get_bucket_tagging, Bucket=bucket)

    put = s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": TAGS})

    assert 204 == put["ResponseMetadata"]["HTTPStatusCode"]
    assert {"TagSet": TAGS} == told(s3.get_bucket_tagging(Bucket=bucket))
    assert (400, "InvalidTag") == refused(
        s3.put_bucket_tagging, Bucket=bucket, Tagging={"TagSet": [TAGS[0]] * 2}
    )
    s3.delete_bucket_tagging(Bucket=bucket)
    assert (404, "NoSuchTagSet") == refused(s3.get_bucket_tagging, Bucket=bucket)


def test_a_bucket_is_made_with_tags(s3: Any, bucket_name: str) -> None:
    s3.create_bucket(Bucket=bucket_name, CreateBucketConfiguration={"Tags": TAGS})

    assert {"TagSet": TAGS} == told(s3.get_bucket_tagging(Bucket=bucket_name))


def test_a_bucket_with_bad_tags_is_not_made(s3: Any, bucket_name: str) -> None:
    tags = [{"Key": "aws:mine", "Value": ""}]

    assert (400, "InvalidTag") == refused(
        s3.create_bucket, Bucket=bucket_name, CreateBucketConfiguration={"Tags": tags}
    )
    assert (404, "404") == refused(s3.head_bucket, Bucket=bucket_name)


def test_cors(s3: Any, bucket: str) -> None:
    rules = [
        {
            "ID": "pages",
            "AllowedMethods": ["GET", "PUT"],
            "AllowedOrigins": ["https://*.example.com"],
            "AllowedHeaders": ["*"],
            "ExposeHeaders": ["ETag"],
            "MaxAgeSeconds": 60,
        },
        {"AllowedMethods": ["HEAD"], "AllowedOrigins": ["*"]},
    ]
    assert (404, "NoSuchCORSConfiguration") == refused(s3.get_bucket_cors, Bucket=bucket)

    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})

    assert {"CORSRules": rules} == told(s3.get_bucket_cors(Bucket=bucket))
    wrong = [{"AllowedMethods": ["PATCH"], "AllowedOrigins": ["*"]}]
    assert (400, "InvalidRequest") == refused(
        s3.put_bucket_cors, Bucket=bucket, CORSConfiguration={"CORSRules": wrong}
    )
    s3.delete_bucket_cors(Bucket=bucket)
    assert (404, "NoSuchCORSConfiguration") == refused(s3.get_bucket_cors, Bucket=bucket)


def test_lifecycle(s3: Any, bucket: str) -> None:
    rules = [
        RULE,
        {
            "ID": "much",
            "Filter": {
                "And": {
                    "Prefix": "a/",
                    "Tags": [{"Key": "k", "Value": "v"}],
                    "ObjectSizeGreaterThan": 10,
                    "ObjectSizeLessThan": 20,
                }
            },
            "Status": "Disabled",
            "Expiration": {"Date": MIDNIGHT},
            "Transitions": [{"Date": datetime(2029, 1, 1, tzinfo=UTC), "StorageClass": "GLACIER"}],
            "NoncurrentVersionExpiration": {"NoncurrentDays": 5, "NewerNoncurrentVersions": 3},
        },
        {
            "ID": "uploads",
            "Filter": {"Prefix": ""},
            "Status": "Enabled",
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        },
    ]
    get = s3.get_bucket_lifecycle_configuration
    assert (404, "NoSuchLifecycleConfiguration") == refused(get, Bucket=bucket)

    put = s3.put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": rules}
    )

    shown = told(get(Bucket=bucket))
    assert "all_storage_classes_128K" == put["TransitionDefaultMinimumObjectSize"]
    assert "all_storage_classes_128K" == shown.pop("TransitionDefaultMinimumObjectSize")
    assert {"Rules": rules} == shown
    for rule, expected in (
        (RULE | {"Expiration": {"Days": 0}}, "InvalidArgument"),
        (RULE | {"Expiration": {"Days": 1, "Date": MIDNIGHT}}, "MalformedXML"),
        ({"ID": "a", "Filter": {}, "Status": "Enabled"}, "InvalidRequest"),
        (RULE | {"ID": "i" * 256}, "InvalidArgument"),
    ):
        assert (400, expected) == refused(
            s3.put_bucket_lifecycle_configuration,
            Bucket=bucket,
            LifecycleConfiguration={"Rules": [rule]},
        )
    s3.delete_bucket_lifecycle(Bucket=bucket)
    assert (404, "NoSuchLifecycleConfiguration") == refused(get, Bucket=bucket)


def test_website(s3: Any, bucket: str) -> None:
    website = {
        "IndexDocument": {"Suffix": "index.html"},
        "ErrorDocument": {"Key": "404.html"},
        "RoutingRules": [
            {
                "Condition": {"KeyPrefixEquals": "old/", "HttpErrorCodeReturnedEquals": "404"},
                "Redirect": {
                    "HostName": "example.com",
                    "Protocol": "https",
                    "HttpRedirectCode": "302",
                    "ReplaceKeyPrefixWith": "new/",
                },
            }
        ],
    }
    everything = {"RedirectAllRequestsTo": {"HostName": "example.com", "Protocol": "http"}}
    assert (404, "NoSuchWebsiteConfiguration") == refused(s3.get_bucket_website, Bucket=bucket)

    for configuration in (website, everything):
        s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=configuration)
        assert configuration == told(s3.get_bucket_website(Bucket=bucket))

    assert (400, "InvalidArgument") == refused(
        s3.put_bucket_website, Bucket=bucket, WebsiteConfiguration=website | everything
    )
    s3.delete_bucket_website(Bucket=bucket)
    assert (404, "NoSuchWebsiteConfiguration") == refused(s3.get_bucket_website, Bucket=bucket)


def test_logging(s3: Any, bucket: str) -> None:
    logs = f"{bucket}-logs"
    s3.create_bucket(Bucket=logs)
    enabled = {
        "LoggingEnabled": {
            "TargetBucket": logs,
            "TargetPrefix": "a/",
            "TargetObjectKeyFormat": {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}},
        }
    }
    assert {} == told(s3.get_bucket_logging(Bucket=bucket))

    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus=enabled)

    assert enabled == told(s3.get_bucket_logging(Bucket=bucket))
    nowhere = {"LoggingEnabled": {"TargetBucket": "no-such-bucket", "TargetPrefix": ""}}
    assert (400, "InvalidTargetBucketForLogging") == refused(
        s3.put_bucket_logging, Bucket=bucket, BucketLoggingStatus=nowhere
    )
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})
    assert {} == told(s3.get_bucket_logging(Bucket=bucket))


def test_notification(s3: Any, bucket: str) -> None:
    arn = "arn:aws:sqs:us-east-1:123456789012:nobody-configured-this"
    configuration = {
        "QueueConfigurations": [
            {
                "Id": "one",
                "QueueArn": arn,
                "Events": ["s3:ObjectCreated:*"],
                "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "a/"}]}},
            }
        ],
        "EventBridgeConfiguration": {},
    }
    get, put = s3.get_bucket_notification_configuration, s3.put_bucket_notification_configuration
    assert {} == told(get(Bucket=bucket))

    assert (400, "InvalidArgument") == refused(
        put, Bucket=bucket, NotificationConfiguration=configuration
    )
    put(Bucket=bucket, NotificationConfiguration=configuration, SkipDestinationValidation=True)

    assert configuration == told(get(Bucket=bucket))
    put(Bucket=bucket, NotificationConfiguration={})
    assert {} == told(get(Bucket=bucket))


def test_versioning(s3: Any, bucket: str) -> None:
    assert {} == told(s3.get_bucket_versioning(Bucket=bucket))

    for status in ("Enabled", "Suspended"):
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})
        assert {"Status": status} == told(s3.get_bucket_versioning(Bucket=bucket))

    assert (400, "IllegalVersioningConfigurationException") == refused(
        s3.put_bucket_versioning, Bucket=bucket, VersioningConfiguration={}
    )
    assert (501, "NotImplemented") == refused(
        s3.put_bucket_versioning,
        Bucket=bucket,
        MFA="serial 123456",
        VersioningConfiguration={"Status": "Enabled", "MFADelete": "Enabled"},
    )


def test_object_lock(s3: Any, bucket: str, bucket_name: str) -> None:
    get, put = s3.get_object_lock_configuration, s3.put_object_lock_configuration
    lock = {
        "ObjectLockEnabled": "Enabled",
        "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}},
    }
    assert (404, "ObjectLockConfigurationNotFoundError") == refused(get, Bucket=bucket)
    assert (409, "InvalidBucketState") == refused(put, Bucket=bucket, ObjectLockConfiguration=lock)
    s3.create_bucket(Bucket=f"{bucket_name}-locked", ObjectLockEnabledForBucket=True)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})

    for name in (bucket, f"{bucket_name}-locked"):
        put(Bucket=name, ObjectLockConfiguration=lock)
        assert {"ObjectLockConfiguration": lock} == told(get(Bucket=name))
        assert (409, "InvalidBucketState") == refused(
            s3.put_bucket_versioning,
            Bucket=name,
            VersioningConfiguration={"Status": "Suspended"},
        )

    never = {"Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 0}}}
    assert (400, "InvalidRetentionPeriod") == refused(
        put, Bucket=bucket, ObjectLockConfiguration=lock | never
    )


def test_ownership_controls(s3: Any, bucket: str) -> None:
    controls = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}

    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=controls)

    assert {"OwnershipControls": controls} == told(s3.get_bucket_ownership_controls(Bucket=bucket))
    s3.delete_bucket_ownership_controls(Bucket=bucket)
    assert (404, "OwnershipControlsNotFoundError") == refused(
        s3.get_bucket_ownership_controls, Bucket=bucket
    )


def test_public_access_block(s3: Any, bucket: str) -> None:
    block = {"BlockPublicAcls": True, "RestrictPublicBuckets": True}

    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)

    assert {
        "PublicAccessBlockConfiguration": block
        | {"IgnorePublicAcls": False, "BlockPublicPolicy": False}
    } == told(s3.get_public_access_block(Bucket=bucket))
    s3.delete_public_access_block(Bucket=bucket)
    assert (404, "NoSuchPublicAccessBlockConfiguration") == refused(
        s3.get_public_access_block, Bucket=bucket
    )


def test_payment_and_acceleration(s3: Any, bucket: str) -> None:
    assert {"Payer": "BucketOwner"} == told(s3.get_bucket_request_payment(Bucket=bucket))
    assert {} == told(s3.get_bucket_accelerate_configuration(Bucket=bucket))

    s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={"Payer": "Requester"})
    s3.put_bucket_accelerate_configuration(
        Bucket=bucket, AccelerateConfiguration={"Status": "Suspended"}
    )

    assert {"Payer": "Requester"} == told(s3.get_bucket_request_payment(Bucket=bucket))
    assert {"Status": "Suspended"} == told(s3.get_bucket_accelerate_configuration(Bucket=bucket))


CONFIGURATIONS = {
    "inventory": {
        "Id": "one",
        "IsEnabled": True,
        "IncludedObjectVersions": "All",
        "Schedule": {"Frequency": "Weekly"},
        "OptionalFields": ["Size", "ETag"],
        "Destination": {
            "S3BucketDestination": {
                "Bucket": "arn:aws:s3:::lists",
                "Format": "CSV",
                "Encryption": {"SSES3": {}},
            }
        },
    },
    "analytics": {"Id": "one", "StorageClassAnalysis": {}, "Filter": {"Prefix": "a/"}},
    "metrics": {"Id": "one", "Filter": {"Tag": {"Key": "k", "Value": "v"}}},
    "intelligent_tiering": {
        "Id": "one",
        "Status": "Enabled",
        "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}],
    },
}


@pytest.mark.parametrize("kind", CONFIGURATIONS)
def test_configurations_with_an_id(s3: Any, bucket: str, kind: str) -> None:
    configuration = CONFIGURATIONS[kind]
    member = "".join(word.capitalize() for word in kind.split("_")) + "Configuration"
    get, put, delete, every = (
        getattr(s3, f"{verb}_bucket_{kind}_configuration{plural}")
        for verb, plural in (("get", ""), ("put", ""), ("delete", ""), ("list", "s"))
    )
    assert (404, "NoSuchConfiguration") == refused(get, Bucket=bucket, Id="one")

    put(Bucket=bucket, Id="one", **{member: configuration})

    assert {member: configuration} == told(get(Bucket=bucket, Id="one"))
    assert {"IsTruncated": False, f"{member}List": [configuration]} == told(every(Bucket=bucket))
    delete(Bucket=bucket, Id="one")
    assert (404, "NoSuchConfiguration") == refused(delete, Bucket=bucket, Id="one")


def test_what_there_is_not(s3: Any, bucket: str) -> None:
    for get, missing in (
        (s3.get_bucket_encryption, "ServerSideEncryptionConfigurationNotFoundError"),
        (s3.get_bucket_replication, "ReplicationConfigurationNotFoundError"),
        (s3.get_bucket_policy, "NoSuchBucketPolicy"),
        (s3.get_bucket_policy_status, "NoSuchBucketPolicy"),
    ):
        assert (404, missing) == refused(get, Bucket=bucket)
    s3.delete_bucket_encryption(Bucket=bucket)
    s3.delete_bucket_replication(Bucket=bucket)
    rules = [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
    assert (400, "InvalidRequest") == refused(  # this server has no master key
        s3.put_bucket_encryption,
        Bucket=bucket,
        ServerSideEncryptionConfiguration={"Rules": rules},
    )
