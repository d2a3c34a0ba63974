"""The settings of TLS, of requests and of the admin API, as rows of the table in config.py."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from ferrox import admin_roles
from ferrox import setting_kinds as kinds
from ferrox.errors import StartError
from ferrox.setting import Row

DEFAULT_ADMIN_BIND = kinds.Address(kinds.ALL_INTERFACES, 9444)


@dataclass(frozen=True, kw_only=True)
class TlsSettings:
    """What Config has of them."""

    tls_bind: Annotated[
        kinds.Address | None,
        Row(
            kinds.Kind("HOST:PORT or off", kinds.address_or_off),
            "Address to listen on for requests over TLS, beside the other; see docs/tls.md.",
        ),
    ] = None
    tls_certificate: Annotated[
        tuple[Path, ...],
        Row(
            kinds.Kind("paths", kinds.paths, is_list=True),
            "PEM file of the server's certificate and those that vouch for it, or a directory of "
            "NAME.crt and NAME.key; comma-separated or repeated. A client gets the one with the "
            "name it asks for, else the first.",
        ),
    ] = ()
    tls_key: Annotated[
        tuple[Path, ...],
        Row(
            kinds.Kind("paths", kinds.paths, is_list=True),
            "PEM file of the private key of each certificate file, in the same order. Without, "
            "the keys stand in the certificate files.",
        ),
    ] = ()
    tls_client_ca: Annotated[
        Path | None,
        Row(
            kinds.Kind("path", kinds.path),
            "PEM file of the authorities of clients: clients may then show a certificate, which "
            "one of them must have issued. The access log says who they are.",
        ),
    ] = None
    http2: Annotated[
        bool,
        Row(
            kinds.ON_OFF,
            "Whether HTTP/2 is spoken over TLS with clients that ask for it.",
        ),
    ] = True
    admin_bind: Annotated[
        kinds.Address,
        Row(
            kinds.Kind("HOST:PORT", kinds.address),
            "Address of the admin API over mutual TLS; it is closed unless certificates are given. "
            "See docs/admin.md.",
        ),
    ] = DEFAULT_ADMIN_BIND
    admin_certificate: Annotated[
        Path | None,
        Row(
            kinds.Kind("path", kinds.path),
            "PEM file of the certificate that the admin API shows, and those that vouch for it.",
        ),
    ] = None
    admin_key: Annotated[
        Path | None, Row(kinds.Kind("path", kinds.path), "PEM file of its private key.")
    ] = None
    admin_client_ca: Annotated[
        Path | None,
        Row(
            kinds.Kind("path", kinds.path),
            "PEM file of the authorities of those who may ask the admin API.",
        ),
    ] = None
    admin_subject: Annotated[
        tuple[admin_roles.SubjectRule, ...],
        Row(
            kinds.Kind("rules", admin_roles.read, is_list=True),
            "Who of them has which role, by the subject of the certificate: `CN=NAME:admin` or "
            "`OU=UNIT:read-only`; comma-separated or repeated. The first rule that fits counts.",
        ),
    ] = admin_roles.DEFAULT_RULES

    def check_tls(self) -> None:
        """StartError when these settings do not fit together."""
        if (self.tls_bind is None) != (not self.tls_certificate):
            given, missing = "tls_bind", "tls_certificate"
            if self.tls_bind is None:
                given, missing = missing, given
            raise StartError(f"{given} is given without {missing}: give both or neither")
        for name in ("tls_key", "tls_client_ca"):
            if getattr(self, name) and self.tls_bind is None:
                raise StartError(f"{name} is given without tls_bind: nothing is served over TLS")
        self._require_all_or_none("admin_certificate", "admin_key", "admin_client_ca")

    def _require_all_or_none(self, *names: str) -> None:
        missing = [name for name in names if getattr(self, name) is None]
        if missing and len(missing) < len(names):
            given = next(name for name in names if name not in missing)
            raise StartError(f"{given} is given without {', '.join(missing)}: give all or none")
