"""pycryptodome is loaded without what only costs time; what it computes is in test_gcm.py."""

import subprocess
import sys

import pytest

PROGRAM = """
import os, sys
{before}
def nothing(*words): raise AssertionError(words)
os.posix_spawn = nothing
__import__("_posixsubprocess").fork_exec = nothing
from ferrox.crypto.pycryptodome import Pycryptodome
Pycryptodome().encrypt(bytes(32), bytes(12), b"", memoryview(bytearray(1)))
print("pycparser" in sys.modules, sys.modules.get("cffi") is {cffi})
"""


@pytest.mark.parametrize(
    ("before", "cffi", "expected"),
    [("", "None", "False True"), ("import cffi", "cffi", "False True")],
    ids=["cffi not loaded", "cffi loaded before"],
)
def test_loading_parses_no_c_starts_no_program_and_leaves_cffi_to_others(
    before: str, cffi: str, expected: str
) -> None:
    code = PROGRAM.format(before=before, cffi=cffi)

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert ("", expected) == (run.stderr, run.stdout.strip())


def test_many_threads_may_be_the_first() -> None:
    """Each but one failed by KeyError: 'cffi', and so did the requests that they worked for."""
    code = """
import sys, threading
from concurrent.futures import ThreadPoolExecutor
barrier = threading.Barrier(16)
def load(_):
    barrier.wait()
    from ferrox.crypto.pycryptodome import AES
    return AES
with ThreadPoolExecutor(16) as threads:
    print(len(set(threads.map(load, range(16)))), "cffi" in sys.modules)
"""

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert ("", "1 False") == (run.stderr, run.stdout.strip())
