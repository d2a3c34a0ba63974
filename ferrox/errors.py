"""What can go wrong: S3Error (what the client did) and Fault (what went wrong here), as families.

The class name is the code on the wire, the docstring is the message, `status` the HTTP status:
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
Raise as `NoSuchKey(Key=key)`: keyword details become elements of the error document. A first
positional argument replaces the message where AWS words it for the case at hand. What
`because` adds is for those who run the server, and for clients that may have refusals explained.
"""

from typing import ClassVar, Self


class S3Error(Exception):
    """An answer other than success that the client is told about."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "InternalError"

    def __init__(
        self,
        message: str | None = None,
        /,
        *,
        headers: dict[str, str] | None = None,
        **details: str | int,
    ) -> None:
        self.message = message or type(self).default_message()
        self.headers = headers or {}
        self.details = details
        self.reason = ""
        super().__init__(self.message)

    def __init_subclass__(cls, code: str | None = None) -> None:
        if "status" not in cls.__dict__ or not cls.__doc__:
            raise TypeError(f"{cls.__name__} needs a status and a docstring")
        cls.code = code or cls.__name__

    def because(self, reason: str) -> Self:
        """Give the reason that only those who run the server may know."""
        self.reason = reason
        return self

    @classmethod
    def default_message(cls) -> str:
        """The docstring as one line."""
        return " ".join((cls.__doc__ or "").split())


class NotModified(S3Error):
    """Not Modified"""

    status = 304


class AccessControlListNotSupported(S3Error):
    """The bucket does not allow ACLs"""

    status = 400


class AccessDenied(S3Error):
    """Access Denied"""

    status = 403


class BadDigest(S3Error):
    """The Content-MD5 you specified did not match what we received."""

    status = 400


class BadRequest(S3Error):
    """Bad Request"""

    status = 400


class BucketAlreadyExists(S3Error):
    """The requested bucket name is not available. The bucket namespace is shared by all users of
    the system. Please select a different name and try again.
    """

    status = 409


class BucketAlreadyOwnedByYou(S3Error):
    """Your previous request to create the named bucket succeeded and you already own it."""

    status = 409


class BucketNotEmpty(S3Error):
    """The bucket you tried to delete is not empty"""

    status = 409


class ConditionalRequestConflict(S3Error):
    """The conditional request cannot succeed due to a conflicting operation against this
    resource."""

    status = 409


class EntityTooLarge(S3Error):
    """Your proposed upload exceeds the maximum allowed size"""

    status = 400


class EntityTooSmall(S3Error):
    """Your proposed upload is smaller than the minimum allowed size"""

    status = 400


class ExpiredToken(S3Error):
    """The provided token has expired."""

    status = 400


class IdempotencyParameterMismatch(S3Error):
    """Parameters on this idempotent request are inconsistent with parameters used in previous
    request(s).
    """

    status = 400


class IllegalLocationConstraintException(S3Error):
    """The specified location constraint is incompatible for the region specific endpoint this
    request was sent to.
    """

    status = 400


class IncompleteBody(S3Error):
    """You did not provide the number of bytes specified by the Content-Length HTTP header."""

    status = 400


class InsufficientStorage(S3Error):
    """The disk of this server is full: reads and deletes go on, writes are refused."""

    status = 507


class InternalError(S3Error):
    """We encountered an internal error. Please try again."""

    status = 500


class InvalidAccessKeyId(S3Error):
    """The AWS Access Key Id you provided does not exist in our records."""

    status = 403


class InvalidArgument(S3Error):
    """Invalid Argument"""

    status = 400


class InvalidBucketAclWithObjectOwnership(S3Error):
    """Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"""

    status = 400


class InvalidBucketName(S3Error):
    """The specified bucket is not valid."""

    status = 400


class InvalidBucketOwnerAWSAccountID(S3Error):
    """The value of the expected bucket owner parameter must be an AWS Account ID"""

    status = 400


class InvalidBucketState(S3Error):
    """The request is not valid for the current state of the bucket."""

    status = 409


class InvalidDigest(S3Error):
    """The Content-MD5 you specified was invalid."""

    status = 400


class InvalidEncryptionAlgorithmError(S3Error):
    """The Encryption request you specified is not valid. Supported value: AES256."""

    status = 400


class InvalidPart(S3Error):
    """One or more of the specified parts could not be found. The part may not have been uploaded,
    or the specified entity tag may not match the part's entity tag.
    """

    status = 400

    @classmethod
    def default_message(cls) -> str:
        """The docstring, with two spaces between its sentences: AWS has them here."""
        return super().default_message().replace(". ", ".  ")


class InvalidPartNumber(S3Error):
    """The requested partnumber is not satisfiable"""

    status = 416


class InvalidPartOrder(S3Error):
    """The list of parts was not in ascending order. Parts must be ordered by part number."""

    status = 400


class InvalidPolicyDocument(S3Error):
    """The content of the form does not meet the conditions specified in the policy document."""

    status = 400


class InvalidRange(S3Error):
    """The requested range is not satisfiable"""

    status = 416


class InvalidRequest(S3Error):
    """Invalid Request"""

    status = 400


class InvalidStorageClass(S3Error):
    """The storage class you specified is not valid"""

    status = 400


class InvalidTag(S3Error):
    """The tag provided was not a valid tag."""

    status = 400


class InvalidToken(S3Error):
    """The provided token is malformed or otherwise invalid."""

    status = 400


class InvalidURI(S3Error):
    """Couldn't parse the specified URI."""

    status = 400


