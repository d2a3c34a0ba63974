"""admin/router.py: method and path pick a row."""

import pytest

from ferrox.admin.endpoint import PREFIX, Endpoint
from ferrox.admin.errors import MethodNotAllowed, NotFound
from ferrox.admin.router import Router
from ferrox.admin.shapes.paging import Nothing
from ferrox.admin_roles import Role
from ferrox.errors import InvalidURI


def row(name: str, method: str, path: str) -> Endpoint:
    return Endpoint(name, method, path, Role.ADMIN, Nothing, None, name)


ROUTER = Router(
    [
        row("one", "GET", "/things/{thing}"),
        row("drop", "DELETE", "/things/{thing}"),
        row("all", "GET", "/things"),
        row("part", "GET", "/things/{thing}/parts/{part}"),
        row("stream", "GET", "/things/stream"),
    ]
)


@pytest.mark.parametrize(
    ("method", "path", "name", "fields"),
    [
        ("GET", "/things", "all", {}),
        ("GET", "/things/a", "one", {"thing": "a"}),
        ("DELETE", "/things/a", "drop", {"thing": "a"}),
        ("DELETE", "/things/stream", "drop", {"thing": "stream"}),
        ("GET", "/things/stream", "stream", {}),
        ("GET", "/things/a%2Fb%C3%A4", "one", {"thing": "a/bä"}),
        ("GET", "/things/a+b", "one", {"thing": "a+b"}),
        ("GET", "/things/a/parts/b", "part", {"thing": "a", "part": "b"}),
    ],
)
def test_a_request_finds_its_row(method: str, path: str, name: str, fields: dict[str, str]) -> None:
    found, in_path = ROUTER.find(method, PREFIX + path)

    assert (name, fields) == (found.name, in_path)


@pytest.mark.parametrize(
    "path",
    ["", "/", PREFIX, f"{PREFIX}/", f"{PREFIX}/thing", f"{PREFIX}/things/", f"{PREFIX}/things/a/",
     f"{PREFIX}x/things", f"{PREFIX}//things", "/things"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(path: str) -> None:
    with pytest.raises(NotFound):
        ROUTER.find("GET", path)


def test_a_method_that_is_not_known_is_answered_with_those_that_are() -> None:
    with pytest.raises(MethodNotAllowed, match="knows only DELETE, GET"):
        ROUTER.find("PUT", f"{PREFIX}/things/a")


def test_a_path_that_is_no_text_is_refused() -> None:
    with pytest.raises(InvalidURI):
        ROUTER.find("GET", f"{PREFIX}/things/%FF")
