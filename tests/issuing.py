"""Certificates for tests: an authority in a folder, what it issues, and handshakes in memory."""

import ssl
from pathlib import Path
from typing import NamedTuple

from ferrox.clock import SystemClock
from ferrox.crypto import certificates
from ferrox.crypto.certificates import Issued

NOW_MS = SystemClock().now_ms()


class Issuer:
    """An authority, whose files are in a folder: `ca.crt`, and NAME.crt and NAME.key of others."""

    def __init__(self, folder: Path, name: str = "ca") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.authority = certificates.make_authority(f"Authority {name}", NOW_MS)
        self.trusted = folder / f"{name}.crt"
        self.trusted.write_text(self.authority.certificate)

    def server(self, stem: str = "server", *names: str) -> Path:
        """Issue a certificate for a server; NAME.key is beside it."""
        names = names or ("localhost", "127.0.0.1")
        return self._keep(stem, certificates.make_server(names, NOW_MS, authority=self.authority))

    def client(self, common_name: str, unit: str = "") -> Path:
        """Issue a certificate for a client."""
        issued = certificates.make_client(
            common_name, NOW_MS, authority=self.authority, organizational_unit=unit
        )
        return self._keep(common_name, issued)

    def context(self, client: Path | None = None) -> ssl.SSLContext:
        """What a client uses that trusts this authority, and no other."""
        context = ssl.create_default_context(cafile=str(self.trusted))
        if client is not None:
            context.load_cert_chain(client, client.with_suffix(".key"))
        return context

    def _keep(self, stem: str, issued: Issued) -> Path:
        path = self.folder / f"{stem}.crt"
        path.with_suffix(".key").write_text(issued.key)
        path.write_text(issued.certificate)
        return path


class Sides(NamedTuple):
    """Both sides after a handshake."""

    client: ssl.SSLObject
    server: ssl.SSLObject


def shake(
    server: ssl.SSLContext,
    client: ssl.SSLContext,
    name: str | None,
    session: ssl.SSLSession | None = None,
) -> Sides:
    """Have OpenSSL on both sides; whatever one of them refuses is raised."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = Sides(
        client.wrap_bio(to_client, to_server, server_hostname=name, session=session),
        server.wrap_bio(to_server, to_client, server_side=True),
    )
    for _ in range(3):
        for side in sides:
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return sides
