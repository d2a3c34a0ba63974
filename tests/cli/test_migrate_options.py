"""migrate_options.py: what a command line asks for, and where its secrets may be."""

from pathlib import Path

import pytest

from ferrox.auth.signing import Credentials
from ferrox.cli.migrate_options import parse
from ferrox.errors import StartError

FROM = ("--from", "https://minio.example.com:9000/")
TO = ("--to", "http://127.0.0.1:9000")
SECRETS = {
    "FERROX_FROM_ACCESS_KEY": "from-id",
    "FERROX_FROM_SECRET_KEY": "from-secret",
    "FERROX_TO_ACCESS_KEY": "to-id",
    "FERROX_TO_SECRET_KEY": "to-secret",
}


def test_secrets_come_from_the_environment() -> None:
    asked = parse([*FROM, *TO], {**SECRETS, "FERROX_FROM_SESSION_TOKEN": "token"})

    assert Credentials("from-id", "from-secret", "token") == asked.source.credentials
    assert Credentials("to-id", "to-secret") == asked.target.credentials
    assert "https://minio.example.com:9000" == asked.source.url
    assert (16, 8, None, None) == (
        asked.concurrency,
        asked.attempts,
        asked.bytes_per_s,
        asked.report,
    )


def test_secrets_come_from_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("of the file\n")

    asked = parse(
        [*FROM, "--secret-key-file", str(secret), *TO, "--to-secret-key-file", str(secret)], SECRETS
    )

    secrets = {side.credentials.secret_access_key for side in (asked.source, asked.target)}
    assert {"of the file"} == secrets


def test_secrets_may_be_said_all_the_same() -> None:
    asked = parse([*FROM, "--access-key", "a", "--secret-key", "b", *TO], SECRETS)

    assert Credentials("a", "b") == asked.source.credentials


def test_the_server_of_the_data_directory_is_the_target(tmp_path: Path) -> None:
    environ = {
        **SECRETS,
        "FERROX_DATA_DIR": str(tmp_path),
        "FERROX_BIND": "0.0.0.0:9001",
        "FERROX_REGION": "eu-north-1",
        "FERROX_ACCESS_KEY": "root-of-the-server",
        "FERROX_SECRET_KEY": "secret-of-the-server",
    }

    target = parse(FROM, environ).target

    assert ("http://127.0.0.1:9001", "eu-north-1") == (target.url, target.region)
    assert Credentials("root-of-the-server", "secret-of-the-server") == target.credentials


def test_everything_that_is_asked_for_is_understood(tmp_path: Path) -> None:
    asked = parse(
        [
            *(*FROM, *TO, "--bucket", "a", "--bucket", "b", "--exclude-bucket", "c"),
            *("--rename-bucket", "a=z", "--prefix", "p/", "--current-only", "--dry-run"),
            *("--objects-only", "--object-acls", "--remove", "--verify=bytes"),
            *("--report", "r.json", "--concurrency", "3", "--attempts", "2"),
            *("--bandwidth", "1.5MiB", "--state", str(tmp_path)),
        ],
        SECRETS,
    )

    order = asked.order
    assert (("a", "b"), frozenset("c"), {"a": "z"}) == (
        order.buckets,
        order.excluded,
        order.renamed,
    )
    assert ("p/", "bytes", 1.5 * 1024**2) == (order.prefix, order.verifies, asked.bytes_per_s)
    flags = (order.is_current, order.is_dry_run, order.removes, order.with_acls)
    assert ((True,) * 4, False) == (flags, order.with_documents)
    assert (Path("r.json"), tmp_path, 3, 2) == (
        asked.report, asked.state, asked.concurrency, asked.attempts
    )  # fmt: skip


@pytest.mark.parametrize(
    ("environ", "state"),
    [
        ({"XDG_STATE_HOME": "/s"}, Path("/s/ferrox")),
        ({"HOME": "/h"}, Path("/h/.local/state/ferrox")),
        ({}, None),
    ],
)
def test_the_state_has_a_place_of_its_own(environ: dict[str, str], state: Path | None) -> None:
    asked = parse([*FROM, *TO, "--verify"], {**SECRETS, **environ})

    assert (state, "listings") == (asked.state, asked.order.verifies)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "required: --from"),
        (["--from", "minio:9000"], "an address like"),
        ([*FROM, "--to", "ftp://x"], "an address like"),
        ([*FROM, "--to", FROM[1]], "the same server"),
        ([*FROM, *TO, "--concurrency", "0"], "a number from 1 to 256"),
        ([*FROM, *TO, "--attempts", "x"], "a number from 1 to 100"),
        ([*FROM, *TO, "--bandwidth", "fast"], "not a number of bytes"),
        ([*FROM, *TO, "--bandwidth", "0"], "not a number of bytes"),
        ([*FROM, *TO, "--rename-bucket", "a"], "OLD=NEW"),
        ([*FROM, *TO, "--verify=all"], "invalid choice"),
        ([*FROM, *TO, "--secret-key-file", "/none"], "No such file"),
        ([*FROM, *TO, "--unknown"], "unrecognized"),
        ([*FROM, *TO, "--ca", "/none"], "--ca /none: No such file"),
        ([*FROM, *TO, "--to-ca", __file__], "--to-ca .*: "),
    ],
)
def test_what_is_not_understood_is_told(words: list[str], message: str) -> None:
    with pytest.raises(StartError, match=message):
        parse(words, SECRETS)


def test_a_missing_secret_is_told_with_where_it_may_be() -> None:
    with pytest.raises(StartError, match="FERROX_FROM_SECRET_KEY"):
        parse([*FROM, *TO], {"FERROX_FROM_ACCESS_KEY": "id"})
    with pytest.raises(StartError, match="--to-secret-key-file"):
        parse([*FROM, *TO], {**SECRETS, "FERROX_TO_SECRET_KEY": ""})


def test_a_server_that_keeps_no_root_pair_is_told(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="no root key pair"):
        parse([*FROM, "--data-dir", str(tmp_path)], SECRETS)


def test_a_port_that_nobody_knows_is_told(tmp_path: Path) -> None:
    environ = {**SECRETS, "FERROX_DATA_DIR": str(tmp_path), "FERROX_BIND": "127.0.0.1:0"}

    with pytest.raises(StartError, match="--to says where"):
        parse(FROM, environ)


def test_help_says_where_secrets_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(["--help"], {})

    assert 0 == ended.value.code
    told = capsys.readouterr().out
    assert "FERROX_FROM_SECRET_KEY" in told
    assert "Exit status" in told
