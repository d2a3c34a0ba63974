"""What is no HTTP/2, or was: nothing of it is more than an error of the connection."""

import asyncio
import gc
import logging
import random
from collections.abc import Iterable

import pytest
from h2.settings import SettingCodes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.gateway.http2_talk import Talk, at_random, client_side, fields, in_bytes, patient_echo

KINDS = st.sampled_from([*range(12), 255])
RAW_FRAMES = st.builds(
    lambda kind, flags, stream, body: (
        len(body).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + body
    ),
    KINDS,
    st.integers(0, 255),
    st.sampled_from([0, 1, 1, 3, 5, 2, (1 << 31) - 1]),
    st.binary(max_size=40) | st.just(b"\x82\x87\x84\x41\x01x"),
)
SOUP = st.lists(RAW_FRAMES | st.binary(max_size=30), max_size=30)


class Watch(logging.Handler):
    """What was logged that nobody should ever see."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def problems_with(pieces: Iterable[bytes], *, has_begun: bool) -> list[object]:
    """What went wrong in the server, beyond an error of the connection, when it was fed these."""
    problems: list[object] = []

    async def eat() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, what: problems.append(what))
        talk = Talk(patient_echo, has_begun=has_begun)
        for piece in pieces:
            talk.connection.data_received(piece)
            await asyncio.sleep(0)
        talk.connection.connection_lost(None)
        await talk.over()
        if talk.front.running_count:
            problems.append("a request is still under way")

    watch = Watch()
    logger = logging.getLogger("ferrox.test")
    logger.addHandler(watch)
    try:
        asyncio.run(eat())
        gc.collect(0)
    finally:
        logger.removeHandler(watch)
    return [*problems, *watch.lines]


@given(soup=SOUP, has_begun=st.booleans(), is_cut=st.booleans())
@settings(max_examples=400, suppress_health_check=list(HealthCheck))
def test_no_soup_of_frames_is_more_than_an_error_of_the_connection(
    soup: list[bytes], has_begun: bool, is_cut: bool
) -> None:
    data = b"".join(soup)

    assert [] == problems_with(in_bytes(data) if is_cut else [data], has_begun=has_begun)


def a_conversation() -> bytes:
    """What a client says that does all there is to do."""
    client = client_side()
    client.initiate_connection()
    for stream_id in (1, 3, 5, 7):
        client.send_headers(stream_id, fields(("cookie", "a"), ("x-b", "c" * 50), method="PUT"))
        client.send_data(stream_id, b"body" * stream_id, pad_length=stream_id)
    client.ping(b"12345678")
    client.increment_flow_control_window(100, 5)
    client.increment_flow_control_window(100)
    client.send_headers(1, [("x-late", "1")], end_stream=True)
    client.end_stream(3)
    client.reset_stream(5)
    client.update_settings(
        {SettingCodes.INITIAL_WINDOW_SIZE: 10, SettingCodes.MAX_FRAME_SIZE: 20_000}
    )
    client.send_headers(9, fields(), end_stream=True)
    client.close_connection()
    return client.data_to_send()


@pytest.mark.parametrize("seed", range(150))
def test_no_damage_is_more_than_an_error_of_the_connection(seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(a_conversation())
    for _ in range(chance.choice([1, 1, 2, 5])):
        at = chance.randrange(24, len(data))
        match chance.choice(["flip", "cut", "double"]):
            case "flip":
                data[at] ^= 1 << chance.randrange(8)
            case "cut":
                del data[at : at + chance.randrange(1, 30)]
            case _:
                data[at:at] = data[at : at + chance.randrange(1, 30)]

    assert [] == problems_with(at_random(bytes(data)), has_begun=False)
