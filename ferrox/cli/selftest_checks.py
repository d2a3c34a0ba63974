"""The checks of `ferroxd selftest` that need the whole program.

A check goes through the program's own code where there is some, needs no network and no
configuration, and is given a directory of its own that is removed afterwards.
"""

import asyncio
import contextlib
import dataclasses
import hashlib
import json
import logging
import os
import sqlite3
import ssl
import threading
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from h2.connection import H2Connection
from h2.events import DataReceived, StreamEnded

from ferrox import app, errors, ids
from ferrox.auth import sigv4
from ferrox.auth.canonical import canonical_request, canonical_uri
from ferrox.cli import certificate_files
from ferrox.cli.selftest import Check
from ferrox.clock import SystemClock
from ferrox.config import Address, Config
from ferrox.crypto import gcm, jws, p256
from ferrox.crypto.certificates import make_server
from ferrox.crypto.pycryptodome import Pycryptodome
from ferrox.crypto.sealing import KEY_BYTES, Seal
from ferrox.errors import SealBroken
from ferrox.gateway.aiohttp_parts import HttpRequestParser
from ferrox.gateway.tls import HTTP_2, Certificates, Files
from ferrox.protocol import checksums
from ferrox.protocol.message import Request

OLDEST_SQLITE = (3, 37)  # the first with STRICT tables
NESTED_DEPTH = 50_000
CHILD_STATUS = 7
REGION = "us-east-1"

NINE_DIGITS = b"123456789"
KNOWN_DIGESTS = {
    "MD5": "25f9e794323b453885f5181f1b624d0b",
    "SHA1": "f7c3bc1d808e04732adf679965ccc34ca7ae3441",
    "SHA256": "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
    "CRC32": "cbf43926",
    "CRC32C": "e3069283",
    "CRC64NVME": "ae8b14860a799888",
}
"""Digests of NINE_DIGITS, the message that catalogues of CRCs agree on."""

# Test case 14 of the specification of GCM: key, nonce and text are zero.
GCM_CIPHERTEXT = "cea7403d4d606b6e074ec5d3baf39d18"
GCM_TAG = "d0d1c8a799996bf0265b98b5d48ab919"

# RFC 6979, A.2.5, with SHA-256.
ECDSA_PRIVATE_KEY = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721
ECDSA_SIGNATURE_OF_SAMPLE = (
    "3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
    "022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
)

# Made by OpenSSL with a key of 2,048 bits, whose private half nobody has.
RSA_MODULUS = (
    "lGYROsYTOZXVWjbKOaMmROgt0oZTYWrhibLWjPJUVT4_z2y8h2R_nom-h7ggndW86CBiB2IWGqFZS_5lD0ek56kC"
    "yzIQULAz7IN3V4K5Ms5GXBWZXKHFzx4NZmI4DWTV0UVd0dX7fNSaOUGt3iLCBzffGRSK4_XPk5fW6PWQqPBMSYSc"
    "r2PP8OgK9z1jHCde6zen0zOUPLhJ2_xpatz-69ftAKeEDAtUrYVzuZjgwk-cnaWjW8VwfWA3o11dtk9NZ0yNj_zd"
    "JWzJuLVlFm1tUNgKHyZV7fyYPOW0nmHzEeES9kYZULOyBcPrOCkrCYxLRrioJVLKy_N1HYOShtHWnw"
)
RSA_SIGNATURE_OF_SAMPLE = (
    "TUkrjMIt23o6yZfEG0vaArteURLq6ssHWTCwXSyTHLmK9SJZXahp6JCODfYIxFUw7eR3ZGxvvEArVTeySHfCOQJW"
    "9lk7mdcAbpWkNi6DKuyYxE9azIzFtLrWw6s9hbqWTBnz2iTc55DfEcZCdTtLcB73lYiPoKnFSgP2gh-eI0FMKrWp"
    "cQPWKBlsMogtnndrLdN2a6zOJ3uAHt1dImy4uC5xYZd1EwNC1uI_P60Vw78GJRe40I4oT2CwV4nQBkE0vGG6PUNJ"
    "jUxcL0YxEBoS2raT9oZ6Tt6ZIAu-GMC2RsWv7hfyvRB8Ph6OQScuFugYowIenF4qeg1lgGzf2EIavQ"
)

# A test of the reference implementation: 2 passes over 256 KiB by 2 threads, cheap as these go.
ARGON2ID_COST = {"time_cost": 2, "memory_cost": 256, "parallelism": 2, "hash_len": 32}
ARGON2ID_TAG = "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037"


