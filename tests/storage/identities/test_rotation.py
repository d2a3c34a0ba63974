"""Rotation: nothing that was sealed is lost, whatever the outer key, and others go on."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from ferrox.crypto.passphrase import Passphrase
from ferrox.errors import Fault, SealBroken, StartError
from ferrox.identity import KeyRecord
from ferrox.storage.identities.identities import Identities
from ferrox.storage.identities.root import RootCredentials
from ferrox.storage.identities.rotation import Target
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.settings import Settings

ROOT = RootCredentials("FRXROOT", "root-secret-of-a-test")
SECRET = "secret-of-a-user"


def passphrase(text: str) -> Passphrase:
    return Passphrase(lambda: bytearray(text, "utf-8"))


class Directory:
    """A data directory as several processes have it open."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.key_path = path / "settings.key"
        self._open: list[Settings] = []

    def open(self, text: str | None = None) -> Identities:
        settings = Settings(self.path / "settings.db")
        self._open.append(settings)
        given = None if text is None else passphrase(text)
        return Identities(settings, self.key_path, passphrase=given)

    def close(self) -> None:
        while self._open:
            self._open.pop().close()

    def bytes_of_everything(self) -> bytes:
        return b"".join(path.read_bytes() for path in self.path.iterdir())


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Directory]:
    directory = Directory(tmp_path)
    yield directory
    directory.close()


def fill(identities: Identities) -> None:
    """Seal one secret of each sort."""

    def work(tx: Tx) -> None:
        sealed = identities.seal_secret("FRX1", SECRET)
        tx.put(KeyRecord("FRX1", "1", "alice", sealed, 0))
        free = identities.seal_in("keys", "one", "sealed_key", b"free")
        tx.put_document("keys", "one", {"sealed_key": free, "other": 1})

    identities.change_now(work)
    identities.save_root_credentials(ROOT)


def secrets_of(identities: Identities) -> tuple[object, ...]:
    key = identities.key("FRX1")
    free = identities.document("keys", "one")
    assert key is not None
    assert free is not None
    return (
        identities.open_secret(key),
        identities.open_in("keys", "one", "sealed_key", free["sealed_key"]),
        identities.root_credentials(),
    )


EVERYTHING = (SECRET, b"free", ROOT)


@pytest.mark.parametrize("text", [None, "correct horse"])
def test_everything_is_sealed_anew_and_still_opens(directory: Directory, text: str | None) -> None:
    identities = directory.open(text)
    fill(identities)
    before = identities.key("FRX1")

    rotation = identities.rotate_key_now()

    assert (3, ()) == rotation
    assert EVERYTHING == secrets_of(identities)
    after = identities.key("FRX1")
    assert before is not None
    assert after is not None
    assert before.sealed_secret != after.sealed_secret
    assert EVERYTHING == secrets_of(directory.open(text))


def test_others_go_on_without_a_restart(directory: Directory) -> None:
    one, other = directory.open(), directory.open()
    fill(one)
    assert EVERYTHING == secrets_of(other)

    for _ in range(3):
        one.rotate_key_now()
        assert EVERYTHING == secrets_of(other)
    fill(other)
    assert EVERYTHING == secrets_of(one)


def test_nothing_of_the_former_seals_is_left_in_the_files(directory: Directory) -> None:
    identities = directory.open()
    fill(identities)
    key = identities.key("FRX1")
    assert key is not None
    assert key.sealed_secret.encode() in directory.bytes_of_everything()

    identities.rotate_key_now()

    assert key.sealed_secret.encode() not in directory.bytes_of_everything()


def test_a_secret_sealed_just_before_still_opens(directory: Directory) -> None:
    identities = directory.open()
    fill(identities)
    late = identities.seal_in("keys", "two", "sealed_key", b"late")

    identities.rotate_key_now()

    assert b"late" == directory.open().open_in("keys", "two", "sealed_key", late)


def test_a_key_that_is_gone_opens_nothing(directory: Directory) -> None:
    identities = directory.open()
    fill(identities)
    old = identities.seal_in("keys", "two", "sealed_key", b"old")

    identities.rotate_key_now()
    identities.rotate_key_now()

    with pytest.raises(SealBroken, match="under a key that is gone"):
        directory.open().open_in("keys", "two", "sealed_key", old)


