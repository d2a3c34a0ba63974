"""Rows of the operations on documents of buckets: the larger half of the table in operations.py.

What AWS documents as needing Content-MD5 or a checksum is refused without; the other documents are
taken without, because clients send them so.
"""

from ferrox.protocol.address import BUCKET
from ferrox.protocol.operation import Operation
from ferrox.protocol.shapes import (
    access,
    analysis,
    cors,
    encryption,
    inventory,
    lifecycle,
    lock_configuration,
    logging,
    notification,
    replication,
    tagging,
    transfer,
    versioning,
    website,
)
from ferrox.protocol.shapes.groups import (
    BucketInput,
    ConfigurationInput,
    ListConfigurationsInput,
    NoOutput,
)

# A table is read by its columns, so the formatter keeps its hands off.
# fmt: off
GetBucketAccelerateConfiguration = Operation(
    "GetBucketAccelerateConfiguration", "GET", BUCKET, "accelerate",
    transfer.GetBucketAccelerateConfigurationInput,
    transfer.GetBucketAccelerateConfigurationOutput)
PutBucketAccelerateConfiguration = Operation(
    "PutBucketAccelerateConfiguration", "PUT", BUCKET, "accelerate",
    transfer.PutBucketAccelerateConfigurationInput, NoOutput,
    remark="stored; there are no faster endpoints")

DeleteBucketAnalyticsConfiguration = Operation(
    "DeleteBucketAnalyticsConfiguration", "DELETE", BUCKET, "analytics",
    ConfigurationInput, NoOutput, query="id")
GetBucketAnalyticsConfiguration = Operation(
    "GetBucketAnalyticsConfiguration", "GET", BUCKET, "analytics",
    ConfigurationInput, analysis.GetBucketAnalyticsConfigurationOutput, query="id")
ListBucketAnalyticsConfigurations = Operation(
    "ListBucketAnalyticsConfigurations", "GET", BUCKET, "analytics",
    ListConfigurationsInput, analysis.ListBucketAnalyticsConfigurationsOutput)
PutBucketAnalyticsConfiguration = Operation(
    "PutBucketAnalyticsConfiguration", "PUT", BUCKET, "analytics",
    analysis.PutBucketAnalyticsConfigurationInput, NoOutput, query="id",
    remark="stored; nothing is analysed")

DeleteBucketCors = Operation("DeleteBucketCors", "DELETE", BUCKET, "cors", BucketInput, NoOutput)
GetBucketCors = Operation(
    "GetBucketCors", "GET", BUCKET, "cors", BucketInput, cors.GetBucketCorsOutput)
PutBucketCors = Operation(
    "PutBucketCors", "PUT", BUCKET, "cors", cors.PutBucketCorsInput, NoOutput,
    must_be_protected=True)

DeleteBucketEncryption = Operation(
    "DeleteBucketEncryption", "DELETE", BUCKET, "encryption", BucketInput, NoOutput)
GetBucketEncryption = Operation(
    "GetBucketEncryption", "GET", BUCKET, "encryption",
    BucketInput, encryption.GetBucketEncryptionOutput)
PutBucketEncryption = Operation(
    "PutBucketEncryption", "PUT", BUCKET, "encryption",
    encryption.PutBucketEncryptionInput, NoOutput)

DeleteBucketIntelligentTieringConfiguration = Operation(
    "DeleteBucketIntelligentTieringConfiguration", "DELETE", BUCKET, "intelligent-tiering",
    ConfigurationInput, NoOutput, query="id")
GetBucketIntelligentTieringConfiguration = Operation(
    "GetBucketIntelligentTieringConfiguration", "GET", BUCKET, "intelligent-tiering",
    ConfigurationInput, analysis.GetBucketIntelligentTieringConfigurationOutput, query="id")
ListBucketIntelligentTieringConfigurations = Operation(
    "ListBucketIntelligentTieringConfigurations", "GET", BUCKET, "intelligent-tiering",
    ListConfigurationsInput, analysis.ListBucketIntelligentTieringConfigurationsOutput)
