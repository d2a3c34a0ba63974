"""`ferroxd key rotate --offline`: seal all secrets anew in a data directory that no server uses."""

from collections.abc import Sequence

from ferrox.cli.options import asks_for_help, parse_words
from ferrox.errors import Fault, StartError
from ferrox.quantities import counted
from ferrox.storage.identities.offline import rotate_key
from ferrox.storage.identities.rotation import Target

HELP = """\
usage: ferroxd key rotate --offline [--to key-file] [--data-dir DIR] [--config FILE]

Make a new sealing key, and seal every secret anew under it, in a data directory whose server is
stopped. The sealing key is sealed under the master passphrase where the settings name one, else
under the key file; so this is how a key file gives way to a passphrase, see docs/secrets.md.
Without --offline a running server does it.

  --to key-file
      Seal it under a new key file, even if the settings name a passphrase. Take that out of the
      settings before the next start.
  --data-dir DIR, --config FILE
      As for ferroxd serve, and the environment counts as there.
"""


def run(arguments: Sequence[str]) -> int:
    """Rotate, and say what came of it; 1 if some secrets did not open."""
    if asks_for_help(arguments):
        print(HELP, end="")
        return 0
    given = parse_words("key rotate --offline", arguments, {"--to"}, "--offline")
    to = given.values.get("--to")
    if given.words or to not in {None, "key-file"}:
        raise StartError("usage: ferroxd key rotate --offline [--to key-file]; see its --help")
    target: Target = None if to is None else "key file"
    try:
        count, unreadable = rotate_key(given.settings(), target)
    except Fault as fault:
        raise StartError(str(fault)) from fault
    print(f"sealed under a new key: {counted(count, 'secret')}")
    for place in unreadable:
        print(f"left as it is, as it does not open: {place}")
    return 1 if unreadable else 0
