"""Operation: one row of the table of operations, and what its columns mean."""

from typing import Any, Generic, TypeVar, overload

from ferrox.protocol.shape import Shape

InputT = TypeVar("InputT", bound=Shape)
OutputT = TypeVar("OutputT", bound=Shape)

ANY = "*"
"""The selector of a row that takes whatever query there is."""


class Operation(Generic[InputT, OutputT]):
    """One row.

    selector   the query that picks it: `acl`, `list-type=2`, `select&select-type=2`; "" for none
    query      parameters without which it is another operation: `partNumber&uploadId`
    header     a header without which it is another operation
    status     of success; GetObject and HeadObject of a part of the object answer 206
    remark     what is to be known of it; where it is not implemented, the refusal says so too

    must_be_protected  its document is refused without Content-MD5 and without a checksum
    """

    __slots__ = (
        "header", "input", "level", "method", "must_be_protected", "name", "output", "query",
        "remark", "selector", "status", "tags",
    )  # fmt: skip

    @overload
    def __init__(
        self: "Operation[Shape, Shape]",
        name: str,
        method: str,
        level: str,
        selector: str,
        *,
        query: str = "",
        status: int = 0,
        remark: str = "",
    ) -> None: ...

    @overload
    def __init__(
        self,
        name: str,
        method: str,
        level: str,
        selector: str,
        input: type[InputT],
        output: type[OutputT],
        *,
        query: str = "",
        header: str = "",
        status: int = 0,
        remark: str = "",
        must_be_protected: bool = False,
    ) -> None: ...

    def __init__(  # noqa: PLR0917 - the columns of a table have no names in its rows
        self,
        name: str,
        method: str,
        level: str,
        selector: str,
        input: type[Any] | None = None,  # noqa: A002 - what AWS calls it
        output: type[Any] | None = None,
        *,
        query: str = "",
        header: str = "",
        status: int = 0,
        remark: str = "",
        must_be_protected: bool = False,
    ) -> None:
        self.name = name
        self.method = method
        self.level = level
        self.selector = selector
        self.input: type[InputT] | None = input
        self.output: type[OutputT] | None = output
        self.query = frozenset(query.split("&")) if query else frozenset()
        self.header = header
        self.remark = remark
        self.must_be_protected = must_be_protected
        self.status = status or (204 if method == "DELETE" else 200)
        pieces = (piece.partition("=") for piece in selector.split("&") if piece)
        self.tags = {tag: value for tag, _, value in pieces}

    @property
    def is_implemented(self) -> bool:
        """Whether it has shapes, and so a handler."""
        return self.input is not None

    @property
    def optional_query(self) -> frozenset[str]:
        """Parameters it may have besides those that pick it."""
        known = self.input.plan.queries.keys() if self.input else frozenset[str]()
        return frozenset(known) - self.query

    def __repr__(self) -> str:
        return f"<{self.name}>"
