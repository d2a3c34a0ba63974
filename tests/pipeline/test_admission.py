"""Rate limits through the whole pipeline: who is counted, when, and what it costs the others."""

import tempfile
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from ferrox.accounting.allowances import Allowances, Limit
from ferrox.accounting.rate_limits import NO_LIMIT, RateLimits
from ferrox.operations.website import Websites
from ferrox.protocol.message import Request
from tests import forms, signing
from tests.in_process import OTHER_ACCESS_KEY, ROOT, InProcess
from tests.queries import Queries

THRICE = Limit(requests_per_s=0.001, burst=3)


class Limited:
    """A server with a bucket, on which limits can be set."""

    def __init__(self, s3: InProcess, allowances: Allowances) -> None:
        self.s3 = s3
        self.now_ns = 0
        self.documents: dict[str, Mapping[str, Any]] = {}
        self._allowances = allowances

    def limit(self, default: Limit = NO_LIMIT, anonymous: Limit = NO_LIMIT) -> None:
        self.s3.services.ledger.rate_limits = RateLimits(
            self._allowances, lambda: self.documents, default, anonymous
        )

    async def statuses(self, count: int, **more: Any) -> list[int]:
        return [(await self.s3.ask("GET", "/bucket/k", **more)).status for _ in range(count)]


@pytest.fixture
async def limited(s3: InProcess) -> AsyncIterator[Limited]:
    with tempfile.TemporaryFile() as lock:
        server: Limited
        server = Limited(s3, Allowances(lock, lambda: server.now_ns))
        await s3.make_bucket()
        await s3.put("k", b"x" * 1000)
        yield server


async def test_a_key_that_asks_too_often_is_told_to_slow_down(limited: Limited) -> None:
    limited.limit(THRICE)

    statuses = await limited.statuses(4)
    refused = await limited.s3.get("k")

    assert [200, 200, 200, 503] == statuses
    assert ("SlowDown", "Please reduce your request rate.", "1000") == (
        refused.code, refused.document["Message"], refused.headers["retry-after"],
    )  # fmt: skip


async def test_others_do_not_feel_it(limited: Limited) -> None:
    limited.limit(THRICE)
    await limited.statuses(5)

    assert [403] == await limited.statuses(1, access_key=OTHER_ACCESS_KEY)


async def test_who_only_claims_to_be_somebody_uses_nothing_up(limited: Limited) -> None:
    limited.limit(THRICE)
    now_ms = limited.s3.clock.now_ms()
    forged = signing.sign("GET", "/bucket/k", "", {"host": "a"}, "UNSIGNED-PAYLOAD", now_ms,
                          secret_key="guess")  # fmt: skip

    of_forger = await limited.statuses(5, headers=forged, is_signed=False)

    assert [403] * 5 == of_forger
    assert [200, 200, 200, 503] == await limited.statuses(4)


async def test_a_refused_upload_has_none_of_its_body_read(limited: Limited) -> None:
    limited.limit(THRICE)
    await limited.statuses(3)
    before = limited.s3.bytes_asked_for

    answer = await limited.s3.ask("PUT", "/bucket/new", body=b"x" * 100)

    assert (503, before) == (answer.status, limited.s3.bytes_asked_for)


async def test_bytes_of_uploads_and_downloads_are_charged_together(limited: Limited) -> None:
    limited.limit(Limit(bytes_per_s=1000))

    first = await limited.s3.ask("PUT", "/bucket/new", body=b"x" * 700)
    second = await limited.s3.get("k")
    third = await limited.s3.get("k")
    limited.now_ns += 700_000_000
    fourth = await limited.s3.get("k")

    assert [200, 200, 503, 200] == [one.status for one in (first, second, third, fourth)]
    assert ("1", b"x" * 1000) == (third.headers["retry-after"], fourth.body)


async def test_a_change_of_a_limit_counts_once_it_is_noticed(limited: Limited) -> None:
    limited.limit(THRICE)
    await limited.statuses(3)
    limited.documents[ROOT.access_key_id] = {"requests": 0}
    assert limited.s3.services.ledger.rate_limits is not None
    limited.s3.services.ledger.rate_limits.refresh()

    assert [200] * 5 == await limited.statuses(5)


async def test_callers_who_do_not_sign_share_a_limit(limited: Limited) -> None:
    limited.limit(anonymous=THRICE)

    assert [403, 403, 403, 503] == await limited.statuses(4, is_signed=False)
    assert [200] * 5 == await limited.statuses(5)


async def test_a_preflight_is_not_counted(limited: Limited) -> None:
    limited.limit(anonymous=THRICE)
    preflight = {"origin": "https://a", "access-control-request-method": "GET"}

    for _ in range(5):
        await limited.s3.ask("OPTIONS", "/bucket/k", headers=preflight, is_signed=False)

    assert [403] == await limited.statuses(1, is_signed=False)


async def test_a_form_counts_as_its_makers(limited: Limited) -> None:
    limited.limit(Limit(requests_per_s=0.001, burst=3, bytes_per_s=10_000), anonymous=THRICE)
    fields = forms.version_4({"key": "k"}, limited.s3.clock.now_ms())
    headers = {"content-type": forms.CONTENT_TYPE}

    answers = [
        await limited.s3.ask(
            "POST", "/bucket", headers=headers, body=forms.form(fields, b"data", "cat.png"),
            is_signed=False,
        )
        for _ in range(4)
    ]  # fmt: skip

    assert [204, 204, 204, 503] == [answer.status for answer in answers]
    assert [403] == await limited.statuses(1, is_signed=False)


async def test_visitors_of_websites_count_as_those_who_do_not_sign(limited: Limited) -> None:
    limited.limit(anonymous=THRICE)
    websites = Websites(limited.s3.services, ("web.example.com",), limited.s3.pipeline)
    visit = {"host": "bucket.web.example.com"}

    statuses = [
        (await websites.answer(Request("GET", "/k", "", dict(visit)))).status for _ in range(4)
    ]

    assert [404, 404, 404, 503] == statuses


async def test_the_query_apis_say_it_in_their_own_way(limited: Limited) -> None:
    limited.limit(THRICE)
    queries = Queries(limited.s3)

    answers = [await queries.ask("sts", "GetCallerIdentity") for _ in range(4)]

    assert [200, 200, 200, 400] == [answer.status for answer in answers]
    assert ("Throttling", "Rate exceeded") == (
        answers[3].document["Error"]["Code"], answers[3].document["Error"]["Message"],
    )  # fmt: skip
    assert "1000" == answers[3].headers["retry-after"]


async def test_callers_of_sts_who_do_not_sign_share_the_limit_of_all_who_do_not(
    limited: Limited,
) -> None:
    limited.limit(anonymous=THRICE)
    form = {"content-type": "application/x-www-form-urlencoded"}
    body = b"Action=AssumeRoleWithWebIdentity&Version=2011-06-15"
    before = limited.s3.bytes_asked_for

    answers = [await limited.s3.send("POST", "/", "", form, body) for _ in range(4)]

    codes = [answer.document["Error"]["Code"] for answer in answers]
    assert ["ValidationError"] * 3 + ["Throttling"] == codes
    assert before + 3 * len(body) == limited.s3.bytes_asked_for, "the fourth is not read"
    assert [503] == await limited.statuses(1, is_signed=False)
