"""The page of the admin API leaves nothing out that its document has."""

import re

import pytest

from ferrox.admin import openapi
from ferrox.admin.endpoint import Endpoint
from ferrox.admin.table import ENDPOINTS
from ferrox.cli import reference

PAGE = reference.admin_api()


def section(name: str) -> str:
    """What the page says below a heading."""
    _, _, rest = PAGE.partition(f"\n### {name}\n")
    return re.split(r"^##", rest, maxsplit=1, flags=re.MULTILINE)[0]


@pytest.mark.parametrize("row", ENDPOINTS, ids=lambda row: row.name)
def test_every_endpoint_has_its_section(row: Endpoint) -> None:
    told = section(row.name)
    fields = [*row.in_path, *(member.name for member in row.elsewhere)]

    facts = [row.summary, f"`{row.role}`", f"`{row.method} /admin/v1{row.path}`", row.command]

    assert [] == [fact for fact in facts if fact not in told]
    assert [] == [field for field in fields if f"| `{field}`" not in told]


def test_every_answer_has_its_section_and_every_link_its_answer() -> None:
    answered = openapi.document(ENDPOINTS)["components"]["schemas"]

    headings = set(re.findall(r"^### (\w+)$", PAGE, re.MULTILINE))
    linked = set(re.findall(r"\]\(#(\w+)\)", PAGE))

    assert set() == set(answered) - headings
    assert set() == linked - {name.lower() for name in answered}


def test_fields_say_of_which_kind_they_are() -> None:
    assert "| `name`* | string of 1 to 50 characters | What it is called. |" in section(
        "CreateAccount"
    )
    assert "| `next` | string or null |" in section("AccountPage")
    assert "| `accounts` | list of [AccountView](#accountview) |" in section("AccountPage")
    assert "- answers 204, without a body\n" in section("DeleteAccount")
    assert "- answers a stream of `text/event-stream`\n" in section("FollowEvents")


def test_an_endpoint_without_a_command_names_none() -> None:
    told = section("GetStatus")

    assert "`GET /admin/v1/status`" in told
    assert "`ferroxd" not in told


def test_no_cell_breaks_its_table() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("|")]

    assert {4} == {row.count("|") for row in rows}
