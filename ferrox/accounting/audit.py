"""The audit log: who did what, from where, and what came of it. One JSON object a line.

There is a line for each request of somebody who was verified, by a signature or by an identity
provider's token, and one for each change on the admin plane. Secrets, signatures, tokens and query
strings are in none: nothing is written that is not named here.

By default a line is written when the request is over, with a few milliseconds of others, and if
that fails, requests go on: lines wait in memory, up to WAITING_BYTES, and the next one that can be
written says how many were lost. A strict log has a line on its way to the file before the answer
leaves; so it tells the bytes and the time up to there. While it cannot be written, requests are
refused before they do anything. Those that were under way when that began have done it: they get
the same answer, and their lines are written first, once that is possible again.
"""

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from typing import Any, Protocol

from ferrox import log as logs
from ferrox.clock import Clock
from ferrox.errors import InternalError, S3Error, ServiceUnavailable
from ferrox.identity import Principal, PrincipalKind
from ferrox.protocol import encode
from ferrox.protocol.message import Outcome, Request, Response, version_of

BATCH_S = 0.05
WAITING_BYTES = 4 << 20
USER_AGENT_CHARACTERS = 512
"""More of it is cut off: it is the one thing in a line that can be as long as its sender likes."""

_FACTS = ("service", "operation", "bucket", "key", "resource", "issued_access_key_id")
"""What a request turned out to be about, as the pipelines note it."""

_encode = json.JSONEncoder(separators=(",", ":")).encode

log = logging.getLogger("ferrox.audit")


class Sink(Protocol):
    """Where lines go."""

    name: str

    def append(self, data: bytes) -> None:
        """Write whole lines, or nothing: OSError."""
        ...

    def close(self) -> None:
        """Let go of what is open."""
        ...


