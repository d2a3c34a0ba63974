"""Why a request was refused: asked of the process that did it, whichever it was."""

from collections.abc import Mapping
from typing import Any, TypeVar

from ferrox.admin import schema
from ferrox.admin.backstage import AdminCall
from ferrox.admin.errors import NotFound
from ferrox.admin.registry import answers
from ferrox.admin.shapes.server import (
    LastRefusals,
    OneRefusal,
    Refusals,
    RefusalSummary,
    RefusalView,
)

View = TypeVar("View", RefusalView, RefusalSummary)


@answers("ListRefusals")
async def list_refusals(call: AdminCall, args: LastRefusals) -> Refusals:
    """Return what all processes remember of the last ones."""
    found = await call.services.ledger.refusals.last(args.limit)
    return Refusals(refusals=tuple(_view(RefusalSummary, one) for one in found))


@answers("GetRefusal")
async def get_refusal(call: AdminCall, args: OneRefusal) -> RefusalView:
    """Return what is remembered of a request."""
    found = await call.services.ledger.refusals.find(args.request_id)
    if found is None:
        raise NotFound(
            f"Nobody remembers that {args.request_id} was refused: it was not, or long ago, or"
            " before the server was started."
        )
    return _view(RefusalView, found)


def _view(kind: type[View], found: Mapping[str, Any]) -> View:
    members = schema.members(kind).values()
    return kind(**{one.name: found.get(one.name) or _nothing(one) for one in members})


def _nothing(member: schema.Member) -> Any:
    return None if member.is_optional else 0 if member.kind is int else ""
