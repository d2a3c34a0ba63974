"""Setting: one row of the table in config.py, and what its columns mean."""

from pathlib import Path
from typing import NamedTuple

from ferrox import setting_kinds as kinds

ENVIRONMENT_PREFIX = "FERROX_"


class Row(NamedTuple):
    """What the table says of a setting beside its name, its type in Python and its default."""

    kind: kinds.Kind
    meaning: str
    unit: str = ""
    aliases: tuple[str, ...] = ()
    is_secret: bool = False


class Setting(NamedTuple):
    """One setting: a field of Config with its row."""

    name: str
    default: object
    kind: kinds.Kind
    meaning: str
    unit: str
    aliases: tuple[str, ...]
    is_secret: bool

    @property
    def flag(self) -> str:
        """The name on the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def environment(self) -> str:
        """The name in the environment."""
        return ENVIRONMENT_PREFIX + self.name.upper()

    @property
    def default_text(self) -> str:
        """The default as one would write it, "" when there is none."""
        match self.default:
            case None:
                return ""
            case bool():
                return "on" if self.default else "off"
            case kinds.Address():
                return str(self.default)
            case tuple():
                return ",".join(str(one) for one in self.default)
            case float():
                return f"{self.default:g}"
            case Path():
                return (
                    self.default.as_posix() if self.default.is_absolute() else f"./{self.default}"
                )
            case _:
                return str(self.default)
