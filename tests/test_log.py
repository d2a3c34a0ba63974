"""Log lines: their two formats, and that nothing secret gets into them."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from ferrox import log


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in (log.LOGGER_NAME, "aiohttp", "asyncio")]
    before = [(one, list(one.handlers), one.level, one.propagate) for one in loggers]
    yield
    for one, handlers, level, propagate in before:
        one.handlers[:] = handlers
        one.setLevel(level)
        one.propagate = propagate


@pytest.mark.parametrize(
    "line",
    [
        "Authorization: AWS4-HMAC-SHA256 Credential=AK/2026, SignedHeaders=host, Signature=HUSH",
        "{'authorization': 'AWS AK:HUSH', 'host': 'x'}",
        "GET /b/k?X-Amz-Signature=HUSH&X-Amz-Date=1",
        "GET /b/k?AWSAccessKeyId=AK&Signature=HUSH%3D&Expires=1",
        "x-amz-security-token: HUSH",
        '"X-Amz-Server-Side-Encryption-Customer-Key": "HUSH"',
        "x-amz-copy-source-server-side-encryption-customer-key=HUSH",
        "secret_key='HUSH'",
        "x-amz-security-token,HUSH",
        "X-Amz-Security-Token%3DHUSH",
        "Action=AssumeRoleWithWebIdentity&WebIdentityToken=HUSH&Version=2011-06-15",
        "{'SecretAccessKey': 'HUSH', 'SessionToken': 'HUSH'}",
        "<SecretAccessKey>HUSH</SecretAccessKey><SessionToken>HUSH</SessionToken>",
        "secret_access_key=HUSH",
        "FERROX_MASTER_PASSPHRASE=HUSH",
    ],
)
def test_credentials_are_hidden(line: str) -> None:
    assert "HUSH" not in log.redact(line)


def test_what_is_not_secret_stays() -> None:
    line = "GET /b/k?X-Amz-Signature=HUSH&X-Amz-Date=1 from 127.0.0.1"

    assert f"GET /b/k?X-Amz-Signature={log.HIDDEN}&X-Amz-Date=1 from 127.0.0.1" == log.redact(line)


def test_a_secret_made_known_is_hidden_wherever_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "_hidden_values", set())
    log.hide("wonderland")
    log.hide("")

    assert f"in {log.HIDDEN}." == log.redact("in wonderland.")


def test_text_lines_have_time_level_and_message() -> None:
    stream = io.StringIO()

    log.configure("info", "text", stream).info("listening on %s", "x")

    assert " INFO listening on x\n" == stream.getvalue()[24:]
    assert "Z" == stream.getvalue()[23]


def test_json_lines_are_objects_and_carry_the_traceback_redacted() -> None:
    stream = io.StringIO()
    logger = log.configure("info", "json", stream)

    try:
        raise ValueError("password=HUSH")
    except ValueError:
        logger.exception("failed")
    entry = json.loads(stream.getvalue())

    assert ("error", "failed") == (entry["level"], entry["message"])
    assert "ValueError" in entry["trace"]
    assert "HUSH" not in entry["trace"]


def test_a_text_line_carries_its_traceback_redacted() -> None:
    stream = io.StringIO()
    logger = log.configure("info", "text", stream)

    try:
        raise ValueError("password=HUSH")
    except ValueError:
        logger.exception("failed")

    assert "ValueError" in stream.getvalue()
    assert "HUSH" not in stream.getvalue()


def test_the_level_is_kept_and_libraries_are_heard_from_warning_on() -> None:
    stream = io.StringIO()

    log.configure("error", "text", stream).warning("too quiet")
    logging.getLogger("asyncio").info("chatter")
    logging.getLogger("aiohttp.server").warning("aiohttp says")

    assert stream.getvalue().endswith("WARNING aiohttp says\n")
    assert 1 == stream.getvalue().count("\n")


def test_fields_make_one_line_whatever_the_values_hold() -> None:
    fields: dict[str, str | int | float] = {"key": "a b\n\udc80", "bucket": "", "status": 200}

    assert 'key="a b\\n\\udc80" status=200' == log.fields_line(fields, "text")
    assert fields == json.loads(log.fields_line(fields, "json"))


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("plain=yes", "plain=yes"),
        ("a b", '"a b"'),
        (" ", '" "'),
        ('"', '"\\""'),
        ("\\", '"\\\\"'),
        ("\x7f", '"\\u007f"'),
        ("é", '"\\u00e9"'),
        (1.5, "1.5"),
    ],
)
def test_a_value_that_is_no_plain_word_is_quoted(value: str | float, word: str) -> None:
    fields: dict[str, str | int | float] = {"key": value, "bucket": "", "status": 200}

    assert f"key={word} status=200" == log.fields_line(fields, "text")
