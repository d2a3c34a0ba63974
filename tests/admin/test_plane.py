"""admin/plane.py: who may ask what, how it is asked, and how it is refused."""

import json
from typing import Any

import pytest

from ferrox.accounting.audit import Audit
from ferrox.admin import plane
from ferrox.admin.backstage import AdminCall
from ferrox.admin.handlers import every
from ferrox.admin.table import ENDPOINTS
from ferrox.admin_roles import Role
from ferrox.errors import (
    Fault,
    NoSuchBucket,
    S3Error,
    ServiceUnavailable,
    SlowDown,
    StorageFull,
    StoreReadOnly,
)
from tests.admin.operator import LOOKER, STRANGER, Operator


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    async def fail(_call: AdminCall, _args: Any) -> None:
        raise error

    monkeypatch.setitem(every.HANDLERS, "ListJobs", fail)


async def test_an_answer_is_json_that_nobody_keeps(operator: Operator) -> None:
    answer = await operator.ask("GET", "/jobs")

    assert 200 == answer.status
    assert "application/json" == answer.headers["content-type"]
    assert "no-store" == answer.headers["cache-control"]
    assert ["sweeping"] == [job["name"] for job in answer.document["jobs"]]


async def test_a_refusal_says_why_in_one_form(operator: Operator) -> None:
    answer = await operator.ask("GET", "/nothing")

    error = answer.document["error"]
    assert {"code", "message", "request_id"} == set(error)
    assert (404, "NotFound") == (answer.status, error["code"])
    assert answer.headers["x-request-id"] == error["request_id"]
    assert "NotFound" == operator.facts["error_code"]


async def test_the_access_log_is_told_who_asked_what(operator: Operator) -> None:
    await operator.ask("GET", "/jobs")

    assert {"operation": "admin:ListJobs", "access_key_id": "somebody"} == operator.facts


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=repr)
async def test_a_caller_without_a_role_may_do_nothing(operator: Operator, endpoint: Any) -> None:
    path = endpoint.path.replace("{", "").replace("}", "")

    answer = await operator.ask(endpoint.method, path, caller=STRANGER)

    assert (403, "Forbidden") == (answer.status, answer.code)


async def test_a_caller_without_a_role_does_not_learn_what_there_is(operator: Operator) -> None:
    answers = [
        await operator.ask("GET", path, caller=STRANGER) for path in ("/nothing", "/openapi.json")
    ]

    assert [403, 403] == [answer.status for answer in answers]


@pytest.mark.parametrize("endpoint", [one for one in ENDPOINTS if one.role is Role.ADMIN], ids=repr)
async def test_who_may_only_look_may_change_nothing(operator: Operator, endpoint: Any) -> None:
    path = endpoint.path.replace("{", "").replace("}", "")

    answer = await operator.ask(endpoint.method, path, caller=LOOKER)

    assert (403, "Forbidden") == (answer.status, answer.code)
    assert f"{endpoint.name} needs the role admin." == answer.message


async def test_who_may_only_look_may_look(operator: Operator) -> None:
    assert 200 == (await operator.ask("GET", "/jobs", caller=LOOKER)).status


def test_what_changes_nothing_is_all_that_can_be_done_by_looking() -> None:
    assert {Role.READ_ONLY: {"GET"}} == {
        Role.READ_ONLY: {one.method for one in ENDPOINTS if one.role is Role.READ_ONLY}
    }
    assert not [one for one in ENDPOINTS if one.role is Role.ADMIN and one.method == "GET"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"limit": "x"}, "limit is not a whole number"),
        ({"limit": "0"}, "limit is not 1 to 1000"),
        ({"page": "1"}, "unknown: page; known: after, limit"),
    ],
)
async def test_a_query_that_does_not_fit_is_refused(
    operator: Operator, query: dict[str, str], words: str
) -> None:
    answer = await operator.ask("GET", "/accounts", query=query)

    assert (400, "InvalidRequest", words) == (answer.status, answer.code, answer.message)


async def test_a_path_says_what_the_query_may_not_say_again(operator: Operator) -> None:
    answer = await operator.ask("GET", "/accounts/root", query={"account": "other"})

    assert "the path says it already: account" == answer.message


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"{", "the body is not JSON: Expecting property name"),
        (b"[]", "the body is not a JSON object"),
        (b'"name"', "the body is not a JSON object"),
        (b'{"name": "a", "name": "b"}', "the body is not JSON: a name is there twice"),
        (b'{"name": "\\ud800"}', "the body is not JSON: a text has half of a surrogate pair"),
        (b'{"name": NaN}', "the body is not JSON: NaN is no number"),
        (b"\xff", "the body is not JSON: "),
        (b'{"name": ' + b"[" * 100_000, "the body is not JSON: too deep"),
        (b"", "missing: name"),
        (b'{"name": "a", "colour": "red"}', "unknown: colour; known: name"),
    ],
)
async def test_a_body_that_does_not_fit_is_refused(
    operator: Operator, raw: bytes, words: str
) -> None:
    answer = await operator.ask("POST", "/accounts", raw=raw)

    assert (400, "InvalidRequest") == (answer.status, answer.code)
    assert answer.message.startswith(words)


