"""Refusals: what the server remembers of requests that it refused, and why, by request id.

Every process keeps the last ones in memory, as many as have room: `find` looks here and then asks
the others. Callers who carried no credentials have a ring of their own, so that whoever knocks at
random displaces nothing that somebody will ask about. What is ordinary, as that an object does not
exist, is no refusal.

The canonical request stands as the server built it, without the values of secret headers. The
query string of a request is not kept: it may be the signature.
"""

import heapq
import itertools
import json
import re
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple

from ferrox import log as logs
from ferrox.clock import Clock
from ferrox.decision import Decision
from ferrox.errors import S3Error
from ferrox.protocol.message import Request
from ferrox.workers.channel import Channel

TOPIC = "refusal"
LAST_TOPIC = "refusals.last"

SIGNED_COUNT, ANONYMOUS_COUNT = 2000, 500
SIGNED_BYTES, ANONYMOUS_BYTES = 4 << 20, 1 << 20
TEXT_CHARACTERS = 8192
"""The most that is kept of a canonical request; the rest is cut off."""

REASON_CHARACTERS = 300
NAME_CHARACTERS = 1024

_CLAIM = re.compile(
    r"(?:^|[,&\s])(?:X-Amz-)?(?:Credential|AWSAccessKeyId)=([^/&,%\s]+)|^AWS ([^:\s]+):"
).search
"""Finds the access key id that an Authorization header or a query names."""

_FACTS = ("operation", "bucket", "key")
_ORDINARY = frozenset({304, 404, 412, 416})
"""Answers that refuse nobody anything."""

_TELLING = (
    "RequestTime", "ServerTime", "MaxAllowedSkewMilliseconds", "X-Amz-Date", "X-Amz-Expires",
    "Expires", "Region", "HeadersNotSigned",
)  # fmt: skip
"""Details of errors that tell why. Others may be what a client sent, and that a secret."""

_OVERHEAD_BYTES = 1500
"""What a refusal takes besides its texts, roughly."""


class Refusal(NamedTuple):
    """One request that was refused.

    access_key_id      the key that the request named, be it that of the caller or not
    principal          ARN of the caller; "" where nobody could be verified
    reason             why, for the operator
    decision           what the policies said, where permission was missing
    canonical_request  and the string to sign, as the server built them, where they did not match
    """

    time_ms: int
    request_id: str
    status: int
    code: str
    message: str
    reason: str
    principal: str
    access_key_id: str
    peer: str
    user_agent: str
    method: str
    path: str
    facts: Mapping[str, str]
    details: Mapping[str, str | int]
    decision: Decision | None
    canonical_request: str = ""
    string_to_sign: str = ""

    def document(self) -> dict[str, Any]:
        """It as JSON has it; what is not known is left out."""
        fields = self._asdict()
        fields["time"] = logs.timestamp(fields.pop("time_ms"))
        fields |= fields.pop("facts")
        fields["decision"] = self.decision and _known(self.decision._asdict())
        return _known(fields)

    def explanation(self) -> dict[str, str]:
        """What a caller is told who may have its own refusals explained, by element."""
        known = self.decision._asdict() if self.decision is not None else {}
        told = {"Reason": self.reason}
        told |= {name.capitalize(): str(value) for name, value in known.items() if value}
        return told

    @property
    def size_bytes(self) -> int:
        """How much memory it takes, roughly."""
        texts = (self.message, self.reason, self.path, self.user_agent, self.canonical_request)
        return _OVERHEAD_BYTES + sum(map(len, texts)) + len(self.facts.get("key", ""))


class Ring:
    """The last refusals, as many as have room."""

    def __init__(self, most_count: int, most_bytes: int) -> None:
        self._most_count = most_count
        self._most_bytes = most_bytes
        self._by_id: OrderedDict[str, Refusal] = OrderedDict()
        self._size_bytes = 0

    def add(self, refusal: Refusal) -> None:
        """Remember one, and forget the oldest for it."""
        former = self._by_id.pop(refusal.request_id, None)
        if former is not None:
            self._size_bytes -= former.size_bytes
        self._by_id[refusal.request_id] = refusal
        self._size_bytes += refusal.size_bytes
        while len(self._by_id) > self._most_count or self._size_bytes > self._most_bytes:
            self._size_bytes -= self._by_id.popitem(last=False)[1].size_bytes

    def get(self, request_id: str) -> Refusal | None:
        """The refusal of a request."""
        return self._by_id.get(request_id)

    def last(self, count: int) -> list[Refusal]:
        """The last ones, the newest first."""
        return list(itertools.islice(reversed(self._by_id.values()), count))


