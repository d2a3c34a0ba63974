"""One request to KMS from start to finish.

read the claim → find its key → read the body, which is small → verify → find the operation → decode
→ authorize → operate → encode; as requests to IAM, and answered in JSON.
"""

from typing import Any

from ferrox.iam_errors import MissingAuthenticationToken
from ferrox.kms_errors import UnknownOperation
from ferrox.operations.call import Services
from ferrox.operations.kms.call import KmsCall
from ferrox.operations.kms.handlers import HANDLERS
from ferrox.pipeline import signed_body
from ferrox.pipeline.explaining import refused
from ferrox.pipeline.refusals import refusal_of
from ferrox.pipeline.signed_body import FindKey
from ferrox.protocol.kms import decode, encode
from ferrox.protocol.kms.operations import OPERATIONS
from ferrox.protocol.kms.service import KMS
from ferrox.protocol.message import Request, Response


class KmsPipeline:
    """Answers requests to KMS."""

    def __init__(self, services: Services, find_key: FindKey) -> None:
        self._services = services
        self._find_key = find_key

    async def answer(self, request: Request, operation_name: str) -> Response:
        """Answer one request, whatever happens."""
        try:
            response = await self._serve(request, operation_name)
        except Exception as reason:  # noqa: BLE001 - every reason is told, here or in the log
            error = refusal_of(reason, request.request_id)
            response = encode.error(error, refused(self._services, request, error))
        response.headers["x-amzn-requestid"] = request.request_id
        return response

    async def _serve(self, request: Request, operation_name: str) -> Response:
        principal, body = await signed_body.read(request, KMS, self._services, self._find_key)
        if principal.is_anonymous:
            raise MissingAuthenticationToken
        operation = OPERATIONS.get(operation_name)
        request.facts["service"] = KMS.scope_name
        if operation is None:
            raise UnknownOperation
        request.facts["operation"] = operation.name
        args = decode.structure(operation.input, decode.document(body))
        call = KmsCall(self._services, principal, request)
        call.authorize(operation, args)
        output: Any = await HANDLERS[operation.name](call, args)
        return encode.response(output)
