"""The composition root of one process: a Config becomes running parts, in order; signals.

Start: data directory and index (refusing what cannot be used), credentials, pipeline, listener,
background jobs, and only then the words on the terminal: whoever reads them can connect.
Stop, on SIGTERM or SIGINT: no new connections, running requests get their grace, jobs end, the
index is checkpointed. How several processes make one server is in ferrox/prefork.py.
"""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from typing import NamedTuple, Protocol

from ferrox import log as logs
from ferrox import root_account, service_manager
from ferrox.accounting.audit import StrictlyAudited
from ferrox.accounting.ledger import Ledger
from ferrox.accounting.opening import Shared, open_ledger
from ferrox.announcement import announce, announce_stop, urls
from ferrox.auth.session_token import SessionTokens
from ferrox.auth.verify import Verifier
from ferrox.clock import Clock, SystemClock
from ferrox.config import Address, Config
from ferrox.gateway.entrance import Entrance, open_entrances
from ferrox.gateway.front import Answering, RequestLog, RequestLogs
from ferrox.gateway.health import Health
from ferrox.gateway.metrics_page import MetricsPage
from ferrox.gateway.server import Gateway
from ferrox.gateway.tls import Certificates
from ferrox.iam.acl import Ownership
from ferrox.iam.authorizer import Authorizer
from ferrox.jobs.inventory import Inventory
from ferrox.jobs.lifecycle import LifecycleJob
from ferrox.jobs.lifecycle_log import LifecycleLog
from ferrox.jobs.log_delivery import LogDelivery
from ferrox.jobs.scrub import Scrub
from ferrox.jobs.sealing import sealing_of
from ferrox.jobs.upkeep import Upkeep
from ferrox.monitoring.scrape import Scrape
from ferrox.monitoring.token import with_token
from ferrox.operating import admitting, open_doors, tell_figures
from ferrox.operations.access import BucketDefaults, StoredAccess
from ferrox.operations.call import Services
from ferrox.operations.encryption_rules import EncryptionRules
from ferrox.operations.server_log import ServerLog
from ferrox.pipeline.credentials import Credentials
from ferrox.pipeline.s3 import Pipeline
from ferrox.records import BucketRecord
from ferrox.root_account import Root
from ferrox.storage.identities.root import RootCredentials
from ferrox.storage.key_file import passphrase_of
from ferrox.storage.keys.opening import open_ring
from ferrox.storage.metadata.outbox import target_name
from ferrox.storage.spool import Spool
from ferrox.storage.store import Store
from ferrox.workers.everyone import Everyone

UPKEEP_INTERVAL_S = 30.0

GARBAGE_THRESHOLD = 5000
"""How many more objects there may be before the youngest are looked through. Python's 700 are fewer
than 32 requests under way are made of, which are looked through again and again, and are none."""

log = logging.getLogger("ferrox")


def serve(config: Config) -> int:
    """Run a server until it is told to stop; return the exit status.

    raises  StartError when the server cannot start as asked
    """
    logs.configure(config.log_level, config.log_format)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(_serve(config))
    return 0


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it exists; the standard loop elsewhere."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _serve(config: Config) -> None:
    stop = stop_signal()
    if config.stop_with_stdin:
        stop_at_end_of(sys.stdin.fileno(), stop)
    async with started(config) as server:
        reload_on_hangup(server.certificates, tells=service_manager.is_listening())
        look_for_garbage()
        announce(config, server)
        await stop.wait()
        announce_stop(config)


class Job(Protocol):
    """What goes on beside the requests."""

    async def run(self) -> None:
        """Work until cancelled."""
        ...


class Started(NamedTuple):
    """A server that can be connected to; `secret` says in words where its secret key is.

    admin         the address of the admin API over TLS, where it is open
    certificates  of every listener, which SIGHUP has loaded anew
    """

    entrance: Entrance
    credentials: RootCredentials
    secret: str
    admin: Address | None = None
    certificates: Sequence[Certificates] = ()

    @property
    def address(self) -> Address:
        """Where it listens in the open, or else over TLS."""
        address = self.entrance.plain_address or self.entrance.secured_address
        assert address is not None  # noqa: S101 - settings without any are refused
        return address


@contextlib.asynccontextmanager
async def started(config: Config) -> AsyncIterator[Started]:
    """A server for the length of a block; at its end running requests get their grace."""
    clock, config = SystemClock(), with_token(config)
    for warning in config.warnings():
        log.warning("%s", warning)
    with Shared(config) as shared:
        store = await Store.open(
            config.data_dir,
            clock=clock,
            inline_limit_bytes=config.inline_limit,
            passphrase=passphrase_of(config),
        )
        try:
            async with _serving(config, store, clock, shared) as server:
                yield server
        finally:
            await store.close()


