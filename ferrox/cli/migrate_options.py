"""What a command line of `ferroxd migrate` asks for: both sides, their keys, what and how."""

import argparse
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

from ferrox.auth.signing import Credentials
from ferrox.cli import health
from ferrox.config import Config, load
from ferrox.errors import Fault, StartError
from ferrox.migration.migrating import Order
from ferrox.outgoing import wider_context
from ferrox.outgoing_connections import Endpoint, endpoint_of

_is_size = re.compile(
    r"([0-9]{1,15}(?:\.[0-9]{1,3})?)(?:([KMGT])(?:i?B)?|B)?", re.IGNORECASE
).fullmatch
_UNITS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}

DESCRIPTION = """\
Copy everything that another S3 (MinIO, AWS, Ceph, a ferroxd) holds into a ferroxd: buckets with
their documents, objects with all versions, delete markers, metadata, tags, retention and legal
holds. Versions keep their time, their id and their ETag. Run again, it copies what is new or was
not copied yet, whatever ended the last run. See docs/migrate.md.
"""
EPILOGUE = """\
Secrets are better kept off the command line: FERROX_FROM_ACCESS_KEY, FERROX_FROM_SECRET_KEY and
FERROX_FROM_SESSION_TOKEN in the environment, or a file (--secret-key-file), say how the source is
asked; FERROX_TO_ACCESS_KEY and FERROX_TO_SECRET_KEY do so for the target of --to. Without --to the
target is the server that runs on the data directory, asked with its own root key pair.

Exit status: 0 everything is at the target, 1 something is missing or different (the report says
what; with --dry-run also: something would be copied), 2 it could not be carried out.
"""


class Side(NamedTuple):
    """Where one side is, and how it is asked."""

    url: str
    endpoint: Endpoint
    credentials: Credentials
    region: str
    ca_file: str


