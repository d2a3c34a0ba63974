"""The options of `serve`: every row of the settings is one, is explained, and is read."""

from pathlib import Path

import pytest

from ferrox.cli import options
from ferrox.config import SETTINGS
from ferrox.errors import StartError
from ferrox.setting import Setting


def test_both_ways_to_give_a_value() -> None:
    given = options.parse(
        ["--bind", "x:1", "--region=eu", "--domain=a", "--domain", "b", "--config=f"]
    )

    assert {"bind": ["x:1"], "region": ["eu"], "domain": ["a", "b"]} == given.values
    assert Path("f") == given.config_file


def test_a_value_may_begin_with_a_hyphen_or_hold_an_equals_sign() -> None:
    given = options.parse(["--secret-key", "-a=b", "--access-key=x=y"])

    assert {"secret_key": ["-a=b"], "access_key": ["x=y"]} == given.values


def test_a_switch_without_a_value_is_on() -> None:
    given = options.parse(["--audit-log-strict", "--region", "eu", "--access-log", "off"])
    last = options.parse(["--access-log=off", "--event-log"])

    assert {"audit_log_strict": ["on"], "region": ["eu"], "access_log": ["off"]} == given.values
    assert {"access_log": ["off"], "event_log": ["on"]} == last.values


@pytest.mark.parametrize(
    ("word", "complaint"),
    [
        ("--port", "unknown option --port; do you mean --bind?; see"),
        ("--datadir", "unknown option --datadir; do you mean --data-dir?; see"),
        ("--frobnicate", "unknown option --frobnicate; see"),
        ("/srv", "unknown argument /srv; a directory is --data-dir /srv; see"),
        ("stray", "unknown argument stray; see"),
    ],
)
def test_what_may_have_been_meant_is_said(word: str, complaint: str) -> None:
    with pytest.raises(StartError) as caught:
        options.parse([word, "9001"])

    assert f"{complaint} ferroxd serve --help" == str(caught.value)


def test_an_option_that_is_no_switch_needs_its_value() -> None:
    with pytest.raises(StartError, match="option --region needs a value"):
        options.parse(["--region"])


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_wins(flag: str) -> None:
    assert options.parse(["--bind", "x:1", flag]).wants_help


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [(["-h"], True), (["DIR", "--help"], True), (["--helpless", "h"], False), ([], False)],
)
def test_help_may_be_asked_for_anywhere(arguments: list[str], expected: bool) -> None:
    assert expected is options.asks_for_help(arguments)


def test_a_mistyped_secret_is_not_repeated() -> None:
    with pytest.raises(StartError) as caught:
        options.parse(["--secret-kye=hush"])

    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_help_tells_every_setting(setting: Setting) -> None:
    facts = [
        setting.flag,
        setting.environment,
        setting.default_text,
        setting.unit,
        *setting.aliases,
    ]

    help_text = " ".join(options.help_text().split())

    assert [] == [fact for fact in facts if fact not in help_text]
    assert setting.meaning.removesuffix(".") in help_text


def test_help_fits_a_terminal() -> None:
    assert max(len(line) for line in options.help_text().splitlines()) <= 100
