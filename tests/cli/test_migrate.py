"""migrate.py: the command; what it moves is tested in tests/migration."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from ferrox.cli import migrate
from ferrox.cli.migrate_options import parse
from ferrox.errors import StartError
from tests.issuing import Issuer
from tests.migration.sides import Command, client
from tests.receiver import receiving
from tests.server_process import ServerProcess, serving


@pytest.fixture
def source(tmp_path: Path) -> Any:
    with serving(tmp_path / "source", "--workers", "1") as server:
        s3 = client(server.endpoint, server.access_key, server.secret_key)
        s3.create_bucket(Bucket="photos")
        s3.put_object(Bucket="photos", Key="k", Body=b"data")
        yield server


def _environ(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"FERROX_{name}", value)


def test_the_server_of_a_data_directory_is_filled(
    source: ServerProcess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It made its key pair itself, and nobody wrote it down."""
    with serving(tmp_path / "target", "--workers", "1") as target:
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
        _environ(
            monkeypatch,
            FROM_ACCESS_KEY=source.access_key,
            FROM_SECRET_KEY=source.secret_key,
            DATA_DIR=str(target.data_dir),
            BIND=f"127.0.0.1:{target.port}",
            ACCESS_KEY=target.access_key,
            SECRET_KEY=target.secret_key,
        )
        report = tmp_path / "report.json"

        status = migrate.run(["--from", source.endpoint, "--report", str(report)])

        s3 = client(target.endpoint, target.access_key, target.secret_key)
        assert b"data" == s3.get_object(Bucket="photos", Key="k")["Body"].read()
    assert 0 == status
    assert "bucket photos: 1 object (4 bytes)" in capsys.readouterr().out
    assert json.loads(report.read_text())["is_complete"]


def test_sides_that_cannot_be_asked_are_told(
    source: ServerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {"FROM_ACCESS_KEY": source.access_key, "FROM_SECRET_KEY": source.secret_key}
    _environ(monkeypatch, **keys, TO_ACCESS_KEY="nobody", TO_SECRET_KEY="nothing-at-all")
    nowhere = "http://127.0.0.1:1"

    with pytest.raises(StartError, match=r"127\.0\.0\.1:1 is not reachable"):
        migrate.run(["--from", source.endpoint, "--to", nowhere])
    with pytest.raises(StartError, match="refuses: InvalidAccessKeyId"):
        migrate.run(["--from", nowhere, "--to", source.endpoint])
    _environ(monkeypatch, TO_ACCESS_KEY=source.access_key, TO_SECRET_KEY=source.secret_key)
    with pytest.raises(StartError, match=r"127\.0\.0\.1:1 is not reachable"):
        migrate.run(["--from", nowhere, "--to", source.endpoint])


async def test_a_target_that_is_no_ferroxd_is_told() -> None:
    keys = {
        f"FERROX_{side}_{name}": "x"
        for side in ("FROM", "TO")
        for name in ("ACCESS_KEY", "SECRET_KEY")
    }
    async with receiving() as other:
        url = other.url.removesuffix("/hook")
        asked = parse(["--from", "http://127.0.0.1:1", "--to", url], keys)

        assert not await migrate._is_ferroxd(asked)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_interrupts_it_is_told_how_far_it_was(
    source: ServerProcess, tmp_path: Path, number: signal.Signals
) -> None:
    s3 = client(source.endpoint, source.access_key, source.secret_key)
    s3.put_object(Bucket="photos", Key="large", Body=bytes(5_000_000))
    with serving(tmp_path / "target", "--workers", "1") as target:
        command = Command(tmp_path, target, (source.access_key, source.secret_key))
        there = client(target.endpoint, target.access_key, target.secret_key)
        process = command.start(source.endpoint, "--bandwidth", "1000", "--concurrency", "1")
        while not any(one["Name"] == "photos" for one in there.list_buckets()["Buckets"]):
            assert process.poll() is None

        process.send_signal(number)
        out, err = process.communicate(timeout=60)

    assert 130 == process.returncode
    assert "stopped: it was interrupted" in out
    assert "Traceback" not in err


def test_a_target_over_tls_is_filled_and_need_not_prove_its_name(
    source: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its certificate is for s3.example.com; asked is 127.0.0.1, on the same machine."""
    certificate = Issuer(tmp_path / "pki").server("server", "s3.example.com")
    key = certificate.with_suffix(".key")
    tls = f"--tls-bind=127.0.0.1:0 --tls-certificate={certificate} --tls-key={key}"
    with serving(tmp_path / "target", "--workers", "1", *tls.split()) as target:
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
        _environ(
            monkeypatch,
            FROM_ACCESS_KEY=source.access_key,
            FROM_SECRET_KEY=source.secret_key,
            DATA_DIR=str(target.data_dir),
            BIND="off",
            TLS_BIND=target.tls_endpoint.removeprefix("https://"),
            TLS_CERTIFICATE=str(certificate),
            TLS_KEY=str(key),
            ACCESS_KEY=target.access_key,
            SECRET_KEY=target.secret_key,
        )

        status = migrate.run(["--from", source.endpoint])

        s3 = client(target.endpoint, target.access_key, target.secret_key)
        assert b"data" == s3.get_object(Bucket="photos", Key="k")["Body"].read()
    assert 0 == status


def test_a_side_with_an_unknown_certificate_is_told_how_it_becomes_known(
    source: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = Issuer(tmp_path / "pki").server()
    key = certificate.with_suffix(".key")
    tls = f"--tls-bind=127.0.0.1:0 --tls-certificate={certificate} --tls-key={key}"
    with serving(tmp_path / "other", "--workers", "1", *tls.split()) as other:
        keys = {"ACCESS_KEY": other.access_key, "SECRET_KEY": other.secret_key}
        _environ(monkeypatch, **{f"FROM_{name}": value for name, value in keys.items()})
        _environ(monkeypatch, **{f"TO_{name}": value for name, value in keys.items()})

        with pytest.raises(StartError, match=r"not to be trusted: .*; --to-ca names its authority"):
            migrate.run(["--from", source.endpoint, "--to", other.tls_endpoint])
        with pytest.raises(StartError, match=r"not to be trusted: .*; --ca names its authority"):
            migrate.run(["--from", other.tls_endpoint, "--to", source.endpoint])
