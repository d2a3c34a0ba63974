"""Fixtures of the admin plane."""

from pathlib import Path

import pytest

from ferrox.clock import SettableClock
from ferrox.config import Config
from tests.admin.operator import Operator
from tests.in_process import InProcess


@pytest.fixture
def operator(s3: InProcess, clock: SettableClock, tmp_path: Path) -> Operator:
    """Somebody who may do everything with an empty server."""
    s3.services.accounts = s3.store.identities.account_of
    return Operator(s3.services, clock, Config(data_dir=tmp_path / "data"))
