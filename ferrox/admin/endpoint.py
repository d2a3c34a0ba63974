"""Endpoint: one row of the table of the admin plane, and what its columns mean.

    Endpoint("DeleteAccount", "DELETE", "/accounts/{account}", Role.ADMIN, OneAccount, None,
             "Remove an account that owns nothing.", "account delete ACCOUNT")

The fields of the input that the path names are read from it; the others are read from the query of
GET and DELETE, and from the JSON body otherwise. The command is how `ferroxd` spells it: words,
then fields in capital letters, `[IN BRACKETS]` if they may be missing; the others are options.
"""

import re
from functools import cached_property
from typing import Any

from ferrox.admin import schema
from ferrox.admin_roles import Role

PREFIX = "/admin/v1"

_is_named = re.compile(r"\{([a-z_]+)\}").fullmatch


class Endpoint:
    """One row.

    name    as programs and logs call it
    path    below PREFIX
    role    whose callers may ask
    input   the dataclass of what is asked
    output  the dataclass of what is answered; None: nothing, 204
    command what the command line says for it; "" where there is no such command
    stream  the media type of an answer that is no JSON and may have no end
    """

    def __init__(  # noqa: PLR0917 - the columns of a table have no names in its rows
        self,
        name: str,
        method: str,
        path: str,
        role: Role,
        input: type,  # noqa: A002 - the opposite of output
        output: type | None,
        summary: str,
        command: str = "",
        *,
        stream: str = "",
    ) -> None:
        self.name = name
        self.method = method
        self.path = path
        self.role = role
        self.input: type[Any] = input
        self.output: type[Any] | None = output
        self.summary = summary
        self.command = command
        self.stream = stream
        self.status = 200 if output or stream else 204

    @cached_property
    def segments(self) -> tuple[tuple[str, bool], ...]:
        """The path piece by piece: a word, or the name of a field and True."""
        pieces = self.path.strip("/").split("/")
        named = [_is_named(piece) for piece in pieces]
        return tuple(
            (match[1], True) if match else (piece, False)
            for piece, match in zip(pieces, named, strict=True)
        )

    @property
    def in_path(self) -> tuple[str, ...]:
        """The fields of the input that the path names."""
        return tuple(word for word, is_field in self.segments if is_field)

    @property
    def has_body(self) -> bool:
        """Whether fields that the path does not name stand in a body."""
        return self.method not in {"GET", "DELETE"}

    @property
    def elsewhere(self) -> tuple[schema.Member, ...]:
        """The fields of the input that the path does not name."""
        in_path = self.in_path
        return tuple(one for one in schema.members(self.input).values() if one.name not in in_path)

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the command."""
        return tuple(word for word in self.command.split() if word.islower())

    @property
    def arguments(self) -> tuple[tuple[str, bool], ...]:
        """The fields that follow the words of the command: name, and whether it must be there."""
        capitals = (word for word in self.command.split() if not word.islower())
        return tuple((word.strip("[]").lower(), "[" not in word) for word in capitals)

    def __repr__(self) -> str:
        return f"<{self.name}>"
