"""The board of faults: what happens to which request, for all processes of a server together."""

import os
from collections.abc import Iterator

import pytest

from ferrox.accounting.fault_board import (
    MOST_RULES,
    MOST_TEXT_BYTES,
    FaultBoard,
    happens_to,
)
from ferrox.fault_rules import read_rule
from ferrox.workers.lines import new_lock

PROCESSES = 4


@pytest.fixture
def board() -> Iterator[FaultBoard]:
    made = FaultBoard(new_lock(), seed=7)
    yield made
    made.close()


def drawn(board: FaultBoard, text: str, count: int) -> list[bool]:
    """What happens to so many requests that a new rule concerns."""
    placed = board.add(read_rule(text))
    return [board.draw(placed) for _ in range(count)]


def test_the_same_seed_has_the_same_requests_hit() -> None:
    with new_lock() as lock:
        first, second = (drawn(FaultBoard(lock, 1), "*:500:0.5", 64) for _ in range(2))
        another = drawn(FaultBoard(lock, 2), "*:500:0.5", 64)

    assert first == second
    assert first != another


def test_which_requests_are_hit_does_not_change_between_versions() -> None:
    hits = [request for request in range(1, 31) if happens_to(0, 1, request, 0.2)]

    assert [10, 14, 26, 28] == hits


def test_as_many_are_hit_as_the_probability_says(board: FaultBoard) -> None:
    count = sum(drawn(board, "*:500:0.1", 5_000))

    assert 420 < count < 580


@pytest.mark.parametrize(("probability", "expected"), [("0", False), ("1", True)])
def test_what_is_certain_is_certain(board: FaultBoard, probability: str, expected: bool) -> None:
    assert [expected] * 50 == drawn(board, f"*:500:{probability}", 50)


def test_a_fault_ends_when_it_has_happened_often_enough(board: FaultBoard) -> None:
    assert [True, True, False, False] == drawn(board, "*:500:1:2", 4)
    assert [(4, 2)] == [(placed.requests, placed.injected) for placed in board.rules()]


def test_rules_are_looked_at_in_the_order_in_which_they_were_added(board: FaultBoard) -> None:
    texts = ["put_object:503:0.1", "*:reset", "get_object@b/k:corrupt"]
    numbers = [board.add(read_rule(text)).number for text in texts]

    assert [1, 2, 3] == numbers
    assert texts == [placed.rule.text for placed in board.rules()]


def test_a_removed_rule_happens_no_more_and_leaves_the_others(board: FaultBoard) -> None:
    first, second = (board.add(read_rule(f"*:{code}")) for code in (500, 503))

    assert board.remove(first.number)
    assert not board.remove(first.number)

    assert (False, True) == (board.draw(first), board.draw(second))
    third = board.add(read_rule("*:reset"))
    assert (first.slot, 3) == (third.slot, third.number), "its place is free, its number is not"
    assert [2, 3] == [placed.number for placed in board.rules()]
    assert not board.draw(first), "the place is somebody else's now"


def test_all_can_be_removed_at_once(board: FaultBoard) -> None:
    board.add(read_rule("*:500"))
    board.add(read_rule("*:503"))

    assert (2, 0) == (board.clear(), board.clear())
    assert [] == board.rules()


def test_every_change_shows_in_the_generation(board: FaultBoard) -> None:
    seen = [board.generation]
    for change in (
        lambda: board.add(read_rule("*:500")),
        lambda: board.remove(1),
        board.clear,
    ):
        change()
        seen.append(board.generation)

    assert 4 == len(set(seen))


def test_there_is_an_end_to_rules_and_to_their_length(board: FaultBoard) -> None:
    longest = "*@b/" + "k" * (MOST_TEXT_BYTES - 8) + ":500"
    board.add(read_rule(longest))
    assert [longest] == [placed.rule.text for placed in board.rules()]

    with pytest.raises(ValueError, match="484 bytes at most"):
        board.add(read_rule(longest.replace("@", "@b")))
    for _ in range(MOST_RULES - 1):
        board.add(read_rule("*:500:0"))
    with pytest.raises(ValueError, match="there are 64 rules already"):
        board.add(read_rule("*:500"))


def test_processes_count_together(board: FaultBoard) -> None:
    placed = board.add(read_rule("*:500:0.5:40"))
    pids = []
    for _ in range(PROCESSES):
        pid = os.fork()
        if not pid:
            for _ in range(50):
                board.draw(placed)
            os._exit(0)
        pids.append(pid)
    for pid in pids:
        assert 0 == os.waitpid(pid, 0)[1]

    (after,) = board.rules()
    assert (200, 40) == (after.requests, after.injected)


def test_what_another_process_changes_is_seen(board: FaultBoard) -> None:
    before = board.generation
    pid = os.fork()
    if not pid:
        board.add(read_rule("*:reset"))
        os._exit(0)
    assert 0 == os.waitpid(pid, 0)[1]

    assert before != board.generation
    assert ["*:reset"] == [placed.rule.text for placed in board.rules()]
