"""admin/handlers/refusals.py: an operator is told why a request was refused."""

from tests.admin.operator import Operator
from tests.in_process import InProcess


async def test_a_refusal_is_explained(s3: InProcess, operator: Operator) -> None:
    await s3.make_bucket()
    refused = await s3.ask("GET", "/bucket", is_signed=False)
    request_id = refused.headers["x-amz-request-id"]

    told = await operator.get(f"/refusals/{request_id}")

    assert (403, request_id, "AccessDenied", "GET", "/bucket") == (
        told["status"], told["request_id"], told["code"], told["method"], told["path"],
    )  # fmt: skip
    assert told["reason"]
    assert ("ListObjects", "bucket", "") == (told["operation"], told["bucket"], told["key"])


async def test_what_was_not_refused_is_not_found(operator: Operator) -> None:
    answer = await operator.ask("GET", "/refusals/0123456789ABCDEF")

    assert (404, "NotFound") == (answer.status, answer.code)


async def test_the_last_refusals_are_listed(s3: InProcess, operator: Operator) -> None:
    await s3.make_bucket()
    for key in ("a", "b"):
        assert 403 == (await s3.ask("GET", f"/bucket/{key}", is_signed=False)).status
        s3.clock.advance(1)

    told = (await operator.get("/refusals"))["refusals"]
    (newest,) = (await operator.get("/refusals", limit="1"))["refusals"]

    assert [("b", "AccessDenied"), ("a", "AccessDenied")] == [
        (one["key"], one["code"]) for one in told
    ]
    assert newest == told[0]
