"""From `rclone serve s3`: a source without versions, which mistakes questions it does not know."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.tool import executable
from tests.migration.sides import Command
from tests.server_process import ServerProcess

KEYS = "accesskey", "secretsecret"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What is served: folders of the first level are buckets."""
    folder = tmp_path / "served"
    for path in ("photos/a b+c.txt", "photos/album/1", "documents/empty"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(b"" if path.endswith("empty") else os.urandom(100_000))
    return folder


@pytest.fixture
def rclone(folder: Path) -> Iterator[str]:
    words = ["serve", "s3", "--addr", "127.0.0.1:0", "--auth-key", ",".join(KEYS), str(folder)]
    process = subprocess.Popen([executable("rclone"), *words], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    with process, process.stderr:
        try:
            for line in process.stderr:
                found = re.search(r"server on \[(http://[0-9.:]+)", line)
                if found:
                    yield found[1]
                    break
        finally:
            process.kill()


def test_files_are_copied(
    rclone: str, folder: Path, tmp_path: Path, target: ServerProcess, here: Any
) -> None:
    command = Command(tmp_path, target, KEYS)

    done = command.run(rclone, "--verify=bytes")
    again = command.run(rclone)

    assert (0, 0) == (done.status, again.status), done.out
    assert (3, 3, 3) == (done.total("objects"), done.total("verified"), again.total("present"))
    assert [] == [note for bucket in done.report["buckets"] for note in bucket["notes"]]
    for key in ("a b+c.txt", "album/1"):
        data = here.get_object(Bucket="photos", Key=key)["Body"].read()
        assert (folder / "photos" / key).read_bytes() == data
