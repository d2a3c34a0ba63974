"""scripts/fuzz, as far as it gets without a fuzzer."""

import subprocess

import pytest

from tests.architecture.source import ROOT
from tests.fuzz import table


def said(*arguments: str) -> tuple[int, str]:
    """Exit status and what is told of a mistake."""
    done = subprocess.run(
        [ROOT / "scripts" / "fuzz", *arguments], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("arguments", [(), ("long",), ("-1",), ("1.5",)])
def test_without_a_number_of_seconds_it_says_how_it_is_used(arguments: tuple[str, ...]) -> None:
    status, told = said(*arguments)

    assert 2 == status
    assert told.startswith("Usage: scripts/fuzz SECONDS [TARGET]...")


def test_a_target_that_is_none_is_refused_with_those_that_are() -> None:
    status, told = said("1", "chunked", "no-such")

    assert (2, f"fuzz: no target no-such; there are: {' '.join(table.NAMES)}\n") == (status, told)
