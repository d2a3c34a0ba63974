"""What the admin plane says no with: one form for all errors, whoever raised them.

    {"error": {"code": "NotFound", "message": "There is no account x.", "request_id": "..."}}

Codes of S3 and IAM are passed on as they are; those of this module are for what only the admin
plane knows. The class name is the code, the docstring the message where none is given.
"""

import json
from typing import ClassVar

from ferrox.errors import Fault, S3Error, StorageFull, StoreReadOnly
from ferrox.protocol.message import Response

HEADERS = {"content-type": "application/json", "cache-control": "no-store"}


class AdminError(Exception):
    """An answer other than success."""

    status: ClassVar[int] = 400

    def __init__(self, message: str = "") -> None:
        self.message = message or " ".join((type(self).__doc__ or "").split())
        super().__init__(self.message)

    @property
    def code(self) -> str:
        """What programs go by."""
        return type(self).__name__


class InvalidRequest(AdminError):
    """The request does not say what it should."""


class Forbidden(AdminError):
    """Your certificate has no role that may do this."""

    status = 403


class NotFound(AdminError):
    """There is no such thing."""

    status = 404


class MethodNotAllowed(AdminError):
    """This is not done to that."""

    status = 405


class Conflict(AdminError):
    """Things are not in the state for this."""

    status = 409


class RequestTooLarge(AdminError):
    """The body is larger than anything that is asked here."""

    status = 413


class UnsupportedMediaType(AdminError):
    """The body has to be JSON, and to say so: Content-Type: application/json."""

    status = 415


class TooMany(AdminError):
    """There are too many of these at the moment."""

    status = 429


def response(status: int, code: str, message: str, request_id: str) -> Response:
    """An answer that says no."""
    error = {"code": code, "message": message, "request_id": request_id}
    return Response(status, dict(HEADERS), json.dumps({"error": error}).encode() + b"\n")


def refusal(error: AdminError | S3Error, request_id: str) -> Response:
    """The answer to what the caller did wrong."""
    answered = response(error.status, error.code, error.message, request_id)
    if isinstance(error, S3Error):
        answered.headers |= error.headers
    return answered


def failure(fault: Fault, request_id: str) -> Response:
    """The answer when something is wrong here; an operator may know what."""
    status = 507 if isinstance(fault, StorageFull) else 500
    status = 503 if isinstance(fault, StoreReadOnly) else status
    return response(status, type(fault).__name__, str(fault), request_id)