PutBucketIntelligentTieringConfiguration = Operation(
    "PutBucketIntelligentTieringConfiguration", "PUT", BUCKET, "intelligent-tiering",
    analysis.PutBucketIntelligentTieringConfigurationInput, NoOutput, query="id",
    remark="stored; there are no tiers")

DeleteBucketInventoryConfiguration = Operation(
    "DeleteBucketInventoryConfiguration", "DELETE", BUCKET, "inventory",
    ConfigurationInput, NoOutput, query="id")
GetBucketInventoryConfiguration = Operation(
    "GetBucketInventoryConfiguration", "GET", BUCKET, "inventory",
    ConfigurationInput, inventory.GetBucketInventoryConfigurationOutput, query="id")
ListBucketInventoryConfigurations = Operation(
    "ListBucketInventoryConfigurations", "GET", BUCKET, "inventory",
    ListConfigurationsInput, inventory.ListBucketInventoryConfigurationsOutput)
PutBucketInventoryConfiguration = Operation(
    "PutBucketInventoryConfiguration", "PUT", BUCKET, "inventory",
    inventory.PutBucketInventoryConfigurationInput, NoOutput, query="id",
    remark="lists are CSV, without access control lists; the first one comes at once")

DeleteBucketLifecycle = Operation(
    "DeleteBucketLifecycle", "DELETE", BUCKET, "lifecycle", BucketInput, NoOutput)
GetBucketLifecycleConfiguration = Operation(
    "GetBucketLifecycleConfiguration", "GET", BUCKET, "lifecycle",
    BucketInput, lifecycle.GetBucketLifecycleConfigurationOutput)
PutBucketLifecycleConfiguration = Operation(
    "PutBucketLifecycleConfiguration", "PUT", BUCKET, "lifecycle",
    lifecycle.PutBucketLifecycleConfigurationInput,
    lifecycle.PutBucketLifecycleConfigurationOutput, must_be_protected=True,
    remark="transitions are stored; there is one storage class")

GetBucketLogging = Operation(
    "GetBucketLogging", "GET", BUCKET, "logging", BucketInput, logging.GetBucketLoggingOutput)
PutBucketLogging = Operation(
    "PutBucketLogging", "PUT", BUCKET, "logging", logging.PutBucketLoggingInput, NoOutput)

DeleteBucketMetricsConfiguration = Operation(
    "DeleteBucketMetricsConfiguration", "DELETE", BUCKET, "metrics",
    ConfigurationInput, NoOutput, query="id")
GetBucketMetricsConfiguration = Operation(
    "GetBucketMetricsConfiguration", "GET", BUCKET, "metrics",
    ConfigurationInput, analysis.GetBucketMetricsConfigurationOutput, query="id")
ListBucketMetricsConfigurations = Operation(
    "ListBucketMetricsConfigurations", "GET", BUCKET, "metrics",
    ListConfigurationsInput, analysis.ListBucketMetricsConfigurationsOutput)
PutBucketMetricsConfiguration = Operation(
    "PutBucketMetricsConfiguration", "PUT", BUCKET, "metrics",
    analysis.PutBucketMetricsConfigurationInput, NoOutput, query="id",
    remark="stored; nothing is measured by it")

GetBucketNotificationConfiguration = Operation(
    "GetBucketNotificationConfiguration", "GET", BUCKET, "notification",
    BucketInput, notification.GetBucketNotificationConfigurationOutput)
PutBucketNotificationConfiguration = Operation(
    "PutBucketNotificationConfiguration", "PUT", BUCKET, "notification",
    notification.PutBucketNotificationConfigurationInput, NoOutput)

GetObjectLockConfiguration = Operation(
    "GetObjectLockConfiguration", "GET", BUCKET, "object-lock",
    BucketInput, lock_configuration.GetObjectLockConfigurationOutput)
PutObjectLockConfiguration = Operation(
    "PutObjectLockConfiguration", "PUT", BUCKET, "object-lock",
    lock_configuration.PutObjectLockConfigurationInput,
    lock_configuration.PutObjectLockConfigurationOutput, must_be_protected=True)

DeleteBucketOwnershipControls = Operation(
    "DeleteBucketOwnershipControls", "DELETE", BUCKET, "ownershipControls", BucketInput, NoOutput)
