"""The master key: in two ways of writing it, known again, and refused when it is another one."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from ferrox.crypto.passphrase import Passphrase
from ferrox.errors import StartError
from ferrox.storage.identities.identities import Identities
from ferrox.storage.keys.master_key import has_master_key, read_master_key, root_seal
from ferrox.storage.settings import Settings

KEY = bytes(range(200, 232))


@pytest.fixture
def identities(tmp_path: Path) -> Iterator[Identities]:
    settings = Settings(tmp_path / "settings.db")
    yield Identities(settings, tmp_path / "settings.key")
    settings.close()


def passphrase(text: bytes) -> Passphrase:
    return Passphrase(lambda: bytearray(text))


@pytest.mark.parametrize(
    "text",
    [
        KEY.hex(),
        KEY.hex().upper(),
        base64.b64encode(KEY).decode(),
        base64.urlsafe_b64encode(KEY).decode() + "\n",
    ],
)
def test_a_key_is_written_in_hexadecimal_or_base64(text: str) -> None:
    assert KEY == read_master_key(text)


@pytest.mark.parametrize("text", ["", "secret", KEY.hex()[:-2], base64.b64encode(KEY[1:]).decode()])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not 32 bytes in base64 or hexadecimal"):
        read_master_key(text)


def test_a_key_is_known_again_and_not_stored(identities: Identities, tmp_path: Path) -> None:
    assert not has_master_key(identities)
    sealed = root_seal(identities, KEY).seal(b"x", "y")

    assert has_master_key(identities)
    assert b"x" == root_seal(identities, KEY).open(sealed, "y")
    for path in tmp_path.iterdir():
        assert KEY not in path.read_bytes()
        assert KEY.hex().encode() not in path.read_bytes()


def test_a_passphrase_is_known_again(identities: Identities) -> None:
    sealed = root_seal(identities, passphrase(b"correct horse")).seal(b"x", "y")

    assert b"x" == root_seal(identities, passphrase(b"correct horse")).open(sealed, "y")


@pytest.mark.parametrize("first", [KEY, passphrase(b"correct horse")])
@pytest.mark.parametrize("other", [KEY[::-1], passphrase(b"battery staple")])
def test_another_one_is_refused(
    identities: Identities, first: bytes | Passphrase, other: bytes | Passphrase
) -> None:
    root_seal(identities, first)

    with pytest.raises(StartError, match="master"):
        root_seal(identities, other)
