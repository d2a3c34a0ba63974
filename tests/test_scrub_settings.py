"""The settings of the scrub are settings like others."""

import pytest

from ferrox.config import SETTINGS, Config, load
from ferrox.errors import StartError


def test_everything_is_read_once_a_week_at_a_gentle_pace() -> None:
    config = Config()

    assert (7 * 86_400, 32 * 1024 * 1024) == (config.scrub_interval_s, config.scrub_rate)


def test_they_are_said_in_days_and_bytes() -> None:
    config = load({"scrub_interval": ["0.5"], "scrub_rate": ["100MiB"]}, {})

    assert (43_200, 100 << 20) == (config.scrub_interval_s, config.scrub_rate)


def test_it_can_be_off() -> None:
    assert load({"scrub_interval": ["Off"]}, {}).scrub_interval_s is None


@pytest.mark.parametrize("text", ["never", "0", "4000", "-1", ""])
def test_other_intervals_are_refused(text: str) -> None:
    with pytest.raises(StartError, match="not off, and not a number"):
        load({"scrub_interval": [text]}, {})


def test_they_come_after_the_others() -> None:
    names = [setting.name for setting in SETTINGS]

    assert names.index("rate_limit_anonymous") < names.index("scrub_interval")
