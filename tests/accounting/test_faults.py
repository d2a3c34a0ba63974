"""Faults of the settings: on the board before the first request, or a start that is refused."""

import pytest

from ferrox.accounting import faults
from ferrox.accounting.opening import Shared
from ferrox.config import load
from ferrox.errors import StartError
from ferrox.fault_rules import read_rule
from ferrox.workers.lines import new_lock

ON = {"ephemeral": ["on"]}


def test_rules_of_the_settings_are_there_from_the_beginning() -> None:
    config = load(ON | {"inject": ["*:500:0.5", "get_object:reset"], "inject_seed": ["3"]}, {})

    with Shared(config) as shared:
        assert shared.faults is not None
        assert ["*:500:0.5", "get_object:reset"] == [
            placed.rule.text for placed in shared.faults.rules()
        ]


def test_only_servers_for_tests_have_a_board() -> None:
    with Shared(load({}, {})) as shared, Shared(load(ON, {})) as shared_for_tests:
        assert shared.faults is None
        assert shared_for_tests.faults is not None


def test_a_fault_of_an_operation_that_there_is_not_is_refused() -> None:
    with pytest.raises(StartError, match="inject: 'put_objekt:503': S3 has no such operation"):
        Shared(load(ON | {"inject": ["put_objekt:503"]}, {}))


@pytest.mark.parametrize(
    "text", ["*:500", "put_object:500", "PutObject:500", "put_account_public_access_block:500"]
)
def test_operations_of_buckets_objects_and_accounts_can_fail(text: str) -> None:
    board = faults.board_of(load(ON, {}), new_lock())

    assert 1 == faults.add(board, read_rule(text))
    board.close()
