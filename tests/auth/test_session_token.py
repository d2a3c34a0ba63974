"""auth/session_token.py: what is sealed comes back whole, to its own key, until its end."""

import json
import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.auth.session_token import (
    MOST_OPENED,
    MOST_TOKEN_BYTES,
    SessionToken,
    SessionTokens,
    packed_percentage,
)
from ferrox.clock import SettableClock
from ferrox.crypto.sealing import KEY_BYTES, Seal
from ferrox.errors import ExpiredToken, InvalidToken
from ferrox.identity import Principal, PrincipalKind, Session

NOW_MS = 1_700_000_000_000
KEY = bytes(range(KEY_BYTES))
ID = "ASIA" + "A" * 16
GOLDEN_TOKEN = SessionToken(
    ID,
    "secret",
    Principal(
        "123456789012",
        "c" * 64,
        "prod",
        "arn:aws:sts::123456789012:assumed-role/reader/me",
        ID,
        PrincipalKind.ROLE_SESSION,
        "AROAEXAMPLE:me",
        parent_arn="arn:aws:iam::123456789012:role/reader",
        session=Session(
            NOW_MS,
            NOW_MS + 900_000,
            "FRXISSUER",
            ("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",),
            (("team", "blue"),),
            ("team",),
            "me",
            "arn:aws:iam::123456789012:oidc-provider/login.example.com",
            "subject",
            True,
        ),
    ),
)
GOLDEN = (
    "v1.9x1ErbahH76VwpUHLIji35eNGlB1kNpBus3LEroTDKBTZ9qxOLKO06w9QP1qlBB6lwrxGuaeD6_RP"
    "1MIr8pd1911f5KCEWxplBuaBD6tbtqgmTvEiGRVgkGrWsyCbzhZmeKTVAevY2GNNrPNocpiS5aigjYl3"
    "XL0WKgtjMKxCNEcVnPfW-UOkanNTWrTGTEbVhIA1zRSC9cJAe2_vNK_3Sb8Yemqr4rBrZK5D6gHVskiy"
    "xpwTzZz1iyBZt2qZ-20vHOyLZhVFi-MsMVNQ4GZZnFG_XmMtGhDQyslJLDniKQgwKPS"
)


def tokens(clock: SettableClock | None = None, key: bytes = KEY) -> SessionTokens:
    return SessionTokens(Seal(key), clock or SettableClock(NOW_MS))


def token_of(session: Session, key_id: str = ID) -> SessionToken:
    principal = GOLDEN_TOKEN.principal._replace(session=session, access_key_id=key_id)
    return GOLDEN_TOKEN._replace(principal=principal, access_key_id=key_id)


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"]))),
    st.lists(st.tuples(st.text(st.characters(exclude_categories=["Cs"])), st.text("ab"))),
    st.sampled_from(PrincipalKind),
    st.booleans(),
)
def test_a_token_comes_back_whole(
    policies: list[str], tags: list[tuple[str, str]], kind: PrincipalKind, is_mfa: bool
) -> None:
    session = Session(NOW_MS, NOW_MS + 1, "A", tuple(policies), tuple(tags), ("a",), is_mfa=is_mfa)
    token = token_of(session)
    token = token._replace(principal=token.principal._replace(kind=kind))

    opened = tokens().open(tokens().seal(token), ID)

    assert token == opened
    assert isinstance(opened.principal.kind, PrincipalKind)


def test_a_token_of_an_earlier_build_opens() -> None:
    assert GOLDEN_TOKEN == tokens().open(GOLDEN, ID)


@pytest.mark.parametrize("place", [3, 40, -1])
def test_a_changed_token_is_refused(place: int) -> None:
    text = tokens().seal(GOLDEN_TOKEN)
    other = "A" if text[place] != "A" else "B"
    changed = text[:place] + other + text[place:][1:]

    with pytest.raises(InvalidToken):
        tokens().open(changed, ID)


@pytest.mark.parametrize("text", ["", "v1.", "token", "v1.ü", "v1.AAAA"])
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(InvalidToken):
        tokens().open(text, ID)


def test_a_token_of_another_server_is_refused() -> None:
    text = tokens(key=bytes(KEY_BYTES)).seal(GOLDEN_TOKEN)

    with pytest.raises(InvalidToken):
        tokens().open(text, ID)


def test_a_secret_sealed_for_another_purpose_is_no_token() -> None:
    text = Seal(KEY).seal(b"[]", "secret access key of A")

    with pytest.raises(InvalidToken):
        tokens().open(text, ID)


@pytest.mark.parametrize("is_known", [False, True])
def test_a_token_belongs_to_its_key(is_known: bool) -> None:
    opener = tokens()
    text = opener.seal(GOLDEN_TOKEN)
    if is_known:
        opener.open(text, ID)

    with pytest.raises(InvalidToken):
        opener.open(text, "ASIA" + "B" * 16)


