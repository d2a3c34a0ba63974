"""Faults of a server for tests: added, shown and removed while it runs."""

from ferrox import fault_rules
from ferrox.accounting import faults
from ferrox.accounting.fault_board import FaultBoard, Placed
from ferrox.admin.backstage import AdminCall
from ferrox.admin.errors import Conflict, InvalidRequest, NotFound
from ferrox.admin.registry import answers
from ferrox.admin.shapes.faults import Faults, FaultView, NewFault, OneFault
from ferrox.admin.shapes.paging import Nothing
from ferrox.admin.shapes.server import Count


@answers("ListFaults")
async def list_faults(call: AdminCall, args: Nothing) -> Faults:
    """Return rules in the order in which they are looked at."""
    return Faults(faults=tuple(map(_view, _board(call).rules())))


@answers("AddFault")
async def add_fault(call: AdminCall, args: NewFault) -> FaultView:
    """Have a rule happen from the next request on."""
    board = _board(call)
    try:
        number = faults.add(board, fault_rules.read_rule(args.rule))
    except ValueError as error:
        raise InvalidRequest(str(error)) from None
    return FaultView(number=number, rule=args.rule, requests=0, injected=0)


@answers("DeleteFault")
async def delete_fault(call: AdminCall, args: OneFault) -> None:
    """Have one rule happen no more."""
    board = _board(call)
    if not any(board.remove(one.number) for one in board.rules() if str(one.number) == args.number):
        raise NotFound(f"There is no rule {args.number}.")


@answers("ClearFaults")
async def clear_faults(call: AdminCall, args: Nothing) -> Count:
    """Have nothing happen any more."""
    return Count(count=_board(call).clear())


def _board(call: AdminCall) -> FaultBoard:
    board = call.services.ledger.faults
    if board is None:
        raise Conflict("Faults are injected by ephemeral servers only; see ferroxd --ephemeral.")
    return board


def _view(placed: Placed) -> FaultView:
    return FaultView(
        number=placed.number,
        rule=placed.rule.text,
        requests=placed.requests,
        injected=placed.injected,
    )
