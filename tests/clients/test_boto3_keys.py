"""Keys of a real server of several workers: made, switched off, sealed anew, locked away."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config as Options

from ferrox.config import Config
from ferrox.storage.identities.identities import Identities
from ferrox.storage.key_file import passphrase_of
from ferrox.storage.settings import Settings
from tests import signing
from tests.raw_http import Wire, connected, head, now_ms
from tests.server_process import ROOT, ServerProcess, serving

CONNECTIONS = 12
"""Enough for each of two workers to have some."""


class Place:
    """A server whose secrets are under a passphrase, and open connections to its workers."""

    def __init__(self, server: ServerProcess, passphrase: Path, wires: list[Wire]) -> None:
        self.server = server
        self.passphrase = passphrase
        self._wires = wires
        self.iam: Any = boto3.client(
            "iam",
            region_name="us-east-1",
            aws_access_key_id=server.access_key,
            aws_secret_access_key=server.secret_key,
            endpoint_url=server.endpoint,
            config=Options(retries={"max_attempts": 1}),
        )

    def answers(self, key: dict[str, str]) -> set[tuple[int, str]]:
        """What the workers say to a key, on each connection."""
        return {self.ask(wire, key) for wire in self._wires}

    def ask(self, wire: Wire, key: dict[str, str]) -> tuple[int, str]:
        """List buckets with a key."""
        headers = signing.sign(
            "GET", "/", "", {"host": f"{self.server.host}:{self.server.port}"},
            "UNSIGNED-PAYLOAD", now_ms(),
            access_key=key["AccessKeyId"], secret_key=key["SecretAccessKey"],
        )  # fmt: skip
        reply = wire.ask(head("GET / HTTP/1.1", headers))
        return reply.status, reply.code

    def rotate(self) -> int:
        """Seal everything anew, as somebody else than the server does."""
        settings = Settings(self.server.data_dir / "settings.db")
        given = passphrase_of(Config(master_passphrase_file=self.passphrase))
        identities = Identities(settings, self.server.data_dir / "none", passphrase=given)
        try:
            return identities.rotate_key_now().secret_count
        finally:
            settings.close()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    file = tmp_path / "passphrase"
    file.write_text("correct horse battery\n")
    with (
        serving(
            tmp_path / "data", "--workers", "2", "--master-passphrase-file", str(file)
        ) as server,
        ExitStack() as stack,
    ):
        wires = [stack.enter_context(connected(server)) for _ in range(CONNECTIONS)]
        place = Place(server, file, wires)
        yield place
        place.iam.close()


FINE = {(200, "")}
REFUSED = {(403, "InvalidAccessKeyId")}


def test_a_key_works_and_stops_everywhere_at_once(place: Place) -> None:
    key = place.iam.create_access_key()["AccessKey"]
    assert place.answers(key) == FINE

    for _ in range(3):
        place.iam.update_access_key(AccessKeyId=key["AccessKeyId"], Status="Inactive")
        assert place.answers(key) == REFUSED
        place.iam.update_access_key(AccessKeyId=key["AccessKeyId"], Status="Active")
        assert place.answers(key) == FINE

    place.iam.delete_access_key(AccessKeyId=key["AccessKeyId"])
    assert place.answers(key) == REFUSED


def test_the_server_goes_on_while_everything_is_sealed_anew(place: Place) -> None:
    before = place.iam.create_access_key()["AccessKey"]

    for _ in range(3):
        assert 1 == place.rotate()
        assert place.answers(before) == FINE
    after = place.iam.create_access_key()["AccessKey"]

    assert place.answers(after) == FINE
    assert 2 == place.rotate()
    assert place.answers(before) == place.answers(after) == FINE
    assert not (place.server.data_dir / "settings.key").exists()


def test_a_key_survives_a_restart_and_no_wrong_passphrase_starts(place: Place) -> None:
    key = place.iam.create_access_key()["AccessKey"]
    place.server.restart()
    with connected(place.server) as wire:
        assert (200, "") == place.ask(wire, key)
    place.server.stop()
    right = place.passphrase.read_text()

    place.passphrase.write_text("wrong horse battery")
    for workers in ("1", "2"):
        command = [sys.executable, "ferroxd.py", "--data-dir", str(place.server.data_dir)]
        options = ["--workers", workers, "--bind", "127.0.0.1:0"]
        options += ["--master-passphrase-file", str(place.passphrase)]
        done = subprocess.run(
            [*command, *options], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
        )

        assert (2, "") == (done.returncode, done.stdout)
        database = place.server.data_dir / "settings.db"
        assert done.stderr == (
            f"ferroxd: the master passphrase is not that of the secrets in {database}\n"
        )
    place.passphrase.write_text(right)
    place.server.restart()
