"""A key in a file of its own: made once, readable by its owner only.

A file that others may read is closed to them if it is ours (volumes are sometimes opened to a group
when they are mounted), and refused if it is not.
"""

import logging
import os
import secrets
import stat
from functools import partial
from pathlib import Path

from ferrox.config import Config
from ferrox.crypto.passphrase import Passphrase
from ferrox.errors import StartError
from ferrox.setting_kinds import PASSPHRASE_CHARACTERS
from ferrox.storage.data_dir import write_durably

logger = logging.getLogger(__name__)

KEY_BYTES = 32


def load_or_create_key_file(path: Path) -> bytearray:
    """Return the key; the first call makes it."""
    return load_key_file(path) if path.exists() else replace_key_file(path)


def replace_key_file(path: Path) -> bytearray:
    """Write a new key where there may be another one, and return it."""
    key = bytearray(secrets.token_bytes(KEY_BYTES))
    write_durably(path, key)
    return key


def load_key_file(path: Path) -> bytearray:
    """Return the key; StartError if there is none, or one that is damaged."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise StartError(f"key file {path} is missing: nothing else opens what it sealed") from None
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


def passphrase_of(config: Config) -> Passphrase | None:
    """The master passphrase that settings give, if they do."""
    text, path = config.master_passphrase, config.master_passphrase_file
    if text is not None and path is not None:
        raise StartError("master_passphrase and master_passphrase_file are given: give only one")
    if path is not None:
        return Passphrase(partial(read_passphrase, path))
    if text is not None:
        return Passphrase(lambda: bytearray(text, "utf-8"))
    return None


def read_passphrase(path: Path, kind: str = "passphrase") -> bytearray:
    """Return the only line of a file; StartError if there is none.

    kind  what the file holds, in words
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise StartError(f"{kind} file {path} cannot be read: {error.strerror}") from None
    with open(fd, "rb", buffering=0) as file:
        text = bytearray(PASSPHRASE_CHARACTERS[1] + 3)
        del text[file.readinto(text) or 0 :]
    while text.endswith((b"\n", b"\r")):
        text.pop()
    least, most = PASSPHRASE_CHARACTERS
    if text.count(b"\n") or not least <= len(text) <= most:
        raise StartError(f"{kind} file {path} does not hold a line of {least} to {most} bytes")
    return text


def _require_private(path: Path, fd: int) -> None:
    found = os.fstat(fd)
    if not stat.S_IMODE(found.st_mode) & 0o077:
        return
    if found.st_uid != os.geteuid():
        raise StartError(f"key file {path} belongs to somebody else and can be read by others")
    os.fchmod(fd, 0o600)
    logger.warning("key file %s could be read by others; its mode is 0600 now", path)
