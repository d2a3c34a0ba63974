"""The order in which garbage goes, and what a failure on the way leaves."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ferrox.errors import NoAnswer
from ferrox.storage import garbage
from ferrox.storage.blobs.files import FileBlobStore
from ferrox.storage.content import Arrivals
from ferrox.storage.metadata import references
from ferrox.storage.metadata.database import Database
from ferrox.storage.reading import Pins
from tests.storage.metadata.index import blob, names


class RecordingBlobs(FileBlobStore):
    """Notes what is deleted; refuses some."""

    def __init__(self, root: Path, present: list[bytes]) -> None:
        super().__init__(root)
        self.present = present
        self.stuck: set[bytes] = set()

    def delete(self, name: bytes) -> None:
        if name in self.stuck:
            raise PermissionError(1, "Operation not permitted")
        if name in self.present:
            self.present.remove(name)

    def scan(self) -> Iterator[bytes]:
        yield from list(self.present)


class Neighbours:
    """Other processes, which hold some blobs, or do not answer from some question on."""

    def __init__(self, held: list[bytes], answers: int = 1000) -> None:
        self._held = held
        self._answers = answers
        self.asked: list[Sequence[bytes]] = []

    async def held(self, names: Sequence[bytes]) -> Sequence[bytes]:
        self.asked.append(names)
        if len(self.asked) > self._answers:
            raise NoAnswer("worker 2")
        return self._held


@pytest.fixture
async def database(tmp_path: Path) -> Database:
    opened = await Database.open(tmp_path / "index.db")
    extents = [blob(number) for number in range(1, 6)]
    await opened.write(lambda tx: references.introduce(tx, extents))
    await opened.write(lambda tx: references.drop(tx, extents[1:], 1))
    return opened


@pytest.fixture
def blobs(tmp_path: Path) -> RecordingBlobs:
    return RecordingBlobs(tmp_path, names(1, 2, 3, 4, 5))


def listed(database: Database) -> list[bytes]:
    return database.read(lambda reader: references.garbage(reader, b"", 100))


@pytest.mark.parametrize("names_at_once", [1, 2, 1000])
async def test_reaping_goes_through_the_whole_list(
    database: Database,
    blobs: RecordingBlobs,
    monkeypatch: pytest.MonkeyPatch,
    names_at_once: int,
) -> None:
    monkeypatch.setattr(garbage, "NAMES_AT_ONCE", names_at_once)
    pins = Pins()
    pins.pin(names(3))

    assert 3 == await garbage.reap(database, blobs, pins)

    assert names(1, 3) == blobs.present
    assert names(3) == listed(database)
    await database.close()


async def test_a_file_that_cannot_be_removed_stays_on_the_list(
    database: Database, blobs: RecordingBlobs
) -> None:
    blobs.stuck.update(names(2))

    assert 3 == await garbage.reap(database, blobs, Pins())

    assert names(2) == listed(database)
    await database.close()


async def test_a_file_that_is_gone_already_comes_off_the_list(
    database: Database, blobs: RecordingBlobs
) -> None:
    blobs.present.clear()

    assert 4 == await garbage.reap(database, blobs, Pins())

    assert [] == listed(database)
    await database.close()


@pytest.mark.parametrize("names_at_once", [1, 1000])
async def test_only_what_is_in_no_table_and_not_arriving_is_an_orphan(
    database: Database,
    blobs: RecordingBlobs,
    monkeypatch: pytest.MonkeyPatch,
    names_at_once: int,
) -> None:
    monkeypatch.setattr(garbage, "NAMES_AT_ONCE", names_at_once)
    blobs.present += names(6, 7, 8)
    arrivals = Arrivals()
    arrivals.names.update(names(7))

    removed_count = await garbage.remove_orphans(database, blobs, arrivals)
    await arrivals.close()

    assert 2 == removed_count
    assert names(1, 2, 3, 4, 5, 7) == blobs.present
    await database.close()


async def test_what_another_process_reads_stays(database: Database, blobs: RecordingBlobs) -> None:
    neighbours = Neighbours(names(3, 4))
    pins = Pins()
    pins.pin(names(2))

    assert 1 == await garbage.reap(database, blobs, pins, neighbours)

    assert [names(3, 4, 5)] == neighbours.asked
    assert names(1, 2, 3, 4) == blobs.present
    assert names(2, 3, 4) == listed(database)
    await database.close()


async def test_nothing_goes_while_another_process_does_not_answer(
    database: Database, blobs: RecordingBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(garbage, "NAMES_AT_ONCE", 2)

    with pytest.raises(NoAnswer):
        await garbage.reap(database, blobs, Pins(), Neighbours([], answers=1))

    assert names(1, 4, 5) == blobs.present
    assert names(4, 5) == listed(database)
    await database.close()


async def test_what_another_process_writes_is_no_orphan(
    database: Database, blobs: RecordingBlobs
) -> None:
    blobs.present += names(6, 7, 8)
    arrivals = Arrivals()
    neighbours = Neighbours(names(7))

    removed_count = await garbage.remove_orphans(database, blobs, arrivals, neighbours)
    await arrivals.close()

    assert 2 == removed_count
    assert [names(6, 7, 8)] == neighbours.asked, "what the index knows is nobody else's business"
    assert names(1, 2, 3, 4, 5, 7) == blobs.present
    await database.close()


async def test_what_gets_its_name_while_the_others_answer_is_no_orphan(
    database: Database, blobs: RecordingBlobs
) -> None:
    class Publishing(Neighbours):
        async def held(self, names: Sequence[bytes]) -> Sequence[bytes]:
            await database.write(lambda tx: references.introduce(tx, [blob(6)]))
            return ()

    blobs.present += names(6)
    arrivals = Arrivals()

    removed_count = await garbage.remove_orphans(database, blobs, arrivals, Publishing([]))
    await arrivals.close()

    assert 0 == removed_count
    assert names(6)[0] in blobs.present
    await database.close()
