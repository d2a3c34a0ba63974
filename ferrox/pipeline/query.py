"""One request to IAM or STS from start to finish.

read the claim → find its key → read the body, which is small → verify → find the operation → decode
→ authorize → operate → encode. Nothing of a body is read for a key that there is not, except for
the one operation that nobody signs.
"""

from collections.abc import Callable
from typing import Any

from ferrox import errors
from ferrox.auth import query as signature
from ferrox.errors import (
    ExpiredToken,
    InvalidAccessKeyId,
    InvalidToken,
    SlowDown,
)
from ferrox.iam_errors import (
    ExpiredSecurityToken,
    InvalidAction,
    InvalidClientTokenId,
    MissingAction,
    MissingAuthenticationToken,
    RequestEntityTooLarge,
    Throttling,
)
from ferrox.identity import ANONYMOUS, AccessKeyRecord, Principal
from ferrox.operations.call import Services
from ferrox.operations.iam import tags
from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.conditions import condition_keys
from ferrox.operations.iam.handlers import HANDLERS
from ferrox.operations.iam.resources import resource_arn
from ferrox.operations.sts.sessions import refuse_session
from ferrox.pipeline.explaining import refused
from ferrox.pipeline.refusals import refusal_of
from ferrox.protocol.iam.operations import OPERATIONS as IAM_OPERATIONS
from ferrox.protocol.message import Request, Response
from ferrox.protocol.query import decode, encode, form
from ferrox.protocol.query.operation import AnyQueryOperation, Resource
from ferrox.protocol.query.service import QueryService
from ferrox.protocol.sts.operations import OPERATIONS as STS_OPERATIONS
from ferrox.protocol.sts.operations import UNSIGNED

FindKey = Callable[[str, str], AccessKeyRecord]
"""Access key id and security token → whose key it is; InvalidAccessKeyId, InvalidToken and
ExpiredToken if it is no good."""

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
        now_ms = self._services.clock.now_ms()
        claim = signature.read_claim(request, service, now_ms, self._services.region)
        key = claim and self._key(claim.access_key_id, request)
        body = await _body(request)
        if claim and key:
            signature.verify(request, claim, key.secret_access_key, body)
            _note(request, key.principal)
            self._services.note_use(key.principal, service.scope_name)
            self._admit(request)
        parameters = form.parse(request.query_string)
        if request.method == "POST":
            parameters = form.parse(body.decode("utf-8", "surrogateescape")) | parameters
        return key.principal if key else ANONYMOUS, parameters

    def _admit(self, request: Request) -> None:
        try:
            self._services.ledger.admit(request, has_begun=True)
        except SlowDown as refusal:
            raise Throttling(headers=refusal.headers).because(refusal.reason) from None

    def _key(self, access_key_id: str, request: Request) -> AccessKeyRecord:
        token = request.headers.get("x-amz-security-token") or request.query.get(
            "X-Amz-Security-Token", ""
        )
        try:
            return self._find_key(access_key_id, token)
        except (InvalidAccessKeyId, InvalidToken):
            raise InvalidClientTokenId from None
        except ExpiredToken:
            raise ExpiredSecurityToken from None


def _operation(service: QueryService, parameters: dict[str, str]) -> AnyQueryOperation:
    name, version = parameters.get("Action"), parameters.get("Version")
    if not name:
        raise MissingAction
    operation = _OPERATIONS[service].get(name)
    if operation is None or version != service.version:
        shown = version or "NO_VERSION_SPECIFIED"
        raise InvalidAction(f"Could not find operation {name} for version {shown}")
    return operation


def _note(request: Request, principal: Principal) -> None:
    """Tell the logs who asks."""
    request.principal = principal
    request.facts["access_key_id"] = principal.access_key_id
    request.facts["signature_version"] = "AWS4"
    request.facts["auth_type"] = "header" if "authorization" in request.headers else "query"


async def _body(request: Request) -> bytes:
    pieces = []
    received_bytes = 0
    async for piece in request.body:
        received_bytes += len(piece)
        if received_bytes > form.MAX_BODY_BYTES:
            raise RequestEntityTooLarge
        pieces.append(piece)
    return b"".join(pieces)