class Asked(NamedTuple):
    """One command line, understood; `is_named` if the target was."""

    source: Side
    target: Side
    order: Order
    concurrency: int
    attempts: int
    bytes_per_s: float | None
    report: Path | None
    state: Path | None
    is_named: bool


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line."""

    def error(self, message: str) -> NoReturn:
        """Complain."""
        raise StartError(f"{message}; see ferroxd migrate --help")


def parse(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> Asked:
    """Understand a command line; StartError says what cannot be."""
    given = _parser().parse_args(arguments)
    source = _side(given, environ, "from")
    target = _side(given, environ, "to") if given.to else _own(given, environ)
    if source.endpoint.authority == target.endpoint.authority:
        raise StartError("source and target are the same server")
    order = Order(
        tuple(given.bucket),
        frozenset(given.exclude_bucket),
        dict(map(_renaming, given.rename_bucket)),
        given.prefix,
        is_current=given.current_only,
        is_dry_run=given.dry_run,
        removes=given.remove,
        with_documents=not given.objects_only,
        with_acls=given.object_acls,
        verifies=given.verify or "",
    )
    state = Path(given.state) if given.state else _default_state(environ)
    report = Path(given.report) if given.report else None
    return Asked(
        source,
        target,
        order,
        given.concurrency,
        given.attempts,
        given.bandwidth,
        report,
        state,
        bool(given.to),
    )


def _side(given: argparse.Namespace, environ: Mapping[str, str], which: str) -> Side:
    """One side as options and environment say."""
    dash = "" if which == "from" else "to_"
    url: str = getattr(given, which if which == "to" else "from_")
    try:
        endpoint = endpoint_of(url)
    except ValueError as error:
        raise StartError(f"--{which} {url}: {error}") from None
    prefix = f"FERROX_{which.upper()}_"
    access_key = getattr(given, f"{dash}access_key") or environ.get(prefix + "ACCESS_KEY", "")
    secret_file: str | None = getattr(given, f"{dash}secret_key_file")
    secret_key = getattr(given, f"{dash}secret_key") or ""
    if secret_file:
        secret_key = _secret(Path(secret_file))
    secret_key = secret_key or environ.get(prefix + "SECRET_KEY", "")
    if not access_key or not secret_key:
        flags = dash.replace("_", "-")
        raise StartError(
            f"the key pair for {url} is missing: --{flags}access-key and --{flags}secret-key-file,"
            f" or {prefix}ACCESS_KEY and {prefix}SECRET_KEY in the environment"
        )
    token = environ.get(prefix + "SESSION_TOKEN", "")
    credentials = Credentials(access_key, secret_key, token)
    region: str = getattr(given, f"{dash}region")
    return Side(url.rstrip("/"), endpoint, credentials, region, _authority(given, f"{dash}ca"))


def _own(given: argparse.Namespace, environ: Mapping[str, str]) -> Side:
    """The server that runs on the data directory, and the key pair of its root."""
    values = {"data_dir": [given.data_dir]} if given.data_dir else {}
    config = load(values, environ, Path(given.config) if given.config else None)
    url = health.url_of(config)
    if url.endswith(":0"):
        raise StartError("the settings leave the port to the system; --to says where the server is")
    endpoint = endpoint_of(url)._replace(is_own=True)
    return Side(url, endpoint, _root(config), config.region, _authority(given, "to_ca"))


def _root(config: Config) -> Credentials:
    if config.access_key is not None and config.secret_key is not None:
        return Credentials(config.access_key, config.secret_key)
    from ferrox.storage.identities import offline

    try:
        stored = offline.root_credentials(config)
    except Fault as fault:
        raise StartError(str(fault)) from fault
    if stored is None:
        raise StartError(
            f"there is no root key pair in {config.data_dir}; --data-dir names another place, and"
            " a pair that the server was given (FERROX_ACCESS_KEY, FERROX_SECRET_KEY) must be"
            " given here, too"
        )
    return Credentials(*stored)


def _authority(given: argparse.Namespace, name: str) -> str:
    """The file that a side is known by, if one was given: certificates, which can be read."""
    file: str | None = getattr(given, name)
    if file:
        try:
            wider_context(file)
        except OSError as error:
            reason = error.strerror or "holds no certificates"
            raise StartError(f"--{name.replace('_', '-')} {file}: {reason}") from None
    return file or ""


def _secret(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not text"
        raise StartError(f"{path}: {reason}") from None


def _default_state(environ: Mapping[str, str]) -> Path | None:
    """Where uploads are remembered that a run was cut short in."""
    if environ.get("XDG_STATE_HOME"):
        return Path(environ["XDG_STATE_HOME"]) / "ferrox"
    home = environ.get("HOME")
    return Path(home) / ".local" / "state" / "ferrox" if home else None


def _renaming(text: str) -> tuple[str, str]:
    source, _, target = text.partition("=")
    if not source or not target:
        raise StartError(f"--rename-bucket {text}: OLD=NEW is needed")
    return source, target


def _size(text: str) -> float:
    match = _is_size(text)
    if match is None or not float(match[1]):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of bytes like 500K or 50MiB")
    return float(match[1]) * (1 << _UNITS[(match[2] or "").upper()])


def _transfers(text: str) -> int:
    return _whole(text, 256)


def _attempts(text: str) -> int:
    return _whole(text, 100)


def _whole(text: str, most: int) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to {most}")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        "ferroxd migrate",
        description=DESCRIPTION,
        epilog=EPILOGUE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    source = parser.add_argument_group("the source")
    source.add_argument(
        "--from", dest="from_", metavar="URL", required=True, help="https://HOST[:PORT]"
    )
    source.add_argument("--access-key", metavar="ID", help="(FERROX_FROM_ACCESS_KEY)")
    source.add_argument("--secret-key", metavar="SECRET", help="(FERROX_FROM_SECRET_KEY)")
    source.add_argument("--secret-key-file", metavar="FILE", help="file that holds the secret key")
    source.add_argument("--region", default="us-east-1", help="to sign for (default: us-east-1)")
    source.add_argument("--ca", metavar="FILE", help="authority of its certificate")
    target = parser.add_argument_group("the target")
    target.add_argument("--data-dir", metavar="DIR", help="of the running server")
    target.add_argument("--config", metavar="FILE", help="settings of the running server")
    target.add_argument("--to", metavar="URL", help="another ferroxd")
    target.add_argument("--to-access-key", metavar="ID", help="(FERROX_TO_ACCESS_KEY)")
    target.add_argument("--to-secret-key", metavar="SECRET", help="(FERROX_TO_SECRET_KEY)")
    target.add_argument("--to-secret-key-file", metavar="FILE", help="file with the secret key")
    target.add_argument("--to-region", default="us-east-1", help="(default: us-east-1)")
    target.add_argument("--to-ca", metavar="FILE", help="authority of its certificate")
    _add_what(parser.add_argument_group("what is copied"))
    _add_how(parser.add_argument_group("how"))
    return parser


def _add_what(what: "argparse._ArgumentGroup") -> None:
    what.add_argument("--bucket", action="append", default=[], help="only this; may be repeated")
    what.add_argument("--exclude-bucket", action="append", default=[], metavar="BUCKET")
    what.add_argument("--rename-bucket", action="append", default=[], metavar="OLD=NEW")
    what.add_argument("--prefix", default="", help="only keys that begin so")
    what.add_argument("--current-only", action="store_true", help="no former versions")
    what.add_argument("--objects-only", action="store_true", help="no documents of buckets")
    what.add_argument("--object-acls", action="store_true", help="grants to groups on objects, too")
    what.add_argument("--remove", action="store_true", help="remove what only the target has")


def _add_how(how: "argparse._ArgumentGroup") -> None:
    how.add_argument("--dry-run", action="store_true", help="only say what would be copied")
    how.add_argument(
        "--verify",
        nargs="?",
        const="listings",
        choices=("listings", "bytes"),
        help="compare both sides afterwards; bytes: read everything on both sides",
    )
    how.add_argument("--report", metavar="FILE", help="write the report as JSON, too")
    how.add_argument(
        "--concurrency", type=_transfers, default=16, metavar="N", help="transfers (default: 16)"
    )
    how.add_argument(
        "--attempts", type=_attempts, default=8, metavar="N", help="to do one thing (default: 8)"
    )
    how.add_argument("--bandwidth", type=_size, metavar="BYTES", help="a second, like 50MiB")
    how.add_argument("--state", metavar="DIR", help="where begun uploads are remembered")
