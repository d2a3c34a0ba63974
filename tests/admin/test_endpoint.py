"""admin/endpoint.py: what the columns of a row say."""

from dataclasses import dataclass

from ferrox.admin.endpoint import Endpoint
from ferrox.admin.shapes.paging import Nothing
from ferrox.admin_roles import Role


@dataclass(frozen=True, kw_only=True)
class Both:
    """A whole and a part."""

    whole: str
    part: str
    size: int = 0


def row(method: str, command: str = "", stream: str = "") -> Endpoint:
    return Endpoint(
        "Do", method, "/things/{whole}/parts", Role.ADMIN, Both, None, "Do it.", command,
        stream=stream,
    )  # fmt: skip


def test_a_path_is_made_of_words_and_fields() -> None:
    assert (("things", False), ("whole", True), ("parts", False)) == row("GET").segments
    assert ("whole",) == row("GET").in_path
    assert ["part", "size"] == [member.name for member in row("GET").elsewhere]


def test_fields_stand_in_the_body_of_what_has_one() -> None:
    found = {method: row(method).has_body for method in ("GET", "DELETE", "POST", "PUT", "PATCH")}

    assert {"GET": False, "DELETE": False, "POST": True, "PUT": True, "PATCH": True} == found


def test_a_command_is_made_of_words_and_arguments() -> None:
    made = row("POST", "thing take WHOLE [PART]")

    assert ("thing", "take") == made.words
    assert (("whole", True), ("part", False)) == made.arguments


def test_the_status_is_that_of_what_is_answered() -> None:
    shown = Endpoint("Get", "GET", "/x", Role.ADMIN, Nothing, Both, "Get it.")

    assert [204, 200, 200] == [row("PUT").status, row("GET", stream="a/b").status, shown.status]
    assert "<Do>" == repr(row("PUT"))
