"""Which blobs the other workers read or write at this moment; see ferrox/storage/others.py."""

from collections.abc import Callable, Iterable, Sequence

from ferrox.errors import NoAnswer
from ferrox.workers.channel import Channel

TOPIC = "blobs.held"

_NAME_BYTES = 16


class HeldBlobs:
    """Asks the other workers, and answers them. Names go over the channel one after the other."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def answer_with(self, held_here: Callable[[Iterable[bytes]], Iterable[bytes]]) -> None:
        """Have the others told which of the blobs they ask about are held in this process."""
        self._channel.on_ask(TOPIC, lambda payload: b"".join(held_here(_names(payload))))

    async def held(self, names: Sequence[bytes]) -> set[bytes]:
        """Which of these blobs the others hold.

        raises  NoAnswer when one of them has not said so
        """
        answers = await self._channel.ask(TOPIC, b"".join(names))
        if answers.silent:
            silent = ", ".join(str(number) for number in sorted(answers.silent))
            raise NoAnswer(f"worker {silent} has not said which blobs it uses")
        return {name for reply in answers.replies.values() for name in _names(reply)}


def _names(joined: bytes) -> list[bytes]:
    return [joined[at : at + _NAME_BYTES] for at in range(0, len(joined), _NAME_BYTES)]
