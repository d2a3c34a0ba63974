"""What is refused of a signature for its form and its time, before anybody's key is looked at.

Errors as in ferrox/errors.py: the class name is the code on the wire, the docstring is the message.
"""

from ferrox.errors import S3Error


class AuthorizationHeaderMalformed(S3Error):
    """The authorization header you provided is invalid."""

    status = 400


class AuthorizationQueryParametersError(S3Error):
    """The authorization query parameters that you provided are not valid."""

    status = 400


class RegionSetMismatch(S3Error):
    """The provided X-Amz-Region-Set doesn't match against the requested S3 region."""

    status = 400


class RequestTimeTooSkewed(S3Error):
    """The difference between the request time and the current time is too large."""

    status = 403