@pytest.mark.parametrize("is_known", [False, True])
def test_a_token_ends_with_its_session(is_known: bool) -> None:
    clock = SettableClock(NOW_MS)
    opener = tokens(clock)
    text = opener.seal(GOLDEN_TOKEN)
    if is_known:
        opener.open(text, ID)

    clock.advance(899.999)
    assert GOLDEN_TOKEN == opener.open(text, ID)
    clock.advance(0.001)
    with pytest.raises(ExpiredToken) as refusal:
        opener.open(text, ID)

    assert {"Token-0": text} == refusal.value.details


class CountingSeal(Seal):
    """A seal that knows how often it was asked to open."""

    opened = 0

    def open(self, sealed: str, context: str) -> bytes:
        self.opened += 1
        return super().open(sealed, context)


def test_a_token_is_opened_once_until_there_may_be_another_key() -> None:
    seal, version = CountingSeal(KEY), [1]
    opener = SessionTokens(seal, SettableClock(NOW_MS), lambda: version[0])
    text = opener.seal(GOLDEN_TOKEN)

    for _ in range(3):
        opener.open(text, ID)
    assert 1 == seal.opened
    version[0] = 2
    opener.open(text, ID)

    assert 2 == seal.opened


def test_the_tokens_that_are_remembered_are_bounded() -> None:
    seal = CountingSeal(KEY)
    opener = SessionTokens(seal, SettableClock(NOW_MS))
    texts = [opener.seal(GOLDEN_TOKEN) for _ in range(MOST_OPENED + 1)]

    for text in texts:
        opener.open(text, ID)
    opener.open(texts[-1], ID)
    assert MOST_OPENED + 1 == seal.opened
    opener.open(texts[0], ID)

    assert MOST_OPENED + 2 == seal.opened


def test_a_broken_token_is_not_remembered() -> None:
    opener = tokens()
    for _ in range(2):
        with pytest.raises(InvalidToken):
            opener.open("v1.AAAA", ID)


def random_text(rng: random.Random, length: int) -> str:
    return "".join(rng.choices(string.ascii_letters + string.digits, k=length))


def policy_of(length: int) -> str:
    """A policy as long as one may be, of statements that differ as those of people do."""
    rng = random.Random(1)
    statements = []
    while True:
        bucket = random_text(rng, 12)
        statements.append(
            {
                "Effect": rng.choice(["Allow", "Deny"]),
                "Action": rng.sample(["s3:GetObject", "s3:PutObject", "s3:ListBucket"], 2),
                "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
                "Condition": {"StringLike": {"s3:prefix": f"{random_text(rng, 8)}/*"}},
            }
        )
        text = json.dumps({"Version": "2012-10-17", "Statement": statements})
        if len(text) > length:
            return json.dumps({"Version": "2012-10-17", "Statement": statements[:-1]})


def test_the_longest_policies_fit_into_a_header() -> None:
    rng = random.Random(2)
    arns = [f"arn:aws:iam::123456789012:policy/{random_text(rng, 64)}" for _ in range(10)]
    session = Session(NOW_MS, NOW_MS + 1, policies=(policy_of(2048), *arns))

    text = tokens().seal(token_of(session))

    assert packed_percentage(session) <= 100
    assert len(text) < 4_096


def test_what_callers_may_say_at_most_fits_into_a_header() -> None:
    rng = random.Random(3)
    longest = random_text(rng, 64)
    role = f"arn:aws:iam::123456789012:role/{random_text(rng, 512)}/{longest}"
    said = Session(
        NOW_MS, NOW_MS + 1, source_identity=longest, provider=role, subject=random_text(rng, 255)
    )
    policy = ""
    while packed_percentage(said._replace(policies=(policy + "a" * 20,))) <= 100:
        policy += random_text(rng, 20)
    token = token_of(said._replace(policies=(policy,)))
    principal = token.principal._replace(parent_arn=role, user_id=longest, arn=longest)

    text = tokens().seal(token._replace(principal=principal))

    assert packed_percentage(token.session) in {99, 100}
    assert len(text) <= MOST_TOKEN_BYTES


@pytest.mark.parametrize("least_bytes", [1, 500, 501, 502, 503, 4096])
def test_a_token_is_made_as_large_as_it_is_wanted(least_bytes: int) -> None:
    shortest = len(tokens().seal(GOLDEN_TOKEN))
    text = tokens().seal(GOLDEN_TOKEN, least_bytes)

    assert GOLDEN_TOKEN == tokens().open(text, ID)
    assert len(text) in range(max(shortest, least_bytes), max(shortest, least_bytes) + 4)


def test_a_session_that_says_nothing_takes_next_to_no_room() -> None:
    assert packed_percentage(Session(NOW_MS, NOW_MS + 1)) == 1


def test_the_secret_is_in_no_representation() -> None:
    assert f"SessionToken('{ID}')" == repr(GOLDEN_TOKEN)


def test_a_token_says_what_it_depends_on() -> None:
    assert ("FRXISSUER", NOW_MS + 900_000) == (
        GOLDEN_TOKEN.issuer_key_id,
        GOLDEN_TOKEN.expires_ms,
    )


def test_a_principal_without_session_is_no_token() -> None:
    principal = GOLDEN_TOKEN.principal._replace(session=None)

    with pytest.raises(ValueError, match="no session"):
        tokens().seal(GOLDEN_TOKEN._replace(principal=principal))
