"""Containers of the image, run by Podman as tightly as it goes; images built by Buildah.

Neither needs a daemon. Inside another container they need root, plain storage and an old runtime.
"""

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

LIMIT_S = 100.0
TIGHT = (
    "--read-only", "--tmpfs=/tmp:noexec,nosuid,nodev", "--cap-drop=ALL",
    "--security-opt=no-new-privileges", "--network=host",
    "--ulimit=nofile=4096:4096", "--ulimit=nproc=4096:4096",
)  # fmt: skip


class Engine:
    """Podman and Buildah with storage of their own.

    run   a folder with a short name: Podman makes sockets in it, and takes 50 characters at most
    """

    def __init__(self, folder: Path, run: Path) -> None:
        self._places = ("--root", str(folder / "storage"), "--runroot", str(run))
        self._environment = {**os.environ, "STORAGE_DRIVER": "vfs", "TMPDIR": str(folder)}

    def podman(self, *arguments: str | Path) -> str:
        """Run a command of Podman and return what it printed."""
        return self._run("podman", "--cgroup-manager=cgroupfs", "--runtime=runc", arguments)

    def buildah(self, *arguments: str | Path) -> str:
        """Run a command of Buildah and return what it printed."""
        return self._run("buildah", arguments)

    @contextmanager
    def container(self, image: str, *arguments: str, options: Sequence[str]) -> Iterator[str]:
        """A container that runs for the length of a block."""
        name = self.podman("run", "--detach", *TIGHT, *options, image, *arguments).strip()
        try:
            yield name
        finally:
            self.podman("rm", "--force", "--time=10", name)

    def wait_healthy(self, container: str) -> None:
        """Ask by the image's own health check until the answer is yes."""
        deadline = time.monotonic() + LIMIT_S
        while time.monotonic() < deadline:
            try:
                self.podman("healthcheck", "run", container)
            except AssertionError:
                continue  # each check is a process of its own: this does not spin
            return
        raise AssertionError(self.podman("logs", container))

    def _run(self, tool: str, *words: str | Sequence[str | Path]) -> str:
        flat = [word for group in words for word in ([group] if isinstance(group, str) else group)]
        done = subprocess.run(
            [tool, *self._places, *map(str, flat)],
            env=self._environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=LIMIT_S, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{done.args}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        return done.stdout + done.stderr if flat[0] == "logs" else done.stdout