@contextlib.asynccontextmanager
async def _serving(
    config: Config, store: Store, clock: Clock, shared: Shared
) -> AsyncIterator[Started]:
    root = root_account.find(config, store.identities)
    spool = spool_of(config, store, clock)
    documents = store.identities.documents
    with open_ledger(config, clock, documents, shared) as ledger, open_doors(config, log) as doors:
        services, verifier = services_of(config, store, root, clock, ledger)
        scrape = scrape_of(config, store, clock)
        gateway = gateway_of(config, services, verifier, spool, scrape)
        everyone = Everyone()
        (entrance,) = open_entrances(config, log)
        tell_figures(everyone, gateway, clock, urls(entrance))
        if config.seed_bucket:
            await seed(config, store, root)
        await gateway.start(entrance)
        root_account.keep(config, store.identities, root.credentials)
        jobs: list[Job] = [upkeep_of(config, store, clock), *jobs_of(config, services, spool)]
        jobs.append(log_delivery_of(config, services, spool))
        certificates = [*entrance.watched, *doors.watched]
        beside: list[Job] = [spool, store.key_uses, *certificates]
        async with running(*jobs, *beside), admitting(doors, services, everyone, jobs, scrape):
            yield Started(entrance, root.credentials, root.secret, doors.address, certificates)
            await gateway.stop(config.shutdown_grace)


def services_of(
    config: Config, store: Store, root: Root, clock: Clock, ledger: Ledger
) -> tuple[Services, Verifier]:
    """What handlers may use, and who verifies signatures."""
    store.keeps_all_events = config.event_log
    keys = open_ring(store.identities, root.master_key, clock.now_ms(), config.region)
    store.key_ring = keys
    identities = store.identities
    tokens = SessionTokens(identities.session_seal, clock, identities.seen)
    credentials = Credentials(
        identities,
        clock,
        root.credentials,
        root.account.account_id,
        tokens.open,
        on_change=ledger.refresh,
    )
    verifier = Verifier(
        credentials.find_key,
        clock,
        config.region,
        config.sigv2,
        domains=config.domain,
    )
    services = Services(
        store,
        Authorizer(StoredAccess(store, clock, config.region, identities.seen)),
        clock,
        config.region,
        identities.account_of,
        defaults_of(config),
        is_event_target=is_target_of(config),
        is_operator=lambda principal: principal.arn == root.account.root_arn,
        verify_form=verifier.verify_form,
        ledger=ledger,
        encryption=EncryptionRules(keys, config.sse_mode, config.sse_customer_keys_in_the_open),
        oidc_ca_file=str(config.oidc_ca_file or ""),
    )
    return services, verifier


def defaults_of(config: Config) -> BucketDefaults:
    """What a new bucket starts with."""
    return BucketDefaults(
        Ownership(config.default_object_ownership), config.default_public_access_block
    )


async def seed(config: Config, store: Store, root: Root) -> None:
    """Make the buckets that are to be there when the server is ready; StartError."""
    from ferrox.operations import seeding

    for bucket in config.seed_bucket:
        await seeding.make(
            store,
            bucket.name,
            bucket.traits,
            owner_id=root.account.canonical_id,
            region=config.region,
            defaults=defaults_of(config),
        )


def gateway_of(
    config: Config, services: Services, verifier: Verifier, spool: Spool, scrape: Scrape
) -> Gateway:
    """Everything that a request passes through, from the edge to the store."""
    pipeline = Pipeline(services, verifier, config.domain)
    answering: Answering = pipeline
    if services.ledger.faults is not None:  # in servers for tests
        from ferrox.pipeline.injection import Injection

        answering = Injection(services.ledger.faults, services, answering, config.domain)
    if config.website_domain:  # few servers have any
        from ferrox.operations.website import Websites

        answering = Websites(services, config.website_domain, answering, config.domain)
    request_log: RequestLog = ServerLog(services, spool)
    ledger = services.ledger
    if ledger.audit is not None:
        if config.audit_log_strict:
            answering = StrictlyAudited(answering, ledger.audit, services.host_id)
        else:
            request_log = RequestLogs(request_log, ledger.audit)
    return Gateway(
        answering,
        config,
        Health(services.store.probe),
        services.clock,
        request_log=request_log,
        metrics=MetricsPage(scrape, config.metrics_token) if config.metrics else None,
    )


