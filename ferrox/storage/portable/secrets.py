"""Secrets of an export: sealed under a key that is made of a passphrase, each for its place.

A sealed text is another one each time it is made. So that two exports of the same are the same
document, whoever writes over a former export goes on with its key and with the texts in it that
still say what is to be said.
"""

from collections.abc import Iterator
from typing import Any

from ferrox.crypto.passphrase import Derivation, Passphrase
from ferrox.crypto.sealing import Seal
from ferrox.errors import SealBroken, StartError
from ferrox.storage.portable.document import Plain

_WORD = b"ferrox settings"
_PLACE = "export"


class ExportSeal:
    """Seals and opens the secrets of one document."""

    def __init__(self, seal: Seal, words: Plain, former: Plain | None = None) -> None:
        self.words = words
        self._seal = seal
        self._former = dict(_sealed(former)) if former is not None else {}

    @classmethod
    def new(cls, passphrase: Passphrase, former: Plain | None = None) -> "ExportSeal":
        """One that goes on with the key of a former export, if that has the same passphrase."""
        if former is not None and former["secrets"] is not None:
            try:
                found = cls.of(passphrase, former)
            except StartError:
                pass
            else:
                return cls(found._seal, found.words, former)
        derivation = Derivation.new()
        seal = Seal(passphrase.key(derivation))
        return cls(seal, {"derivation": derivation.plain(), "word": seal.seal(_WORD, _PLACE)})

    @classmethod
    def of(cls, passphrase: Passphrase, document: Plain) -> "ExportSeal":
        """That of a document which has secrets; StartError if it is another passphrase."""
        words = document["secrets"]
        try:
            derivation = Derivation.from_plain(words["derivation"])
            text = words["word"]
        except (KeyError, TypeError, ValueError, AttributeError):
            raise StartError("the secrets of this export are not understood") from None
        if (derivation.passes, derivation.memory_kib, derivation.lanes) != Derivation(b"")[1:]:
            raise StartError("the secrets of this export are not understood")
        seal = Seal(passphrase.key(derivation))
        try:
            seal.open(text, _PLACE)
        except SealBroken:
            raise StartError("this is not the passphrase of this export") from None
        return cls(seal, words)

    def seal(self, secret: bytes, place: str) -> str:
        """A text that opens to the secret, for this place only."""
        former = self._former.get(place)
        if former is not None and self._says(former, secret, place):
            return former
        return self._seal.seal(secret, place)

    def open(self, text: object, place: str) -> bytes:
        """The secret that was sealed; SealBroken."""
        if not isinstance(text, str):
            raise SealBroken("a sealed secret has an unknown form")
        return self._seal.open(text, place)

    def _says(self, text: str, secret: bytes, place: str) -> bool:
        try:
            return self._seal.open(text, place) == secret
        except SealBroken:
            return False


def key_place(access_key_id: str) -> str:
    """What the secret of an access key is sealed for."""
    return f"access key {access_key_id}"


def version_place(key_id: str, number: int) -> str:
    """What the material of a version of a key of KMS is sealed for."""
    return f"version {number} of key {key_id}"


def _sealed(value: Any) -> Iterator[tuple[str, str]]:
    """What is sealed anywhere in a document, by its place."""
    if isinstance(value, list):
        for item in value:
            yield from _sealed(item)
    if not isinstance(value, dict):
        return
    if isinstance(value.get("secret"), str):
        yield key_place(str(value.get("access_key_id"))), value["secret"]
    if isinstance(value.get("versions"), list):
        for number, version in enumerate(value["versions"], 1):
            if isinstance(version, dict) and isinstance(version.get("material"), str):
                yield version_place(str(value.get("key_id")), number), version["material"]
    for item in value.values():
        yield from _sealed(item)
