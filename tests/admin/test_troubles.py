"""admin/troubles.py: what somebody should see to."""

from typing import Any

import pytest

from ferrox.admin.troubles import Known, of

DAY_MS = 86_400_000
NOW_MS = 1_790_000_000_000
WELL = Known(NOW_MS, None, 1000, 500, False, 0, NOW_MS, 7 * 86_400.0, {}, {}, frozenset())


def test_a_server_that_is_well_has_none() -> None:
    assert [] == of(WELL)


@pytest.mark.parametrize(
    ("known", "level", "message"),
    [
        ({"read_only_reason": "I/O"}, "critical", "nothing can be written: I/O"),
        ({"drive_problem": "gone"}, "critical", "the drive cannot be looked at: gone"),
        ({"finding_count": None}, "critical", "the index cannot be read; see the log"),
        ({"finding_count": 1}, "critical", "1 finding of damage: see ferroxd scrub findings"),
        ({"finding_count": 7}, "critical", "7 findings of damage: see ferroxd scrub findings"),
        ({"is_full": True, "drive_free_bytes": 0}, "critical",
         "the drive is full: only deletes are accepted"),
        ({"drive_free_bytes": 99}, "warning", "only 9 % of the drive are free"),
        ({"scrubbed_ms": NOW_MS - 15 * DAY_MS}, "warning",
         "the last whole scrub ended 15 days ago"),
        ({"certificates_ms": {"a": NOW_MS - 1}}, "critical", "the certificate a has ended"),
        ({"certificates_ms": {"a": NOW_MS + 1}}, "warning",
         "the certificate a ends in less than a day"),
        ({"certificates_ms": {"a": NOW_MS + DAY_MS}}, "warning", "the certificate a ends in 1 day"),
        ({"certificates_ms": {"a": NOW_MS + 13.9 * DAY_MS}}, "warning",
         "the certificate a ends in 13 days"),
        ({"dead_letters": {"hook": 3, "queue": 0}}, "warning",
         "hook was not told of 3 events: see ferroxd letter"),
        ({"silent": frozenset({2})}, "critical", "worker 2 does not answer"),
    ],
)  # fmt: skip
def test_each_trouble_has_its_words(known: dict[str, Any], level: str, message: str) -> None:
    assert [(level, message)] == [(one.level, one.message) for one in of(WELL._replace(**known))]


@pytest.mark.parametrize(
    "known",
    [
        {"drive_free_bytes": 100},
        {"drive_bytes": 0, "drive_free_bytes": 0},
        {"scrubbed_ms": NOW_MS - 13 * DAY_MS},
        {"scrubbed_ms": None},
        {"scrubbed_ms": 1, "scrub_interval_s": None},
        {"certificates_ms": {"a": NOW_MS + 15 * DAY_MS}},
        {"dead_letters": {"hook": 0}},
    ],
)
def test_what_is_no_trouble(known: dict[str, Any]) -> None:
    assert [] == of(WELL._replace(**known))


def test_what_matters_most_comes_first() -> None:
    known = WELL._replace(drive_free_bytes=1, read_only_reason="I/O", silent=frozenset({1}))

    assert ["read-only", "worker", "drive-nearly-full"] == [one.name for one in of(known)]
