"""Rate limits: how much each access key may do, and the refusal of whoever does more.

Every key has the limit of the settings unless the operator gave it one of its own: a document of
the table `rate_limits` in the identity store, by access key id, with any of

    requests   a second; 0 is no limit
    burst      requests that may come at once; 0 is what a second brings
    bytes      a second, of bodies, in both directions together; 0 is no limit

What it does not say is as in the settings; but where it says `requests` and no `burst`, that is 0.
It is in force at the next request. Temporary credentials have no limit of their own, or whoever
may make some would have none: they count against the access key that asked for them, and those
that an identity provider's token was given for against their role, whose document goes by its ARN.
All who do not sign count as one.

Nothing counts before the signature is verified: nobody can use up what is somebody else's. Bytes
count as they pass and stop nothing that has begun; a key that owes some is refused from then on,
until the rate has paid for them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html
"""

import math
from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from ferrox import metrics
from ferrox.accounting.allowances import Allowances, Limit
from ferrox.errors import SlowDown
from ferrox.identity import Principal
from ferrox.protocol.message import Body, Request, Response

TABLE = "rate_limits"
NO_LIMIT = Limit()

MOST = 1 << 62
"""Of anything, a second."""

Documents = Callable[[], Mapping[str, Mapping[str, Any]]]
"""Reads what the operator says of single keys."""


class RateLimits:
    """The limits that are in force.

    limiter  who holds callers to them; None as long as nobody is limited
    """

    def __init__(
        self,
        allowances: Allowances,
        documents: Documents,
        default: Limit = NO_LIMIT,
        anonymous: Limit = NO_LIMIT,
    ) -> None:
        self._allowances = allowances
        self._documents = documents
        self._default = default
        self._anonymous = anonymous
        self.limiter: Limiter | None = None
        self.refresh()

    def refresh(self) -> None:
        """Read the documents again, as something in the identity store has changed."""
        own = {
            name: _limit(document, self._default) for name, document in self._documents().items()
        }
        own[""] = self._anonymous
        is_anybody_limited = self._default != NO_LIMIT or any(
            limit != NO_LIMIT for limit in own.values()
        )
        self.limiter = Limiter(self._allowances, self._default, own) if is_anybody_limited else None


class Limiter(NamedTuple):
    """Holds callers to their limits.

    own  the limits of those who do not have the default one, by name; see `name_of`
    """

    allowances: Allowances
    default: Limit
    own: Mapping[str, Limit]

    def admit(self, request: Request, principal: Principal, *, has_begun: bool = False) -> None:
        """Let one request of a verified caller go on, or raise SlowDown.

        has_begun  its body is being read already: it is charged for as a whole, as announced
        """
        name = name_of(principal)
        limit = self.own.get(name, self.default)
        if limit == NO_LIMIT:
            return
        wait_s = self.allowances.take(name, limit)
        if wait_s:
            metrics.RATE_LIMITED.inc(1, metrics.KEY if name else metrics.ANONYMOUS)
            raise _refusal(name, limit, wait_s)
        if limit.bytes_per_s:
            charge = request.meter = partial(self.allowances.charge, name, limit)
            if has_begun:
                charge(int(request.headers.get("content-length") or 0))
            else:
                request.body = Metered(request.body, charge)


class Metered(AsyncIterator[bytes]):
    """A body whose bytes are charged for as they pass. It holds none of them itself."""

    def __init__(self, body: Body, charge: Callable[[int], None]) -> None:
        self._body = body
        self._charge = charge

    async def __anext__(self) -> bytes:
        """The next bytes."""
        data = await anext(self._body)
        self._charge(len(data))
        return data

    async def aclose(self) -> None:
        """Release what the body holds."""
        close = getattr(self._body, "aclose", None)
        if close is not None:
            await close()


def charge_for(response: Response, charge: Callable[[int], None]) -> None:
    """Charge for an answer as it leaves."""
    if isinstance(response.body, bytes):
        charge(len(response.body))
    else:
        response.body = Metered(response.body, charge)


def name_of(principal: Principal) -> str:
    """Under which name a caller's use is counted; "" for all who did not sign."""
    session = principal.session
    if session is None:
        return principal.access_key_id
    return session.issuer_key_id or principal.parent_arn or principal.arn


def require(document: Mapping[str, Any]) -> None:
    """ValueError unless it is what the operator may say of a caller."""
    kinds = {"requests": (int, float), "burst": (int,), "bytes": (int,)}
    for name, value in document.items():
        if name not in kinds:
            raise ValueError(f"{name!r} means nothing")
        if type(value) not in kinds[name] or not 0 <= value <= MOST:
            raise ValueError(f"{name} cannot be {value!r}")


def _limit(document: Mapping[str, Any], default: Limit) -> Limit:
    burst = document.get("burst", 0 if "requests" in document else default.burst)
    return Limit(
        document.get("requests", default.requests_per_s),
        burst,
        document.get("bytes", default.bytes_per_s),
    )


def _refusal(name: str, limit: Limit, wait_s: float) -> SlowDown:
    wait_s = math.ceil(wait_s)
    error = SlowDown(headers={"retry-after": str(wait_s)})
    return error.because(
        f"{name or 'callers who do not sign'}: more than {limit.requests_per_s:g} requests "
        f"(burst {limit.most_requests:g}) or {limit.bytes_per_s:g} bytes a second; "
        f"wait {wait_s} s"
    )
