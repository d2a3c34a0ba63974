"""Notifications: targets are told of the events that buckets are configured to tell them of.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html

At least once: an event is told until the target has answered 2xx, and its delivery is forgotten
only afterwards. In order per key: the outbox hands out only the oldest of each key, so one that
fails holds up its key and nothing else.

Theory of operation. Each target has a task that looks for what is due and sends up to AT_ONCE
messages side by side. A delivery that fails is due again after a pause that doubles, with jitter. A
target that cannot be reached, or says that it cannot work, is tried with one message after a pause
that doubles, too, so it costs next to nothing however much waits for it. What waits too long, and
events that are no longer needed, are the business of upkeep.

A body is signed by `X-Ferrox-Signature-256: sha256=HEX`, the HMAC-SHA-256 of its bytes under the
target's signing key. `X-Ferrox-Delivery` is the same for each attempt to tell a target of an event.
"""

import asyncio
import hashlib
import hmac
import json
import logging
import random
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from ferrox import metrics, outgoing
from ferrox.clock import Clock
from ferrox.event_targets import Target
from ferrox.jobs import failures
from ferrox.jobs.rounds import Rounds
from ferrox.protocol import events
from ferrox.records import Delivery
from ferrox.storage.events import Failure
from ferrox.storage.store import Store

AT_ONCE = 16
"""Messages under way to one target."""

LOOK_INTERVAL_S = 0.5
MOST_PAUSE_S = 300.0
"""Between two attempts of one delivery."""

MOST_REST_S = 30.0
"""Between two attempts at a target that is down."""

_DOWN = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers that speak of the target, not of the message."""

log = logging.getLogger("ferrox.notifications")

Post = Callable[..., Awaitable[int]]
Jitter = Callable[[], float]


class _Outcome(NamedTuple):
    reason: str
    is_down: bool


class Notifier:
    """Tells one target."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        target: Target,
        *,
        post: Post = outgoing.post,
        jitter: Jitter = random.random,
    ) -> None:
        self._store = store
        self._clock = clock
        self._target = target
        self._post = post
        self._jitter = jitter
        self._down_count = 0
        self.rounds = Rounds(f"notifications:{target.name}", clock)
        for outcome in (metrics.TOLD, metrics.FAILED):
            metrics.NOTIFICATIONS.inc(0, target.name, outcome)  # the first one is a change

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            with self.rounds.round():
                told_count = await self._attempt()
            if not told_count:
                await self.rounds.rest(self.rest_s)

    async def _attempt(self) -> int:
        """Work once, whatever comes of it; what goes wrong here is paused after like a target."""
        with failures.survived(log, f"telling {self._target.name} failed, to be tried again"):
            return await self.work_once()
        self._down_count += 1
        return 0

    @property
    def rest_s(self) -> float:
        """How long to wait before the next look."""
        if not self._down_count:
            return LOOK_INTERVAL_S
        return self._spread(min(2.0 ** min(self._down_count - 1, 10), MOST_REST_S))

    async def work_once(self) -> int:
        """Tell the target what is due; return how much of it was told."""
        limit = 1 if self._down_count else AT_ONCE
        due = self._store.due_deliveries(self._target.name, limit)
        if not due:
            return 0
        outcomes = await asyncio.gather(*map(self._tell, due))
        failures = [
            self._failure(delivery, outcome.reason)
            for delivery, outcome in zip(due, outcomes, strict=True)
            if outcome is not None
        ]
        told = [one for one, outcome in zip(due, outcomes, strict=True) if outcome is None]
        metrics.NOTIFICATIONS.inc(len(told), self._target.name, metrics.TOLD)
        metrics.NOTIFICATIONS.inc(len(failures), self._target.name, metrics.FAILED)
        self._judge(outcomes, is_told=bool(told))
        await self._store.note_deliveries(told, failures)
        return len(told)

    async def _tell(self, delivery: Delivery) -> _Outcome | None:
        """Send one message; None if it has arrived."""
        target = self._target
        body, headers = prepared(target, delivery)
        try:
            status = await self._post(
                target.url, headers, body, timeout_s=target.timeout_s, ca_file=target.ca_file
            )
        except TimeoutError:
            return _Outcome(f"no answer within {target.timeout_s:g} seconds", is_down=True)
        except OSError as error:
            return _Outcome(error.strerror or str(error) or type(error).__name__, is_down=True)
        if 200 <= status < 300:
            return None
        return _Outcome(f"the answer was {status}", is_down=status in _DOWN)

    def _failure(self, delivery: Delivery, reason: str) -> Failure:
        pause_s = self._spread(min(2.0 ** min(delivery.attempts, 10), MOST_PAUSE_S))
        return Failure(delivery, reason, self._clock.now_ms() + round(pause_s * 1000))

    def _spread(self, pause_s: float) -> float:
        """Between half of a pause and all of it, so that not everything comes back at once."""
        return pause_s * (0.5 + self._jitter() / 2)

    def _judge(self, outcomes: Sequence[_Outcome | None], *, is_told: bool) -> None:
        """Note whether the target is down, and say so when that changes."""
        downs = [outcome for outcome in outcomes if outcome is not None and outcome.is_down]
        if is_told or len(downs) < len(outcomes):
            if self._down_count:
                log.info("target %s can be told of events again", self._target.name)
            self._down_count = 0
            return
        if not self._down_count:
            reason = downs[0].reason
            log.warning("target %s cannot be told of events: %s", self._target.name, reason)
        self._down_count += 1


def prepared(target: Target, delivery: Delivery) -> tuple[bytes, dict[str, str]]:
    """The body and the headers of a message."""
    identity = delivery_id(target, delivery)
    message = events.message(delivery.event, delivery.configuration_id)
    headers = {"Content-Type": "application/json", "X-Ferrox-Delivery": identity}
    if target.format == "sns":
        message = _enveloped(target, delivery, identity, message)
        headers |= {
            "Content-Type": "text/plain; charset=UTF-8",
            "x-amz-sns-message-type": message["Type"],
            "x-amz-sns-message-id": identity,
            "x-amz-sns-topic-arn": message["TopicArn"],
        }
    elif "Records" in message:
        event = delivery.event
        named = {"EventName": f"s3:{event.name}", "Key": f"{event.bucket}/{event.key}"}
        message = named | message
    body = json.dumps(message, separators=(",", ":")).encode()
    if target.token:
        headers["Authorization"] = f"Bearer {target.token}"
    if target.signing_key:
        digest = hmac.new(target.signing_key.encode(), body, hashlib.sha256).hexdigest()
        headers["X-Ferrox-Signature-256"] = f"sha256={digest}"
    return body, headers


def delivery_id(target: Target, delivery: Delivery) -> str:
    """A UUID that is the same for each attempt, and of no other event or target."""
    event = delivery.event
    facts = (target.name, event.number, event.occurred_ms, event.bucket, event.key, event.host_id)
    return str(uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(facts)))


def _enveloped(
    target: Target, delivery: Delivery, identity: str, message: dict[str, Any]
) -> dict[str, Any]:
    event = delivery.event
    return {
        "Type": "Notification",
        "MessageId": identity,
        "TopicArn": f"arn:ferrox:sns:{event.region}:{target.name}:sns",
        "Subject": "Amazon S3 Notification",
        "Message": json.dumps(message, separators=(",", ":")),
        "Timestamp": events.instant(event.occurred_ms),
    }
