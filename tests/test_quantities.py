"""quantities.py: one thing is none of many, and bytes are told in the unit that fits."""

import pytest

from ferrox.quantities import counted, size


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 objects"), (1, "1 object"), (2, "2 objects"), (1234, "1,234 objects")],
)
def test_things_are_counted_in_words_that_fit(count: int, text: str) -> None:
    assert text == counted(count, "object")


def test_not_every_plural_has_an_s_at_its_end() -> None:
    assert ["1 finding of damage", "2 findings of damage"] == [
        counted(count, "finding of damage", "findings of damage") for count in (1, 2)
    ]


@pytest.mark.parametrize(
    ("length_bytes", "text"),
    [
        (0, "0 bytes"),
        (0.4, "0 bytes"),
        (1, "1 byte"),
        (1023, "1,023 bytes"),
        (1536, "1.5 KiB"),
        (5 << 30, "5.0 GiB"),
        (5 << 40, "5.0 TiB"),
        (1 << 50, "1024.0 TiB"),
    ],
)
def test_sizes_are_for_people(length_bytes: float, text: str) -> None:
    assert text == size(length_bytes)
