"""How operators come in: the socket in the data directory, the port for certificates, who answers.

Both ways in are made before the fork. The first worker answers at them, and who takes its place
takes them on; until then connections wait. Each way in has a gateway of its own: however many knock
at the port, there is room at the socket.
"""

import contextlib
import dataclasses
import json
import logging
import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import NamedTuple, Self

from ferrox.admin.backstage import Backstage
from ferrox.admin.reception import Admin
from ferrox.admin.streams import Streams
from ferrox.clock import Clock
from ferrox.config import Address, Config
from ferrox.errors import StartError
from ferrox.gateway import listeners, unix_socket
from ferrox.gateway.entrance import Entrance
from ferrox.gateway.front import Answering
from ferrox.gateway.health import Health
from ferrox.gateway.server import Gateway
from ferrox.gateway.tls import Certificates, Files
from ferrox.jobs.rounds import Rounds
from ferrox.monitoring.scrape import Scrape
from ferrox.operations.call import Services
from ferrox.workers.everyone import Everyone

SOCKET = "admin.sock"
"""In the data directory."""

MOST_CONNECTIONS = 64
"""At each way in."""

GRACE_S = 2.0
"""What operators have asked gets this long when the server stops, after all other requests."""

STATS_TOPIC = "stats"


class Doors(NamedTuple):
    """The ways in, for the length of a block; either may be missing.

    config  the settings as they were said, for all processes together
    """

    config: Config
    path: Path
    socket: Entrance | None = None
    secured: Entrance | None = None

    @property
    def watched(self) -> list[Certificates]:
        """The certificates, which are a job: they are read again when they change."""
        return self.secured.watched if self.secured is not None else []

    @property
    def address(self) -> Address | None:
        """Where it is asked over TLS."""
        return self.secured.secured_address if self.secured is not None else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def close(self) -> None:
        """Close them in this process."""
        for entrance in (self.socket, self.secured):
            if entrance is not None:
                entrance.close()

    def remove(self) -> None:
        """Close them, and leave no file behind that looks like a server."""
        self.close()
        if self.socket is not None:
            with contextlib.suppress(OSError):
                self.path.unlink()


def open_doors(config: Config, log: logging.Logger) -> Doors:
    """Make the ways in; without certificates the port stays closed.

    raises  StartError when certificates or port cannot be had, or another server is there
    """
    path = config.data_dir / SOCKET
    secured = _secured(config, log)
    try:
        socket = Entrance([unix_socket.listen(path)], [])
    except unix_socket.InUseError:
        if secured is not None:
            secured.close()
        raise
    except StartError as error:  # some file systems know no sockets
        log.warning("operators cannot ask over a socket: %s", error)
        return Doors(config, path, secured=secured)
    return Doors(config, path, socket, secured)


def _secured(config: Config, log: logging.Logger) -> Entrance | None:
    """The port, for whoever shows a certificate."""
    certificate, key, authority = (
        config.admin_certificate,
        config.admin_key,
        config.admin_client_ca,
    )
    if certificate is None or key is None or authority is None:
        return None
    # Operators ask for little: what HTTP/2 brings is not worth a second way to be asked.
    files = Files((certificate,), (key,), authority, requires_client=True, offers_http2=False)
    certificates = Certificates(files, log)
    (sockets,) = listeners.listen(config.admin_bind, option="--admin-bind")
    return Entrance([], sockets, certificates)


def tell_figures(
    everyone: Everyone, gateway: Gateway, clock: Clock, addresses: Sequence[str]
) -> None:
    """Have whoever asks told what this process has done, and where it listens."""
    about = {"pid": os.getpid(), "started_ms": clock.now_ms(), "addresses": addresses}
    everyone.on_ask(
        STATS_TOPIC, lambda _: json.dumps({**about, **gateway.figures()._asdict()}).encode()
    )


@contextlib.asynccontextmanager
async def admitting(
    doors: Doors,
    services: Services,
    everyone: Everyone,
    jobs: Sequence[object],
    scrape: Scrape,
) -> AsyncIterator[None]:
    """Answer operators for the length of a block.

    jobs    those of this process; what has rounds can be looked at, and asked for
    scrape  tells metrics
    """
    rounds = [found for job in jobs if isinstance(found := getattr(job, "rounds", None), Rounds)]
    backstage = Backstage(
        services,
        doors.config,
        everyone,
        {one.name: one for one in rounds},
        Streams(services.store),
        services.clock.now_ms(),
        scrape,
    )
    admin = Admin(backstage)
    ways: list[tuple[Entrance | None, Answering]] = [
        (doors.socket, admin.over_socket()),
        (doors.secured, admin.over_tls(doors.config.admin_subject)),
    ]
    async with contextlib.AsyncExitStack() as stack:
        for entrance, answering in ways:
            if entrance is not None:
                gateway = _gateway(doors.config, services, answering, admin)
                await gateway.start(entrance)
                stack.push_async_callback(gateway.stop, GRACE_S)
        yield


def _gateway(config: Config, services: Services, answering: Answering, admin: Admin) -> Gateway:
    limited = dataclasses.replace(
        config, max_connections=MOST_CONNECTIONS, domain=(), website_domain=()
    )
    health = Health(services.store.probe)
    return Gateway(
        answering,
        limited,
        health,
        services.clock,
        on_stop=admin.end_streams,
        refuse=admin.refuse,
        is_counted=False,
    )
