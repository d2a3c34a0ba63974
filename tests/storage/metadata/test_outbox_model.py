"""The outbox against lists that are too simple to be wrong: who is due is the oldest of its key."""

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ferrox.records import Delivery, Occasion
from ferrox.storage.metadata import buckets, outbox
from ferrox.storage.metadata.database import Database, Tx
from ferrox.storage.metadata.outbox import Announcement, Rule
from tests.storage.metadata.index import Index

TARGETS = ("one", "two")
KEYS = ("a", "b")
FOREVER_MS = 1 << 50
Waiting = tuple[str, str, int]


class OutboxAgainstModel(RuleBasedStateMachine):
    """Deliveries are made, fail, are given up and revived in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.directory = tempfile.TemporaryDirectory()
        self.index = self.runner.run(self._open())
        self.waiting: set[Waiting] = set()
        self.dead: set[Waiting] = set()

    async def _open(self) -> Index:
        database = await Database.open(Path(self.directory.name) / "index.db")
        bucket, _ = await database.write(
            lambda tx: buckets.create(tx, "bucket", "owner", "r", 0, is_object_lock_enabled=False)
        )
        return Index(database, bucket)

    def teardown(self) -> None:
        self.runner.run(self.index.database.close())
        self.runner.close()
        self.directory.cleanup()

    @rule(key=st.sampled_from(KEYS), names=st.sets(st.sampled_from(TARGETS), min_size=1))
    def happen(self, key: str, names: set[str]) -> None:
        rules = tuple(Rule("r", name, ("s3:ObjectCreated:*",), "", "") for name in sorted(names))
        occasion = Occasion("ObjectCreated:Put")
        announcement = Announcement(self.index.bucket, occasion, rules, False)
        version = self.runner.run(self.index.put(key))
        self.write(lambda tx: outbox.record_version(tx, announcement, version, self.index.now_ms))
        number = self.index.database.read(outbox.last_number)
        self.waiting |= {(name, key, number) for name in names}

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def deliver(self, data: st.DataObject) -> None:
        chosen = data.draw(st.sampled_from(self.due()))
        self.write(lambda tx: outbox.delivered(tx, chosen, self.index.now_ms))
        self.waiting.remove(place(chosen))

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def fail(self, data: st.DataObject) -> None:
        chosen = data.draw(st.sampled_from(self.due()))
        self.write(lambda tx: outbox.failed(tx, chosen, "no route", self.index.now_ms + 100))

    @precondition(lambda self: self.waiting)
    @rule(limit=st.integers(1, 4))
    def give_up(self, limit: int) -> None:
        given_up = self.write(lambda tx: outbox.bury_old(tx, FOREVER_MS, self.index.now_ms, limit))
        places = set(map(place, given_up))
        assert len(places) == min(limit, len(self.waiting))
        self.waiting -= places
        self.dead |= places

    @precondition(lambda self: self.dead)
    @rule(data=st.data())
    def revive(self, data: st.DataObject) -> None:
        letters = self.index.database.read(lambda reader: outbox.dead(reader, 0, 1000))
        chosen = data.draw(st.lists(st.sampled_from(letters), min_size=1, unique=True))
        self.write(lambda tx: outbox.revive(tx, chosen, self.index.now_ms))
        places = set(map(place, chosen))
        self.dead -= places
        self.waiting |= places

    @rule()
    def prune(self) -> None:
        self.write(lambda tx: outbox.prune(tx, FOREVER_MS, 1000))

    @invariant()
    def the_oldest_of_each_key_is_due(self) -> None:
        oldest = {
            min(one for one in self.waiting if one[:2] == stream)
            for stream in {one[:2] for one in self.waiting}
        }
        assert oldest == set(map(place, self.due()))

    @invariant()
    def what_was_given_up_is_kept(self) -> None:
        letters = self.index.database.read(lambda reader: outbox.dead(reader, 0, 1000))
        assert self.dead == set(map(place, letters))

    def due(self) -> list[Delivery]:
        def look(reader: Any) -> list[Delivery]:
            return [one for name in TARGETS for one in outbox.due(reader, name, FOREVER_MS, 1000)]

        return self.index.database.read(look)

    def write(self, function: Callable[[Tx], Any]) -> Any:
        return self.runner.run(self.index.write(function))


def place(delivery: Delivery) -> Waiting:
    return delivery.target, delivery.event.key, delivery.event.number


TestOutboxAgainstModel = OutboxAgainstModel.TestCase
TestOutboxAgainstModel.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
