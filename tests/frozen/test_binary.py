"""The static file by itself: what it is made of, and that it needs nothing around it."""

import os
import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from ferrox import errors
from tests.clients import witness
from tests.frozen.program import (
    CLONE_NEWNS,
    FILE,
    FOLDER,
    MS_BIND,
    MS_PRIVATE_ALL,
    FrozenServer,
    Program,
    require_root,
    system,
)

Start = Callable[[Program], FrozenServer]

BUDGET_BYTES = 12_000_000
NOBODY = 65532
MS_RDONLY_REMOUNT = 0x21  # mount(2)
PT_DYNAMIC, PT_INTERP = 2, 3  # elf(5)
DT_RPATH, DT_RUNPATH = 15, 29


@pytest.fixture
def alone(dist: Path, tmp_path: Path) -> Program:
    """The file in a read-only root with nothing else: no /proc, no /etc, no /lib; as nobody."""
    require_root()
    root, shared = tmp_path / "root", tmp_path / "shared"
    inside = root / shared.relative_to("/")
    scratch = shared / "tmp"
    scratch.mkdir(parents=True)
    inside.mkdir(parents=True)
    shutil.copy2(dist / FILE, root)
    for writable in (shared, scratch):
        os.chown(writable, NOBODY, NOBODY)

    def enter() -> None:
        system("unshare", CLONE_NEWNS)
        system("mount", b"none", b"/", None, MS_PRIVATE_ALL, None)
        system("mount", bytes(root), bytes(root), None, MS_BIND, None)
        system("mount", bytes(shared), bytes(inside), None, MS_BIND, None)
        system("mount", b"none", bytes(root), None, MS_BIND | MS_RDONLY_REMOUNT, None)
        os.chroot(root)
        os.chdir("/")
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)

    return Program(Path("/") / FILE, scratch, enter)


@pytest.fixture
def server(alone: Program, tmp_path: Path) -> FrozenServer:
    """A server on its own, which the test ends."""
    return FrozenServer(alone, tmp_path / "shared" / "data")


def test_the_file_is_static(dist: Path) -> None:
    assert not {PT_DYNAMIC, PT_INTERP} & set(_segments((dist / FILE).read_bytes()))


def test_the_file_keeps_its_budget(dist: Path) -> None:
    assert (dist / FILE).stat().st_size <= BUDGET_BYTES


def test_no_library_names_a_folder_of_the_machine_that_built_it(dist: Path) -> None:
    libraries = [
        path for path in (dist / FOLDER).parent.rglob("*")
        if path.is_file() and path.read_bytes()[:4] == b"\x7fELF"
    ]  # fmt: skip

    assert libraries
    assert [] == [path for path in libraries if {DT_RPATH, DT_RUNPATH} & _dynamic_tags(path)]


def test_it_tests_itself_where_nothing_else_is(alone: Program) -> None:
    run = alone("selftest")

    assert (0, "") == (run.returncode, run.stderr), run.stdout
    assert [] == alone.left_behind()


def test_it_seals_by_the_openssl_that_is_built_in(alone: Program) -> None:
    """What Python's library shows of it is chosen in build/freeze/toolchain."""
    assert "ok   AES-256-GCM by OpenSSL" in alone("selftest").stdout


def test_what_it_acknowledged_survives_its_being_killed(
    server: FrozenServer, alone: Program
) -> None:
    client = witness.client(server)
    client.create_bucket(Bucket="bucket")
    for number in range(8):
        client.put_object(Bucket="bucket", Key=f"small-{number}", Body=b"s" * number)
    large = os.urandom(3_000_000)
    client.put_object(Bucket="bucket", Key="large", Body=large)

    server.kill()
    server.restart()

    client = witness.client(server)
    assert 9 == client.list_objects_v2(Bucket="bucket")["KeyCount"]
    assert large == client.get_object(Bucket="bucket", Key="large")["Body"].read()
    server.stop()
    server.expect_clean_log()
    assert [] == alone.left_behind()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"Bucket": "nowhere", "Key": "k"}, errors.NoSuchBucket),
        ({"Bucket": "bucket", "Key": "k"}, errors.NoSuchKey),
        ({"Bucket": "bucket", "Key": "k" * 1025}, errors.KeyTooLongError),
    ],
)
def test_errors_have_their_messages(
    server: FrozenServer, arguments: dict[str, str], expected: type[errors.S3Error]
) -> None:
    client = witness.client(server)
    client.create_bucket(Bucket="bucket")

    with pytest.raises(ClientError) as caught:
        client.get_object(**arguments)

    answer = caught.value.response["Error"]
    assert (expected.code, expected.default_message()) == (answer["Code"], answer["Message"])
    server.stop()


def _segments(program: bytes) -> dict[int, tuple[int, int]]:
    """Offset and size of each kind of segment of a 64-bit ELF file."""
    (table,) = struct.unpack_from("<Q", program, 32)
    entry_bytes, count = struct.unpack_from("<HH", program, 54)
    found = {}
    for start in range(table, table + entry_bytes * count, entry_bytes):
        kind, _, offset, _, _, size = struct.unpack_from("<IIQQQQ", program, start)
        found[kind] = (offset, size)
    return found


def _dynamic_tags(path: Path) -> set[int]:
    program = path.read_bytes()
    offset, size = _segments(program).get(PT_DYNAMIC, (0, 0))
    return {struct.unpack_from("<Q", program, at)[0] for at in range(offset, offset + size, 16)}