class Failed(Exception):
    """What was found is not what has to be."""


def _expect(expected: object, actual: object) -> None:
    if expected != actual:
        raise Failed(f"expected {expected!r}, got {actual!r}")


# Errors, processes, threads and loops
def _read_error_messages(_: Path) -> None:
    """Messages are docstrings: an interpreter that drops those leaves the answers without words."""
    known = vars(errors).values()
    silent = [
        one.__name__
        for one in known
        if isinstance(one, type) and issubclass(one, errors.S3Error) and not one.default_message()
    ]
    _expect([], silent)
    _expect("The specified key does not exist.", str(errors.NoSuchKey()))


def _fork(_: Path) -> None:
    _expect(CHILD_STATUS, in_child(_work_in_child))


def _work_in_child() -> int:
    with asyncio.Runner(loop_factory=app.loop_factory()) as runner:
        return runner.run(asyncio.sleep(0, CHILD_STATUS))


def _nest_deeply(_: Path) -> None:
    """A stack that is too small for its recursion limit ends the process, so a child tries it."""
    _expect(CHILD_STATUS, in_child(_nest_in_thread))


def _nest_in_thread() -> int:
    outcome = []

    def parse() -> None:
        try:
            json.loads("[" * NESTED_DEPTH + "]" * NESTED_DEPTH)
        except RecursionError:
            outcome.append(CHILD_STATUS)

    thread = threading.Thread(target=parse)
    thread.start()
    thread.join()
    return sum(outcome)


def in_child(work: Callable[[], int]) -> int:
    """What `work` returns in a forked child (minus the signal's number if one ended it)."""
    process_id = os.fork()
    if process_id == 0:
        status = 1
        with contextlib.suppress(Exception):
            status = work()
        os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(process_id, 0)[1])


def _run_uvloop(_: Path) -> None:
    import uvloop

    async def loop_module() -> str:
        await asyncio.sleep(0)
        return type(asyncio.get_running_loop()).__module__

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        _expect("uvloop", runner.run(loop_module()))


# TLS
def _shake_hands(version: ssl.TLSVersion, scratch: Path) -> None:
    """Both ends of a connection, with memory for a wire and a certificate that is made now."""
    issued = make_server(["localhost"], SystemClock().now_ms())
    certificate_files.write(scratch, {"server": issued})
    certificates = Certificates(Files((scratch,)), logging.getLogger("ferrox.selftest"))
    asking = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    asking.minimum_version = asking.maximum_version = version
    asking.load_verify_locations(cadata=issued.certificate)
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = certificates.context.wrap_bio(up, down, server_side=True)
    client = asking.wrap_bio(down, up, server_hostname="localhost")
    for _ in range(5):
        for end in (client, server):
            with contextlib.suppress(ssl.SSLWantReadError):
                end.do_handshake()
    client.write(NINE_DIGITS)
    _expect(NINE_DIGITS, server.read())
    server.write(NINE_DIGITS)
    _expect((NINE_DIGITS, version.name), (client.read(), _version_name(client)))


def _version_name(connection: ssl.SSLObject) -> str:
    return (connection.version() or "").replace(".", "_")


def _speak_http2(scratch: Path) -> None:
    """A request over TLS with h2 on both ends, from a server of this program's."""
    issued = make_server(["localhost"], SystemClock().now_ms())
    certificate_files.write(scratch, {"server": issued})
    asking = ssl.create_default_context(cadata=issued.certificate)
    asking.set_alpn_protocols([HTTP_2])
    health = [(":method", "GET"), (":scheme", "https"), (":authority", "localhost")]

    async def knock(server: app.Started) -> None:
        address = server.entrance.secured_address
        assert address is not None  # noqa: S101 - it was asked for
        reader, writer = await asyncio.open_connection(
            *address, ssl=asking, server_hostname="localhost"
        )
        client = H2Connection()
        client.initiate_connection()
        client.send_headers(1, [*health, (":path", "/health/live")], end_stream=True)
        said: list[object] = []
        while not any(isinstance(event, StreamEnded) for event in said):
            writer.write(client.data_to_send())
            said += client.receive_data(await reader.read(1 << 16))
        bodies = [event.data for event in said if isinstance(event, DataReceived)]
        _expect(b'{"status": "live"}\n', b"".join(bodies))
        writer.transport.abort()

    _with_server(scratch / "d", knock, tls_bind=Address("127.0.0.1", 0), tls_certificate=(scratch,))


