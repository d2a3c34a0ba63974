"""The configuration of the image, read from the last stage of Dockerfile.scratch.

An engine reads that file to build; this module reads the same lines for an archive that is made
without one, so that user, volume, labels and health check are written once. Instructions that fill
the file system (COPY) are not its business, see layer.py.

https://github.com/opencontainers/image-spec/blob/main/config.md has the members; `Healthcheck` is
Docker's addition to them, which Docker honours in OCI images and Podman in its own format only.
"""

import json
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Config = dict[str, Any]
NANOSECONDS = {"ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000, "h": 3_600_000_000_000}
FILES = ("COPY", "ADD", "ARG")


def configuration(text: str, arguments: Mapping[str, str]) -> Config:
    """The `config` member of the image that this Dockerfile describes, given build arguments."""
    config: Config = {}
    values: dict[str, str] = {}
    for keyword, rest in _last_stage(text):
        if keyword == "ARG":
            name, _, default = rest.partition("=")
            values[name] = arguments.get(name, default)
        elif keyword not in FILES:
            _READERS[keyword](config, _substitute(rest, values))
    return config


def _last_stage(text: str) -> Iterator[tuple[str, str]]:
    instructions = list(_instructions(text))
    begin = max(at for at, (keyword, _) in enumerate(instructions) if keyword == "FROM")
    return iter(instructions[begin + 1 :])


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    """Keyword and arguments of each instruction, continued lines joined, comments left out."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in re.sub(r"\\\s*\n", " ", "\n".join(lines)).splitlines():
        if line.strip():
            keyword, _, rest = line.strip().partition(" ")
            yield keyword.upper(), rest.strip()


def _substitute(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\$\{(\w+)\}", lambda found: values[found[1]], text)


def _pairs(member: str, text: str) -> dict[str, str]:
    pairs = [word.partition("=") for word in shlex.split(text)]
    if not all(equals for _, equals, _ in pairs):
        raise ValueError(f"{member} is written as NAME=VALUE, not as {text}")
    return {name: value for name, _, value in pairs}


def _labels(config: Config, text: str) -> None:
    config.setdefault("Labels", {}).update(_pairs("LABEL", text))


def _environment(config: Config, text: str) -> None:
    config.setdefault("Env", []).extend(
        f"{name}={value}" for name, value in _pairs("ENV", text).items()
    )


def _ports(config: Config, text: str) -> None:
    config["ExposedPorts"] = {port if "/" in port else f"{port}/tcp": {} for port in text.split()}


def _volumes(config: Config, text: str) -> None:
    config["Volumes"] = {path: {} for path in json.loads(text)}


def _health_check(config: Config, text: str) -> None:
    options, _, command = text.partition("CMD ")
    given = dict(word.removeprefix("--").split("=") for word in options.split())
    members = {
        "interval": "Interval",
        "timeout": "Timeout",
        "start-period": "StartPeriod",
    }
    times = {members[name]: _duration(given[name]) for name in members if name in given}
    config["Healthcheck"] = {
        "Test": ["CMD", *json.loads(command)],
        **times,
        "Retries": int(given["retries"]),
    }


def _duration(text: str) -> int:
    found = re.fullmatch(r"(\d+)(ms|s|m|h)", text)
    if not found:
        raise ValueError(f"{text} is no duration")
    return int(found[1]) * NANOSECONDS[found[2]]


def _text(member: str) -> Callable[[Config, str], None]:
    def read(config: Config, text: str) -> None:
        config[member] = text

    return read


def _words(member: str) -> Callable[[Config, str], None]:
    def read(config: Config, text: str) -> None:
        config[member] = json.loads(text)

    return read


_READERS: dict[str, Callable[[Config, str], None]] = {
    "LABEL": _labels,
    "ENV": _environment,
    "USER": _text("User"),
    "WORKDIR": _text("WorkingDir"),
    "STOPSIGNAL": _text("StopSignal"),
    "EXPOSE": _ports,
    "VOLUME": _volumes,
    "HEALTHCHECK": _health_check,
    "ENTRYPOINT": _words("Entrypoint"),
    "CMD": _words("Cmd"),
}
