"""`ferroxd tls self-signed`: what it makes works, and it says how."""

import logging
from pathlib import Path

import pytest

from ferrox.cli import tls
from ferrox.crypto import certificates
from ferrox.errors import StartError
from ferrox.gateway.tls import Certificates, Files


def test_it_makes_a_certificate_that_a_server_can_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = tls.run(["self-signed", "--names", "s3.test, *.s3.test,192.0.2.1", str(tmp_path)])

    certificate, key = tmp_path / "server.crt", tmp_path / "server.key"
    server = Certificates(Files((certificate,), (key,)), logging.getLogger("test"))
    shown = capsys.readouterr().out
    assert 0 == status
    assert server.context.cert_store_stats() is not None
    assert ("s3.test", "*.s3.test") == certificates.facts_of(certificate.read_text()).names
    assert certificates.fingerprint(certificate.read_text()) in shown
    assert f"--tls-bind :9443 --tls-certificate {certificate} --tls-key {key}\n" in shown
    assert f"--ca-bundle {certificate} --endpoint-url https://s3.test:9443" in shown


def test_what_is_there_is_kept(tmp_path: Path) -> None:
    tls.run(["self-signed", str(tmp_path)])
    before = (tmp_path / "server.key").read_text()

    with pytest.raises(StartError, match="nothing was made"):
        tls.run(["self-signed", str(tmp_path)])

    assert before == (tmp_path / "server.key").read_text()


def test_it_may_be_valid_for_a_shorter_time(tmp_path: Path) -> None:
    tls.run(["self-signed", "--days=7", str(tmp_path)])

    facts = certificates.facts_of((tmp_path / "server.crt").read_text())
    long = certificates.facts_of(certificates.make_server(["a"], facts.ends_ms).certificate)
    assert certificates.ISSUED_DAYS == round((long.ends_ms - facts.ends_ms) / 86_400_000)


@pytest.mark.parametrize(
    ("host", "url"),
    [("::1", "https://[::1]:9443"), ("*.s3.test", "https://s3.s3.test:9443")],
)
def test_the_command_of_a_client_can_be_typed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], host: str, url: str
) -> None:
    tls.run(["self-signed", "--names", host, str(tmp_path / "with space")])

    shown = capsys.readouterr().out
    assert f"--endpoint-url {url} s3 ls" in shown
    assert f"--ca-bundle '{tmp_path}/with space/server.crt'" in shown


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["self-signed"], "usage: "),
        (["signed", "d"], "usage: "),
        (["self-signed", "a", "b"], "usage: "),
        (["self-signed", "--names"], "option --names needs a value"),
        (["self-signed", "--name", "a", "d"], "unknown option --name"),
        (["self-signed", "--names", "a b", "d"], "neither a host name nor an IP address"),
        (["self-signed", "--days", "0", "d"], "not a whole number"),
        (["self-signed", "--days", "x", "d"], "not a whole number"),
    ],
)
def test_what_is_not_understood_is_named(arguments: list[str], reason: str) -> None:
    with pytest.raises(StartError, match=reason):
        tls.run(arguments)


@pytest.mark.parametrize("arguments", [[], ["--help"], ["self-signed", "-h"]])
def test_help_is_printed(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == tls.run(arguments)
    assert "usage: ferroxd tls self-signed" in capsys.readouterr().out
