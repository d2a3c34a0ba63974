"""admin/handlers/faults.py: faults of a server for tests are added, shown and removed."""

from collections.abc import Iterator

import pytest

from ferrox.accounting.fault_board import FaultBoard
from ferrox.workers.lines import new_lock
from tests.admin.operator import Operator
from tests.in_process import InProcess


@pytest.fixture
def board(s3: InProcess, operator: Operator) -> Iterator[FaultBoard]:
    made = s3.services.ledger.faults = FaultBoard(new_lock())
    yield made
    made.close()


async def test_a_fault_is_added_shown_and_removed(operator: Operator, board: FaultBoard) -> None:
    added = await operator.order("POST", "/faults", rule="put_object:503:0.5")
    await operator.order("POST", "/faults", rule="*:reset")
    board.draw(board.rules()[1])
    shown = await operator.get("/faults")
    await operator.order("DELETE", "/faults/1")
    left = await operator.get("/faults")

    assert {"number": 1, "rule": "put_object:503:0.5", "requests": 0, "injected": 0} == added
    second = {"number": 2, "rule": "*:reset", "requests": 1, "injected": 1}
    assert [added, second] == shown["faults"]
    assert [second] == left["faults"]


async def test_all_faults_are_removed_at_once(operator: Operator, board: FaultBoard) -> None:
    for _ in range(2):
        await operator.order("POST", "/faults", rule="*:reset")

    assert {"count": 2} == await operator.order("DELETE", "/faults")
    assert {"faults": []} == await operator.get("/faults")


@pytest.mark.parametrize("rule", ["", "put_object", "put_objekt:503", "*:corrupt", "*:418"])
async def test_what_is_no_fault_is_refused(
    operator: Operator, board: FaultBoard, rule: str
) -> None:
    answer = await operator.ask("POST", "/faults", {"rule": rule})

    assert (400, "InvalidRequest") == (answer.status, answer.code)


@pytest.mark.parametrize("number", ["2", "01", "one", "%C2%B9"])
async def test_a_fault_that_is_not_there_cannot_be_removed(
    operator: Operator, board: FaultBoard, number: str
) -> None:
    await operator.order("POST", "/faults", rule="*:reset")

    answer = await operator.ask("DELETE", f"/faults/{number}")

    assert (404, "NotFound") == (answer.status, answer.code)


async def test_other_servers_inject_nothing(operator: Operator) -> None:
    for method, path, body in (
        ("GET", "/faults", None),
        ("POST", "/faults", {"rule": "*:reset"}),
        ("DELETE", "/faults", None),
    ):
        answer = await operator.ask(method, path, body)
        assert (409, "Conflict") == (answer.status, answer.code)