GetBucketOwnershipControls = Operation(
    "GetBucketOwnershipControls", "GET", BUCKET, "ownershipControls",
    BucketInput, access.GetBucketOwnershipControlsOutput)
PutBucketOwnershipControls = Operation(
    "PutBucketOwnershipControls", "PUT", BUCKET, "ownershipControls",
    access.PutBucketOwnershipControlsInput, NoOutput)

GetBucketPolicy = Operation(
    "GetBucketPolicy", "GET", BUCKET, "policy", BucketInput, access.GetBucketPolicyOutput)
PutBucketPolicy = Operation(  # 204, though the model says 200
    "PutBucketPolicy", "PUT", BUCKET, "policy", access.PutBucketPolicyInput, NoOutput, status=204)
DeleteBucketPolicy = Operation(
    "DeleteBucketPolicy", "DELETE", BUCKET, "policy", BucketInput, NoOutput)
GetBucketPolicyStatus = Operation(
    "GetBucketPolicyStatus", "GET", BUCKET, "policyStatus",
    BucketInput, access.GetBucketPolicyStatusOutput)

DeletePublicAccessBlock = Operation(
    "DeletePublicAccessBlock", "DELETE", BUCKET, "publicAccessBlock", BucketInput, NoOutput)
GetPublicAccessBlock = Operation(
    "GetPublicAccessBlock", "GET", BUCKET, "publicAccessBlock",
    BucketInput, access.GetPublicAccessBlockOutput)
PutPublicAccessBlock = Operation(
    "PutPublicAccessBlock", "PUT", BUCKET, "publicAccessBlock",
    access.PutPublicAccessBlockInput, NoOutput)

DeleteBucketReplication = Operation(
    "DeleteBucketReplication", "DELETE", BUCKET, "replication", BucketInput, NoOutput)
GetBucketReplication = Operation(
    "GetBucketReplication", "GET", BUCKET, "replication",
    BucketInput, replication.GetBucketReplicationOutput)
PutBucketReplication = Operation(
    "PutBucketReplication", "PUT", BUCKET, "replication",
    remark="Replication to other servers is not implemented")

GetBucketRequestPayment = Operation(
    "GetBucketRequestPayment", "GET", BUCKET, "requestPayment",
    BucketInput, transfer.GetBucketRequestPaymentOutput)
PutBucketRequestPayment = Operation(
    "PutBucketRequestPayment", "PUT", BUCKET, "requestPayment",
    transfer.PutBucketRequestPaymentInput, NoOutput, remark="stored; nobody is charged")

DeleteBucketTagging = Operation(
    "DeleteBucketTagging", "DELETE", BUCKET, "tagging", BucketInput, NoOutput)
GetBucketTagging = Operation(
    "GetBucketTagging", "GET", BUCKET, "tagging", BucketInput, tagging.GetBucketTaggingOutput)
PutBucketTagging = Operation(
    "PutBucketTagging", "PUT", BUCKET, "tagging", tagging.PutBucketTaggingInput, NoOutput,
    status=204, must_be_protected=True)  # though the model says 200

GetBucketVersioning = Operation(
    "GetBucketVersioning", "GET", BUCKET, "versioning",
    BucketInput, versioning.GetBucketVersioningOutput)
PutBucketVersioning = Operation(
    "PutBucketVersioning", "PUT", BUCKET, "versioning",
    versioning.PutBucketVersioningInput, NoOutput, remark="MFA delete is not implemented")

DeleteBucketWebsite = Operation(
    "DeleteBucketWebsite", "DELETE", BUCKET, "website", BucketInput, NoOutput)
GetBucketWebsite = Operation(
    "GetBucketWebsite", "GET", BUCKET, "website", BucketInput, website.GetBucketWebsiteOutput)
PutBucketWebsite = Operation(
    "PutBucketWebsite", "PUT", BUCKET, "website", website.PutBucketWebsiteInput, NoOutput)
# fmt: on

DOCUMENT_OPERATIONS = tuple(row for row in globals().copy().values() if isinstance(row, Operation))
"""Every row of this module."""
