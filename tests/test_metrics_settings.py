"""The settings of metrics."""

import pytest

from ferrox.config import Config, load
from ferrox.errors import StartError
from ferrox.metrics_settings import read_token


def test_metrics_are_on_and_want_no_token_by_default() -> None:
    config = Config()

    assert (True, None, None, 1000) == (
        config.metrics, config.metrics_token, config.metrics_token_file, config.metrics_buckets,
    )  # fmt: skip


@pytest.mark.parametrize("text", ["a.b-c_d~e+f/0", "x" * 1024, "abcdefgh=="])
def test_what_can_stand_in_a_header_is_a_token(text: str) -> None:
    assert text == read_token(text)


@pytest.mark.parametrize("text", ["", "short", "with space", "x" * 1025, "a=bcdefghi", "ümlaute!"])
def test_what_cannot_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(StartError, match="metrics_token: the value from") as refusal:
        load({"metrics_token": [text]}, {})

    assert not text or text not in str(refusal.value)


def test_the_token_shows_in_no_repr() -> None:
    assert "hush-hush" not in repr(load({"metrics_token": ["hush-hush"]}, {}))
