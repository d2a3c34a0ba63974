"""The order of keys."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.storage.metadata.keys import common_prefix, prefix_end, successor, upper_bound

LETTERS = st.sampled_from("\0a/\x7f\x80\ud7ff\ue000\uffff\U00010000\U0010ffff")
KEYS = st.text(LETTERS, max_size=4)


@pytest.mark.parametrize(
    ("prefix", "end"),
    [
        ("a", "b"),
        ("a/", "a0"),
        ("", None),
        ("\ud7ff", "\ue000"),
        ("a\U0010ffff", "b"),
        ("\U0010ffff\U0010ffff", None),
        ("\0", "\x01"),
    ],
)
def test_the_end_of_a_prefix_is_the_next_key_without_it(prefix: str, end: str | None) -> None:
    assert end == prefix_end(prefix)


@given(KEYS, KEYS)
def test_a_key_lies_between_a_prefix_and_its_end_exactly_if_it_has_the_prefix(
    key: str, prefix: str
) -> None:
    end = prefix_end(prefix)

    lies_between = prefix <= key and (end is None or key < end)

    assert key.startswith(prefix) == lies_between


@given(KEYS)
def test_the_end_of_a_prefix_is_a_key_that_can_be_stored(prefix: str) -> None:
    end = prefix_end(prefix)

    assert end is None or end.encode()


@given(KEYS, KEYS)
def test_nothing_lies_between_a_key_and_its_successor(key: str, other: str) -> None:
    assert not key < other < successor(key)


@given(st.lists(KEYS, unique=True), KEYS)
def test_sqlite_orders_and_bounds_keys_as_python_does(keys: list[str], prefix: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (key TEXT PRIMARY KEY) STRICT, WITHOUT ROWID")
    connection.executemany("INSERT INTO t VALUES (?)", [(key,) for key in keys])

    rows = connection.execute(
        "SELECT key FROM t WHERE key >= ? AND key < ? ORDER BY key", (prefix, upper_bound(prefix))
    ).fetchall()
    connection.close()

    assert sorted(key for key in keys if key.startswith(prefix)) == [key for (key,) in rows]


@pytest.mark.parametrize(
    ("key", "prefix", "delimiter", "expected"),
    [
        ("a/b/c", "", "/", "a/"),
        ("a/b/c", "a/", "/", "a/b/"),
        ("a/b/c", "a/b/", "/", None),
        ("a", "", "/", None),
        ("a/b", "", "", None),
        ("a//b", "a/", "/", "a//"),
        ("x--y--z", "", "--", "x--"),
        ("ab", "a", "ab", None),
        ("für-é-1", "", "é", "für-é"),
    ],
)
def test_a_key_rolls_up_at_the_first_delimiter_after_the_prefix(
    key: str, prefix: str, delimiter: str, expected: str | None
) -> None:
    assert expected == common_prefix(key, prefix, delimiter)
