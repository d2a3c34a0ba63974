from ferrox.operations.handlers import HANDLERS
from ferrox.protocol.control import ACCOUNT_OPERATIONS
from ferrox.protocol.operations import OPERATIONS


def test_every_implemented_operation_has_a_handler_and_no_other_has() -> None:
    implemented = {row.name for row in (*OPERATIONS, *ACCOUNT_OPERATIONS) if row.is_implemented}

    assert implemented == HANDLERS.keys()


def test_every_action_is_one_of_s3() -> None:
    for name, handler in HANDLERS.items():
        if isinstance(handler.action, str):
            assert handler.action.startswith("s3:"), name
