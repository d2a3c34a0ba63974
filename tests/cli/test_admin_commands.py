"""cli/admin_commands.py: words become requests, pages become lists, refusals become statuses."""

import io
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from ferrox.admin.endpoint import Endpoint
from ferrox.admin.table import ENDPOINTS
from ferrox.cli import admin_commands, main
from ferrox.cli.admin_client import Place, Refused
from ferrox.config import Config

ACCOUNT = {"name": "us", "account_id": "1", "created": None}


class Server:
    """A server that answers what it is told to, and remembers what it was asked."""

    answers: ClassVar[list[Any]] = []
    asked: ClassVar[list[tuple[str, str, Mapping[str, Any], Any]]] = []
    places: ClassVar[list[Place]] = []

    def __init__(self, place: Place) -> None:
        self.places.append(place)

    def ask(self, method: str, path: str, query: Mapping[str, Any], body: Any) -> Any:
        self.asked.append((method, path, query, body))
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def follow(self, path: str, query: Mapping[str, Any]) -> Iterator[bytes]:
        self.asked.append(("GET", path, query, None))
        yield from self.answers.pop(0)


@pytest.fixture(autouse=True)
def server(monkeypatch: pytest.MonkeyPatch) -> type[Server]:
    monkeypatch.setattr(admin_commands, "AdminClient", Server)
    for name in ("answers", "asked", "places"):
        monkeypatch.setattr(Server, name, [])
    return Server


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("account create Team", ("POST", "/accounts", {}, {"name": "Team"})),
        ("account list", ("GET", "/accounts", {}, None)),
        ("account", ("GET", "/accounts", {}, None)),
        ("account --limit 5", ("GET", "/accounts", {"limit": "5"}, None)),
        ("account show a/b", ("GET", "/accounts/a%2Fb", {}, None)),
        ("account rename a b", ("PATCH", "/accounts/a", {}, {"name": "b"})),
        ("account delete a", ("DELETE", "/accounts/a", {}, None)),
        ("user create alice --policy P --policy Q --without-key", (
            "POST", "/accounts/root/users", {},
            {"name": "alice", "policy": ["P", "Q"], "without_key": True})),
        ("user create alice --account team", (
            "POST", "/accounts/team/users", {}, {"name": "alice"})),
        ("user delete alice --force", (
            "DELETE", "/accounts/root/users/alice", {"force": "true"}, None)),
        ("user attach alice arn:aws:iam::aws:policy/X", (
            "PUT", "/accounts/root/users/alice/policies/arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FX",
            {}, {})),
        ("group add staff alice", (
            "PUT", "/accounts/root/groups/staff/members/alice", {}, {})),
        ("key set AKIA Inactive", ("PATCH", "/keys/AKIA", {}, {"status": "Inactive"})),
        ("quota set b --max-bytes 10GiB --max-objects 5k", (
            "PUT", "/buckets/b/quota", {}, {"max_bytes": 10 << 30, "max_objects": 5 << 10})),
        ("exposure", ("GET", "/exposures", {}, None)),
        ("exposure b", ("GET", "/exposures", {"bucket": "b"}, None)),
        ("rate set AKIA --requests 0.5 --bytes 1M", (
            "PUT", "/rates/AKIA", {}, {"requests": 0.5, "bytes": 1 << 20})),
        ("jobs run upkeep", ("POST", "/jobs/upkeep/run", {}, {})),
        ("explain 0123", ("GET", "/refusals/0123", {}, None)),
        ("explain", ("GET", "/refusals", {}, None)),
        ("explain --limit 5", ("GET", "/refusals", {"limit": "5"}, None)),
        ("events --after 7", ("GET", "/events", {"after": "7"}, None)),
        ("letter drop --target t", ("DELETE", "/dead-letters", {"target": "t"}, None)),
        ("stats", ("GET", "/stats", {}, None)),
    ],
)  # fmt: skip
def test_words_become_a_request(server: type[Server], line: str, asked: Any) -> None:
    method, path, query, body = asked

    assert 0 == main.main(line.split())

    assert [(method, "/admin/v1" + path, query, body)] == server.asked


