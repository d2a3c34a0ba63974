"""TLS: which versions and ciphers, whose certificates, and who the client is.

https://wiki.mozilla.org/Security/Server_Side_TLS ("intermediate", without what needs DH parameters)

Theory of operation. A listener has one context for as long as the server runs. It holds no
certificate: as soon as a client has said hello, with a server name or without, the handshake is
moved to the context of the certificate that has this name, or to the default one. So certificates
can be exchanged at any time. A handshake under way keeps what it began with, an open connection
needs its certificate no more, and a file that cannot be read changes nothing.

The keys of session tickets belong to the listener's context. It is made before the workers are
forked, so a ticket of one worker is resumed by every other, and by those that take their places.
The keys are on no disk and live as long as the server. A server that asks its clients for
certificates gives no tickets: a client is looked at again each time.
"""

import asyncio
import logging
import ssl
from collections.abc import Iterator, Set
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from ferrox import metrics
from ferrox.clock import Clock, SystemClock
from ferrox.crypto.certificates import Facts, facts_of
from ferrox.errors import StartError
from ferrox.protocol.message import Tls

DAY_MS = 86_400_000
WARNED_DAYS = 14
"""So long before a certificate ends, the log says so once a day."""

LOOK_S = 2.0
"""How often the files are looked at; what has changed is loaded when it changes no more."""

HTTP_1_1 = "http/1.1"
HTTP_2 = "h2"

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2. All are as good as the next, so the client chooses: it knows what it is quick at."""

CERTIFICATE_SUFFIXES = (".crt", ".pem")
KEY_SUFFIX = ".key"
DEFAULT_NAME = "default"

Stamp = tuple[str, int, int, int]
"""Of a file: path, inode, size, time of its last change."""


class Files(NamedTuple):
    """Where a listener's certificates are, as the operator says.

    certificates      PEM files with the chain, the server's own certificate first; or folders with
                      one NAME.crt (or .pem) and NAME.key for each certificate
    keys              PEM files with the key of each; () when it stands in the same file
    client_authority  PEM file of those who vouch for clients; clients are asked for a certificate
    requires_client   whether who shows none is turned away
    offers_http2      whether HTTP/2 can be had here
    """

    certificates: tuple[Path, ...]
    keys: tuple[Path, ...] = ()
    client_authority: Path | None = None
    requires_client: bool = False
    offers_http2: bool = True


class Pair(NamedTuple):
    """A certificate file and the file of its key."""

    certificate: Path
    key: Path


class Loaded(NamedTuple):
    """What the files held when they were read; wildcards stand in `by_name` as they are written.

    ends_ms  when each of the certificates ends, by its file
    """

    default: ssl.SSLContext
    by_name: dict[str, ssl.SSLContext]
    ends_ms: dict[Path, int]


class Certificates:
    """The certificates of a listener, as its files have them now; a job that keeps them so.

    context   what the listener listens with
    is_quiet  whether somebody else says what was loaded: another worker
    raises    StartError when they cannot be used at first
    """

    def __init__(self, files: Files, log: logging.Logger, clock: Clock | None = None) -> None:
        self.is_quiet = False
        self._files = files
        self._log = log
        self._clock = clock or SystemClock()
        self._warned_day = 0
        self._told: Set[str] = frozenset()
        self._seen = self._stamp = tuple(_stamps(files))
        try:
            self._loaded = self._load()
        except _NotUsable as error:
            raise StartError(str(error)) from None
        self.context = _context(files)
        self.context.sni_callback = self._choose

    @property
    def ends_ms(self) -> dict[Path, int]:
        """When each certificate ends, by its file."""
        return self._loaded.ends_ms

    async def run(self) -> None:
        """Look at the files every now and then, until cancelled."""
        self._tell()
        while True:
            await asyncio.sleep(LOOK_S)
            self.look()

    def catch_up(self) -> None:
        """Load the files if they have changed: for a worker that is not the first in its place."""
        if self._stamp != tuple(_stamps(self._files)):
            self.reload()

    def look(self) -> None:
        """Load the files if they have changed since they were loaded, and not since the last look.

        Certificate and key are two files: between the changes of one and the other, no pair.
        """
        before, self._seen = self._seen, tuple(_stamps(self._files))
        if before == self._seen != self._stamp:
            self.reload()
        self._warn_once_a_day()

    def reload(self) -> None:
        """Load the files; if they cannot be used, what was there before goes on."""
        self._seen = self._stamp = tuple(_stamps(self._files))
        try:
            self._loaded = self._load()
        except _NotUsable as error:
            self._say(logging.ERROR, f"certificates are not reloaded: {error}")
        self._tell()

    def _tell(self) -> None:
        """Have metrics say when each certificate ends, and no longer what is gone."""
        now = {str(path): ends_ms for path, ends_ms in self._loaded.ends_ms.items()}
        for gone in self._told - now.keys():
            metrics.CERTIFICATE_EXPIRY.clear(gone)
        for path, ends_ms in now.items():
            metrics.CERTIFICATE_EXPIRY.set(ends_ms / 1000, path)
        self._told = now.keys()

    def _load(self) -> Loaded:
        contexts = []
        by_name: dict[str, ssl.SSLContext] = {}
        ends_ms = {}
        for pair in _pairs(self._files):
            context, said = _read(self._files, pair)
            contexts.append(context)
            ends_ms[pair.certificate] = said.ends_ms
            for name in said.names:
                by_name.setdefault(name, context)
            shown = ", ".join((*said.names, *said.addresses)) or "no host name"
            until = _in_words(said.ends_ms)
            self._say(logging.INFO, f"certificate {pair.certificate}: {shown}; valid until {until}")
        return Loaded(contexts[0], by_name, ends_ms)

    def _warn_once_a_day(self) -> None:
        """Say which certificates are about to end, or have ended."""
        now_ms = self._clock.now_ms()
        if now_ms // DAY_MS == self._warned_day:
            return
        self._warned_day = now_ms // DAY_MS
        for path, ends_ms in self._loaded.ends_ms.items():
            if ends_ms <= now_ms:
                self._say(logging.ERROR, f"certificate {path} has ended on {_in_words(ends_ms)}")
            elif ends_ms <= now_ms + WARNED_DAYS * DAY_MS:
                days = (ends_ms - now_ms) // DAY_MS
                soon = "today" if not days else f"in {days} days" if days > 1 else "in a day"
                line = f"certificate {path} ends {soon}, on {_in_words(ends_ms)}"
                self._say(logging.WARNING, line)

    def _choose(
        self, shaking: ssl.SSLObject, server_name: str | None, _listening: ssl.SSLContext
    ) -> None:
        """Have the handshake go on with the certificate that has the name the client asks for."""
        name = (server_name or "").lower()
        parent = name.partition(".")[2]
        default, by_name, _ = self._loaded
        shaking.context = by_name.get(name) or by_name.get(f"*.{parent}") or default

    def _say(self, level: int, line: str) -> None:
        self._log.log(logging.DEBUG if self.is_quiet else level, "%s", line)


class _NotUsable(Exception):
    """Why certificates cannot be used, in one line."""


def facts(transport: asyncio.BaseTransport) -> Tls | None:
    """How a connection is protected; None when it is not."""
    secured = transport.get_extra_info("ssl_object")
    if secured is None:
        return None
    shown = transport.get_extra_info("peercert") or {}
    subject = tuple(pair for group in shown.get("subject", ()) for pair in group)
    return Tls(secured.version() or "", secured.cipher()[0], subject)


def _in_words(instant_ms: int) -> str:
    return f"{datetime.fromtimestamp(instant_ms / 1000, UTC):%Y-%m-%d %H:%M} UTC"


def _context(files: Files) -> ssl.SSLContext:
    """What every handshake of a listener has in common."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_alpn_protocols([HTTP_2, HTTP_1_1] if files.offers_http2 else [HTTP_1_1])
    if files.client_authority is not None:
        context.verify_mode = ssl.CERT_REQUIRED if files.requires_client else ssl.CERT_OPTIONAL
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # whoever stands in the file vouches
        context.options |= ssl.OP_NO_TICKET
        context.num_tickets = 0
    if files.requires_client:
        context.minimum_version = ssl.TLSVersion.TLSv1_3  # 1.2 resumes without tickets, too
    return context


