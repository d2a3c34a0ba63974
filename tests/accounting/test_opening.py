"""Opening the books: what settings make of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from ferrox.accounting.allowances import Limit
from ferrox.accounting.audit_file import AuditFile
from ferrox.accounting.opening import Shared, audit_of, open_ledger
from ferrox.clock import SettableClock
from ferrox.config import Config
from ferrox.errors import StartError
from ferrox.identity import ANONYMOUS, Principal
from ferrox.protocol.message import Request

CLOCK = SettableClock(0)
JO = Principal("1", "c", "root", "arn:aws:iam::1:root", "AKIAJO")


def no_documents(_table: str) -> dict[str, dict[str, Any]]:
    return {}


def test_without_settings_nobody_is_limited_and_nothing_is_audited() -> None:
    config = Config()
    with Shared(config) as shared, open_ledger(config, CLOCK, no_documents, shared) as ledger:
        assert ledger.rate_limits is not None
        assert (None, None) == (ledger.rate_limits.limiter, ledger.audit)


def test_limits_are_those_of_the_settings() -> None:
    config = Config(
        rate_limit_requests=2.5, rate_limit_burst=7, rate_limit_bytes=9, rate_limit_anonymous=3.0
    )
    with Shared(config) as shared, open_ledger(config, CLOCK, no_documents, shared) as ledger:
        assert ledger.rate_limits is not None
        limiter = ledger.rate_limits.limiter

    assert limiter is not None
    assert (Limit(2.5, 7, 9), {"": Limit(3.0)}) == (limiter.default, limiter.own)


def test_limits_of_single_keys_are_read_again_after_a_change() -> None:
    documents: dict[str, dict[str, Any]] = {}
    config = Config()
    with (
        Shared(config) as shared,
        open_ledger(config, CLOCK, {"rate_limits": documents}.__getitem__, shared) as ledger,
    ):
        documents["AKIAJO"] = {"requests": 1, "burst": 2}
        ledger.refresh()
        assert ledger.rate_limits is not None
        limiter = ledger.rate_limits.limiter

    assert limiter is not None
    assert Limit(1, 2, 0) == limiter.own["AKIAJO"]


async def test_the_audit_log_is_a_file_that_is_complete_at_the_end(tmp_path: Path) -> None:
    config = Config(audit_log=tmp_path / "audit.log", audit_log_max_size=5, audit_log_keep=3)
    with Shared(config) as shared, open_ledger(config, CLOCK, no_documents, shared) as ledger:
        assert ledger.audit is not None
        ledger.audit.note_change("admin:X", "y", by="uid 0")
        assert isinstance(ledger.audit._sink, AuditFile)
        assert (5, 3) == (ledger.audit._sink._max_bytes, ledger.audit._sink._keep)

    assert "admin:X" == json.loads((tmp_path / "audit.log").read_text())["action"]


async def test_the_audit_log_may_be_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    config = Config(audit_log=Path("-"), audit_log_strict=True)
    with Shared(config) as shared:
        audit = audit_of(config, CLOCK, shared)
        assert audit is not None
        audit.note_change("admin:X", "y", by="uid 0")
        audit.close()

    assert audit.is_strict
    assert "admin:X" == json.loads(capfd.readouterr().out)["action"]


def test_a_server_whose_audit_log_cannot_be_written_does_not_start(tmp_path: Path) -> None:
    config = Config(audit_log=tmp_path / "absent" / "audit.log")

    with pytest.raises(StartError, match=r"audit_log: .*absent/audit.log: No such file"):
        Shared(config)


def test_processes_that_share_do_so() -> None:
    config = Config(rate_limit_requests=0.001, rate_limit_burst=1)
    with (
        Shared(config) as shared,
        open_ledger(config, CLOCK, no_documents, shared) as one,
        open_ledger(config, CLOCK, no_documents, shared) as other,
    ):
        one.admit(Request("GET", "/", "", {}, principal=JO))
        with pytest.raises(Exception, match="reduce your request rate"):
            other.admit(Request("GET", "/", "", {}, principal=JO))
        other.admit(Request("GET", "/", "", {}, principal=ANONYMOUS))
