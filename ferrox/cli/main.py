"""The command line: find the command, run it, turn its outcome into an exit status.

Exit status 0 is success, 1 a command that found something wrong, 2 a command that could not be
carried out as asked; a 2 comes with one line on the terminal that says why.
"""

import sys
from collections.abc import Callable, Sequence

from ferrox.cli.guessing import guess
from ferrox.errors import StartError

USAGE = """\
usage: ferroxd [serve] [OPTION VALUE]...   start the server; see ferroxd serve --help
       ferroxd health [URL]                ask a server whether it is ready; exit status 0 or 1
       ferroxd status [--once] [--json]    show how a server is, on a screen that follows it
       ferroxd selftest                    check that the program is whole; exit status 0 or 1
       ferroxd restore BUCKET --at TIME    make a bucket show what it showed then
       ferroxd migrate --from URL          copy all that another S3 holds into a ferroxd
       ferroxd backup DEST                 copy a data directory while its server runs
       ferroxd backup list|verify DEST     show backups, check every byte of them
       ferroxd restore-backup DEST --data-dir NEW
       ferroxd export|import FILE          settings as one JSON document, and back
       ferroxd lifecycle plan BUCKET       tell what its rules would remove now
       ferroxd tls self-signed DIR         make a certificate for a server
       ferroxd encryption change-master-key --to-file FILE
       ferroxd version                     print the version

ask a running server, see ferroxd COMMAND --help:
       ferroxd account|user|key|group|policy create|list|show|delete...
       ferroxd bucket list, quota set BUCKET, rate set CALLER, stats, settings
       ferroxd exposure [BUCKET], refusal list, explain [REQUEST-ID]
       ferroxd jobs run JOB, events follow, target list, letter list
       ferroxd scrub status|run|findings   what is damaged, if anything
       ferroxd encryption status|rotate, reencrypt BUCKET
       ferroxd kms list|create|enable|disable|rotate|schedule-deletion...
       ferroxd inject list|add RULE|remove NUMBER|clear
       ferroxd admin init-pki DIR          make certificates to ask from elsewhere
"""

ASKING = frozenset(
    {
        *("account", "bucket", "encryption", "events", "explain", "exposure", "group", "inject"),
        *("jobs", "key", "kms", "letter", "policy", "quota", "rate", "reencrypt", "refusal"),
        *("scrub", "settings", "stats", "target", "user"),
    }
)
"""Commands that ask a running server: the first words of those in ferrox/admin/table.py."""


WITHOUT_OPTIONS = frozenset({"selftest", "version"})
"""Commands about which USAGE says all there is to say."""

OTHERS = frozenset(
    {
        *("admin", "backup", "export", "health", "import", "lifecycle", "migrate", "restore"),
        *("restore-backup", "selftest", "serve", "status", "tls", "version"),
    }
)
"""Commands beside those of ASKING."""

ELSEWHERE = dict.fromkeys(("run", "server", "start"), "serve")
"""What other servers call the command that starts them."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status."""
    if getattr(sys, "frozen", False):
        from ferrox import frozen

        frozen.enter()
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(arguments)
    except StartError as error:
        print("ferroxd:", " ".join(str(error).split()), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _run(arguments: list[str]) -> int:
    command = arguments[0] if arguments else "serve"
    asks_for_help = arguments[1:] in (["-h"], ["--help"])
    if command in ("-h", "--help", "help") or (command in WITHOUT_OPTIONS and asks_for_help):
        print(USAGE, end="")
        return 0
    if arguments[:2] == ["key", "rotate"] and "--offline" in arguments:
        from ferrox.cli import key_rotation

        return key_rotation.run(arguments[2:])
    if arguments[:2] == ["encryption", "change-master-key"]:
        from ferrox.cli import encryption

        return encryption.run(arguments[2:])
    if command in ASKING:
        from ferrox.cli import admin_commands

        return admin_commands.run(arguments)
    run = _watching_command(command) or _command(command)
    if run is not None:
        return run(arguments[1:])
    from ferrox.cli import serve

    if command == "serve":
        return serve.run(arguments[1:])
    if command.startswith("-"):
        return serve.run(arguments)
    question = guess(command, ASKING | OTHERS, ELSEWHERE)
    raise StartError(f"unknown command {command}{question}; see ferroxd --help")


def _watching_command(name: str) -> Callable[[Sequence[str]], int] | None:
    """What carries out a command that follows a running server."""
    if name == "status":
        from ferrox.cli import status

        return status.run
    return None


def _command(name: str) -> Callable[[Sequence[str]], int] | None:
    """What carries out a command that starts no server; each is loaded when it is wanted."""
    if name in ("version", "--version"):
        from ferrox.cli import version

        return version.run
    if name == "health":
        from ferrox.cli import health

        return health.run
    if name == "restore":
        from ferrox.cli import restore

        return restore.run
    if name == "backup":
        from ferrox.cli import backup

        return backup.run
    if name == "restore-backup":
        from ferrox.cli import restore_backup

        return restore_backup.run
    if name == "lifecycle":
        from ferrox.cli import lifecycle

        return lifecycle.run
    if name == "tls":
        from ferrox.cli import tls

        return tls.run
    if name == "admin":
        from ferrox.cli import admin

        return admin.run
    if name == "selftest":
        from ferrox.cli import selftest

        return selftest.run
    return _bringing_command(name)


def _bringing_command(name: str) -> Callable[[Sequence[str]], int] | None:
    """What carries out a command that brings data from elsewhere, or settings to and fro."""
    if name in ("export", "import"):
        from ferrox.cli import settings_file

        return settings_file.run_export if name == "export" else settings_file.run_import
    if name == "migrate":
        from ferrox.cli import migrate

        return migrate.run
    return None
