"""The page of the settings leaves none out, and nothing that is known of one."""

import re

import pytest

from ferrox.cli import reference
from ferrox.config import SETTINGS
from ferrox.setting import Setting

PAGE = reference.configuration()


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_the_page_tells_every_fact_of_a_row(setting: Setting) -> None:
    [row] = [line for line in PAGE.splitlines() if line.startswith(f"| `{setting.flag}` |")]

    plain = re.sub(r"\[([a-z-]+)\]\(\1\.md\)", r"docs/\1.md", row)
    facts = [setting.default_text, setting.unit, setting.meaning, *setting.aliases]

    assert [] == [fact for fact in facts if fact not in plain]


def test_every_setting_has_its_place_under_a_heading() -> None:
    assert "## Others" not in PAGE


def test_the_rule_that_the_page_gives_for_the_other_names_holds() -> None:
    [setting] = [one for one in SETTINGS if one.name == "data_dir"]

    assert (setting.flag, setting.environment) == ("--data-dir", "FERROX_DATA_DIR")
    assert "`FERROX_DATA_DIR=/srv/ferrox`" in PAGE


def test_no_cell_breaks_its_table() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("|")]

    assert {5} == {row.count("|") for row in rows}
