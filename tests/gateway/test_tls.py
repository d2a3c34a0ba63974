"""Which certificate a client gets, which protocols it can have, what becomes of changed files."""

import asyncio
import logging
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ferrox import metrics
from ferrox.clock import SettableClock
from ferrox.errors import StartError
from ferrox.gateway import tls
from ferrox.gateway.tls import Certificates, Files
from tests.issuing import Issuer, shake

LOG = logging.getLogger("test.tls")
BOTH_VERSIONS = pytest.mark.parametrize(
    "version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"]
)


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    return Issuer(tmp_path / "pki")


def certificates(*paths: Path, **more: object) -> Certificates:
    keys = tuple(path.with_suffix(".key") for path in paths)
    return Certificates(Files(paths, keys, **more), LOG)  # type: ignore[arg-type] # its own fields


def presented(server: Certificates, issuer: Issuer, name: str | None) -> str:
    """The common name of the certificate that a client gets who asks for a name."""
    client = issuer.context()
    client.check_hostname = False
    certificate = shake(server.context, client, name).client.getpeercert()
    assert certificate is not None
    subject: Any = certificate["subject"]
    return str(dict(pair for group in subject for pair in group)["commonName"])


# Which certificate


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("localhost", "localhost"),
        ("s3.example.com", "s3.example.com"),
        ("S3.EXAMPLE.COM", "s3.example.com"),
        ("bucket.s3.example.com", "s3.example.com"),
        ("a.bucket.s3.example.com", "localhost"),
        ("web.example.com", "*.example.com"),
        ("example.com", "localhost"),
        ("unknown.test", "localhost"),
        (None, "localhost"),
    ],
)
def test_a_client_gets_the_certificate_with_the_name_it_asks_for(
    issuer: Issuer, asked: str | None, given: str
) -> None:
    server = certificates(
        issuer.server("one", "localhost"),
        issuer.server("two", "s3.example.com", "*.s3.example.com"),
        issuer.server("three", "*.example.com"),
    )

    assert given == presented(server, issuer, asked)


def test_of_two_certificates_with_a_name_the_first_counts(issuer: Issuer) -> None:
    server = certificates(
        issuer.server("one", "first.test", "both.test"),
        issuer.server("two", "second.test", "both.test"),
    )

    assert "first.test" == presented(server, issuer, "both.test")


