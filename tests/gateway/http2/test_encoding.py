"""Fields as literals, which every decoder understands."""

import pytest
from hpack import Decoder
from hypothesis import given
from hypothesis import strategies as st

from ferrox.gateway.http2.encoding import Literals

NAMES = st.binary(min_size=1, max_size=300) | st.sampled_from(
    [b"content-length", b"etag", b"x-amz-request-id", b"www-authenticate"]
)


def read_back(encoder: Literals, fields: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    decoder = Decoder()
    decoder.max_header_list_size = 1 << 20
    return [(name, value) for name, value in decoder.decode(encoder.encode(fields), raw=True)]


@given(st.lists(st.tuples(NAMES, st.binary(max_size=40_000)), max_size=20))
def test_what_is_written_is_read_back(fields: list[tuple[bytes, bytes]]) -> None:
    assert fields == read_back(Literals(), fields)


@pytest.mark.parametrize("length", [0, 1, 126, 127, 128, 254, 255, 16_510, 16_511])
def test_every_length_is_written_right(length: int) -> None:
    fields = [(b"x-" + b"n" * length, b"v" * length), (b"etag", b"v" * length)]

    assert fields == read_back(Literals(), fields)


@pytest.mark.parametrize("status", [b"100", b"200", b"204", b"206", b"304", b"404", b"503", b"999"])
def test_every_status_is_written_right(status: bytes) -> None:
    assert [(b":status", status)] == read_back(Literals(), [(b":status", status)])


def test_no_table_is_kept_whatever_the_client_allows() -> None:
    encoder = Literals()
    decoder = Decoder()
    encoder.header_table_size = 1 << 31
    for n in range(1_000):
        list(decoder.decode(encoder.encode([(b"x-amz-request-id", b"%d" % n)])))

    assert 0 == encoder.header_table_size
    assert (0, 0) == (len(encoder.header_table.dynamic_entries), decoder.header_table_size)
