"""The keys of identity providers: fetched from where they publish them, and kept for a while.

https://openid.net/specs/openid-connect-discovery-1_0.html

A provider's discovery document says where its keys are. They are fetched when the first token
comes, when they are old, and when a token names a key that is not among them, as it does once a
provider has changed its keys; but only every so often, whatever tokens name. Of several requests
that need them at once one fetches. A provider that does not answer is left alone for a moment.

Addresses are https. A provider on this very machine may speak plain http: that is how they are
tried out, and nobody is in between. It has to keep its keys itself: whoever may make providers
known must not have other services of this machine asked for whatever he likes.
"""

import asyncio
import ipaddress
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from ferrox import outgoing
from ferrox.auth import jwt
from ferrox.auth.jwt import Jwt
from ferrox.clock import Clock
from ferrox.crypto.jws import PublicKey
from ferrox.iam_errors import IDPCommunicationError, InvalidIdentityToken

MAX_AGE_MS = 3_600_000
"""A key that its provider takes back works no longer than this."""

REFRESH_MS = 30_000
"""Between two looks for a key that was not there."""

RETRY_MS = 5_000
"""Between two attempts at a provider that does not answer."""

TIMEOUT_S = 5.0
"""For each of the two documents: what AWS waits."""

MOST_BYTES = 256 * 1024
MOST_PROVIDERS = 256

DISCOVERY = "/.well-known/openid-configuration"

log = logging.getLogger("ferrox.sts")

Get = Callable[..., Awaitable[outgoing.Answer]]


class _Held(NamedTuple):
    """The keys of a provider. None: it did not answer."""

    keys: Sequence[PublicKey] | None
    fetched_ms: int


class ProviderKeys:
    """The keys of all providers whose tokens came."""

    def __init__(self, clock: Clock, extra_ca_file: str = "", get: Get = outgoing.get) -> None:
        self._clock = clock
        self._extra_ca_file = extra_ca_file
        self._get = get
        self._held: dict[str, _Held] = {}
        self._fetching: dict[str, asyncio.Task[_Held]] = {}

    async def key_for(self, token: Jwt) -> PublicKey:
        """The key that a token names, whose issuer is known to be a provider.

        raises  IDPCommunicationError when the provider cannot be asked, InvalidIdentityToken when
                it has no such key
        """
        held = self._held.get(token.issuer)
        if held is None or self._age_ms(held) >= (RETRY_MS if held.keys is None else MAX_AGE_MS):
            held = await self._fetch(token.issuer)
        key = jwt.key_for(token, held.keys or ())
        if key is None and held.keys is not None and self._age_ms(held) >= REFRESH_MS:
            held = await self._fetch(token.issuer)
            key = jwt.key_for(token, held.keys or ())
        if held.keys is None:
            raise IDPCommunicationError
        if key is None:
            raise InvalidIdentityToken(IDPCommunicationError.default_message())
        return key

    def _age_ms(self, held: _Held) -> int:
        return self._clock.now_ms() - held.fetched_ms

    async def _fetch(self, issuer: str) -> _Held:
        """What a provider publishes now; who comes while it is being asked waits for the answer."""
        task = self._fetching.get(issuer)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._load(issuer))
            self._fetching[issuer] = task
            task.add_done_callback(lambda _: self._fetching.pop(issuer))
        return await asyncio.shield(task)

    async def _load(self, issuer: str) -> _Held:
        keys = None
        try:
            keys = await self._published(issuer)
        except (OSError, ValueError, RecursionError) as error:
            log.warning("the identity provider %s cannot be asked for its keys: %s", issuer, error)
        held = _Held(keys, self._clock.now_ms())
        self._held.pop(issuer, None)
        if len(self._held) >= MOST_PROVIDERS:
            del self._held[next(iter(self._held))]
        self._held[issuer] = held
        return held

    async def _published(self, issuer: str) -> Sequence[PublicKey]:
        document = json.loads(await self._document(issuer.rstrip("/") + DISCOVERY))
        if not isinstance(document, dict) or document.get("issuer") != issuer:
            raise ValueError("its discovery document is that of another issuer")
        address = document.get("jwks_uri")
        if not isinstance(address, str) or (is_local(address) and not _are_one(address, issuer)):
            raise ValueError("its discovery document names no address for keys")
        return jwt.read_keys(await self._document(address))

    async def _document(self, address: str) -> bytes:
        if not address.startswith("https://") and not is_local(address):
            raise ValueError("its address is not https")
        status, body = await self._get(
            address,
            timeout_s=TIMEOUT_S,
            most_bytes=MOST_BYTES,
            extra_ca_file=self._extra_ca_file,
        )
        if status != 200:
            raise ValueError(f"{address!r} answers {status}")
        return body


def is_local(address: str) -> bool:
    """Whether an address is one of plain http on this machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        return parts.scheme == "http" and (
            host == "localhost" or ipaddress.ip_address(host).is_loopback
        )
    except ValueError:
        return False


def _are_one(address: str, other: str) -> bool:
    """Whether it is the same server that has both addresses."""
    return urlsplit(address)[:2] == urlsplit(other)[:2]
