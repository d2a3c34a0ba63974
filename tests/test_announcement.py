"""What a server says when it is ready, and where it says it."""

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from ferrox import announcement
from ferrox.config import Address, Config, load
from ferrox.storage.identities.root import RootCredentials


class Listening(NamedTuple):
    """Says where it would listen."""

    plain_address: Address | None
    secured_address: Address | None = None


class Server(NamedTuple):
    """Stands for one that listens."""

    entrance: Listening
    admin: Address | None = None
    credentials: RootCredentials = RootCredentials("AKIA", "hush")
    secret: str = "in a safe place"


EVERYWHERE, HERE = Address("0.0.0.0", 9000), Address("127.0.0.1", 9443)


def settings(tmp_path: Path, **values: str) -> Config:
    return load(
        {name: [value] for name, value in values.items()}, {"FERROX_DATA_DIR": str(tmp_path)}
    )


def test_people_are_told_where_and_what(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server = Server(Listening(EVERYWHERE, HERE), HERE)

    announcement.announce(settings(tmp_path), server, 2)

    told = capsys.readouterr()
    assert [
        "address     http://127.0.0.1:9000   (and every other address of this machine)",
        "address     https://127.0.0.1:9443",
        "admin       https://127.0.0.1:9443",
        f"data        {tmp_path.resolve()}",
        "workers     2",
        "access key  AKIA",
        "secret key  in a safe place",
    ] == [line.strip() for line in told.out.splitlines()[1:]]
    assert "" == told.err


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("127.0.0.1", "http://127.0.0.1:9000"),
        ("0.0.0.0", "http://127.0.0.1:9000   (and every other address of this machine)"),
        ("::", "http://[::1]:9000   (and every other address of this machine)"),
    ],
)
def test_the_address_can_be_used_as_it_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], host: str, told: str
) -> None:
    announcement.announce(settings(tmp_path), Server(Listening(Address(host, 9000))))

    assert f"  address     {told}\n" in capsys.readouterr().out


def test_that_the_data_go_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    announcement.announce(settings(tmp_path, ephemeral="on"), Server(Listening(HERE)))

    assert f"{tmp_path.resolve()}   (removed at the end)\n" in capsys.readouterr().out


def test_programs_are_told_alone_and_people_elsewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "admin.sock").touch()
    asked = settings(tmp_path, print_env="json", region="eu-west-1")

    announcement.announce(asked, Server(Listening(EVERYWHERE, HERE)))

    told = capsys.readouterr()
    assert {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9000",
        "AWS_ACCESS_KEY_ID": "AKIA",
        "AWS_SECRET_ACCESS_KEY": "hush",
        "AWS_SESSION_TOKEN": "",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_REGION": "eu-west-1",
        "FERROX_ADMIN_URL": f"unix://{tmp_path.resolve()}/admin.sock",
    } == json.loads(told.out)
    assert "access key  AKIA" in told.err
    assert "hush" not in told.err


def test_an_address_is_one_that_speaks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = settings(tmp_path, print_env="shell")

    announcement.announce(asked, Server(Listening(None, HERE)))

    told = capsys.readouterr().out
    assert "export AWS_ENDPOINT_URL=https://127.0.0.1:9443\n" in told
    assert "FERROX_ADMIN_URL" not in told, "there is no socket"
