"""Claiming a data directory: what is done once, however many processes are going to open it."""

import logging
from pathlib import Path

from ferrox.errors import StartError
from ferrox.storage.blobs.files import FileBlobStore
from ferrox.storage.data_dir import DataDir
from ferrox.storage.metadata.connections import prepare
from ferrox.storage.room import Room

logger = logging.getLogger(__name__)


def claim(data_dir: Path) -> DataDir:
    """Make or recognise a data directory and lock it; StartError says in one line why not."""
    directory = DataDir.open(data_dir)
    try:
        directory.blobs_path.mkdir(mode=0o700, exist_ok=True)
        _require_index(directory)
    except OSError as error:
        directory.close()
        raise StartError(f"{directory.blobs_path} cannot be used: {error.strerror}") from error
    except BaseException:
        directory.close()
        raise
    return directory


def prepare_index(directory: DataDir) -> None:
    """Bring the index to the newest format, so that many can open it at once; StartError."""
    prepare(directory.index_path, Room(directory.blobs_path)).close()


def settle_index(directory: DataDir) -> None:
    """Have the log of the index copied back, when no process has it open any more.

    Whoever closes an index last does so. Of several that close it at the same time, none may be the
    last; then this look is. What cannot be done now, the next start does.
    """
    if directory.read_only.reason is not None:
        return
    try:
        prepare_index(directory)
    except StartError as error:
        logger.warning("the log of the index is left to the next start: %s", error)


def _require_index(directory: DataDir) -> None:
    """StartError if there are blobs and no index: a new one would have them removed as orphans."""
    path = directory.index_path
    has_index = path.exists() and path.stat().st_size > 0
    if not has_index and any(FileBlobStore(directory.blobs_path).scan()):
        raise StartError(f"{path} is missing, and there are blobs that only it knows: restore it")
