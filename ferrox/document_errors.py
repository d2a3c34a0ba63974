"""What a document of a bucket can be refused with, and what is said when there is none.

Errors as in errors.py: the class name is the code on the wire, the docstring is the message.
"""

from ferrox.errors import S3Error


class AccessForbidden(S3Error):
    """CORSResponse: CORS is not enabled for this bucket."""

    status = 403


class CrossLocationLoggingProhibitted(S3Error):
    """Cross-location logging not allowed. Buckets in one geographic location cannot log information
    to a bucket in another location."""

    status = 403


class IdMismatch(S3Error):
    """Document ID does not match the specified configuration ID."""

    status = 400


class IllegalVersioningConfigurationException(S3Error):
    """The Versioning element must be specified"""

    status = 400


class InvalidBucketAclWithBlockPublicAccessError(S3Error):
    """Bucket cannot have public ACLs set with BlockPublicAccess enabled"""

    status = 400


class InvalidConfigurationId(S3Error):
    """The specified configuration id is invalid."""

    status = 400


class InvalidRetentionPeriod(S3Error):
    """Default retention period must be a positive integer value."""

    status = 400


class InvalidS3DestinationBucket(S3Error):
    """Invalid bucket ARN."""

    status = 400


class InvalidTargetBucketForLogging(S3Error):
    """The target bucket for logging does not exist, is not owned by you, or does not have the
    appropriate grants for the log-delivery group."""

    status = 400


class MalformedACLError(S3Error):
    """The XML you provided was not well-formed or did not validate against our published schema"""

    status = 400


class MalformedPolicy(S3Error):
    """Policies must be valid JSON and the first byte must be '{'"""

    status = 400


class MissingSecurityHeader(S3Error):
    """Your request was missing a required header."""

    status = 400


class NoSuchBucketPolicy(S3Error):
    """The bucket policy does not exist"""

    status = 404


class NoSuchConfiguration(S3Error):
    """The specified configuration does not exist."""

    status = 404


class NoSuchCORSConfiguration(S3Error):
    """The CORS configuration does not exist"""

    status = 404


class NoSuchLifecycleConfiguration(S3Error):
    """The lifecycle configuration does not exist"""

    status = 404


class NoSuchPublicAccessBlockConfiguration(S3Error):
    """The public access block configuration was not found"""

    status = 404


class NoSuchTagSet(S3Error):
    """The TagSet does not exist"""

    status = 404


class NoSuchWebsiteConfiguration(S3Error):
    """The specified bucket does not have a website configuration"""

    status = 404


class ObjectLockConfigurationNotFoundError(S3Error):
    """Object Lock configuration does not exist for this bucket"""

    status = 404


class OwnershipControlsNotFoundError(S3Error):
    """The bucket ownership controls were not found"""

    status = 404


class PolicyTooLarge(S3Error):
    """Policy exceeds the maximum allowed document size."""

    status = 400


class ReplicationConfigurationNotFoundError(S3Error):
    """The replication configuration was not found"""

    status = 404


class ServerSideEncryptionConfigurationNotFoundError(S3Error):
    """The server side encryption configuration was not found"""

    status = 404


class TooManyConfigurations(S3Error):
    """You are attempting to create a new configuration but have already reached the
    1,000-configuration limit."""

    status = 400


class UnexpectedContent(S3Error):
    """This request does not support content"""

    status = 400


class UnresolvableGrantByEmailAddress(S3Error):
    """The email address you provided does not match any account on record."""

    status = 400
