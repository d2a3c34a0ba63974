"""The composition root: a Config becomes running parts; start order, stop order, signals.

Start: data directory and index (refusing what cannot be used), credentials, pipeline, listener,
background jobs, and only then the words on the terminal: whoever reads them can connect.
Stop, on SIGTERM or SIGINT: no new connections, running requests get their grace, jobs end, the
index is checkpointed.
"""

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

from ferrox import __version__, ids
from ferrox import log as logs
from ferrox.auth.verify import Verifier
from ferrox.clock import SystemClock
from ferrox.config import Address, Config
from ferrox.errors import Fault, StartError
from ferrox.gateway.health import Health
from ferrox.gateway.server import Gateway
from ferrox.iam.authorizer import Authorizer
from ferrox.jobs.upkeep import Upkeep
from ferrox.operations.call import Services
from ferrox.pipeline import Pipeline
from ferrox.records import AccessKeyRecord, Principal
from ferrox.storage.identities import Identities, RootAccount, RootCredentials
from ferrox.storage.store import Store

UPKEEP_INTERVAL_S = 30.0

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
    stop = _stop_signal()
    async with started(config) as server:
        _announce(config, server)
        await stop.wait()
        log.info("stopping: requests under way have %g s", config.shutdown_grace)


class Started(NamedTuple):
    """A server that can be connected to; `secret` says in words where its secret key is."""

    address: Address
    credentials: RootCredentials
    secret: str


@contextlib.asynccontextmanager
async def started(config: Config) -> AsyncIterator[Started]:
    """A server for the length of a block; at its end running requests get their grace."""
    clock = SystemClock()
    for warning in config.warnings():
        log.warning("%s", warning)
    store = await Store.open(config.data_dir, clock=clock, inline_limit_bytes=config.inline_limit)
    try:
        try:
            credentials, origin = _credentials(config, store.identities)
            account = store.identities.root_account()
        except Fault as fault:
            raise StartError(str(fault)) from fault
        logs.hide(credentials.secret_access_key)
        key = _root_key(account, credentials)
        verifier = Verifier(
            lambda access_key_id: key if access_key_id == key.access_key_id else None,
            clock,
            config.region,
            config.sigv2,
            domains=config.domain,
        )
        services = Services(store, Authorizer(), clock, config.region)
        gateway = Gateway(
            Pipeline(services, verifier, config.domain), config, Health(store.probe), clock
        )
        address = await gateway.start()
        _keep(config, store.identities, credentials)
        upkeep = Upkeep(
            store,
            clock,
            upload_expiry_s=config.upload_expiry * 3600,
            interval_s=UPKEEP_INTERVAL_S,
        )
        async with _running(upkeep):
            yield Started(address, credentials, origin)
            await gateway.stop(config.shutdown_grace)
    finally:
        await store.close()


@contextlib.asynccontextmanager
async def _running(upkeep: Upkeep) -> AsyncIterator[None]:
    task = asyncio.get_running_loop().create_task(upkeep.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _stop_signal() -> asyncio.Event:
    """Set once the operator, or whatever supervises this process, says stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def _credentials(config: Config, identities: Identities) -> tuple[RootCredentials, str]:
    """The root key pair, and where its secret is, in words."""
    if config.access_key is not None and config.secret_key is not None:
        return RootCredentials(config.access_key, config.secret_key), "as given in the settings"
    stored = identities.root_credentials()
    if stored is not None:
        sealed = f"printed at the first start; sealed in {config.data_dir / 'settings.db'}"
        return stored, sealed
    made = RootCredentials(ids.access_key_id(), ids.secret_access_key())
    return made, f"{made.secret_access_key}   (shown only this once)"


def _keep(config: Config, identities: Identities, credentials: RootCredentials) -> None:
    """Save a pair that was made just now.

    Not before the listener is up: a start that fails shows nobody the secret, and a pair that was
    saved is never shown again.
    """
    if config.access_key is not None and config.secret_key is not None:
        return
    try:
        if identities.root_credentials() is None:
            identities.save_root_credentials(credentials)
    except Fault as fault:
        raise StartError(str(fault)) from fault


def _root_key(account: RootAccount, credentials: RootCredentials) -> AccessKeyRecord:
    principal = Principal(
        account_id=account.account_id,
        canonical_id=account.canonical_id,
        display_name="root",
        arn=f"arn:aws:iam::{account.account_id}:root",
        access_key_id=credentials.access_key_id,
    )
    return AccessKeyRecord(credentials.access_key_id, credentials.secret_access_key, principal)


def _announce(config: Config, server: Started) -> None:
    """Say on the terminal what a person needs to connect."""
    sys.stdout.write(
        f"ferroxd {__version__} is ready\n"
        f"  address     {_url(server.address)}\n"
        f"  data        {config.data_dir.resolve()}\n"
        f"  access key  {server.credentials.access_key_id}\n"
        f"  secret key  {server.secret}\n"
    )
    sys.stdout.flush()


def _url(address: Address) -> str:
    """An address that a client on this machine can use as it stands."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - these are looked for, not bound
    if address.host in everywhere:
        local = address._replace(host=everywhere[address.host])
        return f"http://{local}   (and every other address of this machine)"
    return f"http://{address}"
