"""How many processor cores this process may use, by affinity and by the quota of its container."""

import math
import os
from pathlib import Path

_CONTROL_GROUP = Path("/sys/fs/cgroup")


def usable_cores(control_group: Path = _CONTROL_GROUP) -> int:
    """At least one."""
    cores = len(os.sched_getaffinity(0))
    quota = _quota(control_group)
    return max(1, cores if quota is None else min(cores, math.ceil(quota)))


def _quota(control_group: Path) -> float | None:
    """Cores' worth of time that a control group grants; None without a limit.

    cpu.max is `QUOTA PERIOD` or `max PERIOD`:
    https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files
    Version 1 has two files, and -1 for no limit:
    https://docs.kernel.org/scheduler/sched-bwc.html#management
    """
    try:
        quota, period = (control_group / "cpu.max").read_text().split()
    except (OSError, ValueError):
        try:
            quota = (control_group / "cpu" / "cpu.cfs_quota_us").read_text()
            period = (control_group / "cpu" / "cpu.cfs_period_us").read_text()
        except OSError:
            return None
    try:
        share = int(quota) / int(period)
    except (ValueError, ZeroDivisionError):
        return None
    return share if share > 0 else None
