"""Where settings may stand: the command line, the environment, a file. The first of them counts.

A value always passes through the reader of its type, wherever it came from.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ferrox.errors import StartError
from ferrox.setting import ENVIRONMENT_PREFIX, Setting


class Gathered(NamedTuple):
    """The values that were said of settings, and where each was said."""

    values: dict[str, Any]
    sources: dict[str, str]


def gather(
    settings: Iterable[Setting],
    argv_values: Mapping[str, Sequence[str]],
    environ: Mapping[str, str],
    config_file: Path | None,
) -> Gathered:
    """Read what is said of settings; StartError names setting and source.

    argv_values   setting name → every value given on the command line, in order
    environ       the environment; an empty value counts as not given
    config_file   the file asked for by --config; otherwise FERROX_CONFIG names it
    """
    if config_file is None and environ.get(ENVIRONMENT_PREFIX + "CONFIG"):
        config_file = Path(environ[ENVIRONMENT_PREFIX + "CONFIG"])
    known = {setting.name: setting for setting in settings}
    file_values = _read_file(known, config_file) if config_file else {}
    gathered = Gathered({}, {})
    for setting in known.values():
        found = _find(setting, argv_values, environ, file_values, str(config_file))
        if found is not None:
            text, source = found
            gathered.values[setting.name] = _read(setting, text, source)
            gathered.sources[setting.name] = source
    return gathered


def _find(
    setting: Setting,
    argv_values: Mapping[str, Sequence[str]],
    environ: Mapping[str, str],
    file_values: Mapping[str, str],
    file_name: str,
) -> tuple[str, str] | None:
    """The text of a setting and the place it stands in; None when it is nowhere."""
    if argv_values.get(setting.name):
        given = argv_values[setting.name]
        return ",".join(given) if setting.kind.is_list else given[-1], setting.flag
    for name in (setting.environment, *setting.aliases):
        if environ.get(name):
            return environ[name], f"environment variable {name}"
    if setting.name in file_values:
        return file_values[setting.name], f"file {file_name}"
    return None


def _read(setting: Setting, text: str, source: str) -> object:
    try:
        return setting.kind.read(text)
    except ValueError as error:
        shown = "the value" if setting.is_secret else repr(text)
        raise StartError(f"{setting.name}: {shown} from {source}: {error}") from None


def _read_file(known: Mapping[str, Setting], path: Path) -> dict[str, str]:
    """The file's settings as text, so that every value is read in the same way."""
    import tomllib  # here, as few servers have such a file and it costs each of them milliseconds

    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise StartError(f"config file {path}: {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        hint = 'it is TOML, as in bind = "127.0.0.1:9000"'
        raise StartError(f"config file {path}: {error}; {hint}") from None
    except UnicodeDecodeError as error:
        raise StartError(f"config file {path}: {error}") from None
    except RecursionError:
        raise StartError(f"config file {path}: nested too deeply") from None
    values = {}
    for key, value in document.items():
        setting = known.get(key.replace("-", "_"))
        if setting is None:
            raise StartError(f"config file {path}: unknown setting {key!r}")
        values[setting.name] = _as_text(setting, value, path)
    return values


def _as_text(setting: Setting, value: object, path: Path) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, list) and setting.kind.is_list and all(isinstance(v, str) for v in value):
        return ",".join(value)
    raise StartError(f"config file {path}: {setting.name} has the wrong type")
