"""Instruments count in shared memory: over processes, over threads, over the death of a process."""

import os
import threading
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.instruments import (
    MOST_SERIES,
    OTHER,
    Counter,
    Found,
    Gauge,
    Histogram,
    Panel,
)
from ferrox.slots import Slots


class Sample:
    """A panel with one instrument of each kind."""

    def __init__(self) -> None:
        self.panel = Panel()
        self.hits = self.panel.add(Counter("hits_total", "Hits.", "page"))
        self.open = self.panel.add(Gauge("open", "Open."))
        self.end = self.panel.add(Gauge("end", "Ends first.", "name", together="min"))
        self.last = self.panel.add(Gauge("last", "Came last.", together="max", outlives=True))
        self.sizes = self.panel.add(Histogram("sizes", "Sizes.", bounds=(1, 10), from_threads=True))

    def read(self) -> dict[str, dict[tuple[str, ...], Sequence[float]]]:
        return {
            instrument.name: {reading.labels: reading.cells for reading in readings}
            for instrument, readings in self.panel.read()
        }


def test_what_was_counted_is_read_by_its_labels() -> None:
    sample = Sample()

    sample.hits.inc(1, "a")
    sample.hits.inc(2, "a")
    sample.hits.inc(5, "b")

    assert {("a",): [3.0], ("b",): [5.0]} == sample.read()["hits_total"]


def test_what_has_no_labels_is_there_before_anything_is_counted() -> None:
    assert {(): [0.0]} == Sample().read()["open"]


def test_values_of_labels_can_be_there_from_the_start() -> None:
    panel = Panel()
    panel.add(Counter("found_total", "Found.", "by", begins_with=("read", "scrub")))

    (counted,) = panel.read()

    assert [(("read",), [0.0]), (("scrub",), [0.0])] == [tuple(one) for one in counted[1]]


def test_labels_must_be_as_many_as_the_instrument_has() -> None:
    with pytest.raises(ValueError, match="hits_total"):
        Sample().hits.inc(1)


@given(st.lists(st.floats(0, 20), max_size=30))
def test_a_histogram_has_each_value_in_the_first_bucket_that_takes_it(values: list[float]) -> None:
    sample = Sample()

    for value in values:
        sample.sizes.observe(value)

    buckets = [
        sum(value <= 1 for value in values),
        sum(1 < value <= 10 for value in values),
        sum(value > 10 for value in values),
    ]
    *counted, total = sample.read()["sizes"][()]
    assert buckets == counted
    assert pytest.approx(sum(values)) == total


def test_a_histogram_counts_what_was_the_same_several_times_at_once() -> None:
    sample = Sample()

    sample.sizes.observe(3, times=4)

    assert [0, 4, 0, 12] == sample.read()["sizes"][()]


def test_all_slots_are_added_up() -> None:
    sample, slots = Sample(), Slots(3)
    for number in range(3):
        sample.panel.share(slots, number)
        sample.hits.inc(10**number, "a")
        sample.open.inc(1)
        sample.sizes.observe(number)

    read = sample.read()

    assert {("a",): [111]} == read["hits_total"]
    assert {(): [3]} == read["open"]
    assert {(): [2, 1, 0, 3]} == read["sizes"]


def test_whoever_takes_a_place_goes_on_with_counters_and_begins_gauges_anew() -> None:
    sample, slots = Sample(), Slots(1)
    sample.panel.share(slots, 0)
    sample.hits.inc(7, "a")
    sample.sizes.observe(5)
    sample.open.inc(3)
    sample.end.set(99, "a")
    sample.last.set(1234)

    sample.panel.share(slots, 0)
    sample.hits.inc(1, "a")

    read = sample.read()
    assert {("a",): [8]} == read["hits_total"]
    assert {(): [0, 1, 0, 5]} == read["sizes"]
    assert {(): [0]} == read["open"]
    assert {} == read["end"]
    assert {(): [1234]} == read["last"]


def test_the_least_or_the_most_of_what_processes_say_is_told() -> None:
    sample, slots = Sample(), Slots(2)
    for number in range(2):
        sample.panel.share(slots, number)
        sample.end.set(10 + number, "a")
        sample.last.set(10 + number)

    read = sample.read()

    assert ({("a",): [10]}, {(): [11]}) == (read["end"], read["last"])


def test_what_is_cleared_is_told_no_more_and_may_be_set_again() -> None:
    sample = Sample()
    sample.end.set(10, "a")
    sample.end.set(20, "b")

    sample.end.clear("a")

    assert {("b",): [20]} == sample.read()["end"]
    sample.end.set(5, "a")
    assert {("a",): [5], ("b",): [20]} == sample.read()["end"]


def test_more_series_than_there_should_be_count_as_other() -> None:
    sample = Sample()

    for number in range(MOST_SERIES + 5):
        sample.hits.inc(1, f"page {number}")
        sample.hits.inc(1, "page 0")

    hits = sample.read()["hits_total"]
    assert MOST_SERIES + 1 == len(hits)
    assert [5] == hits[OTHER,]
    assert [MOST_SERIES + 6] == hits["page 0",]


def test_who_takes_a_place_does_not_add_to_the_number_of_series() -> None:
    sample, slots = Sample(), Slots(1)
    for generation in range(3):
        sample.panel.share(slots, 0)
        for number in range(MOST_SERIES):
            sample.hits.inc(1, f"{generation} {number}")

    assert MOST_SERIES + 1 == len(sample.read()["hits_total"])


def test_a_slot_without_room_loses_the_count_and_nothing_else() -> None:
    sample = Sample()
    long = "x" * 60_000

    for number in range(8):
        sample.hits.inc(1, f"{number}{long}")
    sample.open.inc(1)

    read = sample.read()
    assert 0 < len(read["hits_total"]) < 8
    assert {(): [1]} == read["open"]


def test_threads_lose_nothing() -> None:
    sample = Sample()
    together = threading.Barrier(4)

    def work() -> None:
        together.wait()
        for number in range(2000):
            sample.sizes.observe(number % 3)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    *counted, _ = sample.read()["sizes"][()]
    assert 8000 == sum(counted)


def test_another_process_counts_in_the_same_memory() -> None:
    sample, slots = Sample(), Slots(2)
    sample.panel.share(slots, 0)
    sample.hits.inc(1, "a")

    if not (pid := os.fork()):
        sample.panel.share(slots, 1)
        sample.hits.inc(10, "a")
        sample.hits.inc(100, "b")
        os._exit(0)
    os.waitpid(pid, 0)

    assert {("a",): [11], ("b",): [100]} == sample.read()["hits_total"]
    assert {0: os.getpid(), 1: pid} == sample.panel.pids()


def test_series_of_an_instrument_that_is_not_known_are_passed_over() -> None:
    sample, slots = Sample(), Slots(2)
    slots[1].enter()
    slots[1].add(("strange", "x"), 1)

    sample.panel.share(slots, 0)

    assert "strange" not in sample.read()


def test_what_is_looked_up_is_kept_beside_what_is_counted() -> None:
    panel = Panel()

    found = panel.finds(Found("free_bytes", "Free."))

    assert [found] == panel.found
