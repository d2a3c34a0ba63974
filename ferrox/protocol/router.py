"""Request and level → Operation, in an order that follows from the table.

Theory of operation. Rows of one method and level are tried from the most specific (most selectors,
required parameters and required headers) to the plain one. The first that fits is the operation,
unless the request also carries a known selector that is not its own: then it is refused. Otherwise
`PUT /b/k?uploadId=X` without partNumber would overwrite the object, and `DELETE /b?versioning`
would delete the bucket. Parameters that S3 does not know are harmless (x-id, cache busters).

What is known: the selectors of all rows, at every level; and the parameters that rows require, at
their own level and above, since a request for a key or bucket whose name is empty arrives there
(`DELETE /b/?uploadId=X`).
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from ferrox.errors import InvalidArgument, MethodNotAllowed
from ferrox.protocol.address import BUCKET, OBJECT, SERVICE
from ferrox.protocol.message import Request
from ferrox.protocol.operation import ANY, Operation
from ferrox.protocol.operations import (
    LEFT_OUT_SELECTORS,
    OPERATIONS,
    ListObjects,
    ListObjectsV2,
)

AnyOperation = Operation[Any, Any]

_LEVELS = (SERVICE, BUCKET, OBJECT)
_NO_QUERY: Mapping[str, str] = {}
_PART_NUMBER = "partNumber"
_UPLOAD_ID = "uploadId"


class _Route(NamedTuple):
    operation: AnyOperation
    tags: tuple[tuple[str, str], ...]
    required_query: frozenset[str]
    header: str
    foreign: frozenset[str]
    """Known selectors that this operation must not see."""

    def fits(self, query: Mapping[str, str], headers: Mapping[str, str]) -> bool:
        """Whether the request has all that picks this operation."""
        return (
            all(tag in query and value in ("", query[tag]) for tag, value in self.tags)
            and self.required_query <= query.keys()
            and (not self.header or self.header in headers)
        )


def resolve(request: Request, level: str) -> AnyOperation:
    """The operation that the request asks for."""
    query = request.query if request.query_string else _NO_QUERY
    at = (request.method, level)
    if _SELECTORS.isdisjoint(query):
        for route in _PLAIN_ROUTES.get(at, ()):
            if not route.header or route.header in request.headers:
                return route.operation
    else:
        _require_upload_of_part(at, query)
        for route in _ROUTES.get(at, ()):
            if route.fits(query, request.headers):
                if route.foreign.isdisjoint(query):
                    return route.operation
                break
    selectors = sorted(_ALONE & query.keys())
    if len(selectors) > 1:
        raise InvalidArgument(
            f"Conflicting query string parameters: {', '.join(selectors)}",
            ArgumentName="ResourceType",
            ArgumentValue=selectors[0],
        )
    raise MethodNotAllowed(Method=request.method, ResourceType=level.upper())


def _require_upload_of_part(at: tuple[str, str], query: Mapping[str, str]) -> None:
    if at == ("PUT", OBJECT) and _PART_NUMBER in query and not query.get(_UPLOAD_ID):
        raise InvalidArgument(
            f"This operation does not accept {_PART_NUMBER} without {_UPLOAD_ID}",
            ArgumentName=_PART_NUMBER,
            ArgumentValue=_PART_NUMBER,  # AWS does not repeat the number
        )


def _known_selectors(level: str) -> frozenset[str]:
    here_and_below = _LEVELS[_LEVELS.index(level) :]
    names = set(LEFT_OUT_SELECTORS)
    for operation in OPERATIONS:
        names.update(operation.tags)
        if operation.level in here_and_below:
            names.update(operation.query)
    return frozenset(names - {ANY})


def _route(operation: AnyOperation) -> _Route:
    own = operation.tags.keys() | operation.query | operation.optional_query
    if operation is ListObjects:
        own |= ListObjectsV2.tags.keys()  # `list-type=1`, as any but 2, picks this one
    takes_any = operation.selector == ANY
    return _Route(
        operation,
        () if takes_any else tuple(operation.tags.items()),
        operation.query,
        operation.header.lower(),
        frozenset() if takes_any else _known_selectors(operation.level) - own,
    )


def _rank(route: _Route) -> tuple[int, int, str]:
    tags = len(route.tags)
    return -(tags + len(route.required_query) + bool(route.header)), -tags, route.operation.name


_SELECTORS = _known_selectors(SERVICE)
_ALONE = frozenset(
    tag for operation in OPERATIONS for tag, value in operation.tags.items() if not value
) - {ANY}
"""Selectors of which a request has one; AWS has a refusal of its own for two."""
_ROUTES: dict[tuple[str, str], list[_Route]] = {}
for _row in sorted(map(_route, OPERATIONS), key=_rank):
    _ROUTES.setdefault((_row.operation.method, _row.operation.level), []).append(_row)
_PLAIN_ROUTES = {
    at: [route for route in routes if not route.tags and not route.required_query]
    for at, routes in _ROUTES.items()
}
"""The rows left when the query has no selector: nearly every request."""
