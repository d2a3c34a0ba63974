"""Packages of which a part is wanted: the part is imported, and the package is not run.

Importing a module of a package runs the package first, which may import everything else that it
has. Here it is found but not run while its parts are imported. Afterwards it is out of sys.modules
again, so whoever imports it gets all of it, and gets these parts with it.
"""

import contextlib
import importlib.util
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def not_run(package: str) -> Iterator[None]:
    """Have parts of a package imported, for the length of a block, without the package."""
    found = None if package in sys.modules else importlib.util.find_spec(package)
    if found is None:  # it has been run before, or is not there: the imports will tell
        yield
        return
    sys.modules[package] = importlib.util.module_from_spec(found)
    try:
        yield
    finally:
        del sys.modules[package]
