"""provenance.py: what is said of a version is what is read of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.errors import InvalidArgument
from ferrox.protocol import provenance
from ferrox.protocol.provenance import Provenance

NOW_MS = 1_700_000_000_000
_IDS = st.sampled_from(["", "null", "3f2c1a90-77aa-4b0e-9d7c-0123456789ab", "a.b_c~d-" * 16])


@given(
    st.builds(
        Provenance,
        st.integers(1, NOW_MS),
        _IDS,
        st.sampled_from(["", "abc-7", "!#~"]),
        _IDS,
    )
)
def test_what_is_said_is_read(said: Provenance) -> None:
    assert said == provenance.read(provenance.parameters(said), NOW_MS)


def test_another_clock_may_be_a_little_ahead() -> None:
    said = Provenance(NOW_MS + 60_000)

    assert said == provenance.read(provenance.parameters(said), NOW_MS)


def test_what_cannot_be_kept_is_not_said() -> None:
    said = Provenance(1, "4", 'a"b', "3")

    assert {"ferrox-modified": "1970-01-01T00:00:00.001Z"} == provenance.parameters(said)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"ferrox-version-id": "null"},
        {"ferrox-modified": "1969-01-01T00:00:00Z"},
        {"ferrox-modified": "2999-01-01T00:00:00Z"},
        {"ferrox-modified": "2020-01-01T00:00:00Z", "ferrox-version-id": "a/b" * 8},
        {"ferrox-modified": "2020-01-01T00:00:00Z", "ferrox-etag": "a b"},
        {"ferrox-modified": "2020-01-01T00:00:00Z", "ferrox-follows": "3"},
    ],
)
def test_what_makes_no_sense_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(InvalidArgument):
        provenance.read(query, NOW_MS)