def _read(files: Files, pair: Pair) -> tuple[ssl.SSLContext, Facts]:
    """The context that presents a certificate, and what stands in it."""
    context = _context(files)
    path: Path = pair.certificate
    try:
        said = facts_of(path.read_text("ascii", "replace"))
        pair.key.read_bytes()  # OpenSSL does not say which of both files it could not read
        # An encrypted key is refused; OpenSSL would ask for its password on the terminal.
        context.load_cert_chain(pair.certificate, pair.key, password="")
        if files.client_authority is not None:
            path = files.client_authority
            context.load_verify_locations(path)
    except ssl.SSLError as error:
        raise _NotUsable(f"{path}: {_words(error, pair)}") from None
    except (
        OSError,
        ValueError,
        TypeError,
        KeyError,
    ) as error:  # asn1crypto raises all but the first
        reason = error.strerror if isinstance(error, OSError) else error
        raise _NotUsable(f"{getattr(error, 'filename', None) or path}: {reason}") from None
    return context, said


def _words(error: ssl.SSLError, pair: Pair) -> str:
    reason = (error.reason or "it is no PEM file").replace("_", " ").lower()
    return f"{reason} (its key: {pair.key})"


def _pairs(files: Files) -> list[Pair]:
    """Every certificate with its key, the default first."""
    keys = iter(files.keys)
    pairs = []
    for path in files.certificates:
        if path.is_dir():
            pairs += _pairs_in(path)
        else:
            pairs.append(Pair(path, next(keys, path) if files.keys else path))
    single = sum(not path.is_dir() for path in files.certificates)
    if files.keys and len(files.keys) != single:
        raise _NotUsable(f"there are {len(files.keys)} keys for {single} files with certificates")
    return pairs


def _pairs_in(folder: Path) -> list[Pair]:
    try:
        paths = sorted(folder.iterdir(), key=lambda path: (path.stem != DEFAULT_NAME, path))
    except OSError as error:
        raise _NotUsable(f"{folder}: {error.strerror}") from None
    found = [
        Pair(path, path.with_suffix(KEY_SUFFIX))
        for path in paths
        if path.suffix in CERTIFICATE_SUFFIXES and path.with_suffix(KEY_SUFFIX).exists()
    ]
    if not found:
        raise _NotUsable(f"{folder}: there is no NAME.crt with a NAME.key")
    return found


def _stamps(files: Files) -> Iterator[Stamp]:
    authority = () if files.client_authority is None else (files.client_authority,)
    for path in (*files.certificates, *files.keys, *authority):
        try:
            entries = sorted(path.iterdir()) if path.is_dir() else [path]
            for entry in entries:
                status = entry.stat()
                yield str(entry), status.st_ino, status.st_size, status.st_mtime_ns
        except OSError:
            yield str(path), 0, 0, 0  # what is not there differs from what is
