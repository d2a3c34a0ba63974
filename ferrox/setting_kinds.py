"""The types of settings: what text may stand for each, and what it means.

A reader raises ValueError with what is wrong, in words that go on after the name of the setting.
"""

import base64
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple

ALL_INTERFACES = "0.0.0.0"  # noqa: S104 - the documented default: other machines are to reach it

MOST_WORKERS = 64
"""Each writes to the same index: more of them than this would only wait for each other."""


KEY_BYTES = 32

PASSPHRASE_CHARACTERS = (8, 1024)
"""How long a passphrase may be."""


class Kind(NamedTuple):
    """The type of a setting: its name for people, and how text is read (or a ValueError).

    bare  what an option of this type stands for that is given without a value, if it may be
    """

    name: str
    read: Callable[[str], object]
    is_list: bool = False
    bare: str = ""


class Address(NamedTuple):
    """Where the server listens."""

    host: str
    port: int

    def __str__(self) -> str:
        """HOST:PORT, with brackets around an IPv6 address."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def address(text: str) -> Address:
    """HOST:PORT; no host is every address of the machine."""
    host, separator, port = text.rpartition(":")
    if not separator or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ValueError("not HOST:PORT with a port from 0 to 65535")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ValueError("not HOST:PORT (an IPv6 address stands in brackets)")
    if not re.fullmatch(r"[A-Za-z0-9._:%-]*", host):
        raise ValueError("not HOST:PORT")
    return Address(host or ALL_INTERFACES, int(port))


def address_or_off(text: str) -> Address | None:
    """HOST:PORT, or not at all."""
    return None if text.lower() == "off" else address(text)


def paths(text: str) -> tuple[Path, ...]:
    """Paths, separated by commas."""
    return tuple(path(one.strip()) for one in text.split(","))


def path(text: str) -> Path:
    """A path."""
    if not text or "\0" in text:
        raise ValueError("not a path")
    return Path(text)


def access_key(text: str) -> str:
    """What may name a key pair."""
    if not re.fullmatch(r"[!-~]{3,128}", text) or set(text) & set("/,="):
        raise ValueError("an access key has 3 to 128 visible ASCII characters, none of them / , =")
    return text


def secret_key(text: str) -> str:
    """What may be the secret of a key pair."""
    if not re.fullmatch(r"[!-~]{4,128}", text):
        raise ValueError("a secret key has 4 to 128 visible ASCII characters")
    return text


def master_key(text: str) -> str:
    """A key of 32 bytes as a text; it stays one, so that no list of settings shows bytes."""
    read_key(text)
    return text


def read_key(text: str) -> bytes:
    """The 32 bytes that a text says in hexadecimal or base64."""
    text = text.strip()
    try:
        if len(text) == 2 * KEY_BYTES:
            return bytes.fromhex(text)
        key = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError(f"not {KEY_BYTES} bytes in base64 or hexadecimal")
    return key


def passphrase(text: str) -> str:
    """What may be a passphrase."""
    if not PASSPHRASE_CHARACTERS[0] <= len(text) <= PASSPHRASE_CHARACTERS[1]:
        least, most = PASSPHRASE_CHARACTERS
        raise ValueError(f"a passphrase has {least} to {most} characters")
    return text


def region(text: str) -> str:
    """The name of a region."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", text):
        raise ValueError("a region has lower-case letters, digits and hyphens")
    return text


def domains(text: str) -> tuple[str, ...]:
    """Host names, separated by commas; each once, in lower case."""
    names = [name.strip().lower().rstrip(".") for name in text.split(",")]
    for name in names:
        if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", name) or ".." in name:
            raise ValueError(f"{name!r} is not a host name")
    return tuple(dict.fromkeys(names))


def workers(text: str) -> int | Literal["auto"]:
    """How many processes serve."""
    if text.lower() == "auto":
        return "auto"
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= MOST_WORKERS:
        raise ValueError(f"not auto, and not a whole number from 1 to {MOST_WORKERS}")
    return int(text)


def number(least: float, most: float) -> Callable[[str], float]:
    """A reader of numbers within bounds."""

    def read(text: str) -> float:
        number = float(text) if re.fullmatch(r"[0-9.]+", text) else math.nan
        if not least <= number <= most:
            raise ValueError(f"not a number from {least:g} to {most:g}")
        return number

    return read


_SIZES = {"": 1, "K": 1 << 10, "KIB": 1 << 10, "M": 1 << 20, "MIB": 1 << 20}


def whole(least: int, most: int) -> Callable[[str], int]:
    """A reader of whole numbers within bounds, with the units of sizes."""

    def read(text: str) -> int:
        match = re.fullmatch(r"([0-9]{1,15}) ?([KkMm]?(?:[Ii][Bb])?)", text)
        number = int(match[1]) * _SIZES.get(match[2].upper(), 1 << 60) if match else -1
        if not least <= number <= most:
            raise ValueError(f"not a whole number from {least} to {most}")
        return number

    return read


def one_of(*choices: str) -> Kind:
    """The type of a setting with few values, however they are capitalised."""
    spelled = {choice.lower(): choice for choice in choices}

    def read(text: str) -> str:
        if text.lower() not in spelled:
            raise ValueError(f"not one of {', '.join(choices)}")
        return spelled[text.lower()]

    return Kind("|".join(choices), read)


def switch(text: str) -> bool:
    """On or off."""
    if text.lower() not in ("on", "off", "true", "false"):
        raise ValueError("not on or off")
    return text.lower() in ("on", "true")


ON_OFF = Kind("on|off", switch, bare="on")
"""The type of a switch."""
