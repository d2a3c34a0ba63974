"""/health/live, /health/ready, /health/version: answered before the pipeline, for anybody."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence

from ferrox import __version__
from ferrox.errors import Fault
from ferrox.protocol import address
from ferrox.protocol.address import Object
from ferrox.protocol.message import Request, Response

LIVE = "/health/live"
READY = "/health/ready"
VERSION = "/health/version"
PATHS = {
    LIVE: LIVE,
    READY: READY,
    VERSION: VERSION,
    "/minio/health/live": LIVE,
    "/minio/health/ready": READY,
    "/minio/health/cluster": READY,
    "/minio/health/cluster/read": READY,
}
"""What may be asked, under ferrox's own names and under those that probes made for MinIO use."""

_SPARING = "maintenance"
"""Asked by MinIO's clients: could the others do without this server? It is the only one."""

RESERVED_SEGMENTS = ("health", "minio")
PROBE_TIMEOUT_S = 5.0

log = logging.getLogger("ferrox.health")


class Health:
    """Answers for the state of this server; `probe` raises Fault with what it is not ready for."""

    def __init__(self, probe: Callable[[], Awaitable[None]]) -> None:
        self._probe = probe
        self.is_stopping = False

    async def answer(self, request: Request, domains: Sequence[str]) -> Response | None:
        """The response, or None when the request is not about health."""
        question = PATHS.get(request.path)
        if question is None or request.method not in ("GET", "HEAD"):
            return None
        target = address.locate(request, domains)
        if not isinstance(target, Object) or target.bucket not in RESERVED_SEGMENTS:
            return None  # a key of that name in a bucket that the Host header names
        request.facts["operation"] = "Health"
        if question == LIVE:
            return _document(200, {"status": "live"}, request)
        if question == VERSION:
            return _document(200, {"name": "ferroxd", "version": __version__}, request)
        reason = await self._why_not_ready()
        if reason:
            return _document(503, {"status": "not ready", "reason": reason}, request)
        if request.query.get(_SPARING) == "true":
            return _document(412, {"status": "needed", "reason": "there is no other"}, request)
        return _document(200, {"status": "ready"}, request)

    async def _why_not_ready(self) -> str:
        if self.is_stopping:
            return "the server is shutting down"
        try:
            async with asyncio.timeout(PROBE_TIMEOUT_S):
                await self._probe()
        except Fault as fault:
            return str(fault)
        except TimeoutError:
            return f"the probe did not end in {PROBE_TIMEOUT_S:g} seconds"
        except Exception:
            log.exception("the readiness probe failed")
            return "the probe failed; the log has the reason"
        return ""


def _document(status: int, content: dict[str, str], request: Request) -> Response:
    body = json.dumps(content).encode() + b"\n"
    headers = {
        "content-type": "application/json",
        "cache-control": "no-store",
        "content-length": str(len(body)),
    }
    return Response(status, headers, b"" if request.method == "HEAD" else body)
