"""QueryOperation: one row of the tables of IAM and STS, and what its columns mean."""

from enum import Enum, auto
from typing import Any, Generic, TypeVar

from ferrox.protocol.query.service import QueryService
from ferrox.protocol.shape import Shape

InputT_co = TypeVar("InputT_co", bound=Shape, covariant=True)
OutputT_co = TypeVar("OutputT_co", bound=Shape, covariant=True)


class Nothing(Shape):
    """What most operations that change something give."""


class Resource(Enum):
    """What an operation acts on: how the ARN is made that its caller needs permission for.

    USER, GROUP, ROLE                  an existing one, by the name in the input; USER without a
                                       name is the caller
    NEW_USER, NEW_GROUP, NEW_ROLE, NEW_POLICY  one that is about to be, with the path in the input
    POLICY, PROVIDER, PRINCIPAL        named by its ARN in the input
    NEW_PROVIDER                       named by its address in the input
    USERS, GROUPS, ROLES               all below the path prefix of the input
    FEDERATED_USER                     somebody with the name in the input
    KEY_OWNER                          the user with the access key of the input
    ANYTHING                           nothing in particular: "*"
    NOTHING                            no permission is needed, or the handler asks for it
    """

    USER = auto()
    GROUP = auto()
    ROLE = auto()
    NEW_USER = auto()
    NEW_GROUP = auto()
    NEW_ROLE = auto()
    NEW_POLICY = auto()
    NEW_PROVIDER = auto()
    POLICY = auto()
    PROVIDER = auto()
    PRINCIPAL = auto()
    USERS = auto()
    GROUPS = auto()
    ROLES = auto()
    FEDERATED_USER = auto()
    KEY_OWNER = auto()
    ANYTHING = auto()
    NOTHING = auto()

    @property
    def is_new(self) -> bool:
        """Whether it is about to be made."""
        return self.name.startswith("NEW_")


class QueryOperation(Generic[InputT_co, OutputT_co]):
    """One row. The action that its caller needs is called like it."""

    __slots__ = ("input", "name", "output", "resource", "service")

    def __init__(
        self,
        service: QueryService,
        name: str,
        input: type[InputT_co],  # noqa: A002 - what AWS calls it
        output: type[OutputT_co],
        resource: Resource,
    ) -> None:
        self.service = service
        self.name = name
        self.input = input
        self.output = output
        self.resource = resource

    @property
    def action(self) -> str:
        """What its caller has to be allowed."""
        return f"{self.service.scope_name}:{self.name}"

    def __repr__(self) -> str:
        return f"<{self.action}>"


AnyQueryOperation = QueryOperation[Any, Any]
