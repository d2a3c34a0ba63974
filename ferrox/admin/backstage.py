"""Backstage: what the admin plane is shown of the process that it runs in, and of the others."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from ferrox.admin.streams import Streams
from ferrox.admin_roles import Role
from ferrox.config import Config
from ferrox.jobs.rounds import Rounds
from ferrox.operations.call import Services
from ferrox.protocol.message import Request


class Answers(Protocol):
    """What all processes of the server said."""

    @property
    def replies(self) -> Mapping[int, bytes]:
        """What each worker said."""
        ...

    @property
    def silent(self) -> frozenset[int]:
        """Workers that did not say anything in time."""
        ...


class Everyone(Protocol):
    """All processes of the server, this one among them."""

    async def ask(self, topic: str, payload: bytes = b"") -> Answers:
        """Ask each of them."""
        ...


class Written(Protocol):
    """Metrics, written down."""

    @property
    def media_type(self) -> str:
        """Of the text."""
        ...

    @property
    def text(self) -> bytes:
        """All of them."""
        ...


class Scrape(Protocol):
    """Whoever knows the metrics of the server."""

    async def write(self, accept: str, *, names_buckets: bool) -> Written:
        """Write them down in the format that an Accept header asks for."""
        ...


@dataclass
class Backstage:
    """What lives as long as the server, for the eyes of its operator.

    jobs     what goes on beside the requests, by name
    streams  of events, that are open
    scrape   tells metrics
    """

    services: Services
    config: Config
    everyone: Everyone
    jobs: Mapping[str, Rounds]
    streams: Streams
    started_ms: int
    scrape: Scrape


class Caller(NamedTuple):
    """Who asks. Without a role nothing is answered."""

    name: str
    role: Role | None


@dataclass
class AdminCall:
    """One question that its caller may ask, on its way to the handler.

    told  what of it the audit log is told
    """

    backstage: Backstage
    caller: Caller
    request: Request
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def services(self) -> Services:
        """What the operations of S3 have, too."""
        return self.backstage.services
