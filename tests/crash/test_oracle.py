"""The judge is judged first: a lenient oracle would let every crash test pass."""

from tests.crash.oracle import ABSENT, Oracle


def test_a_name_that_was_never_written_shows_nothing() -> None:
    assert {ABSENT} == Oracle().may_be("k")


def test_an_acknowledged_write_hides_what_was_before() -> None:
    oracle = Oracle()
    oracle.acknowledge(oracle.begin("k", "one"))

    assert {"one"} == oracle.may_be("k")


def test_a_write_in_flight_may_have_happened_or_not() -> None:
    oracle = Oracle()
    oracle.acknowledge(oracle.begin("k", "one"))
    oracle.begin("k", "two")

    assert {"one", "two"} == oracle.may_be("k")


def test_an_acknowledged_delete_stays() -> None:
    oracle = Oracle()
    oracle.acknowledge(oracle.begin("k", "one"))
    oracle.acknowledge(oracle.begin("k", ABSENT))

    assert {ABSENT} == oracle.may_be("k")


def test_of_two_writes_at_once_either_may_be_the_last() -> None:
    oracle = Oracle()
    one, two = oracle.begin("k", "one"), oracle.begin("k", "two")
    oracle.acknowledge(two)
    oracle.acknowledge(one)

    assert {"one", "two"} == oracle.may_be("k")


def test_what_was_seen_between_two_rounds_is_all_there_is() -> None:
    oracle = Oracle()
    oracle.begin("k", "one")
    oracle.settle("k", ABSENT)

    assert {ABSENT} == oracle.may_be("k")
