"""What KMS refuses with, and how S3 says so of an object whose key refuses.

https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html and the errors of each action.
Errors as in errors.py: the docstring is the message where none is given. S3 passes on what KMS
says with the code behind `KMS.`.
"""

from ferrox.errors import S3Error


class AlreadyExists(S3Error, code="AlreadyExistsException"):
    """The alias already exists."""

    status = 400


class Conflict(S3Error, code="ConflictException"):
    """A rotation of this key is under way."""

    status = 400


class Disabled(S3Error, code="DisabledException"):
    """The key is disabled."""

    status = 400


class DryRun(S3Error, code="DryRunOperationException"):
    """The request would have succeeded, but the DryRun option is set."""

    status = 400


class IncorrectKey(S3Error, code="IncorrectKeyException"):
    """The key ID in the request does not identify a CMK that can perform this operation."""

    status = 400


class InvalidAliasName(S3Error, code="InvalidAliasNameException"):
    """Alias must start with the prefix "alias/". Please see
    https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html
    """

    status = 400


class InvalidArn(S3Error, code="InvalidArnException"):
    """The ARN is not valid."""

    status = 400


class InvalidCiphertext(S3Error, code="InvalidCiphertextException"):
    """The ciphertext is damaged, or was made with another encryption context."""

    status = 400


class InvalidMarker(S3Error, code="InvalidMarkerException"):
    """The marker is not one of this list."""

    status = 400


class InvalidState(S3Error, code="KMSInvalidStateException"):
    """The key is in a state that does not allow this."""

    status = 400


class LimitExceeded(S3Error, code="LimitExceededException"):
    """A quota was exceeded."""

    status = 400


class MalformedPolicyDocument(S3Error, code="MalformedPolicyDocumentException"):
    """The policy is malformed."""

    status = 400


class NotFound(S3Error, code="NotFoundException"):
    """The key or alias does not exist."""

    status = 400


class Serialization(S3Error, code="SerializationException"):
    """The request body is not JSON as this operation takes it."""

    status = 400


class TagError(S3Error, code="TagException"):
    """One or more tags are not valid."""

    status = 400


class UnknownOperation(S3Error, code="UnknownOperationException"):
    """There is no such operation."""

    status = 400


class UnsupportedOperation(S3Error, code="UnsupportedOperationException"):
    """This is not supported for this key."""

    status = 400


class Validation(S3Error, code="ValidationException"):
    """The input does not satisfy the constraints of the operation."""

    status = 400


class ObjectKeyDisabled(S3Error, code="KMS.DisabledException"):
    """The key of the object is disabled."""

    status = 400


class ObjectKeyNotFound(S3Error, code="KMS.NotFoundException"):
    """The key of the object does not exist."""

    status = 400


class ObjectKeyInvalidState(S3Error, code="KMS.KMSInvalidStateException"):
    """The key of the object is in a state that does not allow this."""

    status = 400


_OF_OBJECTS: dict[type[S3Error], type[S3Error]] = {
    Disabled: ObjectKeyDisabled,
    InvalidArn: ObjectKeyNotFound,
    InvalidState: ObjectKeyInvalidState,
    NotFound: ObjectKeyNotFound,
}


def through_s3(refusal: S3Error) -> S3Error:
    """The refusal of a key as S3 tells it to those who read and write objects."""
    kind = _OF_OBJECTS.get(type(refusal))
    return refusal if kind is None else kind(refusal.message)
