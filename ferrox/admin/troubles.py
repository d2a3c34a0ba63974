"""Troubles: what somebody should see to, out of what is known of the server."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ferrox.admin.shapes.status import Trouble
from ferrox.quantities import counted
from ferrox.scrub_settings import DAY_S

NEARLY_FULL_SHARE = 10
"""A drive is nearly full when less than this fraction of it is free."""

CERTIFICATE_DAYS = 14
"""How long before its end a certificate is a matter of concern."""

LATE_PASSES = 2
"""How many intervals may go by without a whole pass of the scrub."""


class Known(NamedTuple):
    """What is known of the server.

    is_full            only what makes room is written
    finding_count      None: the index cannot be read
    scrubbed_ms        when the last whole pass of the scrub ended; None: none has
    certificates_ms    when each certificate ends
    dead_letters       events that were given up, by target
    drive_problem      why the drive does not say how large it is; ""
    """

    now_ms: int
    read_only_reason: str | None
    drive_bytes: int
    drive_free_bytes: int
    is_full: bool
    finding_count: int | None
    scrubbed_ms: int | None
    scrub_interval_s: float | None
    certificates_ms: Mapping[str, float]
    dead_letters: Mapping[str, int]
    silent: frozenset[int]
    drive_problem: str = ""


def of(known: Known) -> list[Trouble]:
    """Return what is wrong, what matters most first."""
    found = [*_of_storage(known), *_of_certificates(known), *_of_others(known)]
    return sorted(found, key=lambda trouble: trouble.level != "critical")


def _of_storage(known: Known) -> Iterator[Trouble]:
    if known.read_only_reason is not None:
        yield _critical("read-only", f"nothing can be written: {known.read_only_reason}")
    if known.drive_problem:
        yield _critical("drive", f"the drive cannot be looked at: {known.drive_problem}")
    if known.finding_count is None:
        yield _critical("index", "the index cannot be read; see the log")
    elif known.finding_count:
        told = counted(known.finding_count, "finding of damage", "findings of damage")
        yield _critical("damage", f"{told}: see ferroxd scrub findings")
    if known.is_full:
        yield _critical("drive-full", "the drive is full: only deletes are accepted")
    elif known.drive_free_bytes * NEARLY_FULL_SHARE < known.drive_bytes:
        share = 100 * known.drive_free_bytes // known.drive_bytes
        yield _warning("drive-nearly-full", f"only {share} % of the drive are free")
    if known.scrubbed_ms is not None and known.scrub_interval_s is not None:
        age_s = (known.now_ms - known.scrubbed_ms) / 1000
        if age_s > LATE_PASSES * known.scrub_interval_s:
            days = counted(int(age_s // DAY_S), "day")
            yield _warning("scrub-late", f"the last whole scrub ended {days} ago")


def _of_certificates(known: Known) -> Iterator[Trouble]:
    for name, ends_ms in sorted(known.certificates_ms.items()):
        left_s = (ends_ms - known.now_ms) / 1000
        if left_s <= 0:
            yield _critical("certificate", f"the certificate {name} has ended")
        elif left_s < CERTIFICATE_DAYS * DAY_S:
            left = counted(int(left_s // DAY_S), "day") if left_s >= DAY_S else "less than a day"
            yield _warning("certificate", f"the certificate {name} ends in {left}")


def _of_others(known: Known) -> Iterator[Trouble]:
    for worker in sorted(known.silent):
        yield _critical("worker", f"worker {worker} does not answer")
    for target, count in sorted(known.dead_letters.items()):
        if count:
            told = counted(count, "event")
            yield _warning("dead-letters", f"{target} was not told of {told}: see ferroxd letter")


def _critical(name: str, message: str) -> Trouble:
    return Trouble(level="critical", name=name, message=message)


def _warning(name: str, message: str) -> Trouble:
    return Trouble(level="warning", name=name, message=message)
