"""The pages made from the source leave nothing out."""

import pytest

from ferrox.cli import reference
from ferrox.config import SETTINGS
from ferrox.protocol.operations import OPERATIONS
from ferrox.setting import Setting


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_the_page_of_settings_tells_every_fact_of_a_row(setting: Setting) -> None:
    page = reference.configuration()

    facts = [setting.flag, setting.environment, setting.default_text, setting.unit, setting.meaning]

    assert [] == [fact for fact in (*facts, *setting.aliases) if fact not in page]


def test_the_page_of_operations_has_a_row_for_each() -> None:
    page = reference.operations()

    assert all(f"| {row.name} | {row.method} | {row.level} |" in page for row in OPERATIONS)
    assert "| UploadPart | PUT | object | `partNumber&uploadId` | yes |" in page
    assert "| PutBucketReplication | PUT | bucket | `replication` | no |" in page


def test_no_cell_breaks_its_table() -> None:
    for page, bars in ((reference.configuration(), 8), (reference.operations(), 7)):
        rows = [line for line in page.splitlines() if line.startswith("|")]
        assert {bars} == {row.count("|") for row in rows}
