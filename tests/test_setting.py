"""setting.py: the names of a setting, and its default as one would write it."""

from pathlib import Path

import pytest

from ferrox import setting_kinds as kinds
from ferrox.setting import Setting
from ferrox.setting_kinds import Address


def setting(default: object) -> Setting:
    kind = kinds.Kind("text", str)
    return Setting("two_words", default, kind, "What it means.", "", (), is_secret=False)


def test_a_setting_has_a_name_for_each_place() -> None:
    made = setting(None)

    assert ("--two-words", "FERROX_TWO_WORDS") == (made.flag, made.environment)


@pytest.mark.parametrize(
    ("default", "text"),
    [
        (None, ""),
        (True, "on"),
        (False, "off"),
        (7, "7"),
        (0.5, "0.5"),
        (24.0, "24"),
        ("auto", "auto"),
        (("a", "b"), "a,b"),
        ((), ""),
        (Address("::1", 9000), "[::1]:9000"),
        (Path("data"), "./data"),
        (Path("/srv"), "/srv"),
    ],
)
def test_a_default_is_written_as_one_would_give_it(default: object, text: str) -> None:
    assert text == setting(default).default_text
