"""`ferroxd tls self-signed DIR`: a certificate for a server that has none yet."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ferrox.cli import certificate_files
from ferrox.cli.options import asks_for_help
from ferrox.clock import SystemClock
from ferrox.crypto.certificates import ISSUED_DAYS, Issued, make_server
from ferrox.errors import StartError

MOST_DAYS = 3650

HELP = f"""\
usage: ferroxd tls self-signed [--names NAME,...] [--days DAYS] DIR

Make a certificate that vouches for itself, and its key, as DIR/server.crt and DIR/server.key. What
is there already is never overwritten. Clients that are told to trust server.crt can be sure that
they speak with this server; all others refuse it.

  --names NAME,...
      Names and IP addresses under which clients reach the server, with *. in front for all those
      below a name. Without, they are localhost and the name of this machine.
  --days DAYS
      How long it is valid, {ISSUED_DAYS} days if not said; at most {MOST_DAYS}.
"""

USAGE = "usage: ferroxd tls self-signed [--names NAME,...] DIR; see ferroxd tls --help"


class Order(NamedTuple):
    """What one command line asks for."""

    folder: Path
    names: tuple[str, ...]
    days: int


def run(arguments: Sequence[str]) -> int:
    """Make a certificate and say what to do with it; StartError when that cannot be."""
    if not arguments or asks_for_help(arguments):
        print(HELP, end="")
        return 0
    folder, names, days = parse(arguments)
    try:
        issued = make_server(names, SystemClock().now_ms(), days=days)
    except ValueError as error:
        raise StartError(str(error)) from None
    certificate_files.write(folder, {"server": issued})
    print(told(folder, names, issued), end="")
    return 0


def parse(arguments: Sequence[str]) -> Order:
    """Read the command line; StartError names what is not understood."""
    words: list[str] = []
    values: dict[str, str] = {}
    remaining = iter(arguments)
    for argument in remaining:
        flag, has_value, value = argument.partition("=")
        if flag in ("--names", "--days"):
            values[flag] = value if has_value else next(remaining, "")
            if not values[flag]:
                raise StartError(f"option {flag} needs a value")
        elif argument.startswith("-"):
            raise StartError(f"unknown option {flag}; see ferroxd tls --help")
        else:
            words.append(argument)
    if len(words) != 2 or words[0] != "self-signed":
        raise StartError(USAGE)
    names = tuple(name.strip() for name in values.get("--names", "").split(",") if name.strip())
    days = values.get("--days", str(ISSUED_DAYS))
    if not (days.isascii() and days.isdigit() and 1 <= int(days) <= MOST_DAYS):
        raise StartError(f"--days: {days} is not a whole number from 1 to {MOST_DAYS}")
    return Order(Path(words[1]), names or certificate_files.own_names(), int(days))


def told(folder: Path, names: Sequence[str], issued: Issued) -> str:
    """What to type next."""
    certificate, key = (shlex.quote(str(folder / f"server.{kind}")) for kind in ("crt", "key"))
    host = f"[{names[0]}]" if ":" in names[0] else names[0].replace("*.", "s3.")
    return f"""\
Made a certificate for {", ".join(names)}.
SHA-256 fingerprint {issued.fingerprint}

Start the server with it:

  ferroxd serve --tls-bind :9443 --tls-certificate {certificate} --tls-key {key}

Have clients trust it:

  aws --ca-bundle {certificate} --endpoint-url https://{host}:9443 s3 ls
  curl --cacert {certificate} https://{host}:9443/health/ready
"""
