"""Dates as text, both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.protocol.dates import (
    http_date,
    iso8601,
    iso8601_seconds,
    parse_http_date,
    parse_iso8601,
)

EXAMPLE_MS = 784_111_777_000
"""The instant of the examples in RFC 9110 5.6.7."""


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        " Sun, 06 Nov 1994 08:49:37 GMT ",
    ],
)
def test_the_three_forms_of_rfc_9110_are_one_instant(text: str) -> None:
    assert parse_http_date(text) == EXAMPLE_MS


def test_two_digit_years_never_lie_before_the_epoch() -> None:
    assert parse_http_date("Thursday, 01-Jan-70 00:00:00 GMT") == 0
    assert http_date(parse_http_date("Sunday, 06-Nov-33 08:49:37 GMT") or 0).endswith(
        "2033 08:49:37 GMT"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "1994-11-06T08:49:37Z",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 06 Noo 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, \u0660\u0666 Nov 1994 08:49:37 GMT",
    ],
)
def test_what_is_no_http_date_is_none(text: str) -> None:
    assert parse_http_date(text) is None


@given(st.integers(min_value=0, max_value=253_402_300_799_999))
def test_an_http_date_comes_back_as_its_second(ms: int) -> None:
    assert parse_http_date(http_date(ms)) == ms // 1000 * 1000


def test_documents_show_whole_seconds() -> None:
    assert iso8601(1_255_369_830_417) == "2009-10-12T17:50:30.000Z"
    assert http_date(EXAMPLE_MS + 999) == "Sun, 06 Nov 1994 08:49:37 GMT"


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("1994-11-06T08:49:37Z", 784_111_777_000),
        ("1994-11-06T08:49:37.250Z", 784_111_777_250),
        ("1994-11-06T09:49:37+01:00", 784_111_777_000),
        (" 1994-11-06T08:49:37 ", 784_111_777_000),
        ("Sun, 06 Nov 1994 08:49:37 GMT", None),
        ("1994-13-06T08:49:37Z", None),
        ("", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("9999-12-31T23:59:59Z", 253_402_300_799_000),
    ],
)
def test_iso_8601_is_read_as_utc_unless_it_says_otherwise(text: str, ms: int | None) -> None:
    assert ms == parse_iso8601(text)


def test_documents_of_iam_have_no_fraction_of_a_second() -> None:
    assert "1994-11-06T08:49:37Z" == iso8601_seconds(EXAMPLE_MS + 999)
