"""AES of pycryptodome, loaded without a detour. Import this late: many servers seal nothing.

pycryptodome calls its C code by cffi where that is, else by ctypes; both are as quick. cffi has to
parse declarations of C first, which doubles what loading costs; a frozen program has no cffi. On
ctypes it asks in what format programs are on this machine, by running one, and uses the answer on
Windows only.

Any thread may be the first to want it. All of this happens while the module is imported, which one
thread does and the others wait for.
"""

import sys


def _choose_ctypes() -> None:
    others = {"cffi": sys.modules["cffi"]} if "cffi" in sys.modules else {}
    sys.modules["cffi"] = None  # type: ignore[assignment] # as if there were none
    try:
        from Crypto.Util import _raw_api
    finally:
        del sys.modules["cffi"]
        sys.modules.update(others)
    _raw_api.cached_architecture[:] = ["64bit", "ELF"]


if "Crypto.Util._raw_api" not in sys.modules:
    _choose_ctypes()

from Crypto.Cipher import AES  # noqa: E402 - once that is chosen

__all__ = ["AES"]
