"""All processes of a server, this one among them: asked alike, whether there are others or not."""

from collections.abc import Callable

from ferrox.workers.channel import Answers, Channel

FIRST = 0
"""The worker that has the jobs; in a server of one process, that one."""


class Everyone:
    """Answers questions for this process, and asks all of them.

    channel  to the others, if there are any
    """

    def __init__(self, channel: Channel | None = None, number: int = FIRST) -> None:
        self._channel = channel
        self._number = number
        self._handlers: dict[str, Callable[[bytes], bytes]] = {}

    def on_ask(self, topic: str, handler: Callable[[bytes], bytes]) -> None:
        """Have questions of a topic answered by `handler`, whoever asks."""
        self._handlers[topic] = handler
        if self._channel is not None:
            self._channel.on_ask(topic, handler)

    async def ask(self, topic: str, payload: bytes = b"") -> Answers:
        """Ask each, and wait until each has answered or ended, or the time is over."""
        own = {self._number: self._handlers[topic](payload)}
        if self._channel is None:
            return Answers(own, frozenset())
        others = await self._channel.ask(topic, payload)
        return Answers(own | others.replies, others.silent)
