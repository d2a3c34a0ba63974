"""The settings of encryption are settings like others, and fit together."""

from pathlib import Path

import pytest

from ferrox.config import SETTINGS, load
from ferrox.errors import StartError

KEY = "00" * 32


def test_they_come_after_the_others_and_their_secret_does_not_show() -> None:
    names = [setting.name for setting in SETTINGS]

    assert names.index("rate_limit_anonymous") < names.index("sse_master_key")
    assert KEY not in repr(load({"sse_master_key": [KEY]}, {}))


def test_a_key_that_is_none_is_refused_without_being_shown() -> None:
    with pytest.raises(StartError, match="32 bytes in base64 or hexadecimal") as refusal:
        load({"sse_master_key": ["hunter2"]}, {})

    assert "hunter2" not in str(refusal.value)


def test_one_master_key_is_enough(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="sse_master_key and sse_master_key_file are given"):
        load({"sse_master_key": [KEY], "sse_master_key_file": [str(tmp_path)]}, {})


def test_encryption_by_default_needs_a_key() -> None:
    with pytest.raises(StartError, match="needs a master key"):
        load({"sse_mode": ["default"]}, {})

    assert "default" == load({"sse_mode": ["default"], "sse_master_key": [KEY]}, {}).sse_mode


def test_keys_of_customers_in_the_open_are_warned_of() -> None:
    settings = {"sse_customer_keys_in_the_open": ["on"]}

    assert any("plain HTTP" in warning for warning in load(settings, {}).warnings())
    behind_tls = settings | {"bind": ["off"], "tls_bind": ["127.0.0.1:0"], "tls_certificate": ["x"]}
    assert not any("plain HTTP" in warning for warning in load(behind_tls, {}).warnings())
