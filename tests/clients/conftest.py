"""One real server for the clients of a test process, a witness of what they do, and files."""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore import UNSIGNED

from tests.clients import payloads
from tests.clients.tool import environment
from tests.clients.witness import CROWD, client, put_all
from tests.issuing import Issuer
from tests.server_process import ServerProcess, serving

DOMAIN = "s3.localhost"
_numbers = itertools.count(1)


@pytest.fixture(scope="session", autouse=True)
def _isolated() -> Iterator[None]:
    """SDKs inside this process see no configuration, no credentials and no proxy of the machine."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("AWS_") or name.lower().endswith("_proxy"):
                patch.delenv(name)
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("NO_PROXY", "127.0.0.1,localhost")
        yield


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    """Who vouches for the server."""
    return Issuer(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="session")
def _server(tmp_path_factory: pytest.TempPathFactory, authority: Issuer) -> Iterator[ServerProcess]:
    certificate = authority.server()
    with serving(
        tmp_path_factory.mktemp("server") / "data", "--domain", DOMAIN,
        "--tls-bind", "127.0.0.1:0", "--tls-certificate", str(certificate),
        "--tls-key", str(certificate.with_suffix(".key")),
    ) as server:  # fmt: skip
        yield server


@pytest.fixture
def server(_server: ServerProcess) -> Iterator[ServerProcess]:
    """The server. A test during which it logs an error has failed, whatever its client thinks."""
    yield _server
    _server.expect_clean_log()


@pytest.fixture(scope="session")
def _witness(_server: ServerProcess) -> Iterator[Any]:
    made = client(_server, max_pool_connections=16)
    yield made
    made.close()


@pytest.fixture
def s3(_witness: Any, server: ServerProcess) -> Any:
    """A boto3 client: the subject of its own tests, the independent witness in all others."""
    return _witness


@pytest.fixture(scope="session")
def anonymous(_server: ServerProcess) -> Iterator[Any]:
    """A boto3 client that signs nothing."""
    made = client(_server, signature_version=UNSIGNED)
    yield made
    made.close()


@pytest.fixture
def bucket_name(request: pytest.FixtureRequest) -> str:
    """A name that no other test uses; the bucket does not exist yet."""
    words = "".join(c if c.isalnum() else "-" for c in request.node.name.lower())
    return f"{words[:40]}-{next(_numbers)}".replace("--", "-").strip("-").removeprefix("test-")


@pytest.fixture
def bucket(s3: Any, bucket_name: str) -> str:
    """An empty bucket of this test's own."""
    s3.create_bucket(Bucket=bucket_name)
    return bucket_name


@pytest.fixture(scope="session")
def crowded(_witness: Any) -> str:
    """A bucket with more keys than a page of a listing holds. For reading only."""
    _witness.create_bucket(Bucket="crowded")
    put_all(_witness, "crowded", CROWD)
    return "crowded"


@pytest.fixture(scope="session")
def sizes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a file of every size. For reading only."""
    return payloads.write_sizes(tmp_path_factory.mktemp("files") / "sizes")


@pytest.fixture(scope="session")
def odd_names(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a file of every odd name. For reading only."""
    return payloads.write_odd_names(tmp_path_factory.mktemp("files") / "odd")


@pytest.fixture
def env(tmp_path: Path, server: ServerProcess) -> dict[str, str]:
    """The environment of a command-line tool with an empty home directory."""
    home = tmp_path / "home"
    home.mkdir()
    return environment(home, server)
