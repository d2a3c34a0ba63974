"""The frozen program: its processes, its temporary files, and servers of it."""

import contextlib
import ctypes
import os
import select
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.server_process import ServerProcess, children

FILE = "ferroxd"
FOLDER = "ferroxd-folder/ferroxd"
LIMIT_S = 60.0

CLONE_NEWNS = 0x0002_0000  # unshare(2)
MS_BIND = 0x1000  # mount(2)
MS_PRIVATE_ALL = 0x4_4000


@dataclass(frozen=True)
class Program:
    """One form of the program, and where it unpacks itself.

    path      as the program's process sees it
    scratch   its TMPDIR
    prepare   makes the surroundings in which it can run, in its process before it starts
    """

    path: Path
    scratch: Path
    prepare: Callable[[], None] | None = None

    @property
    def environment(self) -> Mapping[str, str]:
        """Nothing of this environment but what the program must have."""
        return {"TMPDIR": str(self.scratch)}

    def __call__(
        self, *arguments: str, prepare: Callable[[], None] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, after some more preparation."""

        def prepare_all() -> None:
            for step in (prepare, self.prepare):
                if step is not None:
                    step()

        return subprocess.run(
            [self.path, *arguments], env=self.environment, preexec_fn=prepare_all,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT_S, check=False,
        )  # fmt: skip

    def left_behind(self) -> list[str]:
        """What lies in the temporary directory now."""
        return sorted(path.name for path in self.scratch.iterdir())


class FrozenServer(ServerProcess):
    """A server whose outermost process is the one that was started."""

    def __init__(self, program: Program, data_dir: Path, *options: str) -> None:
        self.environment = program.environment
        self.prepare = partial(_begin, program.prepare)
        super().__init__(data_dir, *options, program=(str(program.path),))

    def family(self) -> list[int]:
        """The process ids from the outermost launcher down to the server."""
        chain = [self.pid]
        while found := children(chain[-1]):
            chain.append(found[0])
        return chain

    @property
    def workers(self) -> list[int]:
        """The processes that the server has started, below all launchers."""
        chain = [self.pid]
        while len(found := children(chain[-1])) == 1:
            chain += found
        return found

    def send(self, process_id: int, number: signal.Signals) -> int:
        """Signal one of the family; the outermost's exit status once all of them have ended."""
        with contextlib.ExitStack() as open_files:
            members = [os.pidfd_open(member) for member in _descendants(self.pid)]
            for member in members:
                open_files.callback(os.close, member)
            os.kill(process_id, number)
            status = self._process.wait(LIMIT_S)
            for member in members:  # readable once it has ended and closed all it had open
                assert select.select([member], [], [], LIMIT_S)[0], "one of the family lives on"
        self._reader.join(LIMIT_S)
        assert not self._reader.is_alive(), "a process of the family still holds the terminal"
        return status

    def kill_family(self) -> None:
        """End whatever still runs."""
        if self._process.poll() is None:
            for process_id in reversed(self.family()):
                os.kill(process_id, signal.SIGKILL)
            self._process.wait(LIMIT_S)


def _begin(prepare: Callable[[], None] | None) -> None:
    """Start with signals as a shell would: whoever runs the tests may have had SIGHUP ignored."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    if prepare is not None:
        prepare()


def _descendants(process_id: int) -> list[int]:
    """The children of a process, their children and so on."""
    found = []
    for child in children(process_id):
        found += [child, *_descendants(child)]
    return found


def in_its_root(dist: Path, root: Path, shared: Path, scratch: Path) -> Program:
    """The one-folder form, which is a root directory: the loader it wants is in its /lib.

    root     a directory for all tests; it is filled at its first use
    shared   a directory that is the same inside and outside
    """
    folder = dist / Path(FOLDER).parent
    name = Path(FOLDER).name
    if not any((folder / "lib").glob("ld-musl-*")):
        return Program(folder / name, scratch)  # made for the C library of this machine
    require_root()
    if not (root / name).exists():
        shutil.copytree(folder, root, symlinks=True, dirs_exist_ok=True)
    inside = root / shared.relative_to("/")
    inside.mkdir(parents=True)

    def enter_root() -> None:
        system("unshare", CLONE_NEWNS)
        system("mount", b"none", b"/", None, MS_PRIVATE_ALL, None)
        system("mount", bytes(shared), bytes(inside), None, MS_BIND, None)
        os.chroot(root)
        os.chdir("/")

    return Program(Path("/") / name, scratch, enter_root)


def require_root() -> None:
    """Fail in words where namespaces cannot be made."""
    if os.geteuid() != 0:
        pytest.fail("this test makes namespaces and needs to be run as root")


def system(name: str, *arguments: int | bytes | None) -> None:
    """Call a function of the C library that Python does not know."""
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")
