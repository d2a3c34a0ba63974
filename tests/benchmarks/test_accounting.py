"""What limits, audit log and refusals add to a request, timed: scripts/bench --micro."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from ferrox.accounting.allowances import Allowances, Limit
from ferrox.accounting.audit import Audit
from ferrox.accounting.audit_file import AuditFile
from ferrox.accounting.ledger import Ledger
from ferrox.accounting.rate_limits import RateLimits
from ferrox.clock import SystemClock
from ferrox.errors import AccessDenied
from ferrox.identity import Principal, PrincipalKind
from ferrox.protocol.message import Outcome, Request

USER = Principal(
    "123456789012", "c" * 64, "root", "arn:aws:iam::123456789012:user/jo", "AKIAIOSFODNN7EXAMPLE",
    PrincipalKind.USER, "AIDAJO", "jo",
)  # fmt: skip
PLENTY = Limit(requests_per_s=1e6, burst=10**6)
DONE = Outcome(200, {"x-amz-version-id": "v" * 32}, 4096, 0.001, 0.001, 0)


@pytest.fixture
def request_of_user() -> Request:
    request = Request(
        "GET", "/photos/a.jpg", "", {"user-agent": "Boto3/1.40 md/Botocore#1.40"},
        peer="10.0.0.7", request_id="0123456789ABCDEF", principal=USER,
    )  # fmt: skip
    request.facts |= {
        "operation": "GetObject", "bucket": "photos", "key": "a.jpg",
        "access_key_id": USER.access_key_id, "auth_type": "header", "signature_version": "AWS4",
    }  # fmt: skip
    return request


@pytest.fixture
def allowances() -> Iterator[Allowances]:
    with tempfile.TemporaryFile() as lock:
        yield Allowances(lock)


def test_admit_where_nobody_is_limited(
    benchmark: BenchmarkFixture, request_of_user: Request, allowances: Allowances
) -> None:
    ledger = Ledger(rate_limits=RateLimits(allowances, dict))

    assert benchmark(ledger.admit, request_of_user) is None


def test_admit_by_a_limit_of_requests(
    benchmark: BenchmarkFixture, request_of_user: Request, allowances: Allowances
) -> None:
    ledger = Ledger(rate_limits=RateLimits(allowances, dict, PLENTY))

    assert benchmark(ledger.admit, request_of_user) is None


def test_charge_for_a_body(benchmark: BenchmarkFixture, allowances: Allowances) -> None:
    limit = PLENTY._replace(bytes_per_s=1e12)

    assert benchmark(allowances.charge, USER.access_key_id, limit, 4096) is None


@pytest.mark.parametrize("batch", [1, 50])
def test_a_line_of_the_audit_log(
    benchmark: BenchmarkFixture, request_of_user: Request, tmp_path: Path, batch: int
) -> None:
    audit = Audit(AuditFile(tmp_path / "audit.log"), SystemClock(), is_strict=True)

    def lines() -> None:
        for _ in range(batch):
            audit.note_answer(request_of_user, DONE)
        audit.flush()

    benchmark(lines)

    assert (tmp_path / "audit.log").stat().st_size


def test_remember_a_refusal(benchmark: BenchmarkFixture, request_of_user: Request) -> None:
    refusals = Ledger().refusals
    error = AccessDenied().because("statement NoHttp of bucket policy photos denies it")

    refusal = benchmark(refusals.note, request_of_user, error)

    assert refusal is not None
