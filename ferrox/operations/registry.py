"""Which function does which operation: filled by the `handles` decorator, read by the pipeline."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, TypeVar

from ferrox.operations.call import Call
from ferrox.protocol.operation import Operation
from ferrox.protocol.shape import Shape

Input = TypeVar("Input", bound=Shape)
Output = TypeVar("Output", bound=Shape)
Action = str | Callable[[Any], str] | None


class Handler(NamedTuple):
    """A function and the action its caller needs on the bucket or object that is addressed.

    stated   given the arguments, document included: the headers with which a PutObject would have
             said the same. Policies have conditions on these, so where there is one the question of
             permission waits until the document has been read.

    An action may depend on the arguments: some operations need another one for an old version. None
    is for what nobody has to be allowed, or what asks by itself once it knows for whom.
    """

    run: Callable[[Call, Any], Awaitable[Shape]]
    action: Action
    stated: Callable[[Any], dict[str, str]] | None = None

    def action_for(self, args: Shape) -> str | None:
        """The action this request needs."""
        return self.action(args) if callable(self.action) else self.action


HANDLERS: dict[str, Handler] = {}


def handles(
    operation: Operation[Input, Output],
    *,
    action: Action,
    stated: Callable[[Input], dict[str, str]] | None = None,
) -> Callable[
    [Callable[[Call, Input], Awaitable[Output]]], Callable[[Call, Input], Awaitable[Output]]
]:
    """Register the decorated function as the one that does `operation`."""

    def register(
        function: Callable[[Call, Input], Awaitable[Output]],
    ) -> Callable[[Call, Input], Awaitable[Output]]:
        if operation.name in HANDLERS:
            raise TypeError(f"{operation.name} is handled twice")
        HANDLERS[operation.name] = Handler(function, action, stated)
        return function

    return register
