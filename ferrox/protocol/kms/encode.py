"""Output shape or error → the JSON that KMS answers with.

https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
https://awslabs.github.io/smithy/1.0/spec/aws/aws-json-1_1-protocol.html

What the other query APIs call by shorter names has the names of this protocol; an error is of
status 400 unless it is the server's.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

from ferrox.errors import S3Error
from ferrox.protocol.encode import NOTHING
from ferrox.protocol.message import Response
from ferrox.protocol.shape import Field, Shape

JSON_TYPE = "application/x-amz-json-1.1"

_CODES = {
    "AccessDenied": "AccessDeniedException",
    "ExpiredToken": "ExpiredTokenException",
    "IncompleteSignature": "IncompleteSignatureException",
    "InternalError": "KMSInternalException",
    "InvalidClientTokenId": "UnrecognizedClientException",
    "MissingAuthenticationToken": "MissingAuthenticationTokenException",
    "RequestEntityTooLarge": "RequestEntityTooLargeException",
    "ServiceUnavailable": "ServiceUnavailableException",
    "SignatureDoesNotMatch": "InvalidSignatureException",
    "Throttling": "ThrottlingException",
    "ValidationError": "ValidationException",
}


def response(output: Shape) -> Response:
    """The answer of an operation that succeeded; one that gives nothing has no body."""
    body = _text(plain(output)) if output.plan.elements else b""
    return Response(200, {"content-type": JSON_TYPE}, body)


def error(error: S3Error, explanation: Mapping[str, str] = NOTHING) -> Response:
    """The answer to a request that was refused, or that went wrong here.

    explanation   why, by element, for a caller that may know
    """
    code = _CODES.get(error.code, error.code)
    status = 400 if error.status < 500 else error.status
    headers = {"content-type": JSON_TYPE, "x-amzn-errortype": code, **error.headers}
    told = {"__type": code, "message": error.message, **explanation}
    return Response(status, headers, _text(told))


def plain(shape: Shape) -> dict[str, Any]:
    """A shape as JSON has it; what is not there is left out."""
    values = ((field, getattr(shape, field.name, None)) for field in shape.plan.elements)
    return {field.wire: _plain(field, value) for field, value in values if value is not None}


def _plain(field: Field, value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(field, item) for item in value]
    if isinstance(value, Shape):
        return plain(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value / 1000 if field.timestamp else value


def _text(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
