"""The composition root of several processes: what is made before the fork, and what after.

Before, by the supervisor: the data directory is locked and its index brought to the newest format,
the root account is known, addresses are bound, certificates and all modules are loaded. No thread
and no event loop is there when it forks, and no database is open.
After, in each worker: a store of its own on the shared directory, a gateway on sockets of its own.
The first worker also does what goes on beside the requests; who takes its place takes that on.

What one worker acknowledged is committed, so the next look of any other sees it. What only a
process itself knows, the others ask for over the control channel: which blobs it uses.
"""

import asyncio
import contextlib
import dataclasses
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator

from ferrox import announcement, app, metrics, root_account, service_manager
from ferrox import log as logs
from ferrox.accounting.opening import Shared, open_ledger
from ferrox.app import Started
from ferrox.clock import SystemClock
from ferrox.config import Config
from ferrox.crypto.passphrase import Passphrase
from ferrox.errors import StartError
from ferrox.gateway.entrance import Entrance, open_entrances
from ferrox.gateway.server import Gateway
from ferrox.gateway.tls import Certificates
from ferrox.monitoring.token import with_token
from ferrox.operating import Doors, admitting, open_doors, tell_figures
from ferrox.root_account import Root
from ferrox.slots import Slots
from ferrox.storage.claim import claim, prepare_index, settle_index
from ferrox.storage.data_dir import DataDir
from ferrox.storage.identities.identities import Identities
from ferrox.storage.key_file import passphrase_of
from ferrox.storage.settings import Settings
from ferrox.storage.store import Store
from ferrox.workers.channel import Channel
from ferrox.workers.everyone import FIRST, Everyone
from ferrox.workers.held_blobs import HeldBlobs
from ferrox.workers.lines import WholeLines, new_lock
from ferrox.workers.supervisor import Supervisor

STOP_MARGIN_S = 8.0
"""For what a worker does after its requests had their grace."""

log = logging.getLogger("ferrox")


def serve(config: Config, worker_count: int) -> int:
    """Run a server of several workers until it is told to stop; return the exit status.

    raises  StartError when the server cannot start as asked
    """
    # Both the log and the access log write to what is called stderr when they are made.
    with new_lock() as lock, contextlib.redirect_stderr(WholeLines(sys.stderr, lock)):
        logs.configure(config.log_level, config.log_format)
        for warning in config.warnings():
            log.warning("%s", warning)
        config = with_token(config)
        directory = claim(config.data_dir)
        try:
            metrics.share(Slots(worker_count + 1), worker_count)  # the last is of this process
            with Shared(config) as shared:
                status = _Server(config, directory, shared, worker_count).run()
            settle_index(directory)
            return status
        finally:
            directory.close()


class _Server:
    """What is made before the fork, what each worker makes of it, and what the supervisor does."""

    def __init__(
        self, config: Config, directory: DataDir, shared: Shared, worker_count: int
    ) -> None:
        self._config = config
        self._directory = directory
        self._shared = shared
        self._worker_count = worker_count
        self._passphrase = passphrase_of(config)
        self._root = _root(config, directory, self._passphrase)
        self._entrances = open_entrances(config, log, shares=worker_count)
        self._doors = open_doors(config, log)
        self._loop_factory = app.loop_factory()  # loads the module

    def run(self) -> int:
        """Have workers work until told to stop; return the exit status."""
        is_watching = bool(self._entrances[0].watched or self._doors.watched)
        supervisor = Supervisor(
            self._worker_count,
            self._work,
            stop_limit_s=self._config.shutdown_grace + STOP_MARGIN_S,
            on_ready=self._announce,
            on_stop=self._close_listeners,
            has_reload=is_watching or service_manager.is_listening(),
            stop_file=sys.stdin.fileno() if self._config.stop_with_stdin else None,
        )
        with self._doors:
            return supervisor.run()

    def _work(self, number: int, end: socket.socket) -> int:
        """Be a worker, after the fork."""
        metrics.share(metrics.PANEL.slots, number)
        for other in self._entrances[:number] + self._entrances[number + 1 :]:
            other.close()
        if number != FIRST:
            self._doors.close()
        channel = Channel(end, _die)
        worker = _Worker(
            dataclasses.replace(
                self._config, max_connections=_share(self._config, self._worker_count)
            ),
            self._directory,
            self._root,
            self._entrances[number],
            channel,
            shared=self._shared,
            passphrase=self._passphrase,
            doors=self._doors if number == FIRST else None,
        )
        try:
            with asyncio.Runner(loop_factory=self._loop_factory) as runner:
                runner.run(worker.run())
        except StartError as error:
            channel.fail(str(error))
            return 2
        finally:
            channel.close()
        return 0

    def _announce(self) -> None:
        with _identities(self._directory, self._passphrase) as identities:
            root_account.keep(self._config, identities, self._root.credentials)
        ready = Started(
            self._entrances[0], self._root.credentials, self._root.secret, self._doors.address
        )
        announcement.announce(self._config, ready, self._worker_count)

    def _close_listeners(self) -> None:
        announcement.announce_stop(self._config)
        for entrance in self._entrances:
            entrance.close()
        self._doors.remove()


