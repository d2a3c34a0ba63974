"""operations/sts/provider_keys.py: keys are fetched when they are needed, and not more often."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator

import pytest

from ferrox import outgoing
from ferrox.auth import jwt
from ferrox.clock import SettableClock
from ferrox.iam_errors import IDPCommunicationError, InvalidIdentityToken
from ferrox.operations.sts.provider_keys import (
    MAX_AGE_MS,
    MOST_BYTES,
    MOST_PROVIDERS,
    REFRESH_MS,
    RETRY_MS,
    ProviderKeys,
    is_local,
)
from tests.json_web import SigningKey
from tests.oidc_issuer import DISCOVERY, KEYS, Issuer, issuing

NOW_MS = 1_700_000_000_000


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOW_MS)


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as running:
        yield running


@pytest.fixture
def keys(clock: SettableClock) -> ProviderKeys:
    return ProviderKeys(clock)


def token_of(issuer: Issuer) -> jwt.Jwt:
    return jwt.parse(issuer.token(NOW_MS))


async def is_good(keys: ProviderKeys, token: jwt.Jwt) -> bool:
    return jwt.is_signed(token, await keys.key_for(token))


async def test_the_keys_of_a_provider_are_fetched_once(issuer: Issuer, keys: ProviderKeys) -> None:
    for _ in range(3):
        assert await is_good(keys, token_of(issuer))

    assert [DISCOVERY, KEYS] == issuer.asked


async def test_several_requests_at_once_fetch_once(issuer: Issuer, keys: ProviderKeys) -> None:
    token = token_of(issuer)

    good = await asyncio.gather(*(is_good(keys, token) for _ in range(10)))

    assert all(good)
    assert [DISCOVERY, KEYS] == issuer.asked


async def test_who_gives_up_waiting_does_not_stop_the_others(
    issuer: Issuer, keys: ProviderKeys
) -> None:
    token = token_of(issuer)
    loop = asyncio.get_running_loop()
    impatient = loop.create_task(keys.key_for(token))
    patient = loop.create_task(keys.key_for(token))
    await asyncio.sleep(0)

    impatient.cancel()

    assert jwt.is_signed(token, await patient)
    assert [DISCOVERY, KEYS] == issuer.asked


async def test_a_new_key_is_fetched_when_a_token_names_it(
    issuer: Issuer, keys: ProviderKeys, clock: SettableClock
) -> None:
    assert await is_good(keys, token_of(issuer))
    clock.advance(REFRESH_MS / 1000)
    before = token_of(issuer)
    issuer.rotate()

    assert await is_good(keys, token_of(issuer))
    with pytest.raises(InvalidIdentityToken):
        await keys.key_for(before)

    assert [DISCOVERY, KEYS] * 2 == issuer.asked


async def test_keys_that_do_not_exist_are_not_looked_for_again_and_again(
    issuer: Issuer, keys: ProviderKeys, clock: SettableClock
) -> None:
    stranger = jwt.parse(SigningKey.make("ES256", "none such").token({"iss": issuer.url}))
    for seconds in (0, 1, REFRESH_MS / 1000 - 2):
        clock.advance(seconds)
        with pytest.raises(InvalidIdentityToken, match="verification key"):
            await keys.key_for(stranger)
    assert [DISCOVERY, KEYS] == issuer.asked

    clock.advance(1)
    with pytest.raises(InvalidIdentityToken):
        await keys.key_for(stranger)

    assert [DISCOVERY, KEYS] * 2 == issuer.asked


async def test_a_key_that_was_taken_back_works_no_longer_than_keys_are_kept(
    issuer: Issuer, keys: ProviderKeys, clock: SettableClock
) -> None:
    token = token_of(issuer)
    assert await is_good(keys, token)
    issuer.rotate()

    clock.advance(MAX_AGE_MS / 1000 - 1)
    assert await is_good(keys, token)
    clock.advance(1)
    with pytest.raises(InvalidIdentityToken):
        await keys.key_for(token)


async def test_a_provider_that_is_down_is_left_alone_for_a_moment(
    keys: ProviderKeys, clock: SettableClock, issuer: Issuer
) -> None:
    issuer.changed[DISCOVERY] = 503, b""
    token = token_of(issuer)
    for _ in range(3):
        with pytest.raises(IDPCommunicationError):
            await keys.key_for(token)
    assert [DISCOVERY] == issuer.asked

    issuer.changed.clear()
    clock.advance(RETRY_MS / 1000)

    assert await is_good(keys, token)


async def test_nobody_there_is_an_error_of_the_provider(keys: ProviderKeys) -> None:
    with issuing() as gone:
        token = token_of(gone)

    with pytest.raises(IDPCommunicationError):
        await keys.key_for(token)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (DISCOVERY, b""),
        (DISCOVERY, b"[]"),
        (DISCOVERY, b"[" * 100_000),
        (DISCOVERY, b'{"issuer": "https://other.example.com"}'),
        (DISCOVERY, b'{"issuer": "URL"}'),
        (DISCOVERY, b'{"issuer": "URL", "jwks_uri": 5}'),
        (DISCOVERY, b'{"issuer": "URL", "jwks_uri": "file:///etc/passwd"}'),
        (DISCOVERY, b'{"issuer": "URL", "jwks_uri": "http://192.0.2.1/keys"}'),
        (DISCOVERY, b'{"issuer": "URL", "jwks_uri": "http://127.0.0.1:1/a b"}'),
        (DISCOVERY, b'{"issuer": "URL", "jwks_uri": "URL/nowhere"}'),
        (DISCOVERY, b" " * (MOST_BYTES + 1)),
        (KEYS, b""),
        (KEYS, b'{"keys": 5}'),
        (KEYS, b" " * (MOST_BYTES + 1)),
    ],
)
async def test_what_is_no_document_of_a_provider_is_an_error_of_the_provider(
    issuer: Issuer, keys: ProviderKeys, path: str, said: bytes
) -> None:
    issuer.changed[path] = 200, said.replace(b"URL", issuer.url.encode())

    with pytest.raises(IDPCommunicationError):
        await keys.key_for(token_of(issuer))


def speaking(answers: dict[str, bytes], asked: list[str]) -> Callable[..., Awaitable[object]]:
    """What gets documents of addresses that nobody has."""

    async def get(url: str, **_: object) -> outgoing.Answer:
        asked.append(url)
        return outgoing.Answer(200, answers[url])

    return get


@pytest.mark.parametrize(
    ("issuer", "address"),
    [
        ("http://login.example.com", ""),
        ("https://login.example.com", "http://login.example.com/keys"),
        ("https://login.example.com", "http://127.0.0.1/keys"),
        ("https://login.example.com", "ftp://login.example.com/keys"),
    ],
)
async def test_nobody_elsewhere_is_asked_in_the_clear(
    clock: SettableClock, issuer: str, address: str
) -> None:
    asked: list[str] = []
    document = json.dumps({"issuer": issuer, "jwks_uri": address}).encode()
    get = speaking({issuer + DISCOVERY: document, address: b'{"keys": []}'}, asked)
    token = jwt.parse(SigningKey.make("ES256").token({"iss": issuer}))

    with pytest.raises(IDPCommunicationError):
        await ProviderKeys(clock, get=get).key_for(token)  # type: ignore[arg-type] # of objects

    assert [url for url in asked if url.startswith("https://")] == asked


async def test_a_provider_on_this_machine_has_nobody_else_on_it_asked(
    issuer: Issuer, keys: ProviderKeys
) -> None:
    with issuing() as other:
        named = {"issuer": issuer.url, "jwks_uri": f"{other.url}/delete?everything=1"}
        issuer.changed[DISCOVERY] = 200, json.dumps(named).encode()

        with pytest.raises(IDPCommunicationError):
            await keys.key_for(token_of(issuer))

    assert ([DISCOVERY], []) == (issuer.asked, other.asked)


async def test_a_provider_with_a_path_is_asked_below_it(clock: SettableClock) -> None:
    owner = SigningKey.make("ES256")
    issuer = "https://login.example.com/tenant/"
    published = "https://login.example.com/tenant/.well-known/openid-configuration"
    address = "https://keys.example.net/all"
    get = speaking(
        {
            published: json.dumps({"issuer": issuer, "jwks_uri": address}).encode(),
            address: json.dumps({"keys": [owner.jwk]}).encode(),
        },
        [],
    )
    token = jwt.parse(owner.token({"iss": issuer}))

    assert await is_good(ProviderKeys(clock, get=get), token)  # type: ignore[arg-type] # the same


async def test_the_providers_that_are_remembered_are_bounded(clock: SettableClock) -> None:
    asked: list[str] = []
    issuers = [f"https://login{n}.example.com" for n in range(MOST_PROVIDERS + 1)]
    get = speaking(
        {
            one + DISCOVERY: json.dumps({"issuer": one, "jwks_uri": "https://k"}).encode()
            for one in issuers
        }
        | {"https://k": b'{"keys": []}'},
        asked,
    )
    keys = ProviderKeys(clock, get=get)  # type: ignore[arg-type] # the same
    owner = SigningKey.make("ES256")

    for issuer in [*issuers, issuers[-1], issuers[0]]:
        with pytest.raises(InvalidIdentityToken):
            await keys.key_for(jwt.parse(owner.token({"iss": issuer})))

    assert (1, 2) == (asked.count(issuers[-1] + DISCOVERY), asked.count(issuers[0] + DISCOVERY))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://127.0.0.1:80/x", True),
        ("http://localhost/", True),
        ("http://[::1]:5/", True),
        ("https://127.0.0.1/", False),
        ("http://127.0.0.1.example.com/", False),
        ("http://user@10.0.0.1/", False),
        ("http://0.0.0.0/", False),
        ("http://[::1/", False),
        ("http://", False),
    ],
)
def test_what_is_on_this_machine(address: str, expected: bool) -> None:
    assert expected is is_local(address)
