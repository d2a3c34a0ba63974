"""The seal of session tokens: the same in all processes, through rotations, until it is renewed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ferrox.errors import SealBroken
from ferrox.storage.identities.identities import Identities
from ferrox.storage.settings import Document, Settings


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[Identities, Identities]]:
    """One data directory as two processes have it open."""
    settings = [Settings(tmp_path / "settings.db") for _ in range(2)]
    one, other = (Identities(each, tmp_path / "settings.key") for each in settings)
    yield one, other
    for each in settings:
        each.close()


def test_a_token_of_one_process_opens_in_every_other(both: tuple[Identities, Identities]) -> None:
    one, other = both

    sealed = one.session_seal.seal(b"token", "form 1")

    assert b"token" == other.session_seal.open(sealed, "form 1")
    assert b"token" == one.session_seal.open(other.session_seal.seal(b"token", "x"), "x")


def test_before_the_first_token_none_opens(both: tuple[Identities, Identities]) -> None:
    with pytest.raises(SealBroken, match="no session token was ever sealed"):
        both[0].session_seal.open("v1.AAAA", "form 1")


def test_of_two_first_tokens_at_once_both_open(
    both: tuple[Identities, Identities], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = both
    seals: list[str] = []
    look = Settings.get

    def looked_at_before_the_other_sealed(self: Settings, table: str, name: str) -> Document | None:
        found = look(self, table, name)
        if not seals:
            seals.append("")
            seals[0] = one.session_seal.seal(b"first", "form 1")
        return found

    monkeypatch.setattr(Settings, "get", looked_at_before_the_other_sealed)
    second = other.session_seal.seal(b"second", "form 1")

    assert b"first" == other.session_seal.open(seals[0], "form 1")
    assert b"second" == one.session_seal.open(second, "form 1")


def test_sessions_go_on_when_the_sealing_key_is_rotated(
    both: tuple[Identities, Identities],
) -> None:
    one, other = both
    sealed = one.session_seal.seal(b"token", "form 1")

    for _ in range(3):
        one.rotate_key_now()

    assert b"token" == one.session_seal.open(sealed, "form 1")
    assert b"token" == other.session_seal.open(sealed, "form 1")


def test_sessions_end_everywhere_when_their_key_is_renewed(
    both: tuple[Identities, Identities],
) -> None:
    one, other = both
    sealed = one.session_seal.seal(b"token", "form 1")

    other.session_seal.renew()

    for identities in both:
        with pytest.raises(SealBroken):
            identities.session_seal.open(sealed, "form 1")
    assert b"new" == one.session_seal.open(other.session_seal.seal(b"new", "x"), "x")
