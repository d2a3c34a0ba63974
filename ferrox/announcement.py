"""What a server says when it is ready: words for people, or variables for their programs.

Whatever looks after it as a service hears of it, too, and when it stops.
"""

import logging
import sys
from typing import Protocol

from ferrox import __version__, client_environment, service_manager
from ferrox.config import Address, Config
from ferrox.operating import SOCKET
from ferrox.storage.identities.root import RootCredentials

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - these are looked for, not bound

log = logging.getLogger("ferrox")


class Listening(Protocol):
    """Where a server listens."""

    @property
    def plain_address(self) -> Address | None:
        """In the open."""
        ...

    @property
    def secured_address(self) -> Address | None:
        """Over TLS."""
        ...


class Ready(Protocol):
    """A server that can be connected to."""

    @property
    def entrance(self) -> Listening:
        """Where it listens."""
        ...

    @property
    def credentials(self) -> RootCredentials:
        """Of its root account."""
        ...

    @property
    def secret(self) -> str:
        """Where the secret key is, in words."""
        ...

    @property
    def admin(self) -> Address | None:
        """Where the admin API listens for whoever shows a certificate."""
        ...


def announce(config: Config, server: Ready, worker_count: int = 1) -> None:
    """Say what is needed to connect."""
    words = _words(config, server, worker_count)
    if config.print_env is None:
        sys.stdout.write(words)
    else:
        sys.stderr.write(words)
        sys.stderr.flush()
        sys.stdout.write(client_environment.text(config.print_env, _variables(config, server)))
    sys.stdout.flush()
    service_manager.tell_ready(f"{', '.join(urls(server.entrance))}; workers: {worker_count}")


def urls(entrance: Listening) -> list[str]:
    """Where it is asked, as clients on this machine can use it."""
    return [_url(scheme, address) for scheme, address in _addresses(entrance)]


def announce_stop(config: Config) -> None:
    """Say that no more requests are taken."""
    log.info("stopping: requests under way have %g s", config.shutdown_grace)
    service_manager.tell_stopping(f"stopping, in {config.shutdown_grace:g} s at the latest")


def _words(config: Config, server: Ready, worker_count: int) -> str:
    addresses = "".join(
        f"  address     {_url(scheme, address)}{_more(address)}\n"
        for scheme, address in _addresses(server.entrance)
    )
    if server.admin is not None:
        addresses += f"  admin       {_url('https', server.admin)}{_more(server.admin)}\n"
    data = str(config.data_dir.resolve())
    if config.ephemeral:
        data += "   (removed at the end)"
    is_printed = config.print_env is not None
    return (
        f"ferroxd {__version__} is ready\n"
        f"{addresses}"
        f"  data        {data}\n"
        f"  workers     {worker_count}\n"
        f"  access key  {server.credentials.access_key_id}\n"
        f"  secret key  {'among the variables' if is_printed else server.secret}\n"
    )


def _variables(config: Config, server: Ready) -> dict[str, str]:
    """What programs need, `ferroxd` itself among them."""
    variables = client_environment.variables(
        _url(*_addresses(server.entrance)[0]),
        server.credentials.access_key_id,
        server.credentials.secret_access_key,
        config.region,
    )
    admin_socket = config.data_dir.resolve() / SOCKET
    if admin_socket.exists():
        variables["FERROX_ADMIN_URL"] = f"unix://{admin_socket}"
    return variables


def _addresses(entrance: Listening) -> list[tuple[str, Address]]:
    """Every scheme that is spoken and where, in the open first."""
    addresses = {"http": entrance.plain_address, "https": entrance.secured_address}
    return [(scheme, address) for scheme, address in addresses.items() if address is not None]


def _url(scheme: str, address: Address) -> str:
    """An address that a client on this machine can use as it stands."""
    return f"{scheme}://{address._replace(host=_EVERYWHERE.get(address.host, address.host))}"


def _more(address: Address) -> str:
    is_everywhere = address.host in _EVERYWHERE
    return "   (and every other address of this machine)" if is_everywhere else ""
