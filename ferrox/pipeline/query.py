"""One request to IAM or STS from start to finish.

read the claim → find its key → read the body, which is small → verify → find the operation → decode
→ authorize → operate → encode. Nothing of a body is read for a key that there is not, except for
the one operation that nobody signs.
"""

from typing import Any

from ferrox import errors
from ferrox.iam_errors import (
    InvalidAction,
    MissingAction,
    MissingAuthenticationToken,
)
from ferrox.identity import Principal
from ferrox.operations.call import Services
from ferrox.operations.iam import tags
from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.conditions import condition_keys
from ferrox.operations.iam.handlers import HANDLERS
from ferrox.operations.iam.resources import resource_arn
from ferrox.operations.sts.sessions import refuse_session
from ferrox.pipeline import signed_body
from ferrox.pipeline.explaining import refused
from ferrox.pipeline.refusals import refusal_of
from ferrox.pipeline.signed_body import FindKey
from ferrox.protocol.iam.operations import OPERATIONS as IAM_OPERATIONS
from ferrox.protocol.message import Request, Response
from ferrox.protocol.query import decode, encode, form
from ferrox.protocol.query.operation import AnyQueryOperation, Resource
from ferrox.protocol.query.service import QueryService
from ferrox.protocol.sts.operations import OPERATIONS as STS_OPERATIONS
from ferrox.protocol.sts.operations import UNSIGNED

_OPERATIONS = {QueryService.IAM: IAM_OPERATIONS, QueryService.STS: STS_OPERATIONS}


class QueryPipeline:
    """Answers requests to IAM and STS."""

    def __init__(self, services: Services, find_key: FindKey) -> None:
        self._services = services
        self._find_key = find_key

    async def answer(self, request: Request, service: QueryService) -> Response:
        """Answer one request, whatever happens."""
        try:
            response = await self._serve(request, service)
        except Exception as reason:  # noqa: BLE001 - every reason is told, here or in the log
            error = refusal_of(reason, request.request_id)
            explanation = refused(self._services, request, error)
            response = encode.error(error, service, request.request_id, explanation)
        response.headers["x-amzn-requestid"] = request.request_id
        return response

    async def _serve(self, request: Request, service: QueryService) -> Response:
        principal, parameters = await self._read(request, service)
        if principal.is_anonymous and parameters.get("Action") != UNSIGNED.name:
            raise MissingAuthenticationToken
        operation = _operation(service, parameters)
        request.facts |= {"service": service.scope_name, "operation": operation.name}
        handler = HANDLERS.get(operation.action)
        if handler is None:
            raise errors.NotImplemented(f"{operation.action} is not implemented")
        refuse_session(principal, operation)
        args = decode.structure(operation.input, parameters)
        call = IamCall(self._services, principal, request, principal.account_id)
        if service is QueryService.IAM:
            request.values = condition_keys(call, operation, args)
        if operation.resource is not Resource.NOTHING:
            resource = request.facts["resource"] = resource_arn(call, operation.resource, args)
            call.require(operation, resource)
            if operation.resource.is_new and getattr(args, "tags", None):
                call.require(tags.OF_NEW[operation.resource], resource)
        output: Any = await handler(call, args)
        return encode.response(operation, output, request.request_id)

    async def _read(
        self, request: Request, service: QueryService
    ) -> tuple[Principal, dict[str, str]]:
        """Who asks, and with which parameters: those of the query and of the body."""
        principal, body = await signed_body.read(request, service, self._services, self._find_key)
        parameters = form.parse(request.query_string)
        if request.method == "POST":
            parameters = form.parse(body.decode("utf-8", "surrogateescape")) | parameters
        return principal, parameters


def _operation(service: QueryService, parameters: dict[str, str]) -> AnyQueryOperation:
    name, version = parameters.get("Action"), parameters.get("Version")
    if not name:
        raise MissingAction
    operation = _OPERATIONS[service].get(name)
    if operation is None or version != service.version:
        shown = version or "NO_VERSION_SPECIFIED"
        raise InvalidAction(f"Could not find operation {name} for version {shown}")
    return operation
