"""The faults of a server for tests, from its settings to its processes."""

from typing import IO

from ferrox.accounting.fault_board import FaultBoard
from ferrox.config import Config
from ferrox.errors import StartError
from ferrox.fault_rules import EVERY, FaultRule, spelled_plainly
from ferrox.protocol.control import ACCOUNT_OPERATIONS
from ferrox.protocol.operations import OPERATIONS

NAMES = {spelled_plainly(row.name): row.name for row in (*OPERATIONS, *ACCOUNT_OPERATIONS)}
"""Operations that faults can happen to, by the spelling that rules are compared in."""


def board_of(config: Config, lock: IO[bytes]) -> FaultBoard:
    """A board with the faults of the settings; StartError for those of no operation.

    lock  an empty file, for nothing but its locks
    """
    board = FaultBoard(lock, config.inject_seed)
    try:
        for rule in config.inject:
            add(board, rule)
    except ValueError as error:
        board.close()
        raise StartError(f"inject: {error}") from None
    return board


def add(board: FaultBoard, rule: FaultRule) -> int:
    """Have a rule happen from now on, and return its number; ValueError if it cannot happen."""
    if rule.operation != EVERY and rule.operation not in NAMES:
        raise ValueError(f"{rule.text!r}: S3 has no such operation")
    return board.add(rule).number