@pytest.mark.parametrize("media_type", ["", "text/plain", "application/x-www-form-urlencoded"])
async def test_what_the_form_of_a_web_page_could_send_orders_nothing(
    operator: Operator, media_type: str
) -> None:
    answer = await operator.ask(
        "POST", "/jobs/sweeping/run", headers={"content-type": media_type}, raw=b"{}"
    )

    assert (415, "UnsupportedMediaType") == (answer.status, answer.code)


async def test_json_may_name_its_characters(operator: Operator) -> None:
    headers = {"content-type": "application/JSON; charset=utf-8"}

    answer = await operator.ask("POST", "/jobs/sweeping/run", headers=headers)

    assert 200 == answer.status


async def test_a_body_that_is_too_large_is_refused(operator: Operator) -> None:
    answer = await operator.ask("POST", "/accounts", {"name": "x" * plane.MOST_BODY_BYTES})

    assert (413, "RequestTooLarge") == (answer.status, answer.code)


async def test_a_body_stands_in_the_body(operator: Operator) -> None:
    answer = await operator.ask("POST", "/accounts", {}, query={"name": "x"})

    assert "this takes its fields in the body and not in the query" == answer.message


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NoSuchBucket(), 404, "NoSuchBucket"),
        (SlowDown(headers={"retry-after": "1"}), 503, "SlowDown"),
        (StorageFull("no room"), 507, "StorageFull"),
        (StoreReadOnly("the disk failed"), 503, "StoreReadOnly"),
        (Fault("the index is damaged"), 500, "Fault"),
    ],
)
async def test_what_goes_wrong_is_told_as_it_is(
    operator: Operator,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    status: int,
    code: str,
) -> None:
    failing(monkeypatch, error)

    answer = await operator.ask("GET", "/jobs")

    assert (status, code) == (answer.status, answer.code)
    assert str(error) == answer.message
    assert getattr(error, "headers", {}).items() <= answer.headers.items()


async def test_a_mistake_of_ours_is_logged_and_not_told(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failing(monkeypatch, KeyError("secret"))

    answer = await operator.ask("GET", "/jobs")

    assert (500, "InternalError") == (answer.status, answer.code)
    assert "secret" not in answer.body.decode()
    assert "secret" in caplog.text


async def test_the_plane_describes_itself(operator: Operator) -> None:
    document = await operator.get("/openapi.json")

    assert "3.1.0" == document["openapi"]
    assert json.dumps(document)


class Noting(Audit):
    """An audit log that remembers."""

    def __init__(self) -> None:
        self.notes: list[dict[str, Any]] = []
        self.refusal: S3Error | None = None

    def note_change(self, action: str, target: str, **facts: Any) -> None:
        self.notes.append({"action": action, "target": target, **facts})

    def require(self) -> None:
        if self.refusal is not None:
            raise self.refusal


@pytest.fixture
def audit(operator: Operator) -> Noting:
    made = operator.backstage.services.ledger.audit = Noting()
    return made


async def test_a_change_goes_into_the_audit_log_without_secrets(
    operator: Operator, audit: Noting
) -> None:
    made = await operator.order("POST", "/accounts", name="team")

    (note,) = audit.notes
    assert ("admin:CreateAccount", "/accounts", "somebody", "", {"name": "team"}) == (
        note["action"], note["target"], note["by"], note["error_code"], note["details"],
    )  # fmt: skip
    assert made["access_key"]["secret_access_key"] not in str(note)


async def test_a_change_that_is_refused_goes_there_too(operator: Operator, audit: Noting) -> None:
    await operator.ask("DELETE", "/accounts/nobody")
    await operator.ask("DELETE", "/accounts/nobody", caller=LOOKER)
    await operator.ask("POST", "/accounts", raw=b"{")

    assert ["NotFound", "Forbidden", "InvalidRequest"] == [
        note["error_code"] for note in audit.notes
    ]


async def test_a_look_does_not(operator: Operator, audit: Noting) -> None:
    await operator.get("/accounts")

    assert [] == audit.notes


async def test_what_the_audit_log_cannot_be_told_is_not_done(
    operator: Operator, audit: Noting
) -> None:
    audit.refusal = ServiceUnavailable("This server cannot write its audit log.")
    refused = await operator.ask("POST", "/accounts", {"name": "team"})
    audit.refusal = None

    assert (503, "ServiceUnavailable") == (refused.status, refused.code)
    assert 404 == (await operator.ask("GET", "/accounts/team")).status
