"""Fixtures of the tests of identities."""

import secrets

import pytest

from ferrox.crypto.passphrase import SALT_BYTES, Derivation


@pytest.fixture(autouse=True)
def _cheap_derivation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys that cost a millisecond: what real ones cost is looked at in tests/crypto."""
    monkeypatch.setattr(
        Derivation,
        "new",
        lambda: Derivation(secrets.token_bytes(SALT_BYTES), passes=1, memory_kib=64, lanes=1),
    )
