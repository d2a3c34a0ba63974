"""The machine, as its kernel describes it."""

from pathlib import Path

import pytest

from build.bench import machine


@pytest.mark.parametrize(
    ("cpuinfo", "name"),
    [
        ("processor\t: 0\nmodel name\t: AMD EPYC\nmodel name\t: another\n", "AMD EPYC"),
        ("processor\t: 0\nModel\t\t: Raspberry Pi 5\n", "Raspberry Pi 5"),
    ],
)
def test_the_processor_is_named(cpuinfo: str, name: str) -> None:
    assert name == machine.processor(cpuinfo)


def test_memory_is_counted_in_gibibytes() -> None:
    assert 16.0 == machine.memory_gib("MemTotal:       16777216 kB\nMemFree: 1 kB\n")


def test_this_machine_can_be_described(tmp_path: Path) -> None:
    assert all(machine.describe(tmp_path).values())
