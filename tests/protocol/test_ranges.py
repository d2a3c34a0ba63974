"""Ranges: what is selected, what is ignored, what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.errors import InvalidArgument, InvalidRange, InvalidRequest, S3Error
from ferrox.protocol.ranges import Span, content_range, copy_source_range, resolve

DATA = bytes(range(10))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", Span(0, 1)),
        ("bytes=2-4", Span(2, 3)),
        ("bytes=2-", Span(2, 8)),
        ("bytes=0-9", Span(0, 10)),
        ("bytes=5-99", Span(5, 5)),
        ("bytes=-3", Span(7, 3)),
        ("bytes=-99", Span(0, 10)),
        ("Bytes=1-2", Span(1, 2)),
        (" bytes=1-2 ", Span(1, 2)),
    ],
)
def test_one_range_is_selected_and_clamped(header: str, expected: Span) -> None:
    assert expected == resolve(header, 10)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=4-2",
        "bytes=0-1,3-4",
        "lines=0-1",
        "bytes=0 - 1",
        "0-1",
        "bytes=--1",
        "bytes=+1-2",
        "bytes=\u0661-\u0662",
        "bytes=" + "9" * 5000 + "-",
    ],
)
def test_what_cannot_be_read_selects_everything(header: str | None) -> None:
    assert resolve(header, 10) is None


@pytest.mark.parametrize(
    ("header", "size"),
    [("bytes=10-", 10), ("bytes=10-12", 10), ("bytes=-0", 10), ("bytes=0-", 0), ("bytes=-5", 0)],
)
def test_a_range_outside_of_the_object_is_refused(header: str, size: int) -> None:
    with pytest.raises(InvalidRange) as refused:
        resolve(header, size)

    assert {"RangeRequested": header, "ActualObjectSize": size} == refused.value.details
    assert {"content-range": f"bytes */{size}"} == refused.value.headers


@given(st.text(alphabet="bytes=-,0123456789 "), st.integers(min_value=0, max_value=20))
def test_every_header_is_answered_inside_of_the_object(header: str, size: int) -> None:
    try:
        span = resolve(header, size)
    except InvalidRange:
        return
    assert span is None or (span.length > 0 and 0 <= span.start <= size - span.length)


@given(st.integers(0, 12), st.integers(0, 12))
def test_a_range_selects_what_a_slice_does(first: int, last: int) -> None:
    try:
        span = resolve(f"bytes={first}-{last}", len(DATA))
    except InvalidRange:
        assert first >= len(DATA)
        return
    selected = DATA if span is None else DATA[span.start : span.start + span.length]
    assert (DATA if last < first else DATA[first : last + 1]) == selected


def test_content_range_names_first_last_and_size() -> None:
    assert content_range(Span(2, 3), 10) == "bytes 2-4/10"


def test_a_copy_takes_exactly_the_range() -> None:
    assert copy_source_range("bytes=0-9", 10) == Span(0, 10)
    assert copy_source_range("bytes=3-3", 10) == Span(3, 1)
    assert copy_source_range(None, 10) is None


@pytest.mark.parametrize(
    "header",
    [
        "",
        "0-2",
        "bytes=0",
        "bytes=hello-world",
        "bytes=0-bar",
        "bytes=hello-",
        "bytes=0-2,3-5",
        "bytes=2-1",
        "bytes=-3",
        "bytes=3-",
    ],
)
def test_a_copy_range_of_another_form_is_refused(header: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        copy_source_range(header, 10)

    assert "must be of the form bytes=first-last" in str(refused.value)
    assert header == refused.value.details["ArgumentValue"]


@pytest.mark.parametrize(
    ("header", "error", "message"),
    [
        (
            "bytes=5-10",
            InvalidArgument,
            "Range specified is not valid for source object of size: 10",
        ),
        (
            "bytes=10-11",
            InvalidRequest,
            "The specified copy range is invalid for the source object size",
        ),
    ],
)
def test_a_copy_range_is_never_clamped(header: str, error: type[S3Error], message: str) -> None:
    with pytest.raises(error) as refused:
        copy_source_range(header, 10)

    assert message == str(refused.value)
