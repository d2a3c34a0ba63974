"""What a client is told when its request failed, whatever the reason."""

import logging

from ferrox.errors import (
    InsufficientStorage,
    InternalError,
    S3Error,
    ServiceUnavailable,
    StorageFull,
    StoreReadOnly,
)

log = logging.getLogger("ferrox.pipeline")


def refusal_of(reason: Exception, request_id: str) -> S3Error:
    """The error to answer with; what went wrong on our side goes to the log."""
    match reason:
        case S3Error():
            return reason
        case StorageFull():
            return InsufficientStorage()
        case StoreReadOnly():
            log.warning("%s: write refused: %s", request_id, reason)
            return ServiceUnavailable("This server is read-only because its disk failed.")
        case _:
            log.error("%s: request failed", request_id, exc_info=reason)
            return InternalError()