@pytest.mark.parametrize(
    ("names", "given"), [(("b", "a"), "a.test"), (("b", "default", "a"), "default.test")]
)
def test_a_folder_holds_pairs_and_the_default_is_called_so_or_the_first(
    issuer: Issuer, tmp_path: Path, names: tuple[str, ...], given: str
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in names:
        made = issuer.server(name, f"{name}.test")
        for path in (made, made.with_suffix(".key")):
            path.rename(folder / path.name)
    (folder / "README.txt").write_text("not a certificate")
    (folder / "authority.crt").write_text(issuer.trusted.read_text())

    server = Certificates(Files((folder,)), LOG)

    assert given == presented(server, issuer, "unknown.test")
    assert "b.test" == presented(server, issuer, "b.test")


def test_the_key_may_stand_in_the_file_of_the_certificate(issuer: Issuer, tmp_path: Path) -> None:
    made = issuer.server()
    both = tmp_path / "both.pem"
    both.write_text(made.with_suffix(".key").read_text() + made.read_text())

    assert "localhost" == presented(Certificates(Files((both,)), LOG), issuer, "localhost")


# Which protocols


def test_tls_1_3_and_1_2_are_spoken(issuer: Issuer) -> None:
    server = certificates(issuer.server())
    old = issuer.context()
    old.maximum_version = ssl.TLSVersion.TLSv1_2

    versions = [
        shake(server.context, client, "localhost").client.version()
        for client in (issuer.context(), old)
    ]

    assert ["TLSv1.3", "TLSv1.2"] == versions


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_older_ones_are_refused(issuer: Issuer, version: ssl.TLSVersion) -> None:
    client = issuer.context()
    client.set_ciphers("ALL:@SECLEVEL=0")
    client.minimum_version = client.maximum_version = version

    with pytest.raises(ssl.SSLError, match="unsupported protocol"):
        shake(certificates(issuer.server()).context, client, "localhost")


@pytest.mark.parametrize(
    "ciphers",
    ["AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-SHA256",
     "ECDHE-ECDSA-AES256-CCM8", "eNULL", "aNULL"],
)  # fmt: skip
def test_weak_ciphers_are_refused(issuer: Issuer, ciphers: str) -> None:
    """No forward secrecy, SHA-1, CBC, short tags, no encryption, no authentication."""
    client = issuer.context()
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    client.set_ciphers(ciphers + ":@SECLEVEL=0")

    with pytest.raises(ssl.SSLError, match="no shared cipher"):
        shake(certificates(issuer.server()).context, client, "localhost")


def test_only_ciphers_that_authenticate_and_have_forward_secrecy_are_offered(
    issuer: Issuer,
) -> None:
    offered = certificates(issuer.server()).context.get_ciphers()

    assert offered
    assert [] == [one["name"] for one in offered if not one["aead"]]
    assert {"kx-ecdhe", "kx-any"} >= {one["kea"] for one in offered}


@pytest.mark.parametrize(
    ("asked", "agreed"),
    [(["http/1.1", "h2"], "h2"), (["http/1.1"], "http/1.1"), (["h2"], "h2"), (["h3"], None)],
)
def test_the_newest_version_of_http_that_both_speak_is_agreed_on(
    issuer: Issuer, asked: list[str], agreed: str | None
) -> None:
    client = issuer.context()
    client.set_alpn_protocols(asked)

    sides = shake(certificates(issuer.server()).context, client, "localhost")

    assert agreed == sides.client.selected_alpn_protocol()


def test_http_2_is_not_agreed_on_where_it_is_turned_off(issuer: Issuer) -> None:
    client = issuer.context()
    client.set_alpn_protocols(["h2", "http/1.1"])
    server = certificates(issuer.server(), offers_http2=False)

    sides = shake(server.context, client, "localhost")

    assert "http/1.1" == sides.client.selected_alpn_protocol()


# The end of a certificate


@pytest.mark.parametrize(
    ("days_left", "level", "words"),
    [
        (15.5, None, ""),
        (13.5, logging.WARNING, "ends in 13 days, on 20"),
        (1.5, logging.WARNING, "ends in a day, on 20"),
        (0.5, logging.WARNING, "ends today, on 20"),
        (-0.5, logging.ERROR, "has ended on 20"),
    ],
)
def test_a_certificate_that_is_about_to_end_is_warned_of_once_a_day(
    issuer: Issuer,
    caplog: pytest.LogCaptureFixture,
    days_left: float,
    level: int | None,
    words: str,
) -> None:
    path = issuer.server()
    clock = SettableClock(0)
    server = Certificates(Files((path,), (path.with_suffix(".key"),)), LOG, clock)
    assert [path] == list(server.ends_ms)
    clock.advance(server.ends_ms[path] / 1000 - days_left * 86_400)

    server.look()
    server.look()

    warned = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert ([] if level is None else [level]) == [one.levelno for one in warned]
    assert all(f"certificate {path} {words}" in one.getMessage() for one in warned)
    clock.advance(86_400)
    server.look()
    again = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert (2 if level else 0) == len(again) or days_left > 15


async def test_metrics_say_when_certificates_end_and_forget_those_that_are_gone(
    issuer: Issuer, tmp_path: Path
) -> None:
    folder = tmp_path / "pairs"
    folder.mkdir()
    for name in ("one", "two"):
        made = issuer.server()
        (folder / f"{name}.crt").write_bytes(made.read_bytes())
        (folder / f"{name}.key").write_bytes(made.with_suffix(".key").read_bytes())
    server = Certificates(Files((folder,)), LOG)
    running = asyncio.ensure_future(server.run())
    await asyncio.sleep(0)

    both = told(folder)
    (folder / "one.key").unlink()
    server.reload()
    running.cancel()

    ends_s = {str(path): ends_ms / 1000 for path, ends_ms in server.ends_ms.items()}
    assert {str(folder / "one.crt"), str(folder / "two.crt")} == both.keys()
    assert (ends_s, {str(folder / "two.crt")}) == (told(folder), set(ends_s))


def told(folder: Path) -> dict[str, float]:
    """What metrics say of certificates of a folder, by file."""
    found = dict(metrics.PANEL.read())[metrics.CERTIFICATE_EXPIRY]
    said = {reading.labels[0]: reading.cells[0] for reading in found}
    return {file: end_s for file, end_s in said.items() if file.startswith(str(folder))}


# Sessions


def resumes(first: Certificates, second: Certificates, client: ssl.SSLContext) -> bool:
    """Whether a second handshake takes up the session of the first one."""
    sides = shake(first.context, client, "localhost")
    sides.server.write(b"x")
    sides.client.read(1)  # tickets come before the first answer
    again = shake(second.context, client, "localhost", sides.client.session)
    return bool(again.client.session_reused)


def only(client: ssl.SSLContext, version: ssl.TLSVersion) -> ssl.SSLContext:
    """Have a client speak one version."""
    client.minimum_version = client.maximum_version = version
    return client


@BOTH_VERSIONS
def test_a_session_is_taken_up_again_even_after_a_reload(
    issuer: Issuer, version: ssl.TLSVersion
) -> None:
    server = certificates(issuer.server())
    client = only(issuer.context(), version)

    before = resumes(server, server, client)
    server.reload()
    after = resumes(server, server, client)

    assert (True, True) == (before, after)


def test_another_server_does_not_take_it_up(issuer: Issuer) -> None:
    path = issuer.server()

    assert not resumes(certificates(path), certificates(path), issuer.context())


# Clients


def shown(server: Certificates, client: ssl.SSLContext) -> object:
    """What the server knows of the client's certificate."""
    return shake(server.context, client, "localhost").server.getpeercert()


def test_clients_are_not_asked_for_certificates_unless_there_is_an_authority(
    issuer: Issuer,
) -> None:
    server = certificates(issuer.server())

    assert shown(server, issuer.context(issuer.client("alice"))) is None


@BOTH_VERSIONS
def test_a_client_may_show_a_certificate(issuer: Issuer, version: ssl.TLSVersion) -> None:
    server = certificates(issuer.server(), client_authority=issuer.trusted)
    alice = only(issuer.context(issuer.client("alice", "operators")), version)

    with_one = shown(server, alice)
    without = shown(server, only(issuer.context(), version))

    assert isinstance(with_one, dict)
    subject = {pair for group in with_one["subject"] for pair in group}
    assert {("commonName", "alice"), ("organizationalUnitName", "operators")} == subject
    assert not without


def test_one_of_another_authority_is_refused(issuer: Issuer, tmp_path: Path) -> None:
    server = certificates(issuer.server(), client_authority=issuer.trusted)
    stranger = issuer.context(Issuer(tmp_path / "other").client("mallory"))

    with pytest.raises(ssl.SSLCertVerificationError):
        shown(server, stranger)


def test_a_client_may_have_to_show_one(issuer: Issuer) -> None:
    server = certificates(issuer.server(), client_authority=issuer.trusted, requires_client=True)

    assert shown(server, issuer.context(issuer.client("alice")))
    with pytest.raises(ssl.SSLError, match="peer did not return a certificate"):
        shown(server, issuer.context())


def test_clients_with_certificates_are_looked_at_each_time(issuer: Issuer) -> None:
    server = certificates(issuer.server(), client_authority=issuer.trusted, requires_client=True)

    assert not resumes(server, server, issuer.context(issuer.client("alice")))


def test_an_authority_that_is_exchanged_decides_at_once(issuer: Issuer, tmp_path: Path) -> None:
    server = certificates(issuer.server(), client_authority=issuer.trusted, requires_client=True)
    alice = issuer.context(issuer.client("alice"))
    other = Issuer(tmp_path / "other")
    bob = issuer.context(other.client("bob"))

    issuer.trusted.write_text(other.authority.certificate)
    server.reload()

    assert shown(server, bob)
    with pytest.raises(ssl.SSLCertVerificationError):
        shown(server, alice)


# Files


def test_new_handshakes_get_the_new_certificate(issuer: Issuer) -> None:
    server = certificates(issuer.server("server", "old.test"))

    issuer.server("server", "new.test")
    before = presented(server, issuer, None)
    server.reload()

    assert ("old.test", "new.test") == (before, presented(server, issuer, None))


def damage(issuer: Issuer, path: Path, kind: str) -> None:
    key = path.with_suffix(".key")
    if kind == "gone":
        path.unlink()
    elif kind == "key gone":
        key.unlink()
    elif kind == "half":
        path.write_text(path.read_text()[:200])
    elif kind == "half a key":
        key.write_text(key.read_text()[:80])
    elif kind == "other key":
        key.write_text(issuer.server("other").with_suffix(".key").read_text())
    elif kind == "bytes":
        path.write_bytes(bytes(range(256)))
    elif kind == "other authority":
        issuer.trusted.write_text("nothing")


BROKEN = pytest.mark.parametrize(
    "kind", ["gone", "key gone", "half", "half a key", "other key", "bytes", "other authority"]
)


@BROKEN
def test_what_cannot_be_used_keeps_what_was_there_and_is_one_line(
    issuer: Issuer, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = issuer.server()
    server = certificates(path, client_authority=issuer.trusted)
    client = issuer.context()

    damage(issuer, path, kind)
    server.reload()

    assert shake(server.context, client, "localhost").client.version()
    (line,) = [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]
    assert line.startswith("certificates are not reloaded: ")
    assert "\n" not in line
    assert "PRIVATE" not in line


@BROKEN
def test_what_cannot_be_used_at_first_is_a_start_error_that_names_the_file(
    issuer: Issuer, kind: str
) -> None:
    path = issuer.server()
    damage(issuer, path, kind)

    with pytest.raises(StartError, match=str(issuer.folder)):
        certificates(path, client_authority=issuer.trusted)


def test_a_key_with_a_password_is_refused_without_asking_for_it(issuer: Issuer) -> None:
    path = issuer.server()
    key = path.with_suffix(".key")
    plain = key.rename(key.with_suffix(".plain"))
    subprocess.run(
        ["openssl", "pkey", "-in", plain, "-aes256", "-passout", "pass:secret", "-out", key],
        check=True,
    )

    with pytest.raises(StartError, match=str(key)):
        certificates(path)


def test_keys_and_certificates_must_be_as_many(issuer: Issuer) -> None:
    one, two = issuer.server("one"), issuer.server("two")

    with pytest.raises(StartError, match="1 keys for 2 files"):
        Certificates(Files((one, two), (one.with_suffix(".key"),)), LOG)


def test_a_folder_without_a_pair_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"there is no NAME\.crt"):
        Certificates(Files((tmp_path,)), LOG)


def test_a_folder_that_cannot_be_read_any_more_keeps_what_was_there(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    issuer.server()
    server = Certificates(Files((issuer.folder,)), LOG)

    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "iterdir", refuse)
        server.reload()

    assert "localhost" == presented(server, issuer, None)
    assert f"certificates are not reloaded: {issuer.folder}: Permission denied" in caplog.text


def test_changed_files_are_loaded_when_they_change_no_more(issuer: Issuer) -> None:
    server = certificates(issuer.server("server", "old.test"))
    issuer.server("server", "new.test")

    server.look()
    at_once = presented(server, issuer, None)
    server.look()

    assert ("old.test", "new.test") == (at_once, presented(server, issuer, None))


def test_a_pair_that_is_half_exchanged_is_not_complained_about(
    issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    path = issuer.server("server", "old.test")
    server = certificates(path)
    new = issuer.server("new", "new.test")

    path.write_text(new.read_text())
    server.look()
    path.with_suffix(".key").write_text(new.with_suffix(".key").read_text())
    server.look()
    server.look()

    assert "new.test" == presented(server, issuer, None)
    assert [] == [one for one in caplog.records if one.levelno >= logging.WARNING]


def test_a_broken_file_is_complained_about_once(
    issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    path = issuer.server()
    server = certificates(path)
    path.write_text("nothing")

    for _ in range(5):
        server.look()

    assert 1 == len([one for one in caplog.records if one.levelno >= logging.WARNING])


def test_a_certificate_that_joins_a_folder_is_seen(issuer: Issuer) -> None:
    issuer.server("one", "one.test")
    server = Certificates(Files((issuer.folder,)), LOG)
    issuer.server("two", "two.test")

    server.look()
    server.look()

    assert "two.test" == presented(server, issuer, "two.test")


async def test_the_files_are_looked_at_every_now_and_then(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls, "LOOK_S", 0.005)
    server = certificates(issuer.server("server", "old.test"))
    watching = asyncio.ensure_future(server.run())

    issuer.server("server", "new.test")
    async with asyncio.timeout(10):
        while presented(server, issuer, None) != "new.test":  # noqa: ASYNC110 - files tell nobody
            await asyncio.sleep(0.005)
    watching.cancel()

    assert not server.is_quiet


def test_a_worker_that_begins_later_loads_what_is_there_then(
    issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    server = certificates(issuer.server("server", "old.test"))

    server.catch_up()
    issuer.server("server", "new.test")
    server.catch_up()

    assert "new.test" == presented(server, issuer, None)
    assert 2 == len(caplog.records), "what is as it was is not loaded again"


def test_what_is_loaded_is_said_by_one_worker_only(
    issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    server = certificates(issuer.server())
    server.reload()
    server.is_quiet = True
    server.reload()

    lines = [one.getMessage() for one in caplog.records]
    assert 2 == len(lines)
    assert "server.crt: localhost, 127.0.0.1; valid until 20" in lines[1]


def test_it_is_the_key_that_is_named_when_the_key_is_missing(issuer: Issuer) -> None:
    path = issuer.server()
    key = path.with_suffix(".key")
    key.unlink()

    with pytest.raises(StartError, match=f"{key}: No such file or directory"):
        certificates(path)
