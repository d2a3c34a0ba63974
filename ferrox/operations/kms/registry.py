"""Which function does which operation of KMS: filled by `handles`, read by the pipeline."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from ferrox.operations.kms.call import KmsCall
from ferrox.protocol.kms.operations import KmsOperation
from ferrox.protocol.shape import Shape

Input = TypeVar("Input", bound=Shape)
Output = TypeVar("Output", bound=Shape)

HANDLERS: dict[str, Callable[[KmsCall, Any], Awaitable[Shape]]] = {}
"""By name: `CreateKey`."""


def handles(
    operation: KmsOperation[Input, Output],
) -> Callable[
    [Callable[[KmsCall, Input], Awaitable[Output]]], Callable[[KmsCall, Input], Awaitable[Output]]
]:
    """Register the decorated function as the one that does this operation.

    The permission that the row of the operation names has been asked for when it is called.
    """

    def register(
        function: Callable[[KmsCall, Input], Awaitable[Output]],
    ) -> Callable[[KmsCall, Input], Awaitable[Output]]:
        if operation.name in HANDLERS:
            raise TypeError(f"{operation.name} is handled twice")
        HANDLERS[operation.name] = function
        return function

    return register