def _root(config: Config, directory: DataDir, passphrase: Passphrase | None) -> Root:
    """The root account, of a directory that has everything in it that workers expect."""
    prepare_index(directory)
    with _identities(directory, passphrase) as identities:
        root = root_account.find(config, identities)
    if config.seed_bucket:
        asyncio.run(_seed(config, directory, root))
    return root


async def _seed(config: Config, directory: DataDir, root: Root) -> None:
    """Make buckets before the fork; what was opened for that is closed again."""
    store = await Store.join(directory.lent(), clock=SystemClock())
    try:
        await app.seed(config, store, root)
    finally:
        await store.close()


@contextlib.contextmanager
def _identities(directory: DataDir, passphrase: Passphrase | None) -> Iterator[Identities]:
    """The identities for a moment, which leaves no thread and no database open."""
    with contextlib.closing(Settings(directory.settings_path)) as settings:
        yield Identities(settings, directory.settings_key_path, passphrase=passphrase)


class _Worker:
    """One process of the server."""

    def __init__(
        self,
        config: Config,
        directory: DataDir,
        root: Root,
        entrance: Entrance,
        channel: Channel,
        *,
        shared: Shared,
        passphrase: Passphrase | None,
        doors: Doors | None,
    ) -> None:
        self._config = config
        self._directory = directory
        self._passphrase = passphrase
        self._root = root
        self._entrance = entrance
        self._channel = channel
        self._shared = shared
        self._doors = doors  # which the one has that has the jobs

    async def run(self) -> None:
        """Serve until told to stop."""
        stop = app.stop_signal()
        held_blobs = HeldBlobs(self._channel)
        store = await Store.join(
            self._directory,
            clock=SystemClock(),
            inline_limit_bytes=self._config.inline_limit,
            others=held_blobs,
            passphrase=self._passphrase,
        )
        try:
            held_blobs.answer_with(store.holds)
            async with contextlib.AsyncExitStack() as parts:
                gateway = await self._begin(store, parts)
                app.look_for_garbage()
                self._channel.say_ready()
                await stop.wait()
                await gateway.stop(self._config.shutdown_grace)
        finally:
            await store.close()

    async def _begin(self, store: Store, parts: contextlib.AsyncExitStack) -> Gateway:
        """Have requests answered, and everything else go on beside them."""
        config, channel, clock = self._config, self._channel, SystemClock()
        spool = app.spool_of(config, store, clock)
        documents = store.identities.documents
        ledger = parts.enter_context(open_ledger(config, clock, documents, self._shared, channel))
        services, verifier = app.services_of(config, store, self._root, clock, ledger)
        scrape = app.scrape_of(config, store, clock)
        gateway = app.gateway_of(config, services, verifier, spool, scrape)
        everyone = Everyone(channel)
        tell_figures(everyone, gateway, clock, announcement.urls(self._entrance))
        upkeep = app.upkeep_of(config, store, clock)
        if self._doors is not None:
            channel.on_gone(lambda _: upkeep.note_crash())
        await channel.open()
        certificates = self._certificates()
        await gateway.start(self._entrance)
        app.reload_on_hangup(certificates)
        await parts.enter_async_context(app.running(spool, store.key_uses, *certificates))
        if self._doors is not None:
            delivery = app.log_delivery_of(config, services, spool)
            here: list[app.Job] = [upkeep, delivery, *app.jobs_of(config, services, spool)]
            await parts.enter_async_context(app.running(*here))
            await parts.enter_async_context(
                admitting(self._doors, services, everyone, here, scrape)
            )
        return gateway

    def _certificates(self) -> list[Certificates]:
        """Those that this process watches, as they are by now."""
        certificates = list(self._entrance.watched)
        for one in certificates:
            one.is_quiet = self._doors is None  # one worker speaks for all
        if self._doors is not None:
            certificates += self._doors.watched
        for one in certificates:
            one.catch_up()
        return certificates


def _share(config: Config, worker_count: int) -> int:
    """How many connections one worker serves; 0 is no limit."""
    most = config.max_connections
    return max(1, most // worker_count) if most else 0


def _die() -> None:
    """End at once: the supervisor is gone, and with it whoever would have told us to stop."""
    os.kill(os.getpid(), signal.SIGKILL)