def test_a_document_comes_from_a_file_or_from_standard_input(
    server: type[Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "policy.json"
    file.write_text('{"Version": "1"}')
    monkeypatch.setattr(sys, "stdin", io.StringIO('{"Version": "2"}'))

    for source in (str(file), f"file://{file}", "-"):
        assert 0 == main.main(["policy", "create", "p", source])

    assert [{"Version": "1"}, {"Version": "1"}, {"Version": "2"}] == [
        body["document"] for _, _, _, body in server.asked
    ]


def test_a_list_is_read_to_its_end(
    server: type[Server], capsys: pytest.CaptureFixture[str]
) -> None:
    names = ("a", "b", "c")
    server.answers = [
        {"accounts": [ACCOUNT | {"name": name}], "next": None if name == "c" else name}
        for name in names
    ]

    assert 0 == main.main(["account", "list", "--json"])

    printed = json.loads(capsys.readouterr().out)
    assert list(names) == [account["name"] for account in printed["accounts"]]
    assert printed["next"] is None
    assert [{}, {"after": "a"}, {"after": "b"}] == [query for _, _, query, _ in server.asked]


def test_a_page_that_is_asked_for_is_one_page(server: type[Server]) -> None:
    server.answers = [{"accounts": [ACCOUNT], "next": "us"}]

    assert 0 == main.main(["account", "list", "--limit", "1"])

    assert 1 == len(server.asked)


def test_a_table_is_printed(server: type[Server], capsys: pytest.CaptureFixture[str]) -> None:
    server.answers = [{"accounts": [ACCOUNT], "next": None}]

    main.main(["account"])

    assert "NAME  ACCOUNT ID  CREATED\nus    1           -\n" == capsys.readouterr().out


def test_what_is_done_without_an_answer_prints_nothing(
    server: type[Server], capsys: pytest.CaptureFixture[str]
) -> None:
    assert 0 == main.main(["account", "delete", "a"])
    assert 0 == main.main(["account", "delete", "a", "--json"])

    assert "" == capsys.readouterr().out


def test_a_refusal_is_one_line_and_status_1(
    server: type[Server], capsys: pytest.CaptureFixture[str]
) -> None:
    server.answers = [Refused("NotFound: There is no account a.")]

    assert 1 == main.main(["account", "show", "a"])

    assert "ferroxd: NotFound: There is no account a.\n" == capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("quota", "quota what? see ferroxd quota --help"),
        ("user create", "arguments are required: NAME; see ferroxd user create --help"),
        ("user make x", "invalid choice: 'make'"),
        (
            "user create a --colour red",
            "unrecognized arguments: --colour red; see ferroxd user create",
        ),
        ("quota set b 10GB", "unrecognized arguments: 10GB; see ferroxd quota set --help"),
        ('policy create p {"Version":"1"}', "a document stands in a file, or - reads it"),
        ("quota set b --max-bytes much", "'much' is not a number like 500, 10K or 5GiB"),
        ("quota set b --max-bytes 5iB", "is not a number"),
        ("policy create p /nothing/there", "/nothing/there: No such file or directory"),
        ("account list --limit", "expected one argument"),
        ("rate set AKIA --requests many", "invalid float value: 'many'"),
    ],
)
def test_what_is_not_understood_is_one_line_and_status_2(
    server: type[Server], capsys: pytest.CaptureFixture[str], line: str, words: str
) -> None:
    status = main.main(line.split())

    complaint = capsys.readouterr().err
    assert (2, []) == (status, server.asked)
    assert words in complaint
    assert 1 == complaint.count("\n")


def test_the_help_says_that_a_document_is_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main.main(["policy", "create", "--help"])

    assert "A file of JSON, or - for standard input." in " ".join(capsys.readouterr().out.split())


def test_the_help_says_how_sizes_are_written(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main.main(["quota", "set", "--help"])

    assert "As 500, 10K or 5GiB." in " ".join(capsys.readouterr().out.split())


def test_a_file_that_is_no_json_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "policy.json"
    file.write_text("{")

    assert 2 == main.main(["policy", "create", "p", str(file)])

    assert f"{file} is not JSON" in capsys.readouterr().err


def test_events_are_printed_as_they_come(
    server: type[Server], capsys: pytest.CaptureFixture[str]
) -> None:
    server.answers = [[b"id: 1", b"data: {}", b""]]

    assert 0 == main.main(["events", "follow", "--json"])

    assert '{"id": 1}\n' == capsys.readouterr().out
    assert ("GET", "/admin/v1/events/stream", {}, None) == server.asked[0]


def test_the_server_is_found_by_its_data_directory(
    server: type[Server], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "ferrox.toml"
    file.write_text('data_dir = "/from/file"\n')
    main.main(["stats"])
    main.main(["stats", "--config", str(file)])
    monkeypatch.setenv("FERROX_DATA_DIR", "/from/environment")
    main.main(["stats"])
    main.main(["stats", "--data-dir", "/from/option"])

    expected = [Config.data_dir, Path("/from/file"), Path("/from/environment"),
                Path("/from/option")]  # fmt: skip
    assert expected == [place.data_dir for place in server.places]


def test_the_server_is_found_by_its_address(
    server: type[Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"URL": "https://a", "CLIENT_KEY": "k", "CA": "ca"}.items():
        monkeypatch.setenv(f"FERROX_ADMIN_{name}", value)

    main.main(["stats", "--certificate", "c", "--ca", "mine"])

    assert [Place(Path(), "https://a", "c", "k", "mine")] == server.places


@pytest.mark.parametrize("row", [row for row in ENDPOINTS if row.command], ids=repr)
def test_every_command_explains_itself(row: Endpoint, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main.main([*row.words, "--help"])

    assert 0 == left.value.code
    assert row.summary.split(",")[0][:40] in " ".join(capsys.readouterr().out.split())


def test_the_first_words_are_known_to_the_command_line() -> None:
    assert {row.words[0] for row in ENDPOINTS if row.command} == main.ASKING