# SQLite
def _parse_in_c(_: Path) -> None:
    _expect("aiohttp._http_parser", HttpRequestParser.__module__)


def _know_sqlite(_: Path) -> None:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise Failed(f"SQLite {sqlite3.sqlite_version} is too old")
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        (is_threadsafe,) = connection.execute("SELECT sqlite_compileoption_used('THREADSAFE=1')")
        _expect((1,), is_threadsafe)


def _refuse_wrong_types(_: Path) -> None:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE numbers (n INTEGER NOT NULL) STRICT")
        with contextlib.suppress(sqlite3.IntegrityError):
            connection.execute("INSERT INTO numbers VALUES ('one')")
            raise Failed("a STRICT table took a text for a number")


def _write_ahead(scratch: Path) -> None:
    path = scratch / "wal.db"
    with (
        contextlib.closing(sqlite3.connect(path)) as writer,
        contextlib.closing(sqlite3.connect(path)) as reader,
    ):
        _expect(("wal",), writer.execute("PRAGMA journal_mode = WAL").fetchone())
        writer.execute("PRAGMA synchronous = FULL")
        writer.execute("CREATE TABLE blobs (body BLOB NOT NULL) STRICT")
        writer.execute("INSERT INTO blobs VALUES (?)", (NINE_DIGITS,))
        _expect([], reader.execute("SELECT body FROM blobs").fetchall())
        writer.commit()
        _expect([(NINE_DIGITS,)], reader.execute("SELECT body FROM blobs").fetchall())
        _expect(0, writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])


# Digests and seals
def _digest(name: str, _: Path) -> None:
    if name == "MD5":
        digest: checksums.Digest = hashlib.md5(usedforsecurity=False)
    else:
        digest = checksums.new_digest(name)
    digest.update(NINE_DIGITS)
    _expect(KNOWN_DIGESTS[name], digest.digest().hex())


def _seal_and_open(_: Path) -> None:
    seal = Seal(os.urandom(KEY_BYTES))
    sealed = seal.seal(NINE_DIGITS, "here")
    _expect(NINE_DIGITS, seal.open(sealed, "here"))
    with contextlib.suppress(SealBroken):
        seal.open(sealed, "there")
        raise Failed("a sealed secret opened in another place")


def _know_gcm(_: Path) -> None:
    for cipher in (gcm.aes_gcm(), Pycryptodome()):  # the second stands in where there is no other
        data = bytearray(16)
        tag = cipher.encrypt(bytes(32), bytes(12), b"", memoryview(data))
        _expect((GCM_CIPHERTEXT, GCM_TAG), (data.hex(), tag.hex()))


def _know_ecdsa(_: Path) -> None:
    key = p256.public_key_of(ECDSA_PRIVATE_KEY)
    signature = bytes.fromhex(ECDSA_SIGNATURE_OF_SAMPLE)
    _expect(True, key.has_signed(b"sample", signature))
    _expect(False, key.has_signed(b"simple", signature))


def _know_rsa(_: Path) -> None:
    key = jws.read_key({"kty": "RSA", "alg": "RS256", "n": RSA_MODULUS, "e": "AQAB"})
    signature = jws.decode(RSA_SIGNATURE_OF_SAMPLE)
    if key is None:
        raise Failed("a public key cannot be read")
    _expect(True, jws.is_signed(key, "RS256", b"sample", signature))
    _expect(False, jws.is_signed(key, "RS256", b"simple", signature))


def _know_argon2id(_: Path) -> None:
    from argon2.low_level import Type, hash_secret_raw

    tag = hash_secret_raw(b"password", b"somesalt", type=Type.ID, **ARGON2ID_COST)
    _expect(ARGON2ID_TAG, tag.hex())


# The server
def _put_and_get(size_bytes: int, scratch: Path) -> None:
    body = os.urandom(size_bytes)

    async def there_and_back(server: app.Started) -> None:
        _expect((200, b""), await ask(server, "PUT", "/selftest"))
        _expect((200, b""), await ask(server, "PUT", "/selftest/key", body))
        _expect((200, body), await ask(server, "GET", "/selftest/key"))

    _with_server(scratch, there_and_back)


