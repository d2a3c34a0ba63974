"""`ferroxd encryption change-master-key`: another master key for a stopped server's objects."""

from collections.abc import Sequence
from pathlib import Path

from ferrox.cli.options import asks_for_help, parse_words
from ferrox.config import Config
from ferrox.encryption_settings import EncryptionSettings
from ferrox.errors import Fault, StartError
from ferrox.quantities import counted
from ferrox.storage.identities import offline
from ferrox.storage.keys.master_key import Given, given_master_key
from ferrox.storage.keys.master_key_change import change_master_key

HELP = """\
usage: ferroxd encryption change-master-key --to-file FILE [--data-dir DIR] [--config FILE]
       ferroxd encryption change-master-key --to-passphrase-file FILE ...

Seal the keys of encrypted objects under another master key, in a data directory whose server is
stopped. No object is touched, so it takes a moment however much there is. Then have the settings
name the new key, and start the server. The former one opens only backups from before: keep it with
them.

The former key is the one that the settings name: in --config, or in FERROX_SSE_MASTER_KEY_FILE and
the like.

  --to-file FILE
      File that holds the new key as its only line: 32 bytes in base64 or hexadecimal.
      head -c 32 /dev/urandom | base64 > FILE makes one.
  --to-passphrase-file FILE
      File that holds, as its only line, a passphrase to make the new key of.
  --data-dir DIR, --config FILE
      As for ferroxd serve, and the environment counts as there.
"""

COMMAND = "change-master-key"

_NAME = f"encryption {COMMAND}"
_TO = ("--to-file", "--to-passphrase-file")


def run(arguments: Sequence[str]) -> int:
    """Change it; StartError when that cannot be."""
    if asks_for_help(arguments):
        print(HELP, end="")
        return 0
    words = parse_words(_NAME, arguments, set(_TO), "")
    named = {flag: Path(value) for flag, value in words.values.items() if flag in _TO}
    key, passphrase = map(named.get, _TO)
    given = given_master_key(
        EncryptionSettings(sse_master_key_file=key, sse_passphrase_file=passphrase)
    )
    if words.words or len(named) != 1 or given is None:
        raise StartError(f"usage: ferroxd {_NAME} --to-file FILE; see its --help")
    count = _change(words.settings(), given)
    print(f"sealed under the new master key: {counted(count, 'key')}; name it in the settings now")
    return 0


def _change(config: Config, given: Given) -> int:
    former = given_master_key(config)
    if former is None:
        raise StartError("the settings name no master key; see ferroxd encryption --help")
    try:
        with offline.opened(config) as identities:
            return change_master_key(identities, former, given)
    except Fault as fault:
        raise StartError(str(fault)) from fault
