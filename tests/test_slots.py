"""Slots: what one process writes, others read; what is there stays when the process has gone."""

import os

from hypothesis import given
from hypothesis import strategies as st

from ferrox.slots import Slots

words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
keys = st.lists(words, min_size=1, max_size=4).map(tuple).filter(lambda key: key != ("",))


def test_a_slot_that_nobody_entered_has_no_process_and_no_series() -> None:
    slot = Slots(2)[1]

    assert (0, []) == (slot.pid, list(slot.series()))


def test_whoever_enters_is_the_process_of_the_slot() -> None:
    slots = Slots(2)

    slots[1].enter()

    assert [0, os.getpid()] == [slots[0].pid, slots[1].pid]


@given(st.lists(keys, unique=True, max_size=30), st.integers(1, 20))
def test_all_series_are_found_again_with_cells_of_their_own(
    names: list[tuple[str, ...]], cell_count: int
) -> None:
    slots = Slots(1)
    slots[0].enter()
    added = {name: slots[0].add(name, cell_count) for name in names}

    found = slots[0].enter()

    assert added == found
    cells = {cell + offset for cell in found.values() for offset in range(cell_count)}
    assert len(cells) == len(names) * cell_count


def test_what_is_written_is_seen_through_another_view() -> None:
    slots = Slots(1)
    slots[0].enter()
    cell = slots[0].add(("one",), 1)
    assert cell is not None

    slots[0].cells[cell] = 42.5

    assert 42.5 == slots[0].cells[cell]


def test_a_full_slot_has_no_place_for_more_and_keeps_what_it_has() -> None:
    slot = Slots(1)[0]
    slot.enter()
    first = slot.add(("first",), 1)

    too_many = slot.add(("cells",), 1_000_000)
    too_long = slot.add(("x" * 60_000,), 1), slot.add(("y" * 60_000,), 1)
    no_room = [slot.add((f"{number}" + "z" * 60_000,), 1) for number in range(3)]

    assert too_many is None
    assert None not in too_long
    assert no_room[-1] is None
    assert {("first",): first}.items() <= dict(slot.series()).items()


def test_slots_do_not_touch_each_other() -> None:
    slots = Slots(3)
    for number in range(3):
        slots[number].enter()
        cell = slots[number].add(("same",), 1)
        assert cell is not None
        slots[number].cells[cell] = number

    assert [0, 1, 2] == [
        slots[number].cells[dict(slots[number].series())["same",]] for number in range(3)
    ]
