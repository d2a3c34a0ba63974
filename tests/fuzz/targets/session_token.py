"""Session tokens: what is sealed comes back as it was, and no other text is one."""

from ferrox.auth.session_token import SessionToken, SessionTokens, packed_percentage
from ferrox.clock import SettableClock
from ferrox.crypto.sealing import Seal
from ferrox.errors import ExpiredToken, InvalidToken
from ferrox.identity import Principal, PrincipalKind, Session
from tests.fuzz.target import Target, check_refusal, clean_text, pieces_of, wire_text

_NOW_MS = 1_369_353_600_000
_ID = "ASIAEXAMPLE"


def check(data: bytes) -> None:
    """Open an input as a token, which it is not; then make one of it, harm it, and open both."""
    tokens = SessionTokens(Seal(bytes(32)), SettableClock(_NOW_MS))
    _expect_refusal(tokens, wire_text(data))
    _expect_refusal(tokens, "v1." + wire_text(data))
    policy, name, value, size, harm = pieces_of(data, 5)
    session = Session(
        _NOW_MS,
        _NOW_MS + 1,
        policies=(clean_text(policy),),
        tags=((clean_text(name), clean_text(value)),),
    )
    principal = Principal("1", "c", "o", "a", _ID, PrincipalKind.ROLE_SESSION, session=session)
    token = SessionToken(_ID, "secret", principal)
    assert packed_percentage(session) > 0
    text = tokens.seal(token, (*size, 0)[0] * 16)
    assert len(text) >= (*size, 0)[0] * 16
    assert token == tokens.open(text, _ID)
    at, by = (*harm, 0, 0)[:2]
    at %= len(text)
    harmed = text[:at] + chr(ord(text[at]) ^ (by % 127 + 1)) + text[at + 1 :]
    _expect_refusal(tokens, harmed)
    _expect_refusal(tokens, text[:at])
    _expect_refusal(SessionTokens(Seal(b"\1" * 32), SettableClock(_NOW_MS)), text)
    _expect_refusal(SessionTokens(Seal(bytes(32)), SettableClock(_NOW_MS + 1)), text)


def _expect_refusal(tokens: SessionTokens, text: str) -> None:
    try:
        tokens.open(text, _ID)
    except (InvalidToken, ExpiredToken) as error:
        check_refusal(error)
    else:
        raise AssertionError("this is no token")


TARGET = Target(
    check,
    seeds=(
        b'{"Version":"2012-10-17"}\0team\0blue\0\4\0\x12\x34',
        b"\0\0\0\xff\0\0\0",
        b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ),
    words=(b"v1.", b"\0", b"=", b"-_", b"aws:", b"\xc3\xa9"),
    max_bytes=1024,
)
