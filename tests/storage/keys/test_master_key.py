"""The master key: in two ways of writing it, known again, and refused when it is another one."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from ferrox.config import Config
from ferrox.crypto.passphrase import Passphrase
from ferrox.errors import StartError
from ferrox.storage.identities.identities import Identities
from ferrox.storage.keys.master_key import (
    Given,
    MasterKey,
    given_master_key,
    has_master_key,
    root_seal,
)
from ferrox.storage.settings import Settings

KEY = bytes(range(200, 232))


@pytest.fixture
def identities(tmp_path: Path) -> Iterator[Identities]:
    settings = Settings(tmp_path / "settings.db")
    yield Identities(settings, tmp_path / "settings.key")
    settings.close()


def passphrase(text: bytes) -> Passphrase:
    return Passphrase(lambda: bytearray(text))


@pytest.mark.parametrize("text", [KEY.hex(), base64.b64encode(KEY).decode() + "\n"])
def test_a_key_is_given_in_words_or_in_a_file(text: str, tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_text(text)

    assert given_master_key(Config()) is None
    assert MasterKey(KEY) == given_master_key(Config(sse_master_key=text))
    assert MasterKey(KEY) == given_master_key(Config(sse_master_key_file=path))


def test_a_passphrase_is_given_in_a_file(identities: Identities, tmp_path: Path) -> None:
    path = tmp_path / "passphrase"
    path.write_text("correct horse\n")

    given = given_master_key(Config(sse_passphrase_file=path))

    assert isinstance(given, Passphrase)
    sealed = root_seal(identities, given).seal(b"x", "y")
    assert b"x" == root_seal(identities, passphrase(b"correct horse")).open(sealed, "y")


@pytest.mark.parametrize("content", ["", "secret", KEY.hex()[:-2], "\u00fc"])
def test_a_file_that_holds_no_key_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_text(content)

    with pytest.raises(StartError, match="does not hold 32 bytes") as refusal:
        given_master_key(Config(sse_master_key_file=path))
    assert "secret" not in str(refusal.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="cannot be read: No such file"):
        given_master_key(Config(sse_master_key_file=tmp_path / "nothing"))


def test_a_key_is_known_again_and_not_stored(identities: Identities, tmp_path: Path) -> None:
    assert not has_master_key(identities)
    sealed = root_seal(identities, MasterKey(KEY)).seal(b"x", "y")

    assert has_master_key(identities)
    assert b"x" == root_seal(identities, MasterKey(KEY)).open(sealed, "y")
    for path in tmp_path.iterdir():
        assert KEY not in path.read_bytes()
        assert KEY.hex().encode() not in path.read_bytes()


def test_a_passphrase_is_known_again(identities: Identities) -> None:
    sealed = root_seal(identities, passphrase(b"correct horse")).seal(b"x", "y")

    assert b"x" == root_seal(identities, passphrase(b"correct horse")).open(sealed, "y")


@pytest.mark.parametrize("first", [MasterKey(KEY), passphrase(b"correct horse")])
@pytest.mark.parametrize("other", [MasterKey(KEY[::-1]), passphrase(b"battery staple")])
def test_another_one_is_refused(identities: Identities, first: Given, other: Given) -> None:
    root_seal(identities, first)

    with pytest.raises(StartError, match="master"):
        root_seal(identities, other)


def test_a_master_key_does_not_show() -> None:
    assert KEY.hex() not in repr(MasterKey(KEY))
    assert "MasterKey(…)" == f"{MasterKey(KEY)}"
