"""`ferroxd selftest`: what this program needs is in it and works; made for the frozen executable.

A frozen program can lack a module or a library and show it only when somebody needs it. So the
first checks are imports, and the checks that need the whole program are imported after them: what
is missing is then a line of the report.
"""

import importlib
import logging
import pkgutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import ferrox
from ferrox.errors import StartError
from ferrox.log import LOGGER_NAME

CHECK_COUNT = 28
"""How many checks there are, so that a lost one is noticed."""

PACKAGES = {
    "aiohttp": ("ferrox.gateway.aiohttp_parts",),  # the rest of it is not in here
    "anycrc": ("anycrc",),
    "argon2-cffi": ("argon2.low_level",),
    "asn1crypto": ("asn1crypto.keys", "asn1crypto.pem", "asn1crypto.x509"),
    "h2": ("h2.connection",),
    "prometheus-client": ("ferrox.monitoring.prometheus_parts",),  # the rest of it is not in here
    "pycryptodome": ("Crypto.Cipher.AES",),
    "sqlitedict": ("sqlitedict",),
    "uvloop": ("uvloop",),
    "xmltodict": ("xmltodict",),
    # What these bring with them: the parts written in C have replacements in Python that would
    # take their place without a word.
    "attrs": ("attr",),
    "hpack": ("hpack",),
    "hyperframe": ("hyperframe.frame",),
    "idna": ("idna",),
    "multidict": ("multidict._multidict",),
    "propcache": ("propcache._helpers_c",),
    "yarl": ("yarl._quoting_c",),
}
"""The modules to import of each package that pip installs."""


class Check(NamedTuple):
    """One check: it returns, or raises what is wrong."""

    name: str
    run: Callable[[Path], object]


def run(arguments: Sequence[str]) -> int:
    """Print one line for each check and one for all; 0 when every check passed, else 1."""
    if arguments:
        raise StartError(f"selftest takes no argument, got {arguments[0]}")
    # What servers of checks would warn of, such as a deep directory, is not what is asked here.
    logging.getLogger(LOGGER_NAME).addHandler(logging.NullHandler())
    passed = sum([_passes(check) for check in every_check()])
    print(f"{passed} of {CHECK_COUNT} checks passed")
    return 0 if passed == CHECK_COUNT else 1


def _passes(check: Check) -> bool:
    began = time.perf_counter()
    try:
        with tempfile.TemporaryDirectory(prefix="ferroxd-") as scratch:
            check.run(Path(scratch))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a line of the report
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        print(f"FAIL {check.name}: {reason}", flush=True)
        return False
    print(f"ok   {check.name}  ({(time.perf_counter() - began) * 1000:.1f} ms)", flush=True)
    return True


def every_check() -> Iterator[Check]:
    """The checks in their order; those that cannot even be imported are missing."""
    yield Check(f"import of the program's {len(modules())} modules", _import_modules)
    yield Check("import of the packages it is built on", _import_packages)
    try:
        from ferrox.cli.selftest_checks import CHECKS
    except ImportError:
        return  # the first check has said why
    yield from CHECKS


def modules() -> list[str]:
    """The name of every module of this program that can be found."""
    found = pkgutil.walk_packages(ferrox.__path__, f"{ferrox.__name__}.")
    return sorted(module.name for module in found)


def _import_modules(_: Path) -> None:
    for name in modules():
        importlib.import_module(name)


def _import_packages(_: Path) -> None:
    for names in PACKAGES.values():
        for name in names:
            importlib.import_module(name)
