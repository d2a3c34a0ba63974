"""Where the token of metrics comes from."""

from dataclasses import replace
from pathlib import Path

import pytest

from ferrox import log
from ferrox.config import Config
from ferrox.errors import StartError
from ferrox.monitoring.token import with_token


def test_a_file_holds_the_token_as_its_only_line(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("a-token-of-a-file\n")

    config = with_token(replace(Config(), metrics_token_file=path))

    assert ("a-token-of-a-file", None) == (config.metrics_token, config.metrics_token_file)
    assert "a-token-of-a-file" not in log.redact("it is a-token-of-a-file")


def test_without_a_token_nothing_changes() -> None:
    assert Config() == with_token(Config())


def test_a_token_that_is_said_is_kept_out_of_the_log() -> None:
    with_token(replace(Config(), metrics_token="a-token-that-is-said"))

    assert "a-token-that-is-said" not in log.redact("x a-token-that-is-said y")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("two\nlines of text\n", "does not hold a line"),
        ("with a space\n", "does not hold a bearer token"),
        ("ümlauteeee\n", "does not hold a bearer token"),
        ("", "does not hold a line"),
    ],
)
def test_a_file_without_a_token_ends_the_start(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "token"
    path.write_text(content)

    with pytest.raises(StartError, match=f"token file {path} {reason}"):
        with_token(replace(Config(), metrics_token_file=path))


def test_a_file_that_is_not_there_ends_the_start(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="cannot be read: No such file"):
        with_token(replace(Config(), metrics_token_file=tmp_path / "none"))


def test_two_tokens_are_one_too_many(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="give only one"):
        with_token(replace(Config(), metrics_token="one-token", metrics_token_file=tmp_path / "x"))
