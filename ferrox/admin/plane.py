"""The admin plane: a request is routed, its caller's role compared, its fields read, and answered.

It answers the gateway's own requests, so it has the same edge as S3: limits, timeouts, access log.
Who asks, the reception has found out. What changes something must say that its body is JSON, as no
form of a web page can: a browser with a certificate cannot be tricked into ordering anything.
"""

import asyncio
import json
import logging
from typing import Any

from ferrox import ids
from ferrox.admin import errors, openapi, schema
from ferrox.admin.backstage import AdminCall, Backstage, Caller
from ferrox.admin.endpoint import PREFIX, Endpoint
from ferrox.admin.errors import (
    AdminError,
    Forbidden,
    InvalidRequest,
    RequestTooLarge,
    UnsupportedMediaType,
)
from ferrox.admin.handlers import every
from ferrox.admin.router import Router
from ferrox.admin.table import ENDPOINTS
from ferrox.admin_roles import Role
from ferrox.errors import Fault, S3Error
from ferrox.protocol.message import Request, Response

OPENAPI = f"{PREFIX}/openapi.json"

METRICS = "/metrics"
"""Where those who gather metrics look for them, and in no form of this API."""

MOST_BODY_BYTES = 256 * 1024
"""A policy has at most some kilobytes."""

_SHORT = (str, int, float, tuple)
"""Of what is asked, the audit log is told this, and no whole documents. None of it is secret."""

log = logging.getLogger("ferrox.admin")


class AdminPlane:
    """Answers what an operator asks."""

    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage
        self._router = Router(ENDPOINTS)

    async def answer(self, request: Request, caller: Caller) -> Response:
        """Answer one request, whatever happens; only a cancelled task is not answered."""
        request.request_id = request.request_id or ids.request_id()
        request.facts["access_key_id"] = caller.name
        try:
            response = await self._serve(request, caller)
        except (AdminError, S3Error) as error:
            request.facts["error_code"] = error.code
            response = errors.refusal(error, request.request_id)
        except Fault as fault:
            log.warning("%s: admin request failed: %s", request.request_id, fault)
            request.facts["error_code"] = type(fault).__name__
            response = errors.failure(fault, request.request_id)
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("%s: admin request failed", request.request_id)
            request.facts["error_code"] = "InternalError"
            message = "Something went wrong here; the log has the reason."
            response = errors.response(500, "InternalError", message, request.request_id)
        response.headers["x-request-id"] = request.request_id
        return response

    async def _serve(self, request: Request, caller: Caller) -> Response:
        request.facts["operation"] = "admin"
        if caller.role is None:
            raise Forbidden
        if request.path == OPENAPI and request.method == "GET":
            return _document(200, openapi.document(ENDPOINTS))
        if request.path == METRICS and request.method == "GET":
            return await self._metrics(request)
        endpoint, in_path = self._router.find(request.method, request.path)
        request.facts["operation"] = f"admin:{endpoint.name}"
        call = AdminCall(self._backstage, caller, request)
        output = await self._noted(endpoint, call, in_path)
        if endpoint.stream:
            headers = {"content-type": endpoint.stream, "cache-control": "no-store"}
            return Response(200, headers, output)
        if output is None:
            return Response(endpoint.status, {"cache-control": "no-store"})
        return _document(endpoint.status, schema.plain(output))

    async def _metrics(self, request: Request) -> Response:
        request.facts["operation"] = "admin:metrics"
        accept = request.headers.get("accept", "")
        page = await self._backstage.scrape.write(accept, names_buckets=True)
        headers = {"content-type": page.media_type, "cache-control": "no-store"}
        return Response(200, headers, page.text)

    async def _noted(self, endpoint: Endpoint, call: AdminCall, in_path: dict[str, str]) -> Any:
        """Do what is asked; a change, or the wish for one, goes into the audit log."""
        audit = self._backstage.services.ledger.audit
        if endpoint.role is Role.READ_ONLY or audit is None:
            return await _done(endpoint, call, in_path)
        audit.require()
        code = reason = ""
        try:
            return await _done(endpoint, call, in_path)
        except BaseException as error:
            code = getattr(error, "code", type(error).__name__)
            reason = str(error)
            raise
        finally:
            audit.note_change(
                f"admin:{endpoint.name}",
                call.request.path.removeprefix(PREFIX),
                by=call.caller.name,
                request_id=call.request.request_id,
                peer=call.request.peer,
                tls_version=call.request.tls.version if call.request.tls else "",
                error_code=code,
                reason=reason,
                details=call.told,
            )


async def _done(endpoint: Endpoint, call: AdminCall, in_path: dict[str, str]) -> Any:
    if call.caller.role is None or not call.caller.role.covers(endpoint.role):
        raise Forbidden(f"{endpoint.name} needs the role {endpoint.role}.")
    args = await _arguments(endpoint, call.request, in_path)
    call.told = {name: value for name, value in vars(args).items() if isinstance(value, _SHORT)}
    return await every.HANDLERS[endpoint.name](call, args)


async def _arguments(endpoint: Endpoint, request: Request, in_path: dict[str, str]) -> Any:
    """What is asked, as the dataclass that the handler takes."""
    elsewhere = await _body(request) if endpoint.has_body else _query(request)
    if twice := sorted(elsewhere.keys() & in_path.keys()):
        raise InvalidRequest(f"the path says it already: {', '.join(twice)}")
    given = elsewhere | in_path
    return schema.read(endpoint.input, given, is_text=not endpoint.has_body)


def _query(request: Request) -> dict[str, Any]:
    """The fields that stand in the query, each once."""
    given: dict[str, Any] = {}
    for name, value in request.query_pairs:
        if name in given:
            raise InvalidRequest(f"{name} is there twice")
        given[name] = value
    return given


async def _body(request: Request) -> dict[str, Any]:
    """The fields that stand in a JSON body."""
    if request.query_string:
        raise InvalidRequest("this takes its fields in the body and not in the query")
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise UnsupportedMediaType
    data = bytearray()
    async for piece in request.body:
        data += piece
        if len(data) > MOST_BODY_BYTES:
            raise RequestTooLarge
    if not data.strip():
        return {}
    try:
        given = json.loads(data, object_pairs_hook=_each_once, parse_constant=_no_number)
        if b"\\u" in data:
            _refuse_halves(given)
    except (ValueError, RecursionError) as error:
        reason = "too deep" if isinstance(error, RecursionError) else str(error)
        raise InvalidRequest(f"the body is not JSON: {reason}") from None
    if not isinstance(given, dict):
        raise InvalidRequest("the body is not a JSON object")
    return given


def _refuse_halves(given: object) -> None:
    """Half of a surrogate pair is no character: nothing can be made of it that is encoded."""
    try:
        json.dumps(given, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("a text has half of a surrogate pair") from None


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is there twice")
    return found


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number")


def _document(status: int, content: Any) -> Response:
    return Response(status, dict(errors.HEADERS), json.dumps(content).encode() + b"\n")