@pytest.mark.parametrize(
    ("before", "target", "after"),
    [
        (None, passphrase("new"), "new"),
        ("old", passphrase("new"), "new"),
        ("old", "key file", None),
        (None, "key file", None),
    ],
)
def test_the_outer_key_can_be_another_one(
    directory: Directory, before: str | None, target: Target, after: str | None
) -> None:
    identities = directory.open(before)
    fill(identities)

    assert 3 == identities.rotate_key_now(target).secret_count

    again = directory.open(after)
    again.unlock()
    assert EVERYTHING == secrets_of(again)
    assert EVERYTHING == secrets_of(identities)
    assert directory.key_path.exists() == (after is None)


def test_a_changed_passphrase_is_read_again_by_those_who_had_the_former(tmp_path: Path) -> None:
    file = tmp_path / "passphrase"
    file.write_text("first")
    both = []
    for _ in range(2):
        settings = Settings(tmp_path / "settings.db")
        given = Passphrase(lambda: bytearray(file.read_bytes()))
        identities = Identities(settings, tmp_path / "settings.key", passphrase=given)
        both.append((settings, given, identities))
    (_, given, one), (_, _, other) = both
    fill(one)
    assert EVERYTHING == secrets_of(other)
    file.write_text("second")

    one.rotate_key_now(given)

    assert EVERYTHING == secrets_of(other)
    assert EVERYTHING == secrets_of(one)
    for settings, _, _ in both:
        settings.close()


def test_a_wrong_passphrase_is_told_in_one_line(directory: Directory) -> None:
    fill(directory.open("right"))

    with pytest.raises(Fault, match=r"^the master passphrase is not that of the secrets in .*db$"):
        directory.open("wrong").unlock()
    with pytest.raises(Fault):
        directory.open("wrong").rotate_key_now()
    assert EVERYTHING == secrets_of(directory.open("right"))


def test_a_missing_passphrase_is_told_in_one_line(directory: Directory) -> None:
    fill(directory.open("right"))

    with pytest.raises(Fault, match=r"under a master passphrase: give master_passphrase_file$"):
        directory.open().unlock()
    assert not directory.key_path.exists()


def test_a_passphrase_where_the_key_file_seals_is_told_in_one_line(directory: Directory) -> None:
    fill(directory.open())

    with pytest.raises(Fault, match=r"not under a master passphrase: ferroxd key rotate seals"):
        directory.open("new").unlock()


def test_a_missing_key_file_is_told_and_not_made_anew(directory: Directory) -> None:
    fill(directory.open())
    directory.key_path.unlink()

    with pytest.raises(StartError, match=r"key file .*settings\.key is missing"):
        directory.open().unlock()
    assert not directory.key_path.exists()


def test_before_anything_was_sealed_everything_unlocks_and_no_key_file_is_made(
    directory: Directory,
) -> None:
    directory.open().unlock()
    directory.open("new").unlock()

    assert not directory.key_path.exists()


def test_a_first_passphrase_counts_before_anything_is_sealed(directory: Directory) -> None:
    directory.open("right").unlock()

    with pytest.raises(Fault, match="is not that of the secrets"):
        directory.open("wrong").unlock()


def test_what_does_not_open_is_named_and_left_alone(directory: Directory) -> None:
    identities = directory.open()
    fill(identities)
    identities.change_now(lambda tx: tx.put_document("keys", "bad", {"sealed_key": "x:v1.AAAA"}))

    rotation = identities.rotate_key_now()

    assert (3, ("keys/bad",)) == rotation
    assert {"sealed_key": "x:v1.AAAA"} == identities.document("keys", "bad")


def test_a_rotation_that_is_cut_short_has_not_happened(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    identities = directory.open()
    fill(identities)
    before = directory.open().key("FRX1")
    real = Identities.rotate_key_now
    monkeypatch.setattr("ferrox.storage.identities.rotation.place", lambda *_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        real(identities)

    monkeypatch.undo()
    assert before == directory.open().key("FRX1")
    assert EVERYTHING == secrets_of(identities)
    assert EVERYTHING == secrets_of(directory.open())
    assert 3 == identities.rotate_key_now().secret_count


async def test_the_event_loop_runs_while_everything_is_sealed_anew(directory: Directory) -> None:
    identities = directory.open()
    await asyncio.to_thread(fill, identities)

    rotation = await identities.rotate_key()

    assert 3 == rotation.secret_count
    assert EVERYTHING == secrets_of(identities)
