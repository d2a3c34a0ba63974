"""auth/jwt.py: a token is read as it is signed, or refused; the key it names decides."""

import functools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.auth.jwt import (
    MOST_CHARACTERS,
    MOST_KEYS,
    InvalidJwtError,
    is_signed,
    key_for,
    parse,
    read_keys,
)
from tests.json_web import SigningKey, encoded, encoded_json

CLAIMS = {"iss": "https://login.example.com", "sub": "me", "aud": "app"}
TAIL = f".{encoded_json(CLAIMS)}.{encoded(b'signature')}"


@functools.cache
def signing_key(algorithm: str, kid: str = "one") -> SigningKey:
    """Made once in a process: RSA keys take a moment."""
    return SigningKey.make(algorithm, kid)


def key_set(*owners: SigningKey) -> bytes:
    return json.dumps({"keys": [owner.jwk for owner in owners]}).encode()


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_token_is_signed_by_the_key_it_names(algorithm: str) -> None:
    owner, other = signing_key(algorithm), signing_key("ES256", "two")
    token = parse(owner.token(CLAIMS))
    keys = read_keys(key_set(other, owner))

    key = key_for(token, keys)

    assert ("https://login.example.com", CLAIMS) == (token.issuer, token.claims)
    assert key is not None
    assert is_signed(token, key)


def test_a_key_that_is_not_there_is_not_replaced_by_another() -> None:
    token = parse(signing_key("ES256").token(CLAIMS, kid="gone"))

    assert key_for(token, read_keys(key_set(signing_key("ES256")))) is None


def test_a_token_that_names_no_key_means_the_only_one() -> None:
    owner = signing_key("ES256")
    token = parse(owner.token(CLAIMS, kid=""))

    key = key_for(token, read_keys(key_set(owner, signing_key("RS256"))))

    assert key is not None
    assert is_signed(token, key)
    assert key_for(token, read_keys(key_set(owner, signing_key("ES256", "two")))) is None


def test_a_key_of_another_kind_is_not_the_one_that_is_named() -> None:
    token = parse(signing_key("ES256").token(CLAIMS))

    assert key_for(token, read_keys(key_set(signing_key("RS256")))) is None


def test_changed_claims_are_not_signed() -> None:
    owner = signing_key("ES256")
    head, _, signature = owner.token(CLAIMS).split(".")
    token = parse(f"{head}.{encoded_json({**CLAIMS, 'sub': 'you'})}.{signature}")

    assert not is_signed(token, read_keys(key_set(owner))[0])


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "None"},
        {"alg": "HS256"},
        {"alg": "HS512"},
        {"alg": "PS256"},
        {"alg": "EdDSA"},
        {"alg": ""},
        {"alg": None},
        {"alg": ["RS256"]},
        {"alg": {"RS256": 1}},
        {},
        {"alg": "RS256", "kid": 1},
        {"alg": "RS256", "crit": ["exp"], "exp": 1},
        {"alg": "RS256", "b64": False},
        ["RS256"],
        "RS256",
    ],
)
def test_what_is_not_signed_by_a_known_algorithm_is_no_token(header: object) -> None:
    with pytest.raises(InvalidJwtError):
        parse(encoded_json(header) + TAIL)


@pytest.mark.parametrize("header", ['{"alg":"RS256","alg":"none"}', "{", "\udc80", "[" * 5000])
def test_a_header_that_can_be_read_in_two_ways_or_none_is_refused(header: str) -> None:
    with pytest.raises(InvalidJwtError):
        parse(encoded(header.encode("utf-8", "surrogateescape")) + TAIL)


@pytest.mark.parametrize(
    "claims", ["[]", "5", '{"a":1,"a":2}', "{", '{"sub":"\\ud800"}', '{"\\uDC00":1}']
)
def test_claims_are_one_object(claims: str) -> None:
    with pytest.raises(InvalidJwtError):
        parse(f"{encoded_json({'alg': 'RS256'})}.{encoded(claims.encode())}.")


@pytest.mark.parametrize("text", ["", ".", "..", "a.b", "a.b.c.d", "a.b.c.d.e", "Ä..", "=.=.="])
def test_what_has_not_three_parts_is_no_token(text: str) -> None:
    with pytest.raises(InvalidJwtError):
        parse(text)


def test_a_token_has_a_size() -> None:
    head = encoded_json({"alg": "RS256"})
    room = MOST_CHARACTERS - len(head) - 2
    claims = encoded_json({"a": "b" * (room * 3 // 4 - 12)})
    assert room - 8 < len(claims) <= room

    assert parse(f"{head}.{claims}.").claims
    with pytest.raises(InvalidJwtError):
        parse(f"{head}.{claims}.{'A' * 12}")


def test_padding_and_second_forms_of_a_part_are_refused() -> None:
    token = signing_key("ES256").token(CLAIMS)

    with pytest.raises(InvalidJwtError):
        parse(token + "==")
    with pytest.raises(InvalidJwtError):
        parse(token + "\n")


@pytest.mark.parametrize("issuer", [5, None, ["https://login.example.com"]])
def test_an_issuer_that_is_no_text_is_nobody(issuer: object) -> None:
    assert "" == parse(f"{encoded_json({'alg': 'RS256'})}.{encoded_json({'iss': issuer})}.").issuer


def test_a_key_set_is_read_as_far_as_it_can_be() -> None:
    owner = signing_key("ES256")
    document = {"keys": [None, {"kty": "oct", "k": "AA"}, owner.jwk, {"kty": "RSA"}]}

    assert ["one"] == [key.kid for key in read_keys(json.dumps(document).encode())]


def test_a_key_set_is_read_to_a_limit() -> None:
    document = {"keys": [None] * MOST_KEYS + [signing_key("ES256").jwk]}

    assert [] == read_keys(json.dumps(document).encode())


@pytest.mark.parametrize(
    "document", [b"", b"[]", b"{}", b'{"keys":{}}', b"\xff", b"null", b"[" * 9999]
)
def test_what_is_no_key_set_is_an_error(document: bytes) -> None:
    with pytest.raises(ValueError, match="key set"):
        read_keys(document)


@given(st.text(max_size=200) | st.lists(st.binary(max_size=60), min_size=3, max_size=3))
def test_nothing_but_the_one_error_comes_of_reading(parts: str | list[bytes]) -> None:
    text = parts if isinstance(parts, str) else ".".join(map(encoded, parts))

    with pytest.raises(InvalidJwtError):
        parse(text)
