"""Families: a metric with its series."""

from ferrox.instruments import Counter, Found, Histogram, Panel, Reading
from ferrox.monitoring.family import Family, counted, one, several

FREE = Found("free_bytes", "Free.")
HELD = Found("held_bytes", "Held.", ("bucket",))


def test_one_value_has_no_labels() -> None:
    assert Family(FREE, [Reading((), [5])]) == one(FREE, 5)


def test_several_values_have_one() -> None:
    expected = Family(HELD, [Reading(("a",), [1]), Reading(("b",), [2])])

    assert expected == several(HELD, {"a": 1, "b": 2})


def test_what_a_panel_counted_is_a_family_each() -> None:
    panel = Panel()
    hits = panel.add(Counter("hits_total", "Hits."))
    sizes = panel.add(Histogram("sizes", "Sizes.", bounds=(1, 2)))
    hits.inc(3)

    first, second = counted(panel)

    assert Family(hits, [Reading((), [3])]) == first
    assert ((), (1, 2)) == (first.bounds, second.bounds)
    assert sizes is second.metric
