"""`ferroxd export` and `ferroxd import`: settings as one JSON document, and back."""

import contextlib
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from ferrox.accounting import rate_limits
from ferrox.cli.options import Words, asks_for_help, parse_words
from ferrox.config import Config
from ferrox.crypto.passphrase import Passphrase
from ferrox.crypto.sealing import Seal
from ferrox.errors import Fault, StartError
from ferrox.operations import public_access_block
from ferrox.operations.imported import ImportChecks
from ferrox.quantities import counted
from ferrox.storage.claim import claim, prepare_index
from ferrox.storage.data_dir import write_durably
from ferrox.storage.identities.identities import Identities
from ferrox.storage.key_file import passphrase_of, read_passphrase
from ferrox.storage.keys.master_key import given_master_key, has_master_key, root_seal
from ferrox.storage.portable import document as portable
from ferrox.storage.portable.document import Plain
from ferrox.storage.portable.exporting import Opened, export
from ferrox.storage.portable.importing import Import, take_in
from ferrox.storage.portable.secrets import ExportSeal
from ferrox.storage.portable.taking import LEFT_OUT, REFUSED
from ferrox.storage.settings import Settings

EXPORT_HELP = """\
usage: ferroxd export FILE [--passphrase-file P] [--data-dir DIR] [--config FILE]

Write all settings of a server into FILE, as one JSON document: accounts, users, groups, roles,
policies, access keys, OIDC providers, keys of KMS, rate limits, and all buckets with everything
that is configured for them. No objects: that is what ferroxd backup is for. Whether the server
runs makes no difference. FILE may be - for the terminal; a former export is written over.

The document has a stable order, and what did not change stays the same, so it goes well under
version control.

  --passphrase-file P
      File that holds a passphrase as its only line. Secrets are sealed under it and go along: those
      of access keys, and, if the settings name the master key, keys of KMS. Without it they are
      left out; so are the start-up key pair and sessions in any case.
  --data-dir DIR, --config FILE
      As for ferroxd serve, and the environment counts as there.
"""

IMPORT_HELP = """\
usage: ferroxd import FILE [--passphrase-file P] [--replace] [--dry-run] [--json] ...

Take in what ferroxd export has written: into the data directory of a server, running or not, or
into a new one. What is there already and is the same, stays. What is there and differs is refused.
All is taken in or, if anything is refused, nothing. FILE may be - for what is piped in.

  --passphrase-file P
      The passphrase of the export. Without it access keys and keys of KMS are left out.
  --replace
      Replace what is there and differs. What the document does not name stays in any case, and
      objects do.
  --dry-run
      Only tell what would be done.
  --json
      Print a report as JSON.
  --data-dir DIR, --config FILE
      As for ferroxd serve, and the environment counts as there.

Exit status 0: it is done. 1: something is refused, and nothing is changed. 2: it was not tried.
"""

TABLES = {
    public_access_block.TABLE: ImportChecks().account_block,
    rate_limits.TABLE: rate_limits.require,
}
"""Tables of settings.db whose documents go along, and what refuses a wrong one."""


def run_export(arguments: Sequence[str]) -> int:
    """Write the document; StartError when it cannot be done as asked."""
    if asks_for_help(arguments):
        print(EXPORT_HELP, end="")
        return 0
    given = parse_words("export", arguments, {"--passphrase-file"})
    if len(given.words) != 1:
        raise StartError("usage: ferroxd export FILE; see ferroxd export --help")
    target = given.words[0]
    config, passphrase = given.settings(), _passphrase(given)
    former = _former(target)
    if not (config.data_dir / "settings.db").exists():
        raise StartError(f"there is no data directory at {config.data_dir.absolute()}")
    with _opened(config, config.data_dir, with_secrets=passphrase is not None) as opened:
        seal = None if passphrase is None else ExportSeal.new(passphrase, former)
        exported = export(opened, TABLES, ImportChecks().is_configuration, seal)
    _write(target, portable.encode(exported.document))
    if exported.secretless_keys:
        keys = counted(exported.secretless_keys, "access key")
        _warn(f"left out, for want of --passphrase-file: the secrets of {keys}")
    if exported.absent_kms_keys:
        keys = counted(exported.absent_kms_keys, "key")
        _warn(f"left out, for want of --passphrase-file or of the master key: {keys} of KMS")
    return 0


