"""The outer key: what the key ring is sealed under, and the words that lead to it.

The words are kept with the ring: the key file, or the parameters by which a key is derived from
the master passphrase. A process that derived a key keeps it, and passes it on when it forks.
"""

from pathlib import Path
from typing import NamedTuple

from ferrox.crypto.passphrase import Derivation, Passphrase
from ferrox.crypto.sealing import Seal
from ferrox.errors import Fault
from ferrox.storage.key_file import load_key_file, load_or_create_key_file, replace_key_file
from ferrox.storage.settings import Document

_KEY_FILE = "key file"
_DERIVED = "argon2id"


class Outer(NamedTuple):
    """An outer key, as a seal, and the words that lead to it."""

    words: Document
    seal: Seal


def is_key_file(words: Document) -> bool:
    """Whether words lead to the key file."""
    return bool(words["kind"] == _KEY_FILE)


class OuterKeys:
    """The outer keys that a data directory can have, given its key file and a passphrase."""

    def __init__(self, key_path: Path, settings_path: Path, passphrase: Passphrase | None) -> None:
        self.key_path = key_path
        self.passphrase = passphrase
        self._settings_path = settings_path

    def behind(self, words: Document) -> Outer:
        """The one that words lead to, whether it is the right one or not; Fault, StartError."""
        if is_key_file(words):
            return Outer(words, self.key_file())
        if self.passphrase is None:
            raise Fault(
                f"the secrets in {self._settings_path} are sealed under a master passphrase:"
                " give master_passphrase_file"
            )
        derivation = Derivation.from_plain(words["derivation"])
        return Outer(words, Seal(self.passphrase.key(derivation)))

    def first(self) -> Outer:
        """That of the passphrase if there is one; or else the key file, which is made."""
        if self.passphrase is not None:
            return self.of_passphrase(self.passphrase)
        return Outer({"kind": _KEY_FILE}, Seal(load_or_create_key_file(self.key_path)))

    def of_passphrase(self, passphrase: Passphrase) -> Outer:
        """That of a passphrase as it is now."""
        derivation = Derivation.new()
        words = {"kind": _DERIVED, "derivation": derivation.plain()}
        return Outer(words, Seal(passphrase.key(derivation)))

    def of_new_key_file(self) -> Outer:
        """That of a key file that is made now, replacing one that is left of earlier times."""
        return Outer({"kind": _KEY_FILE}, Seal(replace_key_file(self.key_path)))

    def key_file(self) -> Seal:
        """The key file as a seal; StartError if it is missing or damaged."""
        return Seal(load_key_file(self.key_path))

    def refusal(self, outer: Outer) -> str:
        """What to say of an outer key that opens nothing."""
        what = f"key file {self.key_path}" if is_key_file(outer.words) else "master passphrase"
        return f"the {what} is not that of the secrets in {self._settings_path}"

    def require_expected(self, is_file: bool) -> None:
        """Fault if a passphrase is given, and the secrets are sealed under the key file."""
        if is_file and self.passphrase is not None:
            raise Fault(
                f"the secrets in {self._settings_path} are sealed under {self.key_path}, not under"
                " a master passphrase: ferroxd key rotate seals them under it"
            )
