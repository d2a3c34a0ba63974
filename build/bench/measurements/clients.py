"""Real clients with their own way of signing, cutting and checking: boto3 and s5cmd."""

import io
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from build.bench import boto
from build.bench.figures import Figures, MeasurementFailed
from build.bench.servers import ACCESS_KEY, ROOT, SECRET_KEY
from build.bench.target import BUCKET, Target

KEY = "multipart"
FILES = 1000
FILE_BYTES = 16 * 1024
LIMIT_S = 120.0


def multipart_upload(target: Target) -> Figures:
    """boto3's upload_fileobj: parts of 8 MiB, ten at a time."""
    client = boto.client(target.server)
    body = io.BytesIO(os.urandom(1 << 20) * (target.scale.multipart_bytes >> 20))
    return _timed(target, lambda: client.upload_fileobj(body, BUCKET, KEY))


def multipart_download(target: Target) -> Figures:
    """boto3's download_fileobj: ranges of 8 MiB, ten at a time."""
    client = boto.client(target.server)
    body = io.BytesIO(os.urandom(1 << 20) * (target.scale.multipart_bytes >> 20))
    with boto.failures():
        target.once(KEY, lambda: client.upload_fileobj(body, BUCKET, KEY))
    with Path(os.devnull).open("wb") as sink:
        return _timed(target, lambda: client.download_fileobj(BUCKET, KEY, sink))


def s5cmd_upload(target: Target) -> Figures:
    """s5cmd cp of a folder of small files."""
    folder = target.scratch / "files"
    target.once("files", lambda: _make_files(folder))
    prefix = f"s3://{BUCKET}/s5cmd/{target.round}/"
    target.fill([f"s5cmd/{target.round}/first"], 1)
    with target.spending() as spent:
        began = time.perf_counter()
        _s5cmd(target, "cp", f"{folder}/", prefix)
        duration_s = time.perf_counter() - began
    return {"files": FILES / duration_s, "cpu": spent.per_request_us(FILES)}


def _timed(target: Target, transfer: Callable[[], object]) -> Figures:
    size = target.scale.multipart_bytes
    with target.spending() as spent, boto.failures():
        began = time.perf_counter()
        transfer()
        duration_s = time.perf_counter() - began
    return {"throughput": size / duration_s / 1e6, "cpu_gb": spent.cpu_s / size * 1e9}


def _make_files(folder: Path) -> None:
    folder.mkdir()
    for number in range(FILES):
        (folder / f"{number:04}").write_bytes(os.urandom(FILE_BYTES))


def _s5cmd(target: Target, *arguments: str) -> None:
    program = ROOT / ".venv-dev" / "bin" / "s5cmd"
    done = subprocess.run(
        [str(program), "--endpoint-url", f"http://{target.server.host}", "-r", "0", *arguments],
        env={"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY},
        capture_output=True, text=True, check=False, timeout=LIMIT_S,
    )  # fmt: skip
    if done.returncode:
        raise MeasurementFailed(f"s5cmd: {done.stderr[-300:]}")