def scrape_of(config: Config, store: Store, clock: Clock) -> Scrape:
    """Who tells metrics."""
    targets = [target.name for target in config.event_targets]
    return Scrape(store, clock, config.metrics_buckets, targets)


def spool_of(config: Config, store: Store, clock: Clock) -> Spool:
    """Where this process puts lines of the access logs of buckets; it is a job of each."""
    return Spool(
        store.data_dir.spool_path,
        clock,
        max_age_s=config.bucket_log_interval,
        max_bytes=config.bucket_log_size,
    )


def log_delivery_of(config: Config, services: Services, spool: Spool) -> LogDelivery:
    """Who makes objects of those lines, in one process of a server."""
    store = services.store

    def account_of(bucket: BucketRecord) -> str | None:
        account = store.identities.account_of(bucket.owner_id)
        return account.account_id if account else None

    return LogDelivery(
        store,
        sealing_of(services),
        spool,
        services.clock,
        account_of,
        interval_s=config.bucket_log_interval,
    )


def is_target_of(config: Config) -> Callable[[str], bool]:
    """Whether an ARN names one of the targets, whose secrets are in no log line from now on."""
    for target in config.event_targets:
        logs.hide(target.token)
        logs.hide(target.signing_key)
    names = {target.name for target in config.event_targets}
    return lambda arn: target_name(arn) in names


def upkeep_of(config: Config, store: Store, clock: Clock) -> Upkeep:
    """What goes on beside the requests, in one process of a server."""
    return Upkeep(
        store,
        clock,
        upload_expiry_s=config.upload_expiry * 3600,
        event_retention_s=config.event_retention * 3600,
        event_targets=[target.name for target in config.event_targets],
        interval_s=UPKEEP_INTERVAL_S,
    )


def jobs_of(config: Config, services: Services, spool: Spool) -> list[Job]:
    """What else goes on in that process: lifecycle rules, inventories, keys, telling of events."""
    store, clock = services.store, services.clock
    jobs: list[Job] = [
        LifecycleJob(
            store,
            clock,
            interval_s=config.lifecycle_interval * 3600,
            day_s=config.lifecycle_debug_day,
            noted=LifecycleLog(store, spool, clock).note,
        ),
        Inventory(store, sealing_of(services), clock),
        Scrub(
            store,
            clock,
            interval_s=config.scrub_interval_s,
            rate_bytes=config.scrub_rate,
        ),
    ]
    if (server_keys := services.encryption.keys.server_keys) is not None:
        from ferrox.jobs.reencryption import Reencryption
        from ferrox.jobs.rewrapping import Rewrapping

        jobs.append(Rewrapping(store, server_keys, clock))
        jobs.append(Reencryption(store, sealing_of(services), clock))
    if (kms_keys := services.encryption.keys.kms_keys) is not None:
        from ferrox.jobs.key_upkeep import KeyUpkeep

        jobs.append(KeyUpkeep(kms_keys, clock))
    if config.event_targets:  # few servers have any
        from ferrox.jobs.notifications import Notifier

        jobs += [Notifier(store, clock, target) for target in config.event_targets]
    return jobs


@contextlib.asynccontextmanager
async def running(*jobs: Job) -> AsyncIterator[None]:
    """Jobs for the length of a block."""
    tasks = [asyncio.get_running_loop().create_task(job.run()) for job in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def look_for_garbage() -> None:
    """Begin to, once a server has started; what it is made of is none, and is not looked at."""
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD)
    gc.enable()


def stop_signal() -> asyncio.Event:
    """Set once the operator, or whatever supervises this process, says stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def stop_at_end_of(file: int, stop: asyncio.Event) -> None:
    """Stop, too, when nothing more can come from a pipe, socket or terminal."""
    loop = asyncio.get_running_loop()

    def look() -> None:
        if not os.read(file, 65_536):
            loop.remove_reader(file)
            stop.set()

    loop.add_reader(file, look)


def reload_on_hangup(certificates: Sequence[Certificates], *, tells: bool = False) -> None:
    """Have SIGHUP load certificates anew; where there are none, it ends a server as ever.

    tells  whether a service manager is to hear of it; SIGHUP is its way to say it, and ends nothing
    """

    def reload() -> None:
        for one in certificates:
            one.reload()
        if tells:
            service_manager.tell_reloaded()

    if certificates or tells:
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload)
