"""journal.py: what a run has begun is known to the next, whatever became of the file."""

from pathlib import Path

import pytest

from ferrox.migration.journal import Journal

ONE = ("bucket", "target", "key\nwith a line", "", "etag")
TWO = ("bucket", "target", "kéy", "v", "etag")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal"


def test_what_was_begun_is_found_by_the_next_run(path: Path) -> None:
    first = Journal(path)
    first.begin("u1", *ONE)
    first.begin("u2", *TWO)
    first.end(*ONE)
    first.close()

    second = Journal(path)

    assert (None, "u2") == (second.find(*ONE), second.find(*TWO))
    second.close()


def test_a_run_that_was_killed_has_told_all_the_same(path: Path) -> None:
    killed = Journal(path)
    killed.begin("u1", *ONE)

    next_one = Journal(path)

    assert "u1" == next_one.find(*ONE)
    killed.close()
    next_one.close()


def test_lines_that_make_no_sense_are_passed_over(path: Path) -> None:
    first = Journal(path)
    first.begin("u1", *ONE)
    first.close()
    with path.open("a") as lines:
        lines.write('[]\n7\n{"upload": 1}\n{"upload": "u9", "of": ["a", "b')

    second = Journal(path)

    assert "u1" == second.find(*ONE)
    second.close()
    assert 1 == len(path.read_text().splitlines())


def test_the_end_of_what_was_never_begun_is_nothing(path: Path) -> None:
    journal = Journal(path)

    journal.end(*ONE)

    journal.close()
    assert "" == path.read_text()


def test_without_a_file_only_this_run_knows() -> None:
    journal = Journal(None)
    journal.begin("u1", *ONE)

    assert "u1" == journal.find(*ONE)
    journal.end(*ONE)
    assert None is journal.find(*ONE)
    journal.close()
