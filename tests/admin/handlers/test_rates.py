"""admin/handlers/rates.py: rate limits of single callers are set, shown and taken back."""

from typing import Any

import pytest

from ferrox.accounting.rate_limits import TABLE
from ferrox.storage.store import Store
from tests.admin.operator import Operator

ROLE = "arn:aws:iam::123456789012:role/worker"


@pytest.fixture
async def key(operator: Operator) -> str:
    made = await operator.order("POST", "/accounts/root/users", name="alice")
    return str(made["access_key"]["access_key_id"])


async def test_a_rate_is_set_shown_and_taken_back(
    operator: Operator, key: str, store: Store
) -> None:
    put = await operator.order("PUT", f"/rates/{key}", requests=5, bytes=0)
    stored = store.identities.document(TABLE, key)
    shown = await operator.get("/rates")
    await operator.order("DELETE", f"/rates/{key}")

    assert {"requests": 5, "bytes": 0} == stored
    assert {"caller": key, "requests": 5, "burst": None, "bytes": 0} == put
    assert [put] == shown["rates"]
    assert [] == (await operator.get("/rates"))["rates"]


async def test_a_role_has_a_rate_by_its_arn(operator: Operator) -> None:
    await operator.order("PUT", f"/rates/{ROLE.replace('/', '%2F')}", burst=1)

    assert [ROLE] == [rate["caller"] for rate in (await operator.get("/rates"))["rates"]]


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({}, (400, "InvalidRequest")),
        ({"requests": -1}, (400, "InvalidRequest")),
        ({"requests": None}, (400, "InvalidRequest")),
    ],
)
async def test_what_is_no_rate_is_refused(
    operator: Operator, key: str, body: Any, refusal: tuple[int, str]
) -> None:
    answer = await operator.ask("PUT", f"/rates/{key}", body)

    assert refusal == (answer.status, answer.code)


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_a_key_that_is_not_there_has_no_rate(operator: Operator, method: str) -> None:
    body = {"requests": 1} if method == "PUT" else None

    answer = await operator.ask(method, "/rates/AKIANOBODY", body)

    assert (404, "NotFound") == (answer.status, answer.code)
