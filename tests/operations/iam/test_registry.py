import pytest

from ferrox.operations.iam import handlers
from ferrox.operations.iam.call import IamCall
from ferrox.operations.iam.registry import HANDLERS, handles
from ferrox.protocol.iam import operations as iam
from ferrox.protocol.iam.users import CreateUserInput, CreateUserOutput
from ferrox.protocol.sts import operations as sts


def test_an_operation_is_handled_once() -> None:
    async def again(_call: IamCall, _args: CreateUserInput) -> CreateUserOutput:
        return CreateUserOutput()

    assert "iam:CreateUser" in handlers.HANDLERS
    with pytest.raises(TypeError, match="iam:CreateUser is handled twice"):
        handles(iam.CreateUser)(again)


def test_every_handler_is_one_of_an_operation() -> None:
    rows = [*iam.OPERATIONS.values(), *sts.OPERATIONS.values()]

    assert HANDLERS.keys() <= {row.action for row in rows}
