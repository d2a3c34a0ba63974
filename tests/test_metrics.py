"""The table of metrics keeps the conventions of Prometheus."""

import re

import pytest

from ferrox import metrics
from ferrox.instruments import Found, Histogram, Instrument
from ferrox.slots import Slots

NAMES = [one.name for one in metrics.TABLE]
UNITS = ("_bytes", "_seconds", "_total", "_info", "_fds", "_expected")


@pytest.mark.parametrize("one", metrics.TABLE, ids=NAMES)
def test_names_and_labels_are_made_of_words(one: Instrument | Found) -> None:
    assert re.fullmatch(r"ferrox(_[a-z]+)+", one.name)
    assert all(re.fullmatch(r"[a-z_]+", label) for label in one.labels)
    assert set() == set(one.labels) & {"le", "job", "instance"}, "Prometheus has these itself"


@pytest.mark.parametrize("one", metrics.TABLE, ids=NAMES)
def test_what_only_rises_says_so_in_its_name(one: Instrument | Found) -> None:
    assert (one.kind == "counter") == one.name.endswith("_total")


@pytest.mark.parametrize("one", metrics.TABLE, ids=NAMES)
def test_a_meaning_is_a_sentence(one: Instrument | Found) -> None:
    assert one.meaning[0].isupper() or one.meaning[0].isdigit()
    assert one.meaning.endswith(".")
    assert "\n" not in one.meaning


@pytest.mark.parametrize("one", metrics.TABLE, ids=NAMES)
def test_buckets_rise(one: Instrument | Found) -> None:
    if isinstance(one, Histogram):
        assert list(one.bounds) == sorted(set(one.bounds))


def test_each_name_is_there_once_and_the_table_has_them_all() -> None:
    assert len(set(NAMES)) == len(NAMES)
    on_panel: list[Instrument | Found] = [*metrics.PANEL.instruments, *metrics.PANEL.found]
    assert sorted(NAMES) == sorted(one.name for one in on_panel)


def test_counting_goes_on_in_memory_that_is_shared() -> None:
    slots, before = Slots(2), metrics.PANEL.slots
    try:
        metrics.share(slots, 1)
        metrics.ERRORS.inc(1, "NoSuchKey")

        counted = {one.name: readings for one, readings in metrics.PANEL.read()}

        assert [(("NoSuchKey",), [1])] == [tuple(one) for one in counted["ferrox_errors_total"]]
    finally:
        metrics.share(before, 0)
