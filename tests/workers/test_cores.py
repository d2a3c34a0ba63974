import os
from pathlib import Path

import pytest

from ferrox.workers.cores import usable_cores

ALL = len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("cpu_max", "cores"),
    [
        ("max 100000\n", ALL),
        ("100000 100000\n", 1),
        ("10000 100000\n", 1),
        ("100000000 100000\n", ALL),
        ("garbage", ALL),
        ("1 0", ALL),
    ],
)
def test_the_quota_of_a_container_counts(tmp_path: Path, cpu_max: str, cores: int) -> None:
    (tmp_path / "cpu.max").write_text(cpu_max)

    assert cores == usable_cores(tmp_path)


def test_part_of_a_core_is_one_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    (tmp_path / "cpu.max").write_text("150000 100000\n")

    assert 2 == usable_cores(tmp_path)


@pytest.mark.parametrize(("quota", "cores"), [("-1\n", ALL), ("50000\n", 1)])
def test_the_first_version_of_control_groups_is_understood(
    tmp_path: Path, quota: str, cores: int
) -> None:
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text(quota)
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")

    assert cores == usable_cores(tmp_path)


def test_without_control_groups_every_core_is_usable(tmp_path: Path) -> None:
    assert ALL == usable_cores(tmp_path)
