"""h2, set up as a server wants it."""

import struct

from h2.errors import ErrorCodes
from h2.events import DataReceived, RequestReceived, StreamReset
from h2.settings import SettingCodes

from ferrox.gateway.http2 import wire
from ferrox.gateway.http2.wire import Wire
from tests.gateway.http2_talk import client_side, fields


def test_the_client_is_told_the_limits_at_once() -> None:
    client = client_side()
    client.initiate_connection()
    client.receive_data(Wire(40_000).data_to_send())

    told = client.remote_settings
    assert wire.MAX_STREAMS == told.max_concurrent_streams
    assert (wire.STREAM_WINDOW_BYTES, wire.FRAME_BYTES, 40_000) == (
        told.initial_window_size, told.max_frame_size, told.max_header_list_size,
    )  # fmt: skip
    assert wire.CONNECTION_WINDOW_BYTES == client.outbound_flow_control_window


def test_a_body_of_another_length_resets_its_stream() -> None:
    server, client = Wire(40_000), client_side()
    client.initiate_connection()
    client.send_headers(1, fields(("content-length", "3"), method="PUT"))
    client.send_headers(3, fields(method="PUT"))
    client.send_data(1, b"four")
    client.send_data(3, b"fine")

    said = server.receive_data(client.data_to_send())

    kinds = [type(event) for event in said if isinstance(event, DataReceived | StreamReset)]
    assert [StreamReset, DataReceived] == kinds
    assert (True, False) == (server.is_closed(1), server.is_closed(3))


def test_frames_are_not_written_out_for_nobody() -> None:
    """What h2 does for its log costs more than reading a frame; it must not come back."""
    server, client = Wire(40_000), client_side()
    client.initiate_connection()
    client.send_headers(1, fields(method="PUT"))
    server.receive_data(client.data_to_send())
    written: list[object] = []
    server.config.logger.trace = lambda _, *what: written.extend(what[:1])  # type: ignore[method-assign] # to see
    client.send_data(1, bytes(1_000))

    server.receive_data(client.data_to_send())

    assert [] == [one for one in written if isinstance(one, str)]


def test_going_away_ends_nothing() -> None:
    server, client = Wire(40_000), client_side()
    client.initiate_connection()
    client.send_headers(1, fields(), end_stream=True)
    server.receive_data(client.data_to_send())
    server.go_away(ErrorCodes.NO_ERROR)
    server.send_headers(1, [(b":status", b"200")], end_stream=True)
    client.send_headers(3, fields(), end_stream=True)

    said = server.receive_data(client.data_to_send())

    assert [RequestReceived] == [
        type(event) for event in said if isinstance(event, RequestReceived)
    ]
    assert server.unsent_bytes == len(server.data_to_send())


def test_settings_that_mean_nothing_are_forgotten() -> None:
    server, client = Wire(40_000), client_side()
    client.initiate_connection()
    body = b"".join(struct.pack(">HL", code, 7) for code in range(0x100, 0x120))
    odd = len(body).to_bytes(3, "big") + b"\x04" + bytes(5) + body
    server.receive_data(client.data_to_send() + odd)
    known = len(server.remote_settings)
    server.forget_unknown_settings()

    assert set(server.remote_settings) <= set(SettingCodes)
    assert known == len(server.remote_settings) + 32
