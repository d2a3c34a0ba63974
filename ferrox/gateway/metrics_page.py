"""/metrics: answered before the pipeline, for Prometheus and its kin.

https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config
https://www.rfc-editor.org/rfc/rfc6750

Where the operator gave a token, it has to be shown. Where not, anybody is answered, and told no
names of buckets: they are nobody's business who has no key.

What is signed as S3 wants it is no question for metrics: it is about a bucket of that name, which
may have been made when buckets could still be called so.
"""

import asyncio
import hmac
import logging
from collections.abc import Sequence
from typing import Protocol

from ferrox import metrics
from ferrox.protocol import address
from ferrox.protocol.address import Object
from ferrox.protocol.message import Request, Response

PATH = "/metrics"
OPERATION = "Metrics"
TIMEOUT_S = 20.0
"""Prometheus itself waits for ten seconds, if it is not told otherwise."""

_SIGNED = ("X-Amz-Signature=", "Signature=")
_WANTED = 'Bearer realm="metrics"'

log = logging.getLogger("ferrox.metrics")


class Page(Protocol):
    """What there is to tell."""

    @property
    def media_type(self) -> str:
        """The type of the text."""
        ...

    @property
    def text(self) -> bytes:
        """All of it."""
        ...


class Source(Protocol):
    """Whoever knows what there is to tell."""

    async def write(self, accept: str, *, names_buckets: bool) -> Page:
        """Write it down in the format that an Accept header asks for."""
        ...


class MetricsPage:
    """Answers for all processes of the server.

    token  what has to be shown; None: nothing
    """

    def __init__(self, source: Source, token: str | None) -> None:
        self._source = source
        self._token = None if token is None else token.encode()

    async def answer(self, request: Request, domains: Sequence[str]) -> Response | None:
        """The response, or None when the request is not about metrics."""
        if request.path != PATH or request.method not in ("GET", "HEAD") or _is_signed(request):
            return None
        if isinstance(address.locate(request, domains), Object):
            return None  # a key of that name in a bucket that the Host header names
        request.facts["operation"] = OPERATION
        if (wanted := self._missing(request)) is not None:
            metrics.AUTHENTICATION_FAILURES.inc(1, "InvalidMetricsToken")
            return _said(request, 401, "The token of metrics is missing or wrong.", wanted)
        try:
            async with asyncio.timeout(TIMEOUT_S):
                page = await self._source.write(
                    request.headers.get("accept", ""), names_buckets=self._token is not None
                )
        except TimeoutError:
            log.warning("metrics could not be gathered in %g seconds", TIMEOUT_S)
            return _said(request, 503, "Metrics could not be gathered in time.")
        except Exception:
            log.exception("metrics could not be gathered")
            return _said(request, 500, "Metrics could not be gathered; the log has the reason.")
        headers = {"content-type": page.media_type, "cache-control": "no-store"}
        return _answer(request, 200, headers, page.text)

    def _missing(self, request: Request) -> str | None:
        """What a client is told that has not shown the token."""
        if self._token is None:
            return None
        scheme, _, shown = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return _WANTED
        is_right = hmac.compare_digest(shown.strip().encode("utf-8", "replace"), self._token)
        return None if is_right else f'{_WANTED}, error="invalid_token"'


def _is_signed(request: Request) -> bool:
    return request.headers.get("authorization", "").startswith("AWS") or any(
        parameter in request.query_string for parameter in _SIGNED
    )


def _said(request: Request, status: int, words: str, wanted: str = "") -> Response:
    headers = {"content-type": "text/plain; charset=utf-8", "cache-control": "no-store"}
    if wanted:
        headers["www-authenticate"] = wanted
    return _answer(request, status, headers, words.encode() + b"\n")


def _answer(request: Request, status: int, headers: dict[str, str], body: bytes) -> Response:
    headers["content-length"] = str(len(body))
    return Response(status, headers, b"" if request.method == "HEAD" else body)
