"""Every operation of the table is done by somebody."""

from ferrox.operations.kms.handlers import HANDLERS
from ferrox.protocol.kms.operations import OPERATIONS


def test_every_operation_is_done_by_one_function() -> None:
    assert OPERATIONS.keys() == HANDLERS.keys()
