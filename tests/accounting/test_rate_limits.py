"""Rate limits: whose limit counts, what is charged, and the refusal."""

import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import pytest

from ferrox import metrics
from ferrox.accounting.allowances import Allowances, Limit
from ferrox.accounting.rate_limits import (
    NO_LIMIT,
    Limiter,
    RateLimits,
    charge_for,
    name_of,
    require,
)
from ferrox.errors import SlowDown
from ferrox.identity import ANONYMOUS, Principal, PrincipalKind, Session
from ferrox.protocol.message import Request, Response
from tests.counted import counting

USER = Principal(
    "1", "c", "root", "arn:aws:iam::1:user/jo", "AKIAJO", PrincipalKind.USER, user_name="jo"
)
ROLE = "arn:aws:iam::1:role/reader"
TWICE = Limit(requests_per_s=0.001, burst=2)


def in_session(number: int, parent_arn: str = ROLE, issuer: str = "") -> Principal:
    arn = f"arn:aws:sts::1:assumed-role/reader/{number}"
    return Principal(
        "1", "c", "root", arn, f"ASIA{number}", PrincipalKind.ROLE_SESSION,
        parent_arn=parent_arn, session=Session(0, 1, issuer),
    )  # fmt: skip


class Standing:
    """A clock that is moved by hand, and what the operator says of single keys."""

    def __init__(self) -> None:
        self.now_ns = 0
        self.documents: dict[str, Mapping[str, Any]] = {}

    def limits(
        self, allowances: Allowances, default: Limit = NO_LIMIT, anonymous: Limit = NO_LIMIT
    ) -> RateLimits:
        return RateLimits(allowances, lambda: self.documents, default, anonymous)


@pytest.fixture
def standing() -> Standing:
    return Standing()


@pytest.fixture
def allowances(standing: Standing) -> Iterator[Allowances]:
    with tempfile.TemporaryFile() as lock:
        yield Allowances(lock, lambda: standing.now_ns)


def limiter_of(limits: RateLimits) -> Limiter:
    assert limits.limiter is not None
    return limits.limiter


def a_request(*blocks: bytes) -> Request:
    async def body() -> AsyncIterator[bytes]:
        for block in blocks:
            yield block

    headers = {"content-length": str(sum(map(len, blocks)))}
    return Request("PUT", "/b/k", "", headers, body())


def admitted(limits: RateLimits, principal: Principal, attempts: int = 10) -> int:
    """How many of so many requests may go on."""
    count = 0
    for _ in range(attempts):
        try:
            limiter_of(limits).admit(a_request(), principal)
        except SlowDown:
            continue
        count += 1
    return count


def test_as_long_as_nobody_is_limited_there_is_no_limiter(
    standing: Standing, allowances: Allowances
) -> None:
    standing.documents["AKIAJO"] = {"requests": 0, "bytes": 0}

    assert standing.limits(allowances).limiter is None


def test_every_key_has_the_limit_of_the_settings(
    standing: Standing, allowances: Allowances
) -> None:
    limits = standing.limits(allowances, TWICE)

    assert [2, 2] == [admitted(limits, USER), admitted(limits, USER._replace(access_key_id="B"))]


def test_who_is_refused_is_told_when_to_come_back(
    standing: Standing, allowances: Allowances
) -> None:
    limits = standing.limits(allowances, Limit(requests_per_s=0.4))
    admitted(limits, USER, 1)

    with counting() as counts, pytest.raises(SlowDown) as caught:
        limiter_of(limits).admit(a_request(), USER)

    assert {("key",): [1]} == counts[metrics.RATE_LIMITED]
    assert (503, "SlowDown", "Please reduce your request rate.", {"retry-after": "3"}) == (
        caught.value.status, caught.value.code, caught.value.message, caught.value.headers,
    )  # fmt: skip
    assert "AKIAJO: more than 0.4 requests (burst 1) or 0 bytes a second; wait 3 s" == (
        caught.value.reason
    )


def test_a_key_may_have_a_limit_of_its_own_while_others_have_none(
    standing: Standing, allowances: Allowances
) -> None:
    standing.documents["AKIAJO"] = {"requests": 0.001, "burst": 4}
    limits = standing.limits(allowances)

    assert [4, 10] == [admitted(limits, USER), admitted(limits, USER._replace(access_key_id="B"))]


def test_a_key_may_be_free_of_the_limit_of_all(standing: Standing, allowances: Allowances) -> None:
    standing.documents["AKIAJO"] = {"requests": 0}

    assert 10 == admitted(standing.limits(allowances, TWICE), USER)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({}, Limit(5, 9, 700)),
        ({"bytes": 8}, Limit(5, 9, 8)),
        ({"burst": 3}, Limit(5, 3, 700)),
        ({"requests": 2}, Limit(2, 0, 700)),
        ({"requests": 2, "burst": 1, "bytes": 0}, Limit(2, 1, 0)),
    ],
)
def test_what_a_document_does_not_say_is_as_in_the_settings(
    standing: Standing, allowances: Allowances, document: dict[str, Any], expected: Limit
) -> None:
    standing.documents["AKIAJO"] = document

    limits = standing.limits(allowances, Limit(5, 9, 700))

    assert expected == limiter_of(limits).own["AKIAJO"]


def test_a_changed_document_counts_once_it_is_read(
    standing: Standing, allowances: Allowances
) -> None:
    limits = standing.limits(allowances, TWICE)
    before = admitted(limits, USER)
    standing.documents["AKIAJO"] = {"requests": 1000, "burst": 5}
    limits.refresh()
    standing.now_ns += 10**9
    after = admitted(limits, USER)
    del standing.documents["AKIAJO"]
    limits.refresh()
    standing.now_ns += 10**9

    assert (2, 5, 0) == (before, after, admitted(limits, USER))


