"""Router: method and path → a row of the table, and the fields that the path holds."""

from collections.abc import Iterable

from ferrox.admin.endpoint import PREFIX, Endpoint
from ferrox.admin.errors import MethodNotAllowed, NotFound
from ferrox.protocol.message import decode_component


class Router:
    """The rows by the form of their paths."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._rows: dict[int, list[Endpoint]] = {}
        for endpoint in endpoints:
            self._rows.setdefault(len(endpoint.segments), []).append(endpoint)

    def find(self, method: str, path: str) -> tuple[Endpoint, dict[str, str]]:
        """The row for a request, path as it was sent. NotFound, MethodNotAllowed.

        Where a word and a field fit the same piece, the word has it.
        """
        if not path.startswith(PREFIX + "/"):
            raise NotFound(f"There is nothing here; the API begins with {PREFIX}/.")
        pieces = path.removeprefix(PREFIX + "/").split("/")
        fitting = [row for row in self._rows.get(len(pieces), ()) if _fits(row, pieces)]
        if not fitting:
            raise NotFound(f"There is no {path}; {PREFIX}/openapi.json lists what there is.")
        row = min(
            (row for row in fitting if row.method == method),
            key=lambda row: [is_field for _, is_field in row.segments],
            default=None,
        )
        if row is None:
            allowed = ", ".join(sorted({row.method for row in fitting}))
            raise MethodNotAllowed(f"{path} knows only {allowed}.")
        named = zip(row.segments, pieces, strict=True)
        return row, {name: decode_component(piece) for (name, is_field), piece in named if is_field}


def _fits(row: Endpoint, pieces: list[str]) -> bool:
    return all(
        piece if is_field else word == piece
        for (word, is_field), piece in zip(row.segments, pieces, strict=True)
    )
