"""Credentials: which keys work, whom they speak for, and how soon they stop."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ferrox.auth.session_token import SessionToken, SessionTokens
from ferrox.clock import SettableClock
from ferrox.errors import ExpiredToken, InvalidAccessKeyId, InvalidToken
from ferrox.identity import (
    Account,
    KeyRecord,
    KeyStatus,
    Principal,
    PrincipalKind,
    RoleRecord,
    Session,
    UserRecord,
)
from ferrox.pipeline.credentials import Credentials
from ferrox.storage.identities.identities import Identities
from ferrox.storage.identities.names import Record
from ferrox.storage.identities.root import RootCredentials
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.settings import Settings

NOW_MS = 1_790_000_000_000
ROOT = RootCredentials("FRXROOT", "root-secret")
OTHER = Account("444455556666", "d" * 64, "other")
ALICE = UserRecord(OTHER.account_id, "Alice", "AIDA1", 0, "/staff/")
ROLE = RoleRecord(OTHER.account_id, "Reader", "AROA1", 0, "{}")
SECRET = "secret-of-alice"


@dataclass
class Place:
    """A data directory with two accounts, a user and its key, and those who find keys in it."""

    path: Path
    identities: Identities
    clock: SettableClock
    tokens: SessionTokens
    first: Account
    credentials: Credentials

    def put(self, *records: Record) -> None:
        def work(tx: Tx) -> None:
            for record in records:
                tx.put(record)

        self.identities.change_now(work)

    def delete(self, record: Record) -> None:
        self.identities.change_now(lambda tx: tx.delete(record))

    def put_key(self, user_name: str = "alice", **more: Any) -> KeyRecord:
        sealed = self.identities.seal_secret("FRXALICE", SECRET)
        key = KeyRecord("FRXALICE", OTHER.account_id, user_name, sealed, 0)._replace(**more)
        self.put(key)
        return key

    def is_refused(self, access_key_id: str = "FRXALICE", token: str = "") -> bool:
        try:
            self.credentials.find_key(access_key_id, token)
        except InvalidAccessKeyId as refusal:
            return refusal.details == {"AWSAccessKeyId": access_key_id}
        return False

    def token(self, principal: Principal, issuer_key_id: str = "FRXALICE") -> str:
        session = Session(NOW_MS, NOW_MS + 3_600_000, issuer_key_id=issuer_key_id)
        whose = principal._replace(session=session, access_key_id="ASIA1")
        return self.tokens.seal(SessionToken("ASIA1", "temporary", whose))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    settings = Settings(tmp_path / "settings.db")
    identities = Identities(settings, tmp_path / "settings.key")
    first = identities.root_account()
    clock = SettableClock(NOW_MS)
    tokens = SessionTokens(identities.session_seal, clock, identities.seen)
    credentials = Credentials(identities, clock, ROOT, first.account_id, tokens.open)
    place = Place(tmp_path, identities, clock, tokens, first, credentials)
    place.put(OTHER, ALICE, ROLE)
    place.put_key()
    yield place
    settings.close()


def test_the_pair_of_the_start_speaks_for_the_first_account(place: Place) -> None:
    key = place.credentials.find_key("FRXROOT", "")

    assert "root-secret" == key.secret_access_key
    assert PrincipalKind.ROOT is key.principal.kind
    first = place.first
    assert key.principal[:5] == (*first[:3], first.root_arn, "FRXROOT")
    assert first.account_id == key.principal.user_id


def test_the_account_may_get_another_name(place: Place) -> None:
    place.put(place.first._replace(display_name="mine"))

    assert "mine" == place.credentials.find_key("FRXROOT", "").principal.display_name


def test_a_key_of_a_user_speaks_for_it(place: Place) -> None:
    key = place.credentials.find_key("FRXALICE", "")

    assert SECRET == key.secret_access_key
    assert key.principal == Principal(
        OTHER.account_id,
        OTHER.canonical_id,
        "other",
        f"arn:aws:iam::{OTHER.account_id}:user/staff/Alice",
        "FRXALICE",
        PrincipalKind.USER,
        "AIDA1",
        "Alice",
    )


def test_a_key_without_a_user_speaks_for_the_root_of_its_account(place: Place) -> None:
    place.put_key(user_name="")

    principal = place.credentials.find_key("FRXALICE", "").principal

    assert principal.is_root
    assert OTHER.root_arn == principal.arn


CHANGES: dict[str, Callable[[Place], object]] = {
    "disabled": lambda place: place.put_key(status=KeyStatus.INACTIVE),
    "deleted": lambda place: place.delete(place.put_key()),
    "expired": lambda place: place.put_key(expires_ms=NOW_MS),
    "user deleted": lambda place: place.delete(ALICE),
    "account deleted": lambda place: place.delete(OTHER),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_key_stops_at_the_next_request(place: Place, change: Callable[[Place], object]) -> None:
    assert not place.is_refused()

    change(place)

    assert place.is_refused()


def test_a_key_stops_when_its_time_is_over_without_any_change(place: Place) -> None:
    place.put_key(expires_ms=NOW_MS + 1000)
    assert not place.is_refused()

    place.clock.advance(1)

    assert place.is_refused()


def test_a_key_works_again_when_it_is_enabled_again(place: Place) -> None:
    place.put_key(status=KeyStatus.INACTIVE)
    assert place.is_refused()

    place.put_key()

    assert not place.is_refused()


def test_a_change_is_told_once_before_the_next_key_is_found(place: Place) -> None:
    told: list[str] = []
    credentials = Credentials(
        place.identities, place.clock, ROOT, place.first.account_id, place.tokens.open,
        on_change=lambda: told.append("changed"),
    )  # fmt: skip
    for _ in range(3):
        credentials.find_key("FRXALICE", "")
    at_first = len(told)
    place.put(ALICE)
    for _ in range(3):
        credentials.find_key("FRXROOT", "")

    assert (1, 2) == (at_first, len(told))


def test_a_request_looks_once_whether_anything_has_changed(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = place.token(alice(place))
    place.credentials.find_key("ASIA1", token)
    looks, version = [], place.identities.version

    def noted() -> int:
        looks.append(version())
        return looks[-1]

    monkeypatch.setattr(place.identities, "version", noted)

    place.credentials.find_key("ASIA1", token)

    assert [place.identities.seen()] == looks


def test_a_key_nobody_has_is_refused(place: Place) -> None:
    assert place.is_refused("FRXNOBODY")
    assert place.is_refused("ASIA1")


def test_a_secret_that_is_replaced_is_another_one(place: Place) -> None:
    place.credentials.find_key("FRXALICE", "")

    place.put_key(sealed_secret=place.identities.seal_secret("FRXALICE", "new"))

    assert "new" == place.credentials.find_key("FRXALICE", "").secret_access_key


def test_a_secret_is_opened_once_whatever_else_changes(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.credentials.find_key("FRXALICE", "")
    monkeypatch.setattr(place.identities, "open_secret", lambda _: pytest.fail("opened again"))

    for index in range(3):
        place.put(ALICE._replace(path=f"/{index}/"))
        assert SECRET == place.credentials.find_key("FRXALICE", "").secret_access_key


def test_a_token_with_a_permanent_key_is_refused(place: Place) -> None:
    for access_key_id in ("FRXALICE", "FRXROOT"):
        with pytest.raises(InvalidToken) as refusal:
            place.credentials.find_key(access_key_id, "token")
        assert {"Token-0": "token"} == refusal.value.details
    assert place.is_refused("FRXNOBODY", "token")


def alice(place: Place) -> Principal:
    return place.credentials.find_key("FRXALICE", "").principal


def reader() -> Principal:
    arn = f"arn:aws:sts::{OTHER.account_id}:assumed-role/Reader/me"
    parent = f"arn:aws:iam::{OTHER.account_id}:role/Reader"
    return Principal(*OTHER[:3], arn, "", PrincipalKind.ROLE_SESSION, "AROA1:me", parent_arn=parent)


def test_a_session_speaks_for_whom_its_token_says(place: Place) -> None:
    token = place.token(alice(place))

    key = place.credentials.find_key("ASIA1", token)

    assert ("ASIA1", "temporary") == key[:2]
    assert ("Alice", "ASIA1") == (key.principal.user_name, key.principal.access_key_id)


def test_a_session_of_a_role_needs_no_key_where_a_provider_vouched_for_it(place: Place) -> None:
    token = place.token(reader(), issuer_key_id="")

    assert "AROA1:me" == place.credentials.find_key("ASIA1", token).principal.user_id


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("who", ["alice", "reader"])
def test_a_session_stops_with_the_key_that_asked_for_it(
    place: Place, change: Callable[[Place], object], who: str
) -> None:
    token = place.token(alice(place) if who == "alice" else reader())
    assert not place.is_refused("ASIA1", token)

    change(place)

    assert place.is_refused("ASIA1", token)


def test_a_session_stops_when_its_role_is_gone_or_another_one(place: Place) -> None:
    token = place.token(reader(), issuer_key_id="")
    assert not place.is_refused("ASIA1", token)

    place.put(ROLE._replace(role_id="AROA2"))
    assert place.is_refused("ASIA1", token)
    place.put(ROLE)
    assert not place.is_refused("ASIA1", token)
    place.delete(ROLE)
    assert place.is_refused("ASIA1", token)


def test_a_session_is_not_that_of_another_user_of_the_same_name(place: Place) -> None:
    token = place.token(alice(place))

    place.put(ALICE._replace(user_id="AIDA2"))

    assert place.is_refused("ASIA1", token)


def guest(place: Place) -> Principal:
    arn = f"arn:aws:sts::{OTHER.account_id}:federated-user/guest"
    user_id = f"{OTHER.account_id}:guest"
    kind = PrincipalKind.FEDERATED
    return Principal(*OTHER[:3], arn, "", kind, user_id, parent_arn=alice(place).arn)


@pytest.mark.parametrize("whose", [alice, guest])
def test_a_session_of_a_user_with_another_name_is_not_that_of_who_has_the_name_now(
    place: Place, whose: Callable[[Place], Principal]
) -> None:
    token = place.token(whose(place))
    assert not place.is_refused("ASIA1", token)

    place.identities.change_now(lambda tx: tx.rename(ALICE, "Eve"))
    place.put(ALICE._replace(user_id="AIDA2"))

    assert not place.is_refused()  # the key has gone with the user, and works
    assert place.is_refused("ASIA1", token)


@pytest.mark.parametrize("whose", [alice, guest])
def test_a_session_does_not_hide_under_the_former_path_of_its_user(
    place: Place, whose: Callable[[Place], Principal]
) -> None:
    token = place.token(whose(place))

    place.put(ALICE._replace(path="/guests/"))

    assert place.is_refused("ASIA1", token)


def test_a_session_of_the_root_lasts_as_long_as_its_key(place: Place) -> None:
    root = place.credentials.find_key("FRXROOT", "").principal

    assert not place.is_refused("ASIA1", place.token(root, "FRXROOT"))
    assert place.is_refused("ASIA1", place.token(root, "FRXGONE"))


def test_a_session_ends(place: Place) -> None:
    token = place.token(alice(place))
    place.clock.advance(3600)

    with pytest.raises(ExpiredToken):
        place.credentials.find_key("ASIA1", token)


def test_a_token_that_is_not_from_here_is_refused(place: Place) -> None:
    place.token(alice(place))

    with pytest.raises(InvalidToken):
        place.credentials.find_key("ASIA1", "v1.AAAA")


def test_sessions_end_when_their_key_is_renewed(place: Place) -> None:
    token = place.token(alice(place))
    place.credentials.find_key("ASIA1", token)

    place.identities.session_seal.renew()

    with pytest.raises(InvalidToken):
        place.credentials.find_key("ASIA1", token)


SWITCHER = """
import sys
from pathlib import Path
from ferrox.identity import KeyStatus
from ferrox.storage.identities.identities import Identities
from ferrox.storage.settings import Settings

