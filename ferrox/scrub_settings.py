"""The settings of the scrub: a part of the table of settings in config.py."""

from dataclasses import dataclass
from typing import Annotated

from ferrox import setting_kinds as kinds
from ferrox.setting import Row

DAY_S = 24 * 60 * 60.0

_days = kinds.number(0.001, 3650)


def _days_or_off(text: str) -> float | None:
    """So many days, or never."""
    if text.lower() == "off":
        return None
    try:
        return _days(text)
    except ValueError:
        raise ValueError("not off, and not a number from 0.001 to 3650") from None


@dataclass(frozen=True, kw_only=True)
class ScrubSettings:
    """What Config has of them."""

    scrub_interval: Annotated[
        float | None,
        Row(
            kinds.Kind("number or off", _days_or_off),
            "How often everything that is stored is read and verified; `off` where only "
            "`ferroxd scrub run` has it done. See docs/scrub.md.",
            unit="days",
        ),
    ] = 7.0
    scrub_rate: Annotated[
        int,
        Row(
            kinds.Kind("size", kinds.whole(0, 1 << 40)),
            "How fast it is read, so that requests go on as if nothing were; 0 is no limit.",
            unit="bytes/second",
        ),
    ] = 32 << 20

    @property
    def scrub_interval_s(self) -> float | None:
        """The same in seconds."""
        return None if self.scrub_interval is None else self.scrub_interval * DAY_S
