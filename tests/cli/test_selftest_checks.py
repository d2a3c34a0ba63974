"""The checks of the self test find what they are there to find."""

import hashlib
import signal
import sqlite3
import ssl
from pathlib import Path
from typing import Any

import pytest
from argon2 import low_level

from ferrox import errors
from ferrox.cli import selftest_checks
from ferrox.cli.selftest import Check
from ferrox.cli.selftest_checks import ARGON2ID_TAG, CHECKS, Failed
from ferrox.crypto.sealing import Seal
from ferrox.protocol import checksums

QUICK = ("TLS", "SQLite", "MD5", "SHA", "CRC", "AES", "argon2id", "seal", "error")


@pytest.mark.parametrize(
    "check", [one for one in CHECKS if one.name.startswith(QUICK)], ids=lambda one: one.name
)
def test_a_check_passes_here(check: Check, tmp_path: Path) -> None:
    assert check.run(tmp_path) is None


def named(name: str) -> Check:
    """The one check whose name begins so."""
    (found,) = [check for check in CHECKS if check.name.startswith(name)]
    return found


def test_messages_that_were_dropped_are_noticed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(errors.NoSuchKey, "__doc__", None)

    with pytest.raises(Failed, match="NoSuchKey"):
        named("error messages").run(tmp_path)


def test_a_wrong_digest_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(checksums, "new_digest", lambda _: hashlib.sha256())

    named("SHA256").run(tmp_path)
    with pytest.raises(Failed):
        named("SHA1").run(tmp_path)


def test_a_seal_that_opens_everywhere_is_noticed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened = Seal.open
    monkeypatch.setattr(Seal, "open", lambda self, sealed, _: opened(self, sealed, "here"))

    with pytest.raises(Failed, match="another place"):
        named("seal and open").run(tmp_path)


def test_an_old_sqlite_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 0))

    with pytest.raises(Failed, match="too old"):
        named("SQLite 3").run(tmp_path)


@pytest.mark.parametrize("cheaper", [{"time_cost": 1}, {"memory_cost": 128}, {"parallelism": 1}])
def test_an_argon2id_that_works_less_than_asked_is_noticed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cheaper: dict[str, int]
) -> None:
    asked: Any = low_level.hash_secret_raw

    def hash_with_less(*words: bytes, **cost: Any) -> Any:
        return asked(*words, **{**cost, **cheaper})

    monkeypatch.setattr(low_level, "hash_secret_raw", hash_with_less)

    with pytest.raises(Failed, match=ARGON2ID_TAG):
        named("argon2id").run(tmp_path)


def test_a_certificate_that_is_not_trusted_is_noticed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    load = ssl.SSLContext.load_verify_locations

    def load_nothing(self: ssl.SSLContext, **given: Any) -> None:
        assert given
        load(self, cafile=None, capath=str(tmp_path))

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", load_nothing)

    with pytest.raises(ssl.SSLCertVerificationError):
        named("TLS 1.3").run(tmp_path)


@pytest.mark.parametrize(
    ("work", "status"),
    [
        (lambda: 7, 7),
        (lambda: 1 // 0, 1),
        (lambda: signal.raise_signal(signal.SIGKILL), -signal.SIGKILL),
    ],
)
def test_a_child_that_crashes_does_not_take_the_test_with_it(work: Any, status: int) -> None:
    assert status == selftest_checks.in_child(work)
