"""Tells the service manager that started this server how it is, where there is one.

systemd names a datagram socket in NOTIFY_SOCKET and, with Type=notify, takes the service as started
when it is told so: https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
Only the process that was started tells; its workers are its own affair.
"""

import logging
import os
import socket
import time

_VARIABLE = "NOTIFY_SOCKET"

log = logging.getLogger("ferrox.service")


def is_listening() -> bool:
    """Whether anybody wants to know."""
    return bool(os.environ.get(_VARIABLE))


def tell_ready(status: str) -> None:
    """Requests are served. `status` is a line for people."""
    _tell("READY=1", f"STATUS={status}")


def tell_reloaded() -> None:
    """What is read anew on SIGHUP is being read, which stops nothing."""
    now_us = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    _tell("RELOADING=1", f"MONOTONIC_USEC={now_us}")
    _tell("READY=1")


def tell_stopping(status: str) -> None:
    """No more requests are taken, and those under way come to their end."""
    _tell("STOPPING=1", f"STATUS={status}")


def _tell(*lines: str) -> None:
    name = os.environ.get(_VARIABLE)
    if not name:
        return
    address = "\0" + name[1:] if name.startswith("@") else name  # abstract: in no directory
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as notifier:
            notifier.sendto("\n".join(lines).encode(), address)
    except OSError as error:
        log.warning("the service manager cannot be told %s: %s", lines[0], error)