def run_import(arguments: Sequence[str]) -> int:
    """Take a document in; StartError when that cannot be tried."""
    if asks_for_help(arguments):
        print(IMPORT_HELP, end="")
        return 0
    switches = ("--replace", "--dry-run", "--json")
    given = parse_words("import", arguments, {"--passphrase-file"}, *switches)
    if len(given.words) != 1:
        raise StartError("usage: ferroxd import FILE; see ferroxd import --help")
    document = portable.decode(_read(given.words[0]))
    config, passphrase = given.settings(), _passphrase(given)
    has_secrets = document.get("secrets") is not None and passphrase is not None
    dry_run = "--dry-run" in given.switches
    with (
        _directory(config, dry_run=dry_run) as data_dir,
        _opened(config, data_dir, with_secrets=has_secrets, may_make_root=True) as opened,
    ):
        seal = None
        if passphrase is not None and has_secrets:
            seal = ExportSeal.of(passphrase, document)
        found = take_in(
            opened, document, TABLES, ImportChecks(), seal,
            may_replace="--replace" in given.switches, dry_run=dry_run,
        )  # fmt: skip
    refused = any(one.outcome == REFUSED for one in found.taken)
    if "--json" in given.switches:
        things = [one._asdict() for one in found.taken]
        print(json.dumps({"is_done": found.is_done, "things": things}, indent=2))
    else:
        print("\n".join(told(found, dry_run=dry_run)))
    return 1 if refused else 0


def told(found: Import, *, dry_run: bool) -> list[str]:
    """What became of everything, for people."""
    lines = []
    for one in found.taken:
        if one.outcome in {REFUSED, LEFT_OUT} or (dry_run and one.outcome != "unchanged"):
            reason = f": {one.reason}" if one.reason else ""
            shown = one.what if one.what.isprintable() else ascii(one.what)
            lines.append(f"{one.outcome:<9} {shown}{reason}")
    counts = Counter(one.outcome for one in found.taken)
    summary = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
    if found.is_done:
        lines.append(summary or "there is nothing in it")
    else:
        lines.append(f"nothing is changed; it would be: {summary}")
    return lines


@contextlib.contextmanager
def _directory(config: Config, *, dry_run: bool) -> Iterator[Path]:
    """The data directory; a new one is made, and to try something a new one elsewhere."""
    if (config.data_dir / "index.db").exists():
        if config.data_dir.stat().st_uid != os.geteuid():  # it could not open what we would make
            raise StartError(f"{config.data_dir} belongs to somebody else: run this as that user")
        yield config.data_dir
        return
    with contextlib.ExitStack() as stack:
        path = config.data_dir
        if dry_run:
            path = Path(stack.enter_context(tempfile.TemporaryDirectory()), "data")
        directory = claim(path)
        stack.callback(directory.close)
        prepare_index(directory)
        yield path


@contextlib.contextmanager
def _opened(
    config: Config, data_dir: Path, *, with_secrets: bool, may_make_root: bool = False
) -> Iterator[Opened]:
    """The settings of a data directory, and, if secrets are asked for, what opens them."""
    with contextlib.closing(Settings(data_dir / "settings.db")) as settings:
        try:
            key_path = data_dir / "settings.key"
            identities = Identities(settings, key_path, passphrase=passphrase_of(config))

            def find_root() -> Seal | None:
                given = given_master_key(config) if with_secrets else None
                if given is None or not (may_make_root or has_master_key(identities)):
                    return None
                return root_seal(identities, given)

            yield Opened(data_dir, settings, identities, find_root)
        except Fault as fault:
            raise StartError(str(fault)) from fault


def _passphrase(given: Words) -> Passphrase | None:
    path = given.values.get("--passphrase-file")
    if path is None:
        return None
    read_passphrase(Path(path))  # or say now what is wrong with it
    return Passphrase(partial(read_passphrase, Path(path)))


def _former(target: str) -> Plain | None:
    """The export that is written over; StartError if it is something else."""
    path = Path(target)
    if target == "-" or not path.exists():
        return None
    try:
        return portable.decode(_read(target))
    except StartError as error:
        raise StartError(f"{path} is there already, and not written over: {error}") from None


def _read(source: str) -> str:
    try:
        if source == "-":
            return sys.stdin.read()
        return Path(source).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise StartError(f"{source} cannot be read: {reason}") from None


def _write(target: str, text: str) -> None:
    if target == "-":
        sys.stdout.write(text)
        return
    try:
        write_durably(Path(os.path.abspath(target)), text.encode())
    except OSError as error:
        raise StartError(f"{target} cannot be written: {error.strerror}") from error


def _warn(text: str) -> None:
    print(text, file=sys.stderr)
