"""workers/everyone.py: this process is asked like the others, if there are any."""

from collections.abc import Callable

from ferrox.workers.channel import Answers, Channel
from ferrox.workers.everyone import Everyone


class Wired(Channel):
    """A channel to one other that is not there, and says nothing; and to one that answers."""

    def __init__(self) -> None:
        self.handlers: dict[str, Callable[[bytes], bytes]] = {}

    def on_ask(self, topic: str, handler: Callable[[bytes], bytes]) -> None:
        self.handlers[topic] = handler

    async def ask(self, topic: str, payload: bytes = b"", *, limit_s: float = 5.0) -> Answers:
        return Answers({2: topic.encode() + payload}, frozenset({3}))


async def test_alone_a_process_asks_itself() -> None:
    everyone = Everyone()
    everyone.on_ask("echo", lambda payload: payload * 2)

    assert Answers({0: b"abab"}, frozenset()) == await everyone.ask("echo", b"ab")


async def test_others_are_asked_too_and_their_silence_is_told() -> None:
    channel = Wired()
    everyone = Everyone(channel, 1)
    everyone.on_ask("echo", lambda payload: payload)

    assert Answers({1: b"ab", 2: b"echoab"}, frozenset({3})) == await everyone.ask("echo", b"ab")
    assert b"x" == channel.handlers["echo"](b"x"), "and they may ask this one"
