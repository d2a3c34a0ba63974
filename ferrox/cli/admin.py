"""`ferroxd admin init-pki DIR`: an authority and its certificates, to start the admin port with."""

import contextlib
import os
import shlex
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

from ferrox.admin_roles import Role
from ferrox.clock import SystemClock
from ferrox.crypto.certificates import Issued, make_authority, make_client, make_server
from ferrox.errors import StartError

HELP = """\
usage: ferroxd admin init-pki DIR [--name HOST]...

Make a small authority in a new directory, and what it issues: a certificate for the admin port of
the server, one for a client with the role admin, and one for a client that may only look. Each
comes with its key; nobody but the user who runs this can read any of them. What is there already
is never overwritten.

Keep ca.key apart once everything is issued: who has it can make administrators.

  --name HOST
      A name or IP address under which clients reach the server; may be repeated. Without, it is
      localhost and the name of this machine.

The commands that ask a running server are ferroxd account, bucket, events, exposure, group, job,
key, letter, policy, quota, settings, stats, target and user; each has its own --help.
"""

USAGE = "usage: ferroxd admin init-pki DIR [--name HOST]...; see ferroxd admin --help"
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def run(arguments: Sequence[str]) -> int:
    """Make certificates and say what to do with them; StartError when that cannot be."""
    if not arguments or "-h" in arguments or "--help" in arguments:
        print(HELP, end="")
        return 0
    words, names = _parse(arguments)
    if len(words) != 2 or words[0] != "init-pki":
        raise StartError(USAGE)
    folder = Path(words[1])
    try:
        issued = dict(_issued(names or _own_names(), SystemClock().now_ms()))
    except ValueError as error:
        raise StartError(str(error)) from None
    _write(folder, issued)
    print(told(folder, (names or LOOPBACK)[0]), end="")
    return 0


def _parse(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    words: list[str] = []
    names: list[str] = []
    remaining = iter(arguments)
    for argument in remaining:
        flag, has_value, value = argument.partition("=")
        if flag == "--name":
            name = value if has_value else next(remaining, "")
            if not name:
                raise StartError("option --name needs a value")
            names.append(name)
        elif argument.startswith("-"):
            raise StartError(f"unknown option {flag}; see ferroxd admin --help")
        else:
            words.append(argument)
    return words, names


def _own_names() -> list[str]:
    """The names by which this machine is reached, as far as it knows."""
    own = socket.gethostname().lower()
    with contextlib.suppress(ValueError):
        make_server([own], 0)  # which knows what is a name
        return list(dict.fromkeys([*LOOPBACK, own]))
    return list(LOOPBACK)


def _issued(names: Sequence[str], now_ms: int) -> Iterator[tuple[str, Issued]]:
    """Everything that is made, by the name of its files."""
    authority = make_authority("ferrox admin authority", now_ms)
    yield "ca", authority
    yield "server", make_server(names, now_ms, authority=authority)
    for role in Role:
        client = make_client(role, now_ms, authority=authority, organizational_unit=role)
        yield role.value, client


def _write(folder: Path, issued: dict[str, Issued]) -> None:
    """Write files of mode 0600; nothing if one of them is there."""
    contents = {
        folder / f"{name}{suffix}": text
        for name, one in issued.items()
        for suffix, text in ((".crt", one.certificate), (".key", one.key))
    }
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        there = [path for path in contents if path.exists() or path.is_symlink()]
        if there:
            raise StartError(f"{there[0]} is there already; nothing was made")
        for path, text in contents.items():
            fd = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
            with open(fd, "w", encoding="ascii") as file:
                file.write(text)
    except OSError as error:
        raise StartError(f"{error.filename or folder}: {error.strerror}") from None


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
