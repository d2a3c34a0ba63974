"""Output shape or error → the document that the query protocol answers with.

https://docs.aws.amazon.com/IAM/latest/APIReference/ shows one for each action. An operation that
gives nothing has no result element. Whatever the client did is of type Sender.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ferrox.errors import S3Error
from ferrox.protocol import encode, xml
from ferrox.protocol.message import Response
from ferrox.protocol.query.operation import AnyQueryOperation, Nothing
from ferrox.protocol.query.service import QueryService
from ferrox.protocol.shape import Shape

XML_TYPE = "text/xml"

_WRITERS: dict[type[Shape], Callable[[Any], str]] = {}


def response(operation: AnyQueryOperation, output: Shape, request_id: str) -> Response:
    """The answer of an operation that succeeded."""
    result = ""
    if operation.output is not Nothing:
        write = _WRITERS.get(type(output))
        if write is None:
            write = _WRITERS[type(output)] = encode.structure(type(output))
        result = f"<{operation.name}Result>{write(output)}</{operation.name}Result>"
    metadata = f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
    root = f"{operation.name}Response"
    body = xml.document(root, result + metadata, operation.service.namespace)
    return Response(200, {"content-type": XML_TYPE}, body)


def error(
    error: S3Error,
    service: QueryService,
    request_id: str,
    explanation: Mapping[str, str] = encode.NOTHING,
) -> Response:
    """The answer to a request that was refused, or that went wrong here.

    explanation   why, by element, for a caller that may know
    """
    fault = "Sender" if error.status < 500 else "Receiver"
    told = encode.explained(explanation)
    content = (
        f"<Error><Type>{fault}</Type><Code>{error.code}</Code>"
        f"<Message>{xml.escape(error.message)}</Message>{told}</Error>"
        f"<RequestId>{request_id}</RequestId>"
    )
    body = xml.document("ErrorResponse", content, service.namespace)
    return Response(error.status, {"content-type": XML_TYPE, **error.headers}, body)
