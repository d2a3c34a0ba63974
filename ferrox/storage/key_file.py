"""A key in a file of its own: made once, readable by its owner only."""

import logging
import os
import secrets
import stat
from pathlib import Path

from ferrox.errors import StartError
from ferrox.storage.data_dir import write_durably

logger = logging.getLogger(__name__)

KEY_BYTES = 32


def load_or_create_key_file(path: Path) -> bytearray:
    """Return the key; the first call makes it.

    A file that others may read is closed to them if it is ours (volumes are sometimes opened to a
    group when they are mounted), and refused if it is not.
    """
    if not path.exists():
        write_durably(path, secrets.token_bytes(KEY_BYTES))
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _require_private(path, fd)
        key = bytearray(KEY_BYTES + 1)
        length = os.readv(fd, [key])
    finally:
        os.close(fd)
    if length != KEY_BYTES:
        raise StartError(f"key file {path} is damaged: it does not hold {KEY_BYTES} bytes")
    del key[KEY_BYTES:]
    return key


def _require_private(path: Path, fd: int) -> None:
    found = os.fstat(fd)
    if not stat.S_IMODE(found.st_mode) & 0o077:
        return
    if found.st_uid != os.geteuid():
        raise StartError(f"key file {path} belongs to somebody else and can be read by others")
    os.fchmod(fd, 0o600)
    logger.warning("key file %s could be read by others; its mode is 0600 now", path)
