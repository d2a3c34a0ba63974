"""The admin plane over a store, without a socket: an operator who asks and is answered."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode

from ferrox.admin.backstage import Backstage, Caller
from ferrox.admin.endpoint import PREFIX
from ferrox.admin.plane import AdminPlane
from ferrox.admin.streams import Streams
from ferrox.admin_roles import Role
from ferrox.clock import SettableClock
from ferrox.config import Config
from ferrox.jobs.rounds import Rounds
from ferrox.monitoring.scrape import Scrape
from ferrox.operations.call import Services
from ferrox.protocol.message import Request

ADMIN = Caller("somebody", Role.ADMIN)
LOOKER = Caller("somebody else", Role.READ_ONLY)
STRANGER = Caller("nobody", None)


class Told(NamedTuple):
    """What the processes of a server said."""

    replies: Mapping[int, bytes]
    silent: frozenset[int] = frozenset()


class Processes:
    """The processes of a server, which say what they are told to."""

    def __init__(self) -> None:
        self.told: dict[str, Told] = {}
        self.asked: list[tuple[str, bytes]] = []

    async def ask(self, topic: str, payload: bytes = b"") -> Told:
        self.asked.append((topic, payload))
        return self.told[topic]


@dataclass
class Answer:
    """A response, read to its end."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """The JSON body."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The error code."""
        return str(self.document["error"]["code"])

    @property
    def message(self) -> str:
        """The words of an error."""
        return str(self.document["error"]["message"])


class Operator:
    """Somebody with a role."""

    def __init__(self, services: Services, clock: SettableClock, config: Config) -> None:
        self.processes = Processes()
        self.jobs = {"sweeping": Rounds("sweeping", clock)}
        self.backstage = Backstage(
            services,
            config,
            self.processes,
            self.jobs,
            Streams(services.store),
            clock.now_ms(),
            Scrape(services.store, clock, config.metrics_buckets),
        )
        self.plane = AdminPlane(self.backstage)
        self.facts: dict[str, str] = {}

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, str] | None = None,
        caller: Caller = ADMIN,
        headers: dict[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Answer:
        """Ask, and read the answer. `path` is below the prefix, escaped; `raw` is sent as it is."""
        data = json.dumps(body).encode() if raw is None and body is not None else raw or b""
        sent = {"content-type": "application/json"} if headers is None else headers

        async def pieces() -> AsyncIterator[bytes]:
            for at in range(0, len(data), 1000):
                yield data[at : at + 1000]

        request = Request(method, PREFIX + path, urlencode(query or {}), sent, pieces())
        response = await self.plane.answer(request, caller)
        self.facts = request.facts
        received = response.body
        if not isinstance(received, bytes):
            received = b"".join([block async for block in received])
        return Answer(response.status, response.headers, received)

    async def get(self, path: str, /, **query: str) -> Any:
        """Get a document."""
        answer = await self.ask("GET", path, query=query)
        assert answer.status == 200, answer.body
        return answer.document

    async def order(self, method: str, path: str, /, **body: Any) -> Any:
        """Have something changed; return what is answered, None if that is nothing."""
        query = {name: str(value) for name, value in body.items()} if method == "DELETE" else None
        answer = await self.ask(method, path, None if query else body, query=query)
        assert answer.status in {200, 204}, answer.body
        return answer.document if answer.body else None
