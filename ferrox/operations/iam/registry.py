"""Which function does which operation of IAM and STS: filled by `handles`, read by the pipeline."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from ferrox.operations.iam.call import IamCall
from ferrox.protocol.query.operation import QueryOperation
from ferrox.protocol.shape import Shape

Input = TypeVar("Input", bound=Shape)
Output = TypeVar("Output", bound=Shape)

HANDLERS: dict[str, Callable[[IamCall, Any], Awaitable[Shape]]] = {}
"""By action: `iam:CreateUser`."""


def handles(
    *operations: QueryOperation[Input, Output],
) -> Callable[
    [Callable[[IamCall, Input], Awaitable[Output]]], Callable[[IamCall, Input], Awaitable[Output]]
]:
    """Register the decorated function as the one that does these operations.

    The permission that the row of the operation names has been asked for when it is called. One
    that does several takes what their inputs have in common, and gives what their outputs have.
    """

    def register(
        function: Callable[[IamCall, Input], Awaitable[Output]],
    ) -> Callable[[IamCall, Input], Awaitable[Output]]:
        for operation in operations:
            if operation.action in HANDLERS:
                raise TypeError(f"{operation.action} is handled twice")
            HANDLERS[operation.action] = function
        return function

    return register
