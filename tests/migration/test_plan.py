"""plan.py: what is to be done about a key, by what both sides have of it."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ferrox.migration.entries import Entry
from ferrox.migration.plan import (
    NEWER_AT_TARGET,
    OUT_OF_ORDER,
    KeyPlan,
    is_same,
    plan_current,
    plan_versions,
)


def _version(number: int, *, version_id: str | None = None, **more: Any) -> Entry:
    name = f"version-{number:08}" if version_id is None else version_id
    entry = Entry("k", name, False, number, number * 1000, f"etag{number}", False)
    return entry._replace(**more)


def _marker(number: int) -> Entry:
    return _version(number, is_marker=True, size_bytes=0, etag="")


ONE, TWO, THREE = _version(1), _version(2), _version(3)


def test_everything_is_copied_to_where_nothing_is() -> None:
    assert KeyPlan(copy=(ONE, _marker(2), THREE)) == plan_versions([ONE, _marker(2), THREE], [])


def test_nothing_is_copied_twice() -> None:
    assert KeyPlan(present=(ONE, TWO)) == plan_versions([ONE, TWO], [ONE, TWO])


def test_it_goes_on_where_it_was() -> None:
    assert KeyPlan(copy=(TWO, THREE), present=(ONE,)) == plan_versions([ONE, TWO, THREE], [ONE])


def test_what_is_missing_below_others_is_put_there_by_its_time() -> None:
    plan = plan_versions([ONE, TWO, THREE], [TWO])

    assert KeyPlan(copy=(ONE, THREE), present=(TWO,)) == plan


def test_what_has_not_the_time_for_it_cannot_be_put_below_others() -> None:
    late = _version(2, version_id="dated-by-when-it-was-begun")

    plan = plan_versions([ONE, THREE, late], [ONE, late])

    assert ((THREE,), (ONE, late), OUT_OF_ORDER) == (plan.copy, plan.present, plan.conflict)


def test_what_the_target_says_of_times_says_what_is_out_of_order() -> None:
    early, late = ONE._replace(modified_ms=1200), _version(2, modified_ms=1700)

    assert "" == plan_versions([early, late], [late]).conflict
    rounded = late._replace(modified_ms=1000)
    assert OUT_OF_ORDER == plan_versions([early, late], [rounded]).conflict


def test_a_version_knows_which_younger_one_it_follows() -> None:
    late = _version(2, version_id="dated-by-when-it-was-begun")

    plan = plan_versions([ONE, THREE, late], [])

    assert (ONE, THREE, late._replace(follows=THREE.version_id)) == plan.copy
    unkept = THREE._replace(version_id="4")
    assert (late,) == plan_versions([unkept, late], [unkept]).copy


def test_the_null_version_is_replaced_by_another() -> None:
    old, new = _version(1, version_id="null"), _version(5, version_id="null")

    assert KeyPlan(copy=(new,), present=(TWO,)) == plan_versions([TWO, new], [old, TWO])


def test_what_was_removed_at_the_source_is_extra() -> None:
    assert KeyPlan(copy=(THREE,), present=(ONE,), extra=(TWO,)) == plan_versions(
        [ONE, THREE], [ONE, TWO]
    )


def test_what_was_written_at_the_target_is_not_buried() -> None:
    own = _version(9)

    plan = plan_versions([ONE, TWO], [ONE, own])

    assert KeyPlan(copy=(TWO,), present=(ONE,), extra=(own,), newer=own) == plan
    assert plan_versions([ONE], [ONE, own]).newer is None  # there is nothing to bury it


def test_ids_that_cannot_be_kept_are_not_looked_for() -> None:
    source = _version(1, version_id="4")
    there = _version(1, version_id="given-by-the-target")

    assert KeyPlan(present=(source,)) == plan_versions([source], [there])
    assert not is_same(ONE, there)


def test_a_version_with_an_id_is_the_same_whatever_its_etag() -> None:
    """A listing of MinIO has other ETags than its objects, where these are encrypted."""
    assert is_same(ONE, ONE._replace(etag="another"))
    assert not is_same(ONE, ONE._replace(size_bytes=7))
    null = _version(1, version_id="null")
    assert is_same(null, null)
    assert not is_same(null, null._replace(etag="another"))
    assert not is_same(null, ONE)


def test_times_are_compared_in_seconds() -> None:
    assert is_same(ONE._replace(modified_ms=1999), ONE)
    assert not is_same(ONE._replace(modified_ms=2000), ONE)


@given(st.lists(st.sampled_from("vdm"), max_size=8), st.integers(0, 8))
def test_after_any_beginning_the_rest_is_what_is_copied(kinds: list[str], done: int) -> None:
    source = [
        _version(number) if kind == "v" else _marker(number)
        for number, kind in enumerate(kinds, start=1)
    ]

    plan = plan_versions(source, source[:done])

    assert (tuple(source[done:]), tuple(source[:done])) == (plan.copy, plan.present)
    assert ("", ()) == (plan.conflict, plan.extra)


CURRENT = _version(2, version_id="", is_latest=True)
THERE = _version(2, version_id="null", is_latest=True)


def test_a_current_state_is_there_or_not() -> None:
    assert KeyPlan(copy=(CURRENT,), replaced="") == plan_current([CURRENT], [])
    assert KeyPlan(present=(CURRENT,)) == plan_current([CURRENT], [THERE])


def test_a_current_state_is_copied_over_an_older_one() -> None:
    older = _version(1, version_id="null", is_latest=True)

    assert KeyPlan(copy=(CURRENT,), replaced=older.etag) == plan_current([CURRENT], [older])
    assert 2 == plan_current([CURRENT], [older]).copied_bytes


def test_a_newer_state_at_the_target_is_left_alone() -> None:
    newer = _version(3, version_id="null", is_latest=True)

    assert NEWER_AT_TARGET == plan_current([CURRENT], [newer]).conflict


def test_what_the_source_no_longer_shows_is_extra_as_a_key() -> None:
    former = _version(1, version_id="another-version-id")

    assert KeyPlan(extra=(THERE._replace(version_id=""),)) == plan_current([], [former, THERE])


def test_a_key_that_was_hidden_at_the_target_before_is_copied() -> None:
    hidden = _marker(1)._replace(is_latest=True)

    assert KeyPlan(copy=(CURRENT,), replaced="") == plan_current([CURRENT], [ONE, hidden])
    assert KeyPlan() == plan_current([], [ONE, hidden])


def test_a_key_that_was_deleted_at_the_target_since_is_left_alone() -> None:
    hidden = _marker(3)._replace(is_latest=True)

    assert NEWER_AT_TARGET == plan_current([CURRENT], [ONE, hidden]).conflict
    assert (
        NEWER_AT_TARGET
        == plan_current([CURRENT], [THERE._replace(modified_ms=2001, etag="own")]).conflict
    )
