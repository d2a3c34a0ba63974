"""Outer keys: words lead to them, and never make one where one is missing."""

from pathlib import Path

import pytest

from ferrox.crypto.passphrase import Passphrase
from ferrox.errors import Fault, StartError
from ferrox.storage.identities.outer_key import Outer, OuterKeys, is_key_file


def keys_of(path: Path, text: str | None = None) -> OuterKeys:
    given = None if text is None else Passphrase(lambda: bytearray(text, "utf-8"))
    return OuterKeys(path / "settings.key", path / "settings.db", given)


def fits(one: Outer, other: Outer) -> bool:
    return b"x" == other.seal.open(one.seal.seal(b"x", "here"), "here")


@pytest.mark.parametrize("text", [None, "correct horse"])
def test_words_lead_back_to_the_key(tmp_path: Path, text: str | None) -> None:
    first = keys_of(tmp_path, text).first()

    assert fits(first, keys_of(tmp_path, text).behind(first.words))
    assert is_key_file(first.words) == (text is None)
    assert text is None or "horse" not in repr(first)


def test_the_first_key_file_is_the_one_that_is_there(tmp_path: Path) -> None:
    assert fits(keys_of(tmp_path).first(), keys_of(tmp_path).first())


def test_a_new_key_file_replaces_one_that_was_left(tmp_path: Path) -> None:
    keys_of(tmp_path).first()
    left = (tmp_path / "settings.key").read_bytes()

    new = keys_of(tmp_path, "correct horse").of_new_key_file()

    assert left != (tmp_path / "settings.key").read_bytes()
    assert fits(new, keys_of(tmp_path).behind(new.words))


def test_a_key_file_that_is_missing_is_not_made(tmp_path: Path) -> None:
    words = keys_of(tmp_path).first().words
    (tmp_path / "settings.key").unlink()

    with pytest.raises(StartError, match="is missing"):
        keys_of(tmp_path).behind(words)


def test_a_passphrase_that_is_not_given_is_asked_for(tmp_path: Path) -> None:
    words = keys_of(tmp_path, "correct horse").first().words

    with pytest.raises(Fault, match="give master_passphrase_file"):
        keys_of(tmp_path).behind(words)


def test_a_passphrase_has_another_key_each_time(tmp_path: Path) -> None:
    keys = keys_of(tmp_path, "correct horse")

    assert keys.first().words != keys.first().words