class KeyTooLongError(S3Error):
    """Your key is too long"""

    status = 400


class MalformedPOSTRequest(S3Error):
    """The body of your POST request is not well-formed multipart/form-data."""

    status = 400


class MalformedXML(S3Error):
    """The XML you provided was not well-formed or did not validate against our published schema"""

    status = 400


class MalformedTrailerError(S3Error):
    """The request contained trailing data that was not well-formed or did not conform to our
    published schema.
    """

    status = 400


class MaxMessageLengthExceeded(S3Error):
    """Your request was too big."""

    status = 400


class MaxPostPreDataLengthExceeded(S3Error):
    """Your POST request fields preceeding the upload file was too large."""

    status = 400


class MetadataTooLarge(S3Error):
    """Your metadata headers exceed the maximum allowed metadata size"""

    status = 400


class MethodNotAllowed(S3Error):
    """The specified method is not allowed against this resource."""

    status = 405


class MissingContentLength(S3Error):
    """You must provide the Content-Length HTTP header."""

    status = 411


class MissingRequestBodyError(S3Error):
    """Request Body is empty"""

    status = 400


class NoSuchBucket(S3Error):
    """The specified bucket does not exist"""

    status = 404


class NoSuchKey(S3Error):
    """The specified key does not exist."""

    status = 404


class NoSuchObjectLockConfiguration(S3Error):
    """The specified object does not have a ObjectLock configuration"""

    status = 404


class NoSuchUpload(S3Error):
    """The specified upload does not exist. The upload ID may be invalid, or the upload may have
    been aborted or completed.
    """

    status = 404


class NoSuchVersion(S3Error):
    """The specified version does not exist."""

    status = 404


class NotImplemented(S3Error):  # noqa: A001 - the class name is the code on the wire
    """A header you provided implies functionality that is not implemented"""

    status = 501


class PreconditionFailed(S3Error):
    """At least one of the pre-conditions you specified did not hold"""

    status = 412


class QuotaExceeded(S3Error):
    """The bucket may not hold more."""

    # AWS has no quotas of buckets; the code and the status are those that Ceph answers with, and
    # clients do not try again.
    status = 403


class RequestHeaderSectionTooLarge(S3Error):
    """Your request header section exceeds the maximum allowed size."""

    status = 400


class RequestTimeout(S3Error):
    """Your socket connection to the server was not read from or written to within the timeout
    period.
    """

    status = 400


class ServiceUnavailable(S3Error):
    """Please reduce your request rate."""

    status = 503


class SignatureDoesNotMatch(S3Error):
    """The request signature we calculated does not match the signature you provided. Check your key
    and signing method.
    """

    status = 403


class SlowDown(S3Error):
    """Please reduce your request rate."""

    status = 503


class UserKeyMustBeSpecified(S3Error):
    """The bucket POST must contain the specified field name. If it is specified, check the
    order of the fields.
    """

    status = 400


class XAmzContentChecksumMismatch(S3Error):
    """The provided checksum does not match the computed checksum."""

    status = 400


class XAmzContentSHA256Mismatch(S3Error):
    """The provided 'x-amz-content-sha256' header does not match what was computed."""

    status = 400


class Fault(Exception):
    """Something wrong on our side; the client learns only that it was InternalError."""


class DataCorrupted(Fault):
    """Stored bytes failed their checksum. They are never served."""


class NoAnswer(Fault):
    """Another process of this server did not answer in time; what was asked is not known."""


class SealBroken(Fault):
    """A sealed secret does not open: another key, another place, or damage."""


class SourceChanged(Fault):
    """The version that was to be read or copied is gone: look the key up again."""


class StoreReadOnly(Fault):
    """A write could not be made durable, so the store stopped acknowledging writes."""


class StorageFull(Fault):
    """The disk has no room for what was to be written."""


class StartError(Fault):
    """The server cannot start as asked. The message is one line for the operator; exit status 2."""