def test_sessions_count_against_the_key_that_asked_for_them(
    standing: Standing, allowances: Allowances
) -> None:
    limits = standing.limits(allowances, Limit(requests_per_s=0.001, burst=5))

    of_sessions = sum(admitted(limits, in_session(n, issuer="AKIAJO"), 1) for n in range(4))

    assert (4, 1) == (of_sessions, admitted(limits, USER))


def test_sessions_that_no_key_asked_for_count_against_their_role(
    standing: Standing, allowances: Allowances
) -> None:
    standing.documents[ROLE] = {"requests": 0.001, "burst": 3}
    limits = standing.limits(allowances, TWICE)

    in_all = sum(admitted(limits, in_session(number), 2) for number in range(5))

    assert 3 == in_all
    assert 2 == admitted(limits, USER), "a key of its own"


def test_a_session_without_a_parent_counts_by_its_own_name() -> None:
    session = in_session(1, parent_arn="")

    assert session.arn == name_of(session)


def test_all_who_do_not_sign_count_as_one_and_by_a_limit_of_their_own(
    standing: Standing, allowances: Allowances
) -> None:
    limits = standing.limits(allowances, anonymous=TWICE)

    assert [10, 2] == [admitted(limits, USER), admitted(limits, ANONYMOUS)]


def test_the_limit_of_all_keys_is_not_one_for_those_who_do_not_sign(
    standing: Standing, allowances: Allowances
) -> None:
    assert 10 == admitted(standing.limits(allowances, TWICE), ANONYMOUS)


async def test_bytes_of_bodies_are_charged_as_they_pass_in_both_directions(
    standing: Standing, allowances: Allowances
) -> None:
    limits = standing.limits(allowances, Limit(bytes_per_s=100))
    request = a_request(b"x" * 60, b"y" * 40, b"z" * 50)
    limiter_of(limits).admit(request, USER)

    received = [await anext(request.body), await anext(request.body)]
    before_it_owes = admitted(limits, USER, 1)
    received.append(await anext(request.body))
    with pytest.raises(SlowDown):
        limiter_of(limits).admit(a_request(), USER)
    standing.now_ns += 500_000_000
    assert request.meter is not None
    charge_for(Response(200, {}, b"a" * 100), request.meter)
    with pytest.raises(SlowDown) as caught:
        limiter_of(limits).admit(a_request(), USER)

    assert [60, 40, 50] == [len(block) for block in received]
    assert 1 == before_it_owes
    assert {"retry-after": "1"} == caught.value.headers


async def test_a_streamed_answer_is_charged_for_block_by_block_and_let_go_of() -> None:
    charged: list[int] = []
    is_closed = False

    async def body() -> AsyncIterator[bytes]:
        nonlocal is_closed
        try:
            yield b"12"
            yield b"345"
        finally:
            is_closed = True

    response = Response(200, {}, body())
    charge_for(response, charged.append)
    assert not isinstance(response.body, bytes)
    first = await anext(response.body)
    after_the_first = list(charged)
    await response.body.aclose()  # type: ignore[attr-defined]  # what sends it looks for this

    assert (b"12", [2], True) == (first, after_the_first, is_closed)


async def test_what_never_opened_needs_no_closing() -> None:
    class Plain(AsyncIterator[bytes]):
        async def __anext__(self) -> bytes:
            raise StopAsyncIteration

    response = Response(200, {}, Plain())
    charge_for(response, print)
    assert not isinstance(response.body, bytes)

    await response.body.aclose()  # type: ignore[attr-defined]  # what sends it looks for this

    assert [] == [block async for block in response.body]


def test_a_body_that_is_being_read_is_charged_for_as_announced(
    standing: Standing, allowances: Allowances
) -> None:
    limits = standing.limits(allowances, Limit(bytes_per_s=100))
    request = a_request(b"x" * 300)
    body = request.body

    limiter_of(limits).admit(request, USER, has_begun=True)

    assert body is request.body
    with pytest.raises(SlowDown) as caught:
        limiter_of(limits).admit(a_request(), USER)
    assert {"retry-after": "2"} == caught.value.headers


def test_a_form_of_unknown_length_is_charged_for_as_nothing(
    standing: Standing, allowances: Allowances
) -> None:
    limits = standing.limits(allowances, Limit(bytes_per_s=100))

    limiter_of(limits).admit(Request("POST", "/b", "", {}), USER, has_begun=True)

    assert 10 == admitted(limits, USER)


def test_a_caller_without_limit_has_its_body_left_alone(
    standing: Standing, allowances: Allowances
) -> None:
    limits = standing.limits(allowances, anonymous=TWICE)
    request = a_request(b"x")
    body = request.body

    limiter_of(limits).admit(request, USER)

    assert (body, None) == (request.body, request.meter)


@pytest.mark.parametrize(
    "document",
    [
        {"requests": "5"},
        {"requests": -1},
        {"requests": float("nan")},
        {"burst": 1.5},
        {"burst": True},
        {"bytes": 1 << 63},
        {"speed": 1},
    ],
)
def test_what_no_operator_may_say_of_a_caller_is_refused(document: dict[str, Any]) -> None:
    """Such a document, imported, had every request of that key answered by InternalError."""
    require({"requests": 0.5, "burst": 0, "bytes": 1 << 40})  # and nothing is raised

    with pytest.raises(ValueError, match=r"means nothing|cannot be"):
        require(document)
