"""restic, which keeps encrypted backups in a bucket."""

from pathlib import Path
from typing import Any

import pytest

from tests.clients import payloads, witness
from tests.clients.tool import Tool
from tests.server_process import ServerProcess


@pytest.fixture
def restic(server: ServerProcess, env: dict[str, str], bucket: str, tmp_path: Path) -> Tool:
    """`restic` with a repository in the bucket."""
    env["RESTIC_PASSWORD"] = "not a secret"
    repository = f"s3:{server.endpoint}/{bucket}/backups of a host"
    return Tool("restic", "--repo", repository, "--no-cache", env=env, cwd=tmp_path)


def test_a_backup_is_made_checked_restored_and_pruned(
    restic: Tool, s3: Any, bucket: str, sizes: Path, odd_names: Path, tmp_path: Path
) -> None:
    restic("init")
    restic("backup", sizes)
    restic("backup", odd_names)
    restic("check", "--read-data")

    restic("restore", "latest", "--target", "back")
    assert payloads.digests(odd_names) == payloads.digests(tmp_path / f"back{odd_names}")

    stored = len(witness.keys(s3, bucket))
    restic("forget", "--keep-last", "1", "--group-by", "", "--prune")
    restic("check", "--read-data")

    assert len(witness.keys(s3, bucket)) < stored
    assert "1 snapshots" in restic("snapshots")
