"""operations/sharing.py: preflights, and answers that pages of other origins may see."""

from pathlib import Path
from typing import Any

import pytest

from ferrox.clock import SettableClock
from ferrox.errors import Fault
from ferrox.records import BucketRecord
from ferrox.storage.store import Store
from tests.in_process import InProcess
from tests.operations.configured import delete, put

RULES = (
    "<CORSConfiguration><CORSRule><AllowedOrigin>https://app.example.com</AllowedOrigin>"
    "<AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod>"
    "<AllowedHeader>x-amz-*</AllowedHeader><ExposeHeader>ETag</ExposeHeader>"
    "<MaxAgeSeconds>60</MaxAgeSeconds></CORSRule></CORSConfiguration>"
)
ORIGIN = "https://app.example.com"
PREFLIGHT = {
    "origin": ORIGIN,
    "access-control-request-method": "PUT",
    "access-control-request-headers": "X-Amz-Meta-A",
}
SHARED = {
    "access-control-allow-origin": ORIGIN,
    "access-control-allow-methods": "GET, PUT",
    "access-control-allow-credentials": "true",
    "access-control-expose-headers": "ETag",
    "access-control-max-age": "60",
    "vary": "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
}


@pytest.fixture
async def shared(s3: InProcess) -> InProcess:
    """A server with a bucket that a page of another origin may use."""
    await s3.make_bucket()
    assert (await put(s3, "cors", RULES)).status == 200
    return s3


@pytest.mark.parametrize("path", ["/bucket", "/bucket/", "/bucket/a/b", "/bucket/never/was"])
async def test_a_preflight_is_answered_without_a_signature(shared: InProcess, path: str) -> None:
    answer = await shared.ask("OPTIONS", path, headers=PREFLIGHT, is_signed=False)

    assert (answer.status, answer.body) == (200, b"")
    expected = SHARED | {"access-control-allow-headers": "x-amz-meta-a"}
    assert expected.items() <= answer.headers.items()


async def test_a_preflight_for_a_presigned_address_is_not_held_to_its_signature(
    shared: InProcess,
) -> None:
    presigned = {"X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Signature": "0" * 64}

    answer = await shared.ask(
        "OPTIONS", "/bucket/key", presigned, headers=PREFLIGHT, is_signed=False
    )

    assert answer.status == 200


@pytest.mark.parametrize(
    ("changes", "status", "code", "message"),
    [
        (
            {"origin": ""},
            400,
            "BadRequest",
            "Insufficient information. Origin request header needed.",
        ),
        (
            {"access-control-request-method": ""},
            400,
            "BadRequest",
            "Invalid Access-Control-Request-Method: null",
        ),
        ({"origin": "https://example.org"}, 403, "AccessForbidden", "This CORS request is not"),
        ({"access-control-request-method": "DELETE"}, 403, "AccessForbidden", "is not allowed"),
        ({"access-control-request-headers": "a"}, 403, "AccessForbidden", "is not allowed"),
    ],
)
async def test_a_preflight_that_no_rule_lets_is_refused(
    shared: InProcess, changes: dict[str, str], status: int, code: str, message: str
) -> None:
    headers = {name: value for name, value in (PREFLIGHT | changes).items() if value}

    answer = await shared.ask("OPTIONS", "/bucket/key", headers=headers, is_signed=False)

    assert (answer.status, answer.code) == (status, code)
    assert message in answer.document["Message"]
    assert not [name for name in answer.headers if name.startswith(("access-control", "vary"))]


@pytest.mark.parametrize(
    ("bucket", "message"),
    [("bucket", "CORS is not enabled for this bucket."), ("nothing", "Bucket not found")],
)
@pytest.mark.parametrize("key", ["", "/key"])
@pytest.mark.parametrize(
    ("headers", "method"), [(PREFLIGHT, "PUT"), ({"origin": ORIGIN}, "OPTIONS")]
)
async def test_where_there_are_no_rules_the_bucket_is_named_whatever_is_asked(
    s3: InProcess, bucket: str, message: str, key: str, headers: dict[str, str], method: str
) -> None:
    await s3.make_bucket()

    answer = await s3.ask("OPTIONS", f"/{bucket}{key}", headers=headers, is_signed=False)

    assert (answer.status, answer.code) == (403, "AccessForbidden")
    assert answer.document["Message"] == f"CORSResponse: {message}"
    assert (answer.document["Method"], answer.document["ResourceType"]) == (method, "BUCKET")


async def test_a_preflight_of_nobody_asks_nothing_of_a_bucket(s3: InProcess) -> None:
    answer = await s3.ask("OPTIONS", "/nothing/key", is_signed=False)

    assert (answer.status, answer.code) == (400, "BadRequest")


async def test_answers_carry_the_headers_whether_they_say_yes_or_no(shared: InProcess) -> None:
    await shared.put("key", headers={"origin": ORIGIN})
    origin = {"origin": ORIGIN}
    tag = (await shared.get("key")).headers["etag"]

    answers = {
        200: await shared.get("key", headers=origin),
        206: await shared.get("key", headers=origin | {"range": "bytes=0-1"}),
        304: await shared.get("key", headers=origin | {"if-none-match": tag}),
        403: await shared.get("key", headers=origin, is_signed=False),
        404: await shared.get("nothing", headers=origin),
    }

    for status, answer in answers.items():
        assert status == answer.status
        assert SHARED.items() <= answer.headers.items()


async def test_an_answer_to_another_origin_or_to_none_carries_nothing(shared: InProcess) -> None:
    await shared.put("key")

    stranger = await shared.get("key", headers={"origin": "https://example.org"})
    nobody = await shared.get("key")

    assert not [name for name in stranger.headers if name.startswith("access-control")]
    assert not [name for name in nobody.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("header", "asked", "is_let"),
    [
        ("access-control-request-method", "PUT", True),
        ("access-control-request-method", "DELETE", False),
        ("access-control-request-headers", "x-amz-meta-a", True),
        ("access-control-request-headers", "authorization", False),
    ],
)
async def test_an_answer_goes_by_the_method_and_the_headers_that_are_asked_about(
    shared: InProcess, header: str, asked: str, is_let: bool
) -> None:
    answer = await shared.get("nothing", headers={"origin": ORIGIN, header: asked})

    assert 404 == answer.status
    assert is_let == ("access-control-allow-origin" in answer.headers)


async def test_rules_that_were_removed_let_nobody(shared: InProcess) -> None:
    await shared.put("key")
    await delete(shared, "cors")

    answer = await shared.get("key", headers={"origin": ORIGIN})

    assert "access-control-allow-origin" not in answer.headers


async def test_rules_that_cannot_be_read_do_not_spoil_the_answer(
    tmp_path: Path, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await Store.open(tmp_path / "data", clock=clock)
    s3 = InProcess(store, clock)
    await s3.make_bucket()

    def fail(bucket: BucketRecord, name: str) -> dict[str, Any] | None:
        if name == "cors":
            raise Fault("the index cannot be read")
        return None

    monkeypatch.setattr(store, "bucket_document", fail)
    answer = await s3.ask("GET", "/bucket", {"location": ""}, headers={"origin": ORIGIN})
    await store.close()

    assert answer.status == 200
