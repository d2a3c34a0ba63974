"""The options of `ferroxd serve` and their help, made from the settings."""

import os
import textwrap
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from ferrox.cli.guessing import guess
from ferrox.config import SETTINGS, Config, load
from ferrox.errors import StartError
from ferrox.setting import Setting

ELSEWHERE = dict.fromkeys(("--address", "--host", "--port", "-p"), "--bind")
"""What other servers call the address that they listen on."""


_HELP = frozenset(("-h", "--help"))


class Options(NamedTuple):
    """What one command line of `serve` asks for."""

    values: dict[str, list[str]]
    config_file: Path | None = None
    wants_help: bool = False


def asks_for_help(arguments: Iterable[str]) -> bool:
    """Whether a command is to say what it does, whatever else is asked of it."""
    return not _HELP.isdisjoint(arguments)


def parse(arguments: Sequence[str]) -> Options:
    """Read `--name value`, `--name=value` and bare switches; StartError names what is not known."""
    flags = {setting.flag: setting for setting in SETTINGS}
    values: dict[str, list[str]] = {}
    config_file: Path | None = None
    remaining = deque(arguments)
    while remaining:
        argument = remaining.popleft()
        if argument in _HELP:
            return Options({}, wants_help=True)
        flag, has_value, value = argument.partition("=")
        if flag != "--config" and flag not in flags:
            raise StartError(f"unknown {_unknown(flag, flags)}; see ferroxd serve --help")
        if not has_value:
            bare = flags[flag].kind.bare if flag in flags else ""
            if bare and (not remaining or remaining[0].startswith("-")):
                value = bare
            elif remaining:
                value = remaining.popleft()
            else:
                raise StartError(f"option {flag} needs a value")
        if flag == "--config":
            config_file = Path(value)
        else:
            values.setdefault(flags[flag].name, []).append(value)
    return Options(values, config_file)


def _unknown(word: str, flags: Iterable[str]) -> str:
    """What is not known, and what may have been meant."""
    if not word.startswith("-"):
        return f"argument {word}" + (f"; a directory is --data-dir {word}" if "/" in word else "")
    return f"option {word}{guess(word, flags, ELSEWHERE)}"


def help_text() -> str:
    """What `ferroxd serve --help` prints."""
    lines = [
        "usage: ferroxd [serve] [OPTION VALUE]...",
        "",
        "Start the server. An option beats its environment variable, which beats the file.",
        "",
        "  --config FILE",
        "      TOML file of settings, named like the options. (environment: FERROX_CONFIG)",
    ]
    for setting in SETTINGS:
        lines.append(f"  {setting.flag} {_placeholder(setting)}")
        text = f"{setting.meaning} ({'; '.join(_facts(setting))})"
        lines += textwrap.wrap(text, 96, initial_indent=" " * 6, subsequent_indent=" " * 6)
    return "\n".join(lines) + "\n"


def _placeholder(setting: Setting) -> str:
    name = setting.kind.name if "|" in setting.kind.name else setting.kind.name.upper()
    return f"[{name}]" if setting.kind.bare else name


def _facts(setting: Setting) -> list[str]:
    unit = f" {setting.unit}" if setting.unit else ""
    default = setting.default_text
    return [
        f"default: {default}{unit}" if default else "no default",
        "environment: " + ", ".join((setting.environment, *setting.aliases)),
    ]


class Words(NamedTuple):
    """The command line of a command that works on a data directory.

    words     what is no option, in order
    values    options with a value, by flag
    switches  those without
    """

    words: list[str]
    values: dict[str, str]
    switches: frozenset[str]

    def settings(self) -> Config:
        """The settings that `--config`, the environment and `--data-dir` give together."""
        file = Path(self.values["--config"]) if "--config" in self.values else None
        given = {"data_dir": [self.values["--data-dir"]]} if "--data-dir" in self.values else {}
        return load(given, os.environ, file)


def parse_words(command: str, arguments: Sequence[str], flags: set[str], *known: str) -> Words:
    """Read words, `flags` with values beside those of every data directory, and known switches."""
    words: list[str] = []
    values: dict[str, str] = {}
    switches: set[str] = set()
    remaining = iter(arguments)
    for argument in remaining:
        flag, has_value, value = argument.partition("=")
        if argument in known:
            switches.add(argument)
        elif flag in flags | {"--data-dir", "--config"}:
            given = value if has_value else next(remaining, None)
            if not given:
                raise StartError(f"option {flag} needs a value")
            values[flag] = given
        elif argument.startswith("-") and argument != "-":
            raise StartError(f"unknown option {flag}; see ferroxd {command} --help")
        else:
            words.append(argument)
    return Words(words, values, frozenset(switches))