class Audit:
    """Writes the lines of one process."""

    def __init__(self, sink: Sink, clock: Clock, *, is_strict: bool = False) -> None:
        self._sink = sink
        self._clock = clock
        self.is_strict = is_strict
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._lost_count = 0
        self._is_broken = False
        self._is_flush_due = False

    def note(self, request: Request, outcome: Outcome) -> None:
        """Take note of one request that is over. Never raises: it has been answered."""
        try:
            self.note_answer(request, outcome)
        except Exception:
            log.exception("%s: not in the audit log", request.request_id)

    def note_answer(self, request: Request, outcome: Outcome) -> None:
        """Take note of one request if it is known who made it."""
        principal = request.principal
        if principal is not None and principal.kind is not PrincipalKind.ANONYMOUS:
            self._add(_request_line(request, principal, outcome), request.request_id, "request")

    def note_change(
        self,
        action: str,
        target: str,
        *,
        by: Principal | str,
        request_id: str = "",
        peer: str = "",
        user_agent: str = "",
        tls_version: str = "",
        error_code: str = "",
        reason: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Take note of what somebody changed, or tried to, in another way than by a request to S3.

        action      as in admin:CreateAccount
        target      what was changed: an ARN, or the kind and name of a thing
        by          a principal; or else whatever names the caller: `CN=ops,OU=admin`, `uid 0`
        error_code  why it was refused or failed; "" when it was done
        details     what else is worth knowing. Never a secret

        raises      ServiceUnavailable if the log is strict and cannot be written; ask `require`
                    before the change
        """
        line = {
            **(_who(by) if isinstance(by, Principal) else {"by": by}),
            **_whence(peer, user_agent, tls_version),
            "action": action,
            "target": target,
            "result": "refused" if error_code else "done",
            "error_code": error_code,
            "reason": logs.redact(reason),
            "details": details,
        }
        self._add(line, request_id, "change")
        self.require()

    def require(self) -> None:
        """Raise ServiceUnavailable if the log is strict and cannot be written."""
        if self.is_strict and self._waiting:
            self.flush()
            if self._waiting:
                raise ServiceUnavailable("This server cannot write its audit log.")

    def flush(self) -> None:
        """Write what waits."""
        self._is_flush_due = False
        if not self._waiting:
            return
        data = b"".join(self._gap() + self._waiting)
        try:
            self._sink.append(data)
        except OSError as error:
            self._complain(error)
            return
        if self._is_broken:
            self._is_broken = False
            log.warning("the audit log is written again, %d lines are lost", self._lost_count)
        self._waiting, self._waiting_bytes, self._lost_count = [], 0, 0

    def close(self) -> None:
        """Write what waits, and let go of the file."""
        self.flush()
        self._sink.close()

    def _add(self, line: Mapping[str, Any], request_id: str, kind: str) -> None:
        data = self._encoded({"request_id": request_id, **line}, kind)
        if not self.is_strict and self._waiting_bytes + len(data) > WAITING_BYTES:
            self._lost_count += 1
            return
        self._waiting.append(data)
        self._waiting_bytes += len(data)
        if not self.is_strict and not self._is_flush_due:
            self._is_flush_due = True
            asyncio.get_running_loop().call_later(BATCH_S, self.flush)

    def _encoded(self, line: Mapping[str, Any], kind: str) -> bytes:
        stamped = {"time": logs.timestamp(self._clock.now_ms()), "kind": kind}
        stamped |= {name: value for name, value in line.items() if value or value == 0}
        return f"{_encode(stamped)}\n".encode()

    def _complain(self, error: OSError) -> None:
        """Say it once."""
        if not self._is_broken:
            self._is_broken = True
            outcome = "requests are REFUSED" if self.is_strict else "requests go on without it"
            log.critical(
                "the audit log %s cannot be written: %s; %s",
                self._sink.name, error.strerror or error, outcome,
            )  # fmt: skip

    def _gap(self) -> list[bytes]:
        """A line about lines that are lost."""
        return [self._encoded({"lost_lines": self._lost_count}, "gap")] if self._lost_count else []


class Answering(Protocol):
    """Whoever answers requests."""

    async def answer(self, request: Request) -> Response:
        """Answer one request, whatever happens."""
        ...


class StrictlyAudited:
    """Lets no answer leave that is not in the audit log."""

    def __init__(self, answering: Answering, audit: Audit, host_id: str) -> None:
        self._answering = answering
        self._audit = audit
        self._host_id = host_id

    async def answer(self, request: Request) -> Response:
        """Answer one request, whatever happens."""
        began_s = time.perf_counter()
        response: Response | None = None
        try:
            self._audit.require()
            response = await self._answering.answer(request)
            self._audit.note_answer(request, _so_far(request, response, began_s))
            self._audit.require()
        except S3Error as error:
            await _release(response)
            return self._refuse(request, error)
        except Exception:
            log.exception("%s: not in the audit log", request.request_id)
            await _release(response)
            return self._refuse(request, InternalError())
        return response

    def _refuse(self, request: Request, error: S3Error) -> Response:
        request.facts["error_code"] = error.code
        response = encode.error(
            error, request_id=request.request_id, host_id=self._host_id, resource=request.path,
            is_head=request.method == "HEAD",
        )  # fmt: skip
        response.headers["x-amz-request-id"] = request.request_id
        response.headers["x-amz-id-2"] = self._host_id
        return response


def _request_line(request: Request, principal: Principal, outcome: Outcome) -> dict[str, Any]:
    facts, get = request.facts, request.facts.get
    return {
        **_who(principal),
        "auth": get("auth_type", ""),
        **_whence(
            request.peer,
            request.headers.get("user-agent", ""),
            request.tls.version if request.tls else "",
        ),
        **{name: facts[name] for name in _FACTS if name in facts},
        "version_id": version_of(request, outcome),
        "removals": [removal._asdict() for removal in request.removals],
        "status": outcome.status,
        "error_code": get("error_code", ""),
        "reason": get("reason", ""),
        "bytes_in": outcome.received_bytes,
        "bytes_out": outcome.sent_bytes,
        "duration_ms": round(outcome.duration_s * 1000, 2),
    }


def _who(principal: Principal) -> dict[str, Any]:
    who: dict[str, Any] = {
        "account": principal.account_id,
        "arn": principal.arn,
        "user_id": principal.user_id,
        "access_key_id": principal.access_key_id,
    }
    session = principal.session
    if session is not None:
        who["session"] = {
            "issuer": principal.parent_arn,
            "issuer_access_key_id": session.issuer_key_id,
            "source_identity": session.source_identity,
            "provider": session.provider,
            "subject": session.subject,
            "mfa": session.is_mfa,
        }
    return who


def _whence(peer: str, user_agent: str, tls_version: str) -> dict[str, str]:
    return {"peer": peer, "user_agent": user_agent[:USER_AGENT_CHARACTERS], "tls": tls_version}


def _so_far(request: Request, response: Response, began_s: float) -> Outcome:
    """What is known of a request whose answer is about to leave."""
    duration_s = time.perf_counter() - began_s
    body = response.body
    announced = response.headers.get("content-length") or 0
    sent_bytes = len(body) if isinstance(body, bytes) else int(announced)
    received_bytes = int(request.headers.get("content-length") or 0)
    return Outcome(
        response.status, response.headers, sent_bytes, duration_s, duration_s, received_bytes
    )


async def _release(response: Response | None) -> None:
    """Let go of an answer that is not to be sent."""
    close = getattr(response.body, "aclose", None) if response is not None else None
    if close is not None:
        await close()
