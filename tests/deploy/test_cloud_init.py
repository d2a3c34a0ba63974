"""What a machine does at its first start, carried out below a folder instead of on a machine.

Needs Terraform, which renders it. Programs that only a machine has are stood in for by ones that
write down how they were called.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.test_terraform import FULL, LIMIT_S, USUAL, cloud_config, copied
from tests.server_process import ROOT

__all__ = ["copied"]

MOUNTED = "systemctl start var-lib-ferrox.mount"
STARTED = "systemctl enable --now ferroxd.service"
SECRETS = "systemctl enable --now ferrox-secrets.service ferrox-secrets.timer"
TOLD = 'echo "${0##*/} $*" >>"$MACHINE/calls"'
STAND_INS = {
    "systemctl": "",
    "systemd-sysusers": "",
    "chgrp": "",
    "blkid": '[ -e "$MACHINE/made" ] && echo xfs',
    "mkfs.xfs": 'touch "$MACHINE/made"',
    # Without the group, which only systemd-sysusers makes.
    "install": 'words=("$@"); [ "$4" != -g ] || words=("${@:1:3}" "${@:6}")\n'
    'exec /usr/bin/install "${words[@]}"',
}


class Machine:
    """A folder that scripts take for the root of the file system."""

    def __init__(self, root: Path, files: dict[str, str]) -> None:
        self.root = root
        self._script = self.moved(files["/usr/local/sbin/ferrox-install"])
        for name in (
            "etc",
            "var/lib",
            "usr/local/bin",
            "usr/local/sbin",
            "stubs",
            "dev/disk/by-id",
        ):
            (root / name).mkdir(parents=True)
        for name in ("etc/fstab", "dev/null", FULL["data_device"].removeprefix("/")):
            (root / name).touch()
        for name, act in STAND_INS.items():
            self._program(f"stubs/{name}", f"{TOLD}\n{act}")
        self._program("usr/local/sbin/ferrox-program", TOLD)
        python = f'{sys.executable} {ROOT / "ferroxd.py"} "$@"'
        self._program("usr/local/bin/ferroxd", f'{TOLD}\n[ "$1" = selftest ] || exec {python}')

    def moved(self, script: str) -> str:
        """The script with every path of the system below this folder."""
        first, _, rest = script.partition("\n")
        moved = re.sub(r"/(?=(?:etc|var|usr|dev)/)", f"{self.root}/", rest)
        return f"{first}\n{moved}".replace("[ -b ", "[ -e ")  # nobody makes a device for a test

    def start(self) -> list[str]:
        """Carry out the installation; what was called, in this order."""
        calls = self.root / "calls"
        calls.write_text("")
        done = subprocess.run(
            ["bash", "-c", self._script], cwd=self.root, capture_output=True, text=True,
            timeout=LIMIT_S, check=False,
            env={"PATH": f"{self.root}/stubs:{os.environ['PATH']}", "MACHINE": str(self.root)},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr + calls.read_text()
        return calls.read_text().replace(str(self.root), "").splitlines()

    def _program(self, name: str, act: str) -> None:
        (self.root / name).write_text(f"#!/bin/bash\n{act}\n")
        (self.root / name).chmod(0o755)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "machine"


def index(calls: list[str], beginning: str) -> int:
    """Where in the order something was called."""
    return next(at for at, call in enumerate(calls) if call.startswith(beginning))


def test_a_machine_is_made_in_the_right_order(copied: Path, root: Path) -> None:
    machine = Machine(root, cloud_config(copied, FULL))

    calls = machine.start()

    order = [
        index(calls, beginning)
        for beginning in (
            "systemd-sysusers", "mkfs.xfs", MOUNTED, "ferrox-program", "ferroxd selftest",
            "ferroxd tls", SECRETS, STARTED,
        )
    ]  # fmt: skip
    assert sorted(order) == order
    assert (
        "ferrox-program {program_url} {program_sha256} /usr/local/bin/ferroxd".format(**FULL)
        in calls
    )
    [line] = (root / "etc/fstab").read_text().splitlines()
    device, place, kind, options, *_ = line.replace(str(root), "").split()
    assert (FULL["data_device"], "/var/lib/ferrox", "xfs") == (device, place, kind)
    assert {"x-systemd.growfs", "noexec", "nodev", "nosuid"} < set(options.split(","))


def test_the_second_start_keeps_what_the_first_has_made(copied: Path, root: Path) -> None:
    machine = Machine(root, cloud_config(copied, FULL))
    machine.start()
    key = root / "etc/ferrox/tls/server.key"
    before = key.read_bytes(), (root / "etc/fstab").read_text()

    calls = machine.start()

    assert before == (key.read_bytes(), (root / "etc/fstab").read_text())
    assert [] == [call for call in calls if call.startswith(("mkfs", "ferroxd tls"))]
    assert {MOUNTED, STARTED} <= set(calls)


def test_keys_are_seen_by_the_server_and_nobody_else(copied: Path, root: Path) -> None:
    Machine(root, cloud_config(copied, FULL)).start()

    modes = {
        name: (root / name).stat().st_mode & 0o777
        for name in ("etc/ferrox", "etc/ferrox/tls", "etc/ferrox/tls/server.key", "var/lib/ferrox")
    }

    assert [0o711, 0o750, 0o640, 0o700] == list(modes.values())


def test_a_machine_without_a_volume_makes_no_file_system(copied: Path, root: Path) -> None:
    calls = Machine(root, cloud_config(copied, USUAL)).start()

    assert {SECRETS, STARTED} <= set(calls)
    assert [] == [
        call for call in calls if call.startswith(("mkfs", "blkid", MOUNTED, "ferroxd tls"))
    ]
    assert "" == (root / "etc/fstab").read_text()


@pytest.mark.parametrize("text", ["a /etc/x b", "x=/var/lib/y", ">/dev/null", '"/usr/local/z"'])
def test_nothing_outside_of_the_folder_is_named(text: str, copied: Path, root: Path) -> None:
    machine = Machine(root, cloud_config(copied, USUAL))

    moved = machine.moved(f"#!/usr/bin/env bash\n{text}")

    assert moved.count(str(root)) == 1
    assert text in moved.replace(str(root), "")
