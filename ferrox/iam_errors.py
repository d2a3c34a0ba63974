"""What the query APIs of IAM and STS refuse with, and how their callers are told who they are not.

https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html and the errors of each action.
Errors as in errors.py: the class name is the code on the wire, the docstring is the message.
"""

from ferrox.errors import S3Error


class ConcurrentModification(S3Error):
    """The request was rejected because multiple requests to change this object were submitted
    simultaneously. Wait a few minutes and submit your request again.
    """

    status = 409


class DeleteConflict(S3Error):
    """Cannot delete entity, it still has entities attached to it."""

    status = 409


class EntityAlreadyExists(S3Error):
    """The entity already exists."""

    status = 409


class ExpiredIdentityToken(S3Error, code="ExpiredTokenException"):
    """The web identity token that was passed is expired or is not valid."""

    status = 400


class ExpiredSecurityToken(S3Error, code="ExpiredToken"):
    """The security token included in the request is expired"""

    status = 403


class IDPCommunicationError(S3Error):
    """Couldn't retrieve verification key from your identity provider, please reference
    AssumeRoleWithWebIdentity documentation for requirements
    """

    status = 400


class IDPRejectedClaim(S3Error):
    """The identity provider (IdP) reported that authentication failed."""

    status = 403


class IncompleteSignature(S3Error):
    """The request signature does not conform to AWS standards."""

    status = 400


class InvalidAction(S3Error):
    """The action or operation requested is invalid."""

    status = 400


class InvalidClientTokenId(S3Error):
    """The security token included in the request is invalid."""

    status = 403


class InvalidIdentityToken(S3Error):
    """The web identity token that was passed could not be validated."""

    status = 400


class InvalidInput(S3Error):
    """An invalid or out-of-range value was supplied for an input parameter."""

    status = 400


class LimitExceeded(S3Error):
    """The request would go beyond a limit of this account."""

    status = 409


class InvalidParameterValue(S3Error):
    """An invalid or out-of-range value was supplied for the input parameter."""

    status = 400


class MalformedInput(S3Error):
    """The request contains a value of another type than its parameter has."""

    status = 400


class MalformedPolicyDocument(S3Error):
    """This policy contains invalid Json"""

    status = 400


class MalformedQueryString(S3Error):
    """The query string contains a syntax error."""

    status = 404


class MissingAction(S3Error):
    """The request is missing an action or a required parameter."""

    status = 400


class MissingAuthenticationToken(S3Error):
    """Request is missing Authentication Token"""

    status = 403


class NoSuchEntity(S3Error):
    """The entity cannot be found."""

    status = 404


class PackedPolicyTooLarge(S3Error):
    """Packed policy consumes more than its allotted space, please use smaller policy."""

    status = 400


class PolicyEvaluation(S3Error):
    """The request failed because a provided policy could not be successfully evaluated."""

    status = 500


class PolicyNotAttachable(S3Error):
    """The request failed because the policy cannot be attached to this entity."""

    status = 400


class RequestEntityTooLarge(S3Error):
    """The body of the request is too large."""

    status = 413


class Throttling(S3Error):
    """Rate exceeded"""

    status = 400


class UnmodifiableEntity(S3Error):
    """The entity is maintained by the service and cannot be changed."""

    status = 400


class ValidationError(S3Error):
    """The input does not satisfy the constraints of the service."""

    status = 400
