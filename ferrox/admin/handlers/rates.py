"""Rate limits of single callers: documents that accounting/rate_limits.py reads."""

from collections.abc import Mapping
from typing import Any

from ferrox.accounting.rate_limits import TABLE
from ferrox.admin.backstage import AdminCall
from ferrox.admin.errors import InvalidRequest, NotFound
from ferrox.admin.handlers.accounts import page
from ferrox.admin.registry import answers
from ferrox.admin.shapes.buckets import OneRate, RateChange, RatePage, RateView
from ferrox.admin.shapes.paging import Paged
from ferrox.storage.identities.transaction import Tx


@answers("ListRates")
async def list_rates(call: AdminCall, args: Paged) -> RatePage:
    """Return callers by name."""
    found = call.services.store.identities.documents(TABLE)
    shown, following = page(list(found), list(found), args)
    return RatePage(rates=tuple(_view(name, found[name]) for name in shown), next=following)


@answers("SetRate")
async def set_rate(call: AdminCall, args: RateChange) -> RateView:
    """Give a caller a rate of its own."""
    _require_known(call, args.caller)
    said = {"requests": args.requests, "burst": args.burst, "bytes": args.bytes}
    document = {name: value for name, value in said.items() if value is not None}
    if not document:
        raise InvalidRequest("nothing is said of requests, burst or bytes")
    await call.services.store.identities.change(
        lambda tx: tx.put_document(TABLE, args.caller, document)
    )
    return _view(args.caller, document)


@answers("DeleteRate")
async def delete_rate(call: AdminCall, args: OneRate) -> None:
    """Let a caller have the rate of the settings."""

    def delete(tx: Tx) -> None:
        if tx.document(TABLE, args.caller) is None:
            raise NotFound(f"{args.caller} has no rate of its own.")
        tx.delete_document(TABLE, args.caller)

    await call.services.store.identities.change(delete)


def _require_known(call: AdminCall, caller: str) -> None:
    """NotFound for a key that is not there, which nobody could use; ARNs are taken as they are."""
    is_known = caller.startswith("arn:") or call.services.store.identities.key(caller)
    root = call.services.store.identities.root_credentials()
    is_root = caller in {call.backstage.config.access_key, root.access_key_id if root else ""}
    if not (is_known or is_root):
        raise NotFound(f"There is no access key {caller}.")


def _view(name: str, document: Mapping[str, Any]) -> RateView:
    return RateView(
        caller=name,
        requests=document.get("requests"),
        burst=document.get("burst"),
        bytes=document.get("bytes"),
    )
