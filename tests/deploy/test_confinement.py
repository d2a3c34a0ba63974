"""The server does all it has to within what build/systemd leaves it."""

import ctypes.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.witness import client
from tests.deploy import confined
from tests.deploy.recipes import BUILD
from tests.issuing import Issuer
from tests.server_process import ROOT, ServerProcess

UNIT = BUILD / "systemd" / "ferroxd.service"
BACKUP = BUILD / "systemd" / "ferroxd-backup.service"
CONFINED = (sys.executable, str(ROOT / "tests/deploy/confined.py"))

pytestmark = pytest.mark.skipif(
    not (shutil.which("systemd-analyze") and ctypes.util.find_library("seccomp")),
    reason="there is no systemd, or no libseccomp, here",
)


def run(unit: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*CONFINED, str(unit), *command],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server that is confined, with TLS, workers and an admin port."""
    issuer = Issuer(tmp_path / "pki")
    certificate = issuer.server()
    key = str(certificate.with_suffix(".key"))
    started = ServerProcess(
        tmp_path / "data", "--workers", "2",
        "--tls-bind", "127.0.0.1:0", "--tls-certificate", str(certificate), "--tls-key", key,
        program=(*CONFINED, str(UNIT), sys.executable, "ferroxd.py"),
    )  # fmt: skip
    try:
        yield started
        started.expect_clean_log()
        started.stop()
    finally:
        if started.workers:
            started.kill()


def test_a_confined_server_serves(server: ServerProcess, tmp_path: Path) -> None:
    s3 = client(server)
    s3.create_bucket(Bucket="bucket")
    large = os.urandom(20_000_000)

    s3.put_object(Bucket="bucket", Key="large", Body=large)
    s3.put_object(Bucket="bucket", Key="small", Body=b"small")
    told = subprocess.run(
        [sys.executable, "ferroxd.py", "user", "create", "alice", f"--data-dir={server.data_dir}"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    made = run(
        BACKUP, sys.executable, "ferroxd.py", "backup", str(tmp_path / "backup"),
        "--data-dir", str(server.data_dir),
    )  # fmt: skip

    assert large == s3.get_object(Bucket="bucket", Key="large")["Body"].read()
    assert b"small" == s3.get_object(Bucket="bucket", Key="small")["Body"].read()
    assert (0, 0) == (told.returncode, made.returncode), told.stderr + made.stderr
    status = Path(f"/proc/{server.pid}/status").read_text()
    assert "Seccomp:\t2" in status
    assert "NoNewPrivs:\t1" in status


def test_the_program_is_whole_when_it_is_confined() -> None:
    done = run(UNIT, sys.executable, "ferroxd.py", "selftest")

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "act",
    [
        "import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
        "import os; os.chroot('/nowhere-at-all')",
        "import os; os.nice(1)",
    ],
)
def test_what_a_server_has_no_need_of_is_refused(act: str) -> None:
    done = run(UNIT, sys.executable, "-c", act)

    assert "PermissionError: [Errno 1]" in done.stderr


def test_sets_of_system_calls_are_added_and_taken_away(tmp_path: Path) -> None:
    unit = tmp_path / "unit"
    unit.write_text("SystemCallFilter=read write close\nSystemCallFilter=~write\n")

    assert {"read", "close"} == confined.allowed(unit)
