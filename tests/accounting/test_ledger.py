import tempfile

import pytest

from ferrox.accounting.allowances import Allowances, Limit
from ferrox.accounting.ledger import Ledger
from ferrox.accounting.rate_limits import RateLimits
from ferrox.errors import SlowDown
from ferrox.identity import Principal
from ferrox.protocol.message import Request

JO = Principal("1", "c", "root", "arn:aws:iam::1:root", "AKIAJO")


def test_without_limits_everybody_is_admitted() -> None:
    request = Request("GET", "/", "", {}, principal=JO)

    for _ in range(10):
        Ledger().admit(request)

    assert request.meter is None


def test_whoever_is_limited_is_admitted_as_often_as_that() -> None:
    with tempfile.TemporaryFile() as lock:
        limits = RateLimits(Allowances(lock), dict, Limit(requests_per_s=0.001, burst=2))
        ledger = Ledger(rate_limits=limits)
        ledger.admit(Request("GET", "/", "", {}, principal=JO))
        ledger.admit(Request("GET", "/", "", {}, principal=JO), has_begun=True)

        with pytest.raises(SlowDown):
            ledger.admit(Request("GET", "/", "", {}, principal=JO))
