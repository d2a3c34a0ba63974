"""Why a request was refused: asked of the process that did it, whichever it was."""

from typing import Any

from ferrox.admin import schema
from ferrox.admin.backstage import AdminCall
from ferrox.admin.errors import NotFound
from ferrox.admin.registry import answers
from ferrox.admin.shapes.server import OneRefusal, RefusalView


@answers("GetRefusal")
async def get_refusal(call: AdminCall, args: OneRefusal) -> RefusalView:
    """Return what is remembered of a request."""
    found = await call.services.ledger.refusals.find(args.request_id)
    if found is None:
        raise NotFound(
            f"Nobody remembers that {args.request_id} was refused: it was not, or long ago, or"
            " before the server was started."
        )
    members = schema.members(RefusalView).values()
    return RefusalView(**{one.name: found.get(one.name) or _nothing(one) for one in members})


def _nothing(member: schema.Member) -> Any:
    return None if member.is_optional else 0 if member.kind is int else ""
