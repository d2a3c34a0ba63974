from collections.abc import Callable

import pytest

from ferrox.errors import NoAnswer
from ferrox.ids import blob_name
from ferrox.workers.channel import Answers, Channel
from ferrox.workers.held_blobs import HeldBlobs

NAMES = [blob_name(number) for number in range(1000)]


class Wired(Channel):
    """A channel to others that are not there: what they would say is known."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.asked: list[bytes] = []
        self.handler: Callable[[bytes], bytes] = bytes

    def on_ask(self, topic: str, handler: Callable[[bytes], bytes]) -> None:
        self.handler = handler

    async def ask(self, topic: str, payload: bytes = b"", *, limit_s: float = 5.0) -> Answers:
        self.asked.append(payload)
        return self.answers


async def test_what_any_other_worker_holds_is_held() -> None:
    channel = Wired(Answers({1: NAMES[3] + NAMES[5], 2: b"", 3: NAMES[5]}, frozenset()))

    held = await HeldBlobs(channel).held(NAMES)

    assert {NAMES[3], NAMES[5]} == held
    assert [b"".join(NAMES)] == channel.asked


async def test_without_every_answer_nothing_is_known() -> None:
    channel = Wired(Answers({1: NAMES[3]}, frozenset({2, 3})))

    with pytest.raises(NoAnswer, match="worker 2, 3 has not said"):
        await HeldBlobs(channel).held(NAMES)


def test_the_others_are_told_what_is_held_here() -> None:
    channel = Wired(Answers({}, frozenset()))
    held_here = {NAMES[7], NAMES[999]}

    HeldBlobs(channel).answer_with(lambda names: [name for name in names if name in held_here])

    assert NAMES[7] + NAMES[999] == channel.handler(b"".join(NAMES))
    assert b"" == channel.handler(b"".join(NAMES[:7]))