path = Path(sys.argv[1])
identities = Identities(Settings(path / "settings.db"), path / "settings.key")
for line in sys.stdin:
    status = KeyStatus(line.strip())
    key = identities.key("FRXALICE")
    identities.change_now(lambda tx: tx.put(key._replace(status=status)))
    print("done", flush=True)
"""


def test_what_another_process_changes_counts_at_the_next_request(place: Place) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SWITCHER, str(place.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONWARNINGS": "error"},
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        for status in [KeyStatus.INACTIVE, KeyStatus.ACTIVE] * 5:
            print(status.value, file=other.stdin, flush=True)
            assert "done\n" == other.stdout.readline()

            assert place.is_refused() == (status is KeyStatus.INACTIVE)
        other.stdin.close()
        assert 0 == other.wait(30)


def test_a_session_that_a_provider_vouched_for_stops_with_its_account(place: Place) -> None:
    token = place.token(reader(), issuer_key_id="")
    assert not place.is_refused("ASIA1", token)

    place.delete(OTHER)

    assert place.is_refused("ASIA1", token)


def test_a_key_whose_user_was_never_there_is_refused(place: Place) -> None:
    place.put_key(user_name="ghost")

    assert place.is_refused()


def test_no_more_is_remembered_than_there_is_room_for(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ferrox.pipeline.credentials.MOST_REMEMBERED", 1)
    tokens = [place.token(alice(place)), place.token(reader(), issuer_key_id="")]

    for _ in range(2):
        assert not place.is_refused("FRXROOT")
        assert not place.is_refused()
        assert [False, False] == [place.is_refused("ASIA1", token) for token in tokens]

    assert 1 == len(place.credentials._found) == len(place.credentials._living)
