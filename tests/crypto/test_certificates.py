"""Certificates are taken by OpenSSL, in handshakes and in its strictest check."""

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest
from asn1crypto import keys, pem, x509

from ferrox.clock import SystemClock
from ferrox.crypto import certificates
from ferrox.crypto.certificates import Issued
from tests.issuing import Sides, shake

NOW_MS = SystemClock().now_ms()
DAY_MS = 86_400_000
AUTHORITY = certificates.make_authority("Example authority", NOW_MS)
SERVER = certificates.make_server(
    ["localhost", "*.example.com", "127.0.0.1", "::1"], NOW_MS, authority=AUTHORITY
)
CLIENT = certificates.make_client(
    "alice", NOW_MS, authority=AUTHORITY, organizational_unit="operators"
)
ALONE = certificates.make_server(["localhost", "127.0.0.1"], NOW_MS)


def parsed(issued: Issued) -> x509.Certificate:
    return x509.Certificate.load(pem.unarmor(issued.certificate.encode())[2])


def extension(issued: Issued, name: str) -> object:
    """The value of an extension and whether it is critical."""
    for one in parsed(issued)["tbs_certificate"]["extensions"]:
        if one["extn_id"].native == name:
            return one["extn_value"].native, one["critical"].native
    return None


def shaken(
    folder: Path,
    server: Issued,
    trusted: str,
    name: str,
    client: Issued | None = None,
    client_authority: str = "",
) -> Sides:
    """A handshake with strict checks on both sides."""
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(*saved(folder, "server", server))
    client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client_context.verify_flags |= ssl.VERIFY_X509_STRICT
    client_context.load_verify_locations(cadata=trusted)
    if client is not None:
        client_context.load_cert_chain(*saved(folder, "client", client))
    if client_authority:
        server_context.verify_mode = ssl.CERT_REQUIRED
        server_context.verify_flags |= ssl.VERIFY_X509_STRICT
        server_context.load_verify_locations(cadata=client_authority)
    return shake(server_context, client_context, name)


def saved(folder: Path, name: str, issued: Issued) -> tuple[Path, Path]:
    paths = folder / f"{name}.crt", folder / f"{name}.key"
    for path, text in zip(paths, issued, strict=True):
        path.write_text(text)
    return paths


@pytest.mark.parametrize("name", ["localhost", "files.example.com", "127.0.0.1", "::1"])
def test_a_client_that_trusts_the_authority_takes_the_server_by_each_name(
    tmp_path: Path, name: str
) -> None:
    sides = shaken(tmp_path, SERVER, AUTHORITY.certificate, name)

    assert "TLSv1.3" == sides.client.version()


@pytest.mark.parametrize("name", ["example.com", "a.b.example.com", "127.0.0.2", "localhost.local"])
def test_by_other_names_it_does_not(tmp_path: Path, name: str) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        shaken(tmp_path, SERVER, AUTHORITY.certificate, name)


def test_a_client_of_another_authority_does_not_take_it(tmp_path: Path) -> None:
    stranger = certificates.make_authority("Example authority", NOW_MS)

    with pytest.raises(ssl.SSLCertVerificationError):
        shaken(tmp_path, SERVER, stranger.certificate, "localhost")


def test_a_certificate_without_an_authority_vouches_for_itself(tmp_path: Path) -> None:
    sides = shaken(tmp_path, ALONE, ALONE.certificate, "localhost")

    assert "TLSv1.3" == sides.client.version()


def test_who_trusts_it_does_not_trust_what_its_key_signs(tmp_path: Path) -> None:
    """Its key is no authority: nobody who gets hold of it can make certificates for other names."""
    with pytest.raises(ValueError, match="not that of an authority"):
        certificates.make_server(["other"], NOW_MS, authority=ALONE)


