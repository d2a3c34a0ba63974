"""setting_kinds.py: what text may stand for each type of setting, and what not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ferrox import setting_kinds as kinds


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (kinds.path, "a b", Path("a b")),
        (kinds.region, "eu-central-1", "eu-central-1"),
        (kinds.domains, " A.test. ,b.test,a.test", ("a.test", "b.test")),
        (kinds.workers, "AUTO", "auto"),
        (kinds.workers, "64", 64),
        (kinds.number(0, 2), "1.5", 1.5),
        (kinds.whole(0, 1 << 20), "64KiB", 65_536),
        (kinds.whole(0, 1 << 20), "1 M", 1 << 20),
        (kinds.one_of("debug", "info").read, "Info", "info"),
        (kinds.switch, "ON", True),
        (kinds.switch, "false", False),
    ],
)
def test_text_is_read(read: Callable[[str], object], text: str, value: object) -> None:
    assert value == read(text)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (kinds.path, ""),
        (kinds.path, "a\0b"),
        (kinds.access_key, "a/b/c"),
        (kinds.secret_key, "abc"),
        (kinds.region, "EU West"),
        (kinds.domains, "a..b"),
        (kinds.workers, "0"),
        (kinds.workers, "65"),
        (kinds.number(0, 2), "2.1"),
        (kinds.number(0, 2), "nan"),
        (kinds.whole(0, 9), "1 MiB"),
        (kinds.whole(0, 9), "-1"),
        (kinds.one_of("debug", "info").read, "all"),
        (kinds.switch, "perhaps"),
    ],
)
def test_other_text_is_refused(read: Callable[[str], object], text: str) -> None:
    with pytest.raises(ValueError, match=r"not|has"):
        read(text)
