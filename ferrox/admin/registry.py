"""Which function answers which endpoint: filled by the `answers` decorator, read by the plane."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from ferrox.admin.backstage import AdminCall

Input = TypeVar("Input")
Output = TypeVar("Output")

Handler = Callable[[AdminCall, Any], Awaitable[Any]]

HANDLERS: dict[str, Handler] = {}


def answers(
    name: str,
) -> Callable[
    [Callable[[AdminCall, Input], Awaitable[Output]]],
    Callable[[AdminCall, Input], Awaitable[Output]],
]:
    """Register the decorated function as the one that answers the endpoint of this name."""

    def register(
        function: Callable[[AdminCall, Input], Awaitable[Output]],
    ) -> Callable[[AdminCall, Input], Awaitable[Output]]:
        if name in HANDLERS:
            raise TypeError(f"{name} is answered twice")
        HANDLERS[name] = function
        return function

    return register