def test_the_server_reads_who_the_client_is(tmp_path: Path) -> None:
    sides = shaken(
        tmp_path, SERVER, AUTHORITY.certificate, "localhost", CLIENT, AUTHORITY.certificate
    )

    certificate = sides.server.getpeercert()

    assert certificate is not None
    assert {
        (("commonName", "alice"),),
        (("organizationalUnitName", "operators"),),
    } == set(certificate["subject"])


@pytest.mark.parametrize("wrong", [SERVER, ALONE], ids=["a server's", "nobody's"])
def test_no_other_certificate_makes_a_client(tmp_path: Path, wrong: Issued) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        shaken(tmp_path, SERVER, AUTHORITY.certificate, "localhost", wrong, AUTHORITY.certificate)


def test_a_client_cannot_play_the_server(tmp_path: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        shaken(tmp_path, CLIENT, AUTHORITY.certificate, "alice")


@pytest.mark.skipif(not shutil.which("openssl"), reason="the command openssl is not installed")
@pytest.mark.parametrize(
    ("issued", "trusted", "purpose"),
    [
        (AUTHORITY, AUTHORITY, "any"),
        (SERVER, AUTHORITY, "sslserver"),
        (CLIENT, AUTHORITY, "sslclient"),
        (ALONE, ALONE, "sslserver"),
    ],
    ids=["authority", "server", "client", "alone"],
)
def test_the_strict_check_of_openssl_finds_nothing(
    tmp_path: Path, issued: Issued, trusted: Issued, purpose: str
) -> None:
    certificate, key = saved(tmp_path, "issued", issued)
    authority, _ = saved(tmp_path, "trusted", trusted)

    verified = subprocess.run(
        ["openssl", "verify", "-x509_strict", "-policy_check", "-purpose", purpose,
         "-CAfile", authority, certificate],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    checked = subprocess.run(
        ["openssl", "pkey", "-in", key, "-noout", "-check"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (0, f"{certificate}: OK\n") == (verified.returncode, verified.stdout)
    assert (0, "Key is valid\n") == (checked.returncode, checked.stdout)


def test_an_authority_issues_and_does_nothing_else() -> None:
    assert ({"ca": True, "path_len_constraint": 0}, True) == extension(
        AUTHORITY, "basic_constraints"
    )
    assert ({"key_cert_sign", "crl_sign"}, True) == extension(AUTHORITY, "key_usage")
    assert extension(AUTHORITY, "extended_key_usage") is None


@pytest.mark.parametrize(
    ("issued", "purpose"),
    [(SERVER, "server_auth"), (CLIENT, "client_auth"), (ALONE, "server_auth")],
)
def test_what_is_issued_has_one_purpose(issued: Issued, purpose: str) -> None:
    assert ({"ca": False, "path_len_constraint": None}, True) == extension(
        issued, "basic_constraints"
    )
    assert ({"digital_signature"}, True) == extension(issued, "key_usage")
    assert ([purpose], False) == extension(issued, "extended_key_usage")


def test_each_certificate_names_its_key_and_that_of_its_issuer() -> None:
    own, its_authority = parsed(SERVER), parsed(AUTHORITY)

    assert its_authority.key_identifier == own.authority_key_identifier
    assert own.key_identifier != its_authority.key_identifier
    assert its_authority.subject == own.issuer


def test_serial_numbers_are_positive_short_and_never_the_same() -> None:
    numbers = {
        parsed(certificates.make_server(["localhost"], NOW_MS)).serial_number for _ in range(8)
    }

    assert 8 == len(numbers)
    assert all(0 < number < 1 << 159 for number in numbers)


def test_a_certificate_begins_early_and_ends_as_asked() -> None:
    certificate = parsed(certificates.make_server(["localhost"], NOW_MS, days=30))

    begins_ms = certificate.not_valid_before.timestamp() * 1000
    ends_ms = certificate.not_valid_after.timestamp() * 1000

    assert NOW_MS // 1000 * 1000 - 3_600_000 == begins_ms
    assert begins_ms + 30 * DAY_MS == ends_ms


def test_what_is_issued_ends_with_its_authority() -> None:
    short = certificates.make_authority("short", NOW_MS, days=10)

    issued = certificates.make_client("alice", NOW_MS, authority=short)

    assert parsed(short).not_valid_after == parsed(issued).not_valid_after


def test_years_from_2050_on_are_written_in_full() -> None:
    long = certificates.make_authority("long", NOW_MS, days=20_000)

    validity = parsed(long)["tbs_certificate"]["validity"]

    assert "utc_time" == validity["not_before"].name
    assert "general_time" == validity["not_after"].name


def test_an_authority_that_has_ended_issues_nothing() -> None:
    with pytest.raises(ValueError, match="not valid now"):
        certificates.make_server(
            ["localhost"], NOW_MS + (certificates.AUTHORITY_DAYS + 1) * DAY_MS, authority=AUTHORITY
        )


def test_an_authority_with_the_key_of_another_issues_nothing() -> None:
    with pytest.raises(ValueError, match="not that of the authority"):
        certificates.make_server(
            ["localhost"], NOW_MS, authority=Issued(AUTHORITY.certificate, SERVER.key)
        )


@pytest.mark.skipif(not shutil.which("openssl"), reason="the command openssl is not installed")
def test_an_authority_with_a_key_of_another_kind_issues_nothing(tmp_path: Path) -> None:
    certificate, key = tmp_path / "rsa.crt", tmp_path / "rsa.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-days", "2", "-subj", "/CN=a",
         "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip

    with pytest.raises(ValueError, match="no key of the curve P-256"):
        certificates.make_server(
            ["localhost"], NOW_MS, authority=Issued(certificate.read_text(), key.read_text())
        )


@pytest.mark.parametrize("text", ["", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_what_is_no_certificate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no CERTIFICATE"):
        certificates.fingerprint(text)


@pytest.mark.parametrize(
    "name",
    ["", ".", "a..b", "-a", "a-", "*", "*.*.com", "a.*", "a b", "host:9000", "[::1]", "1.2.3.4/8",
     "ä.example", "a" * 64, ".".join(["a" * 60] * 5), "x\n"],
)  # fmt: skip
def test_what_is_no_name_of_a_server_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="neither a host name nor an IP address"):
        certificates.make_server([name], NOW_MS)


def test_a_server_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a name"):
        certificates.make_server([], NOW_MS)


@pytest.mark.parametrize("name", ["", "a" * 65, "two\nlines", "nul\0"])
def test_what_is_no_name_of_a_client_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="a name in a certificate"):
        certificates.make_client(name, NOW_MS, authority=AUTHORITY)


def test_a_long_name_is_an_alternative_name_only() -> None:
    name = ".".join(["a" * 40] * 3)

    issued = certificates.make_server([name], NOW_MS)

    assert {"common_name": "ferrox"} == parsed(issued).subject.native
    assert ([name], False) == extension(issued, "subject_alt_name")


def test_keys_are_pkcs8_of_the_curve() -> None:
    kind, _, der = pem.unarmor(SERVER.key.encode())

    info = keys.PrivateKeyInfo.load(der)

    assert "PRIVATE KEY" == kind
    assert ("ec", "secp256r1") == (info.algorithm, info.curve[1])


def test_the_facts_of_a_certificate_are_its_host_names_and_its_end() -> None:
    facts = certificates.facts_of(SERVER.certificate + AUTHORITY.certificate)

    assert ("localhost", "*.example.com") == facts.names
    assert ("127.0.0.1", "::1") == facts.addresses
    assert parsed(SERVER).not_valid_after.timestamp() * 1000 == facts.ends_ms


def test_without_alternative_names_the_common_name_counts() -> None:
    assert ("alice",) == certificates.facts_of(CLIENT.certificate).names


def test_the_fingerprint_is_the_digest_of_the_certificate() -> None:
    digest = parsed(SERVER).sha256.hex().upper()

    assert digest == SERVER.fingerprint.replace(":", "")
    assert 32 * 3 - 1 == len(SERVER.fingerprint)