class Refusals:
    """The refusals of one process, and the way to those of the others.

    channel  to the other processes, where there are some
    """

    def __init__(self, clock: Clock, channel: Channel | None = None) -> None:
        self._clock = clock
        self._channel = channel
        self._signed = Ring(SIGNED_COUNT, SIGNED_BYTES)
        self._anonymous = Ring(ANONYMOUS_COUNT, ANONYMOUS_BYTES)
        if channel is not None:
            channel.on_ask(TOPIC, self._answer)
            channel.on_ask(LAST_TOPIC, self._answer_last)

    def note(self, request: Request, error: S3Error) -> Refusal | None:
        """Remember why a request is refused, and tell the access log in short.

        Returns what is remembered; None if the error is an ordinary answer.
        """
        if error.status in _ORDINARY:
            return None
        reason = logs.redact(_reason(request, error))
        request.facts["reason"] = reason[:REASON_CHARACTERS]
        refusal = _refusal(request, error, reason, self._clock.now_ms())
        ring = self._signed if refusal.access_key_id else self._anonymous
        ring.add(refusal)
        return refusal

    async def find(self, request_id: str) -> dict[str, Any] | None:
        """What is remembered of a request, in whichever process; None if nothing is any more."""
        found = self._here(request_id)
        if found is not None:
            return found.document()
        if self._channel is None:
            return None
        answers = await self._channel.ask(TOPIC, request_id.encode("ascii", "replace"))
        for answer in answers.replies.values():
            if answer:
                document: dict[str, Any] = json.loads(answer)
                return document
        return None

    async def last(self, count: int) -> list[dict[str, Any]]:
        """The last ones of all processes, the newest first."""
        found = self._last_here(count)
        if self._channel is not None:
            answers = await self._channel.ask(LAST_TOPIC, str(count).encode())
            for answer in answers.replies.values():
                found += json.loads(answer)
        found.sort(key=lambda one: str(one["time"]), reverse=True)
        return found[:count]

    def _last_here(self, count: int) -> list[dict[str, Any]]:
        both = heapq.merge(
            self._signed.last(count),
            self._anonymous.last(count),
            key=lambda one: one.time_ms,
            reverse=True,
        )
        return [one.document() for one in itertools.islice(both, count)]

    def _answer_last(self, payload: bytes) -> bytes:
        return json.dumps(self._last_here(int(payload))).encode()

    def _here(self, request_id: str) -> Refusal | None:
        return self._signed.get(request_id) or self._anonymous.get(request_id)

    def _answer(self, payload: bytes) -> bytes:
        found = self._here(payload.decode("ascii"))
        return b"" if found is None else json.dumps(found.document()).encode()


def _refusal(request: Request, error: S3Error, reason: str, now_ms: int) -> Refusal:
    details, facts, principal = error.details, request.facts, request.principal
    is_known = principal is not None and not principal.is_anonymous
    return Refusal(
        time_ms=now_ms,
        request_id=request.request_id,
        status=error.status,
        code=error.code,
        message=_shown(error.message),
        reason=reason[:TEXT_CHARACTERS],
        principal=principal.arn if principal is not None and is_known else "",
        access_key_id=facts.get("access_key_id", "") or _claimed(request),
        peer=request.peer,
        user_agent=request.headers.get("user-agent", "")[:NAME_CHARACTERS],
        method=request.method,
        path=request.path[:NAME_CHARACTERS],
        facts={name: facts[name] for name in _FACTS if name in facts},
        details={name: details[name] for name in _TELLING if name in details},
        decision=_decision(request, error),
        canonical_request=_shown(details.get("CanonicalRequest", "")),
        string_to_sign=_shown(details.get("StringToSign", "")),
    )


def _claimed(request: Request) -> str:
    """The access key id that a request names, if it does."""
    found = _CLAIM(request.headers.get("authorization", "") or request.query_string)
    return (found[1] or found[2])[:NAME_CHARACTERS] if found else ""


def _reason(request: Request, error: S3Error) -> str:
    """Why, in one line, for those who run the server."""
    if error.reason:
        return error.reason
    decision = _decision(request, error)
    return error.message if decision is None else decision.reason


def _decision(request: Request, error: S3Error) -> Decision | None:
    """The decision that an error comes from: others may have been asked for on the way."""
    return request.decision if error.code == "AccessDenied" and not error.reason else None


def _shown(text: str | int) -> str:
    return logs.redact(str(text))[:TEXT_CHARACTERS]


def _known(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}