def _tell_metrics(scratch: Path) -> None:
    async def look(server: app.Started) -> None:
        reader, writer = await asyncio.open_connection(*server.address)
        writer.write(b"GET /metrics HTTP/1.0\r\naccept: application/openmetrics-text\r\n\r\n")
        answer = await reader.read(-1)
        writer.close()
        _expect((b"200", True), (answer.split()[1], b"\nferrox_buckets 0.0\n" in answer))
        _expect(b"# EOF\n", answer[-6:])

    _with_server(scratch, look)


def _refuse_a_wrong_signature(scratch: Path) -> None:
    async def knock(server: app.Started) -> None:
        stranger = server._replace(
            credentials=server.credentials._replace(secret_access_key=ids.secret_access_key())
        )
        status, body = await ask(stranger, "PUT", "/selftest")
        _expect((403, True), (status, b"<Code>SignatureDoesNotMatch</Code>" in body))

    _with_server(scratch, knock)


def _with_server(
    data_dir: Path, work: Callable[[app.Started], Coroutine[Any, Any, None]], **more: Any
) -> None:
    config = dataclasses.replace(
        Config(),
        data_dir=data_dir,
        bind=Address("127.0.0.1", 0),
        region=REGION,
        access_log=False,
        **more,
    )

    async def serve_and_work() -> None:
        async with app.started(config) as server:
            await work(server)

    with asyncio.Runner(loop_factory=app.loop_factory()) as runner:
        runner.run(serve_and_work())


async def ask(server: app.Started, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
    """Status and body of the answer to one signed request."""
    headers = _signed_headers(server, method, path, body)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"{method} {path} HTTP/1.1\r\n{lines}content-length: {len(body)}\r\n"
    reader, writer = await asyncio.open_connection(*server.address)
    try:
        writer.write(f"{head}connection: close\r\n\r\n".encode() + body)
        answer = await reader.read(-1)
    finally:
        writer.close()
        await writer.wait_closed()
    head_lines, _, received = answer.partition(b"\r\n\r\n")
    return int(head_lines.split()[1]), received


def _signed_headers(server: app.Started, method: str, path: str, body: bytes) -> dict[str, str]:
    now_ms = SystemClock().now_ms()
    timestamp = datetime.fromtimestamp(now_ms // 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{timestamp[:8]}/{REGION}/{sigv4.SERVICE}/{sigv4.TERMINATOR}"
    access_key_id, secret_access_key = server.credentials
    headers = {
        "host": str(server.address),
        "x-amz-content-sha256": hashlib.sha256(body).hexdigest(),
        "x-amz-date": timestamp,
    }
    claim = sigv4.Claim(
        access_key_id, timestamp, scope, ";".join(headers), "", headers["x-amz-content-sha256"]
    )
    request = Request(method, path, "", headers)
    canonical = canonical_request(
        request, canonical_uri(path), "", claim.signed_headers, claim.payload_hash
    )
    signature = sigv4.key_of(claim, secret_access_key).sign(
        sigv4.string_to_sign_of(claim, canonical)
    )
    headers["authorization"] = (
        f"{sigv4.ALGORITHM} Credential={access_key_id}/{scope}, "
        f"SignedHeaders={claim.signed_headers}, Signature={signature}"
    )
    return headers


CHECKS = (
    Check("error messages", _read_error_messages),
    Check("forked process", _fork),
    Check("deeply nested document in a thread", _nest_deeply),
    Check("event loop of uvloop", _run_uvloop),
    Check("TLS 1.2 handshake", partial(_shake_hands, ssl.TLSVersion.TLSv1_2)),
    Check("TLS 1.3 handshake", partial(_shake_hands, ssl.TLSVersion.TLSv1_3)),
    Check("HTTP/2 over TLS", _speak_http2),
    Check("HTTP parser written in C", _parse_in_c),
    Check(f"SQLite {sqlite3.sqlite_version}", _know_sqlite),
    Check("SQLite strict tables", _refuse_wrong_types),
    Check("SQLite write-ahead log", _write_ahead),
    *(Check(name, partial(_digest, name)) for name in KNOWN_DIGESTS),
    Check(f"AES-256-GCM by {gcm.aes_gcm().name}", _know_gcm),
    Check("ECDSA P-256", _know_ecdsa),
    Check("RSA", _know_rsa),
    Check("argon2id gives the known answer", _know_argon2id),
    Check("seal and open a secret", _seal_and_open),
    Check("put and get a small object", partial(_put_and_get, 1_000)),
    Check("put and get a large object", partial(_put_and_get, 3_000_000)),
    Check("metrics for Prometheus", _tell_metrics),
    Check("refusal of a wrong signature", _refuse_a_wrong_signature),
)
