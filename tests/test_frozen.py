"""What only a frozen program needs, with stand-ins for the launchers."""

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ferrox import frozen

ROOT = Path(__file__).parents[1]
LIMIT_S = 30.0

LAUNCHER = """
import os, sys
if os.fork() == 0:
    from ferrox import frozen
    {guard}
    os.write(1, b"guarded\\n")
    sys.stdin.read()
    print("came to its own end", flush=True)
    os._exit(0)
os.write(1, b"%d\\n" % os.getpid())
os.wait()
"""


class Launched:
    """Launchers and the program at their end; its output ends when the last of them has ended."""

    def __init__(self, code: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def kill_and_read(self, process_id: int) -> str:
        """End one process by SIGKILL; what the others wrote until they ended."""
        os.kill(process_id, signal.SIGKILL)
        assert self.process.stdout is not None
        return self.process.stdout.read()

    def line(self) -> str:
        """The next line of output."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def __enter__(self) -> "Launched":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate(timeout=LIMIT_S)


def test_the_program_ends_with_its_launcher() -> None:
    code = LAUNCHER.format(guard="frozen.end_with_parent(os.getppid())")
    with Launched(code) as launched:
        lines = {launched.line(), launched.line()}

        rest = launched.kill_and_read(launched.process.pid)

    assert {str(launched.process.pid), "guarded"} == lines
    assert "" == rest


def test_a_program_whose_launcher_has_ended_before_does_not_run() -> None:
    code = LAUNCHER.format(guard="frozen.end_with_parent(1 << 30)")
    with Launched(code) as launched:
        output, _ = launched.process.communicate("", timeout=LIMIT_S)

    assert [str(launched.process.pid)] == output.split()


@pytest.fixture
def claimed(tmp_path: Path) -> Path:
    """A folder as a run leaves it that was killed."""
    folder = tmp_path / "_MEI0000abcdefghij"
    (folder / "lib").mkdir(parents=True)
    (folder / "lib" / "one.so").write_bytes(b"1")
    (folder / "base.zip").write_bytes(b"2")
    (folder / frozen.LOCK_NAME).write_text("43981\n")
    return folder


def test_what_a_killed_run_left_is_removed(claimed: Path) -> None:
    frozen.sweep(claimed.parent)

    assert [] == list(claimed.parent.iterdir())


def test_a_folder_of_staticx_is_removed_too(tmp_path: Path) -> None:
    folder = tmp_path / "staticx-AbCdEf"
    folder.mkdir()
    (folder / "ferroxd").write_bytes(b"ELF")
    (folder / "link").symlink_to("ferroxd")
    (folder / frozen.LOCK_NAME).write_text("43981\n")

    frozen.sweep(tmp_path)

    assert [] == list(tmp_path.iterdir())


def test_a_folder_somebody_lives_in_stays(claimed: Path) -> None:
    with (claimed / frozen.LOCK_NAME).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        frozen.sweep(claimed.parent)

    assert (claimed / "lib" / "one.so").exists()


def test_what_is_not_ours_stays(tmp_path: Path, claimed: Path) -> None:
    (tmp_path / "_MEI0000stranger").mkdir()
    (tmp_path / "photographs").mkdir()
    claimed.rename(tmp_path / "photographs" / "_MEI0000abcdefghij")
    (tmp_path / "_MEI0000afar00").symlink_to(tmp_path / "photographs" / "_MEI0000abcdefghij")
    (tmp_path / "_MEI0000linked").mkdir()
    (tmp_path / "_MEI0000linked" / frozen.LOCK_NAME).symlink_to(
        tmp_path / "photographs" / "_MEI0000abcdefghij" / frozen.LOCK_NAME
    )
    (tmp_path / "_MEI0000file").write_bytes(b"")
    before = sorted(tmp_path.rglob("*"))

    frozen.sweep(tmp_path)

    assert before == sorted(tmp_path.rglob("*"))


def test_links_in_a_folder_are_removed_and_not_followed(claimed: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_bytes(b"")
    (claimed / "out").symlink_to(kept)
    (claimed / "lib" / "out").symlink_to(kept)

    frozen.sweep(tmp_path)

    assert [kept, kept / "file"] == sorted(tmp_path.rglob("*"))


def test_only_the_folder_that_was_looked_at_is_emptied(
    claimed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where others may rename what is ours, a link in its place had what it leads to removed."""
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_bytes(b"")
    flock = fcntl.flock

    def exchanged(file: int, kind: int) -> None:
        flock(file, kind)
        claimed.rename(tmp_path / "moved")
        claimed.symlink_to(kept)

    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "flock", exchanged)
        frozen.sweep(tmp_path)

    assert [] == list((tmp_path / "moved").iterdir())
    assert [kept / "file"] == list(kept.iterdir())


def test_the_folder_of_another_user_stays(claimed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: claimed.stat().st_uid + 1)

    frozen.sweep(claimed.parent)

    assert claimed.exists()


@pytest.mark.parametrize(("age_s", "is_left"), [(0, True), (2 * 3600, False)])
def test_a_folder_that_is_being_locked_stays_until_it_is_old(
    tmp_path: Path, age_s: int, is_left: bool
) -> None:
    folder = tmp_path / "_MEI0000abcdefghij"
    folder.mkdir()
    lock = folder / frozen.LOCK_NAME
    lock.touch()
    os.utime(lock, (lock.stat().st_mtime - age_s,) * 2)

    frozen.sweep(tmp_path)

    assert is_left == folder.exists()


def test_a_place_that_cannot_be_read_is_no_obstacle(tmp_path: Path) -> None:
    frozen.sweep(tmp_path / "nowhere")

    assert not (tmp_path / "nowhere").exists()


def test_a_program_in_one_folder_has_nothing_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path / "_internal"), raising=False)

    frozen.enter()

    assert [] == list(tmp_path.iterdir())


ENTER = """
import os, sys
from ferrox import frozen
sys._MEIPASS = {folder!r}.format(os.getppid())
sys.executable = {program!r}
os.mkdir(sys._MEIPASS)
frozen.enter()
print("entered", flush=True)
"""


@pytest.mark.parametrize("is_static", [True, False])
def test_entering_sweeps_beside_the_folders_of_all_launchers(
    tmp_path: Path, claimed: Path, is_static: bool
) -> None:
    outer = tmp_path / "elsewhere" / "staticx-AbCdEf"
    left = outer.with_name("staticx-FeDcBa")
    left.mkdir(parents=True)
    (left / frozen.LOCK_NAME).write_text("43981\n")
    code = ENTER.format(folder=f"{tmp_path}/_MEI{{:08x}}abcdef", program=str(outer / "ferroxd"))
    environment = dict(os.environ, PYTHONPATH=str(ROOT))
    if is_static:
        environment["STATICX_BUNDLE_DIR"] = str(outer)
    launcher = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {code!r}])"

    run = subprocess.run(
        [sys.executable, "-c", launcher],
        env=environment, capture_output=True, text=True, check=True, timeout=LIMIT_S,
    )  # fmt: skip

    assert ("entered\n", "") == (run.stdout, run.stderr)
    assert not claimed.exists()
    assert is_static == (not left.exists())


@pytest.mark.parametrize(
    ("name", "process_id"),
    [("_MEI0000abcdefghij", 0xABCD), ("_MEIabcdef", None), ("_MEIghijklmnopqrst", None)],
)
def test_the_launcher_is_in_the_name_of_its_folder(name: str, process_id: int | None) -> None:
    assert process_id == frozen._process_id_in(name)
