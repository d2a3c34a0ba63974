"""Instants as text: HTTP dates in headers, ISO 8601 in documents; no locale, no time zone."""

import calendar
import re
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_NUMBERS = {name: number for number, name in enumerate(_MONTHS, start=1)}

_DAY, _MONTH, _YEAR = r"(?P<day>[ \d]\d)", r"(?P<month>[A-Z][a-z]{2})", r"(?P<year>\d{4})"
_CLOCK = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
# RFC 9110 5.6.7, in its order: IMF-fixdate, the obsolete RFC 850 form, C's asctime().
_HTTP_DATES = (
    re.compile(rf"[A-Z][a-z]{{2}}, {_DAY} {_MONTH} {_YEAR} {_CLOCK} GMT", re.ASCII),
    re.compile(rf"[A-Z][a-z]+day, {_DAY}-{_MONTH}-(?P<year>\d\d) {_CLOCK} GMT", re.ASCII),
    re.compile(rf"[A-Z][a-z]{{2}} {_MONTH} {_DAY} {_CLOCK} {_YEAR}", re.ASCII),
)


def http_date(ms: int) -> str:
    """An instant as headers carry it, "Sun, 06 Nov 1994 08:49:37 GMT"; whole seconds."""
    return _http_date(ms // 1000)


@lru_cache(maxsize=4096)
def _http_date(seconds: int) -> str:
    """Cached because the same objects are asked for again and again."""
    year, month, day, hour, minute, second, weekday, *_ = time.gmtime(seconds)
    return (
        f"{_DAYS[weekday]}, {day:02} {_MONTHS[month - 1]} {year:04} "
        f"{hour:02}:{minute:02}:{second:02} GMT"
    )


def iso8601(ms: int) -> str:
    """An instant as S3's documents carry it, "2009-10-12T17:50:30.000Z"; whole seconds, as AWS.

    A fraction would make the time in a listing differ from Last-Modified of the same object, and
    there are programs that take that difference for a change of the object.
    """
    return f"{_iso_second(ms)}.000Z"


def iso8601_seconds(ms: int) -> str:
    """An instant as documents of IAM and STS carry it, "2009-10-12T17:50:30Z"."""
    return f"{_iso_second(ms)}Z"


def _iso_second(ms: int) -> str:
    day, seconds = divmod(ms // 1000, 86_400)
    minutes, second = divmod(seconds, 60)
    return f"{_iso_day(day)}T{_TWO[minutes // 60]}:{_TWO[minutes % 60]}:{_TWO[second]}"


@lru_cache(maxsize=4096)
def _iso_day(day: int) -> str:
    """Cached because the thousand instants of a listing share few days."""
    year, month, day_of_month, *_ = time.gmtime(day * 86_400)
    return f"{year:04}-{month:02}-{day_of_month:02}"


_TWO = tuple(f"{number:02}" for number in range(60))


def parse_http_date(text: str) -> int | None:
    """The instant in milliseconds since the epoch, or None when the text is no HTTP date."""
    for form in _HTTP_DATES:
        match = form.fullmatch(text.strip())
        if match:
            return _instant(**match.groupdict())
    return None


def parse_iso8601(text: str) -> int | None:
    """The instant in milliseconds since the epoch, or None; without a time zone it is UTC.

    What has no year of four digits in UTC could be written in no form that others read.
    """
    try:
        instant = datetime.fromisoformat(text.strip())
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=UTC)
        instant = instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def _instant(*, year: str, month: str, day: str, hour: str, minute: str, second: str) -> int | None:
    number = _MONTH_NUMBERS.get(month)
    if number is None or int(hour) > 23 or int(minute) > 59 or int(second) > 60:
        return None
    full_year = int(year)
    if len(year) == 2:
        full_year += 1900 if full_year >= 70 else 2000  # nothing here is older than the epoch
    if full_year < 1 or not 1 <= int(day) <= calendar.monthrange(full_year, number)[1]:
        return None
    clock = (int(hour), int(minute), int(second))
    return calendar.timegm((full_year, number, int(day), *clock)) * 1000
