"""The proxies of docs/deploy.md, before a real server, as the page has them.

Each is tried where it is installed. What is put in place of the page's own are addresses, names and
certificates; nothing is added but where a proxy may write.
"""

import contextlib
import hashlib
import http.client
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config

from tests.documentation.blocks import blocks_of
from tests.issuing import Issuer
from tests.server_process import ROOT, ServerProcess, serving

NAME = "s3.example.com"
LIMIT_S = 20.0
KEYS = [
    "plain",
    "a//b",
    "a/../b",
    "./c",
    "d/.",
    "e%2Ff",
    "g h+i",
    "ü&=?#",
    "j\\k;l",
    "*.~(m)'!$@,:",
]
PROXIES = {
    str(block.marks["proxy"]): block.text
    for block in blocks_of(ROOT / "docs" / "deploy.md")
    if "proxy" in block.marks
}


class Setting(NamedTuple):
    """What a proxy is started with."""

    folder: Path
    port: int
    server: ServerProcess
    certificate: Path

    def adapted(self, text: str) -> str:
        """The text of the page with what is here in place of what is there."""
        key = self.certificate.with_suffix(".key")
        both = self.folder / "both.pem"
        both.write_text(self.certificate.read_text() + key.read_text())
        text = text.replace(f"/etc/ssl/{NAME}.crt", str(self.certificate))
        text = text.replace(f"/etc/ssl/{NAME}.key", str(key)).replace(
            f"/etc/ssl/{NAME}.pem", str(both)
        )
        return text.replace("127.0.0.1:9000", f"127.0.0.1:{self.server.port}")


def nginx(given: Setting) -> list[str]:
    text = given.adapted(PROXIES["nginx"]).replace("listen 443", f"listen 127.0.0.1:{given.port}")
    places = "".join(
        f"{name}_temp_path {given.folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.getuid() == 0 else ""
    (given.folder / "nginx.conf").write_text(
        f"{user}daemon off;\npid {given.folder}/pid;\nerror_log stderr;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{places}{text}}}\n"
    )
    return ["nginx", "-e", "stderr", "-p", str(given.folder), "-c", f"{given.folder}/nginx.conf"]


def haproxy(given: Setting) -> list[str]:
    text = given.adapted(PROXIES["haproxy"]).replace("bind :443", f"bind 127.0.0.1:{given.port}")
    (given.folder / "haproxy.cfg").write_text(text)
    return ["haproxy", "-db", "-f", f"{given.folder}/haproxy.cfg"]


def caddy(given: Setting) -> list[str]:
    first = f"https://{NAME}:{given.port}, https://*.{NAME}:{given.port}"
    text = given.adapted(PROXIES["caddy"]).replace(f"{NAME}, *.{NAME}", first)
    options = "admin off\nauto_https disable_redirects\nstorage file_system " + str(given.folder)
    (given.folder / "Caddyfile").write_text(f"{{\n{options}\ndefault_bind 127.0.0.1\n}}\n{text}")
    return ["caddy", "run", "--adapter", "caddyfile", "--config", f"{given.folder}/Caddyfile"]


COMMANDS: dict[str, Callable[[Setting], list[str]]] = {
    "nginx": nginx,
    "haproxy": haproxy,
    "caddy": caddy,
}


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextlib.contextmanager
def running(name: str, folder: Path, server: ServerProcess, certificate: Path) -> Iterator[int]:
    """The proxy, ended at the end; yields its port."""
    given = Setting(folder, free_port(), server, certificate)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            COMMANDS[name](given), stdout=log, stderr=log, cwd=folder,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_DATA_HOME": str(folder)},
        )  # fmt: skip
    try:
        wait_for(given.port, process, folder / "log")
        yield given.port
    finally:
        process.terminate()
        try:
            process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:  # it waits for a connection that a failed test has left
            process.kill()
            process.wait()


def wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until it answers; a proxy tells nobody when it is ready."""
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"it does not listen:\n{log.read_text()}")


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    return Issuer(tmp_path / "pki")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with serving(tmp_path / "data", "--domain", NAME) as started:
        yield started
        started.expect_clean_log()


@pytest.fixture(params=COMMANDS)
def port(
    request: pytest.FixtureRequest, tmp_path: Path, server: ServerProcess, issuer: Issuer
) -> Iterator[int]:
    """Where the proxy listens."""
    if not shutil.which(request.param):
        pytest.skip(f"there is no {request.param} here")
    folder = tmp_path / "proxy"
    folder.mkdir()
    certificate = issuer.server("proxy", NAME, f"*.{NAME}")
    with running(request.param, folder, server, certificate) as at:
        yield at


@pytest.fixture
def resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    """The names of the page are this machine's."""
    resolve = socket.getaddrinfo

    def here(host: Any, *arguments: Any, **named: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        is_ours = name == NAME or str(name).endswith(f".{NAME}")
        return resolve("127.0.0.1" if is_ours else host, *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", here)


def client(server: ServerProcess, port: int, issuer: Issuer, style: str) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=f"https://{NAME}:{port}",
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
        region_name="us-east-1",
        verify=str(issuer.trusted),
        config=Config(s3={"addressing_style": style}, retries={"total_max_attempts": 1}),
    )


@pytest.mark.usefixtures("resolved")
@pytest.mark.parametrize("style", ["path", "virtual"])
def test_a_proxy_of_the_page_leaves_alone_what_is_signed(
    style: str, server: ServerProcess, port: int, issuer: Issuer
) -> None:
    s3 = client(server, port, issuer, style)
    s3.create_bucket(Bucket="bucket")
    metadata = {"with_underscore": "a", "with.dot": "b", "plain": "c"}

    for key in KEYS:
        s3.put_object(Bucket="bucket", Key=key, Body=key.encode(), Metadata=metadata)
    told = {key: s3.get_object(Bucket="bucket", Key=key) for key in KEYS}

    assert {key: key.encode() for key in KEYS} == {
        key: one["Body"].read() for key, one in told.items()
    }
    for one in told.values():  # Caddy capitalizes names of headers, and boto3 shows them so
        assert metadata == {name.lower(): value for name, value in one["Metadata"].items()}
    listed = s3.list_objects_v2(Bucket="bucket", Prefix="")["Contents"]
    assert sorted(KEYS, key=str.encode) == [one["Key"] for one in listed]


@pytest.mark.usefixtures("resolved")
def test_a_proxy_of_the_page_passes_large_bodies(
    server: ServerProcess, port: int, issuer: Issuer
) -> None:
    s3 = client(server, port, issuer, "path")
    s3.create_bucket(Bucket="bucket")
    body = os.urandom(40_000_000)

    s3.put_object(Bucket="bucket", Key="large", Body=body)
    answer = s3.get_object(Bucket="bucket", Key="large")

    assert len(body) == answer["ContentLength"]
    assert hashlib.sha256(body).digest() == hashlib.sha256(answer["Body"].read()).digest()
    part = s3.get_object(Bucket="bucket", Key="large", Range="bytes=1000000-1000009")
    assert body[1_000_000:1_000_010] == part["Body"].read()


@pytest.mark.usefixtures("resolved")
def test_a_proxy_of_the_page_passes_an_upload_on_while_it_comes(
    server: ServerProcess, port: int, issuer: Issuer
) -> None:
    """The server has seen the request before its body is whole: it refuses, and says why."""
    s3 = client(server, port, issuer, "path")
    s3.create_bucket(Bucket="bucket")
    url = s3.generate_presigned_url("put_object", Params={"Bucket": "bucket", "Key": "slow"})
    forged = re.sub(r"(X-Amz-Signature|Signature)=[0-9a-zA-Z%]{8}", r"\1=00000000", url)
    parts = urlsplit(forged)
    connection = http.client.HTTPSConnection(NAME, port, context=issuer.context(), timeout=LIMIT_S)

    with contextlib.closing(connection):
        connection.putrequest("PUT", f"{parts.path}?{parts.query}")
        connection.putheader("Content-Length", str(100_000_000))
        connection.endheaders()
        with contextlib.suppress(OSError):  # of who has answered and closed
            for _ in range(1450):  # 95 of the 100 MB; Caddy answers some megabytes late
                connection.send(b"x" * 65536)
        answer = connection.getresponse()

        assert 403 == answer.status
        assert b"SignatureDoesNotMatch" in answer.read()


def test_the_page_has_every_proxy_that_is_tried() -> None:
    assert COMMANDS.keys() == PROXIES.keys()
