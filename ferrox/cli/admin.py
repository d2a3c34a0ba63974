"""`ferroxd admin init-pki DIR`: an authority and its certificates, to start the admin port with."""

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from ferrox.admin_roles import Role
from ferrox.cli import certificate_files
from ferrox.cli.options import asks_for_help
from ferrox.clock import SystemClock
from ferrox.crypto.certificates import Issued, make_authority, make_client, make_server
from ferrox.errors import StartError

HELP = """\
usage: ferroxd admin init-pki [--names NAME,...] DIR

Make a small authority in a new directory, and what it issues: a certificate for the admin port of
the server, one for a client with the role admin, and one for a client that may only look. Each
comes with its key, which nobody but the user who runs this can read. What is there already is
never overwritten.

Keep ca.key apart once everything is issued: who has it can make administrators.

  --names NAME,...
      Names and IP addresses under which clients reach the server. Without, they are localhost and
      the name of this machine.

Which commands ask a running server, ferroxd --help tells; each has its own --help.
"""

USAGE = "usage: ferroxd admin init-pki [--names NAME,...] DIR; see ferroxd admin --help"


def run(arguments: Sequence[str]) -> int:
    """Make certificates and say what to do with them; StartError when that cannot be."""
    if not arguments or asks_for_help(arguments):
        print(HELP, end="")
        return 0
    words, names = _parse(arguments)
    if len(words) != 2 or words[0] != "init-pki":
        raise StartError(USAGE)
    folder = Path(words[1])
    try:
        named = names or certificate_files.own_names()
        issued = dict(_issued(named, SystemClock().now_ms()))
    except ValueError as error:
        raise StartError(str(error)) from None
    certificate_files.write(folder, issued)
    print(told(folder, named[0]), end="")
    return 0


def _parse(arguments: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """The words of a command line, and the names that it gives."""
    words: list[str] = []
    names = ""
    remaining = iter(arguments)
    for argument in remaining:
        flag, has_value, value = argument.partition("=")
        if flag == "--names":
            names = value if has_value else next(remaining, "")
            if not names:
                raise StartError("option --names needs a value")
        elif argument.startswith("-"):
            raise StartError(f"unknown option {flag}; see ferroxd admin --help")
        else:
            words.append(argument)
    return words, tuple(name.strip() for name in names.split(",") if name.strip())


def _issued(names: Sequence[str], now_ms: int) -> Iterator[tuple[str, Issued]]:
    """Everything that is made, by the name of its files."""
    authority = make_authority("ferrox admin authority", now_ms)
    yield "ca", authority
    yield "server", make_server(names, now_ms, authority=authority)
    for role in Role:
        client = make_client(role, now_ms, authority=authority, organizational_unit=role)
        yield role.value, client


def told(folder: Path, name: str) -> str:
    """What to type next."""
    host = f"[{name}]" if ":" in name else name
    files = {
        file: shlex.quote(str(folder / file)) for file in ("server.crt", "server.key", "ca.crt")
    }
    client = {file: shlex.quote(str(folder / file)) for file in ("admin.crt", "admin.key")}
    return f"""\
Made an authority, a server certificate and two client certificates in {folder}.

Start the server with its admin port, 9444:

  ferroxd serve --admin-certificate {files["server.crt"]} \\
    --admin-key {files["server.key"]} --admin-client-ca {files["ca.crt"]}

Ask it from elsewhere, with {folder / "ca.crt"} and a client certificate taken there:

  ferroxd stats --admin-url https://{host}:9444 --ca {files["ca.crt"]} \\
    --certificate {client["admin.crt"]} --key {client["admin.key"]}

{folder / "read-only.crt"} is for who may look and change nothing. Keep {folder / "ca.key"} apart.
"""
