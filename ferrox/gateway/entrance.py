"""Where one process is entered: its sockets in the open and over TLS, and its certificates."""

import logging
from typing import NamedTuple

from ferrox.config import Address, Config
from ferrox.errors import StartError
from ferrox.gateway import listeners
from ferrox.gateway.listeners import Sockets
from ferrox.gateway.tls import Certificates, Files


class Entrance(NamedTuple):
    """Listening sockets; without certificates there are none for TLS."""

    plain: Sockets
    secured: Sockets
    certificates: Certificates | None = None

    @property
    def plain_address(self) -> Address | None:
        """The address that was really bound."""
        return listeners.address_of(self.plain) if self.plain else None

    @property
    def secured_address(self) -> Address | None:
        """The address for TLS that was really bound."""
        return listeners.address_of(self.secured) if self.secured else None

    @property
    def watched(self) -> list[Certificates]:
        """The certificates, which are a job: they are read again when they change."""
        return [] if self.certificates is None else [self.certificates]

    def close(self) -> None:
        """Close the sockets in this process."""
        listeners.close(self.plain)
        listeners.close(self.secured)


def open_entrances(config: Config, log: logging.Logger, *, shares: int = 1) -> list[Entrance]:
    """Listen as the settings say, with an entrance for each process.

    raises  StartError when an address cannot be had, or a certificate cannot be used
    """
    certificates = None
    if config.tls_bind is not None:
        files = Files(
            config.tls_certificate,
            config.tls_key,
            config.tls_client_ca,
            offers_http2=config.http2,
        )
        certificates = Certificates(files, log)
    plain = _listen(config.bind, shares, "--bind")
    try:
        secured = _listen(config.tls_bind, shares, "--tls-bind")
    except StartError:
        for sockets in plain:
            listeners.close(sockets)
        raise
    return [Entrance(*pair, certificates) for pair in zip(plain, secured, strict=True)]


def _listen(bind: Address | None, shares: int, option: str) -> list[Sockets]:
    if bind is None:
        return [[] for _ in range(shares)]
    return listeners.listen(bind, shares=shares, option=option)
