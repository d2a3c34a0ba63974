"""Requests as plain data: queries and components are decoded once, and only when they are UTF-8."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.errors import InvalidURI
from ferrox.protocol.message import Request, decode_component, no_body


def asked(query_string: str) -> Request:
    return Request("GET", "/", query_string, {})


@pytest.mark.parametrize(
    ("raw", "decoded"),
    [
        ("plain", "plain"),
        ("a%2Fb", "a/b"),
        ("%E2%82%AC", "€"),
        ("€", "€"),
        ("a+b", "a+b"),
        ("%", "%"),
    ],
)
def test_a_component_is_decoded_once(raw: str, decoded: str) -> None:
    assert decoded == decode_component(raw)


@pytest.mark.parametrize("raw", ["%FF", "%C3%28", "\udcff", "a%80"])
def test_what_is_not_utf_8_is_no_component(raw: str) -> None:
    with pytest.raises(InvalidURI):
        decode_component(raw)


def test_the_pairs_of_a_query_stay_in_order_and_a_plus_is_a_space() -> None:
    request = asked("b=1&a=x+y%2Bz&&empty&a=2=3")

    assert [("b", "1"), ("a", "x y+z"), ("empty", ""), ("a", "2=3")] == request.query_pairs


def test_of_a_repeated_name_the_first_value_counts() -> None:
    assert {"a": "1", "b": "2"} == asked("a=1&b=2&a=3").query


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_every_query_comes_back(query: dict[str, str]) -> None:
    def escape(text: str) -> str:
        return "".join(f"%{byte:02X}" for byte in text.encode())

    raw = "&".join(f"{escape(name)}={escape(value)}" for name, value in query.items())

    assert query == asked(raw).query


async def test_no_body_is_empty() -> None:
    assert [] == [data async for data in no_body()]
