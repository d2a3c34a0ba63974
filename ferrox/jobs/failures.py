"""Failures of jobs: they are told, and the job goes on."""

import contextlib
import logging
from collections.abc import Iterator

from ferrox.errors import Fault


@contextlib.contextmanager
def survived(log: logging.Logger, what: str) -> Iterator[None]:
    """A block that a job goes on after, whatever comes of it.

    what  what is told of a failure: in a line what is wrong around the server, with its trace what
          is a defect
    """
    try:
        yield
    except (Fault, OSError) as fault:
        log.warning("%s: %s", what, fault)
    except Exception:
        log.exception("%s", what)
