"""Settings: files and command lines that make a configuration, or say what is wrong with them."""

import tempfile

from ferrox import event_targets
from ferrox.cli import options
from ferrox.config import SETTINGS, Config, load
from ferrox.errors import StartError
from tests.fuzz.target import Target, clean_text


def check(data: bytes) -> None:
    """By its first letter, read an input as options, a file of settings, or targets of events."""
    kind, text = data[:1], data[1:]
    try:
        match kind:
            case b"o":
                _load(clean_text(text).replace("\0", "").splitlines())
            case b"f":
                with tempfile.NamedTemporaryFile(suffix=".toml") as file:
                    file.write(text)
                    file.flush()
                    _load(["--config", file.name])
            case b"t":
                _read_targets(text)
            case _:
                pass
    except StartError:
        return


def _load(arguments: list[str]) -> None:
    asked = options.parse(arguments)
    if asked.wants_help:
        return
    if asked.config_file is not None and not str(asked.config_file).startswith(
        tempfile.gettempdir()
    ):
        return  # what else is on this machine is none of ours
    config = load(asked.values, {}, asked.config_file)
    assert isinstance(config, Config)
    assert repr(config)


def _read_targets(text: bytes) -> None:
    with tempfile.NamedTemporaryFile(suffix=".toml") as file:
        file.write(text)
        file.flush()
        try:
            targets = event_targets.read(file.name)
        except ValueError:
            return
    for target in targets:
        assert repr(target) == f"Target({target.name!r})"
        assert target.url.isascii()


TARGET = Target(
    check,
    seeds=(
        b"o--bind\n127.0.0.1:0\n--region=eu-west-1\n--access-key\nabc\n--secret-key=abcd",
        b"o--domain\ns3.example.com\n--domain=a.b\n--rate-limit-requests=1\n--workers\nauto",
        b'fbind = "[::1]:9000"\nidle-timeout = 1.5\ndomain = ["a.b", "c.d"]\nmetrics = true\n',
        b'fsse_mode = "default"\nsse_master_key = "' + b"00" * 32 + b'"\n',
        b't[orders]\nurl = "https://orders.example.com/hook"\nformat = "sns"\ntimeout = 10\n',
        b't[a]\nurl = "http://h:1/x?y"\ntoken = "t"\nsigning_key = "k"\nca_file = "/f"\n',
    ),
    words=(
        *(f"\n{setting.flag}\n".encode() for setting in SETTINGS),
        *(f"\n{setting.name} = ".encode() for setting in SETTINGS),
        *(
            b"[::1]:0",
            b"off",
            b"1e9",
            b"\xe2\x82\xac",
            b"2030-01-01",
            b"inf",
            b"nan",
            b"[[a]]",
            b"'''",
        ),
    ),
    max_bytes=2048,
)
