"""The state of one HTTP/2 connection as both sides know it: h2's, set up as a server wants it.

https://www.rfc-editor.org/rfc/rfc9113
https://python-hyper.org/projects/h2/en/stable/api.html

h2 is handed the bytes that came and says what they mean; it is told what to say and has the bytes
for it. It is used as its documentation says but for `_receive_frame`, where two things are wrong
for a server of large objects: h2 writes out every frame in hexadecimal for a log that nobody keeps,
which costs several times as much as reading it; and for a body of another length than announced it
ends the connection, with all other requests on it, where the RFC ends the stream.
"""

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import Event, StreamReset
from h2.exceptions import InvalidBodyLengthError
from h2.settings import SettingCodes, Settings
from hyperframe.frame import DataFrame, Frame, GoAwayFrame

from ferrox.gateway.http2.encoding import Literals

MAX_STREAMS = 128
"""Requests that are answered at the same time on one connection."""

STREAM_WINDOW_BYTES = 1 << 20
"""What may come of a body that nobody has read yet."""

CONNECTION_WINDOW_BYTES = 4 << 20
"""What may come of all bodies of a connection together that nobody has read yet."""

FRAME_BYTES = 32_768
"""The largest frame that is taken. Larger ones are quicker, but a body is seen to arrive by whole
frames only: whoever is slow has `--body-timeout` for one."""

KNOWN_SETTINGS = frozenset(SettingCodes)

_INITIAL_WINDOW_BYTES = 65_535
_NO_LIMIT = (1 << 31) - 1
_REMEMBERED_STREAMS = 1_000

# Header lists are read and written in heads.py: quicker, and a bad one is that stream's affair.
_CONFIG = H2Configuration(
    client_side=False,
    validate_inbound_headers=False,
    normalize_inbound_headers=False,
    validate_outbound_headers=False,
    normalize_outbound_headers=False,
)


class Wire(H2Connection):
    """One connection, from the server's side. The first bytes for the client are ready at once."""

    MAX_CLOSED_STREAMS = _REMEMBERED_STREAMS

    def __init__(self, header_list_bytes: int) -> None:
        super().__init__(_CONFIG)
        settings: dict[SettingCodes, int] = {
            SettingCodes.MAX_CONCURRENT_STREAMS: MAX_STREAMS,
            SettingCodes.INITIAL_WINDOW_SIZE: STREAM_WINDOW_BYTES,
            SettingCodes.MAX_FRAME_SIZE: FRAME_BYTES,
            SettingCodes.MAX_HEADER_LIST_SIZE: header_list_bytes,
        }
        self.local_settings = Settings(client=False, initial_values=settings)
        self.max_inbound_frame_size = FRAME_BYTES
        self.decoder.max_header_list_size = header_list_bytes
        self.encoder = Literals()
        self.initiate_connection()
        self.increment_flow_control_window(CONNECTION_WINDOW_BYTES - _INITIAL_WINDOW_BYTES)
        # To h2 one stream too many is the end of the connection. So it counts none, and whoever
        # answers refuses streams.
        settings[SettingCodes.MAX_CONCURRENT_STREAMS] = _NO_LIMIT
        self.local_settings = Settings(client=False, initial_values=settings)

    @property
    def unsent_bytes(self) -> int:
        """How much waits in `data_to_send`."""
        return len(self._data_to_send)

    def is_closed(self, stream_id: int) -> bool:
        """Whether a stream has come to its end in both directions, or was reset."""
        stream = self.streams.get(stream_id)
        return stream is None or stream.closed

    def go_away(self, code: ErrorCodes) -> None:
        """Say that no further stream will be answered; those that are known may go on."""
        frame = GoAwayFrame(0, last_stream_id=self.highest_inbound_stream_id, error_code=code)
        self._prepare_for_sending([frame])

    def forget_unknown_settings(self) -> None:
        """Keep no settings of the client's that mean nothing: there are 65,536 it could make."""
        for code in [code for code in self.remote_settings if code not in KNOWN_SETTINGS]:
            del self.remote_settings[code]

    def _receive_frame(self, frame: Frame) -> list[Event]:
        if not isinstance(frame, DataFrame):
            return super()._receive_frame(frame)
        try:
            frames, events = self._receive_data_frame(frame)
        except InvalidBodyLengthError:
            stream_id = frame.stream_id
            self.reset_stream(stream_id, ErrorCodes.PROTOCOL_ERROR)
            self.acknowledge_received_data(frame.flow_controlled_length, stream_id)
            code = ErrorCodes.PROTOCOL_ERROR
            return [StreamReset(stream_id=stream_id, error_code=code, remote_reset=False)]
        self._prepare_for_sending(frames)
        return events
