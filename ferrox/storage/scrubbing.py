"""Scrubbing: the verbs of the store on whether all that it names is still what was written.

Nothing is held while it is read. A blob may lose its last name at any moment, and its file may go:
so the row is looked at again whenever something is wrong, and after each step of a long blob, whose
open file would keep its room. Names are never used again, and a file goes after its row, so a row
that is still there means that the file should be. What is wrong is read twice before it is
believed: the second time from the drive again.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from ferrox.clock import Clock
from ferrox.crypto.envelope import KeyEncryptionKey
from ferrox.errors import DataCorrupted, Fault, S3Error, SealBroken
from ferrox.records import Encryption
from ferrox.storage.blobs.blob_store import BlobExamination, BlobStore
from ferrox.storage.keys.server_keys import PREFIX
from ferrox.storage.metadata import findings, scrubbing
from ferrox.storage.metadata.database import Database, Reader, Tx
from ferrox.storage.metadata.findings import Cursor, Finding, Holder, Holders, Name
from ferrox.storage.metadata.scrubbing import BlobRow, InlineRow, Looked, Pass, QuickCheck
from ferrox.storage.sealing import KeyRing, open_inline

HOLDERS_AT_ONCE = 1000
"""Manifests looked through in one step."""

TOLD_AT_ONCE = 200

MOST_TOLD = 10_000
"""Findings that are looked for together, which bounds memory when a whole drive is gone."""

LOG_LOOKED_AT_S = 0.5

MOST_LOG_BYTES = 1024 * 1024 * 1024
"""How long the log of a database may become while the database is being judged."""

SERVER_SEALED = Encryption("AES256")

Pace = Callable[[int], Awaitable[None]]
"""Waits as long as so many bytes are to take."""

T = TypeVar("T")

logger = logging.getLogger(__name__)


class Unreadable(Fault):
    """The index cannot be read where it was looked at."""


class Judged(NamedTuple):
    """What was found of a blob, or of bytes in the index.

    problem      what is wrong; None: nothing
    is_gone      it lost its last name meanwhile
    is_unopened  it is sealed, and its key was not at hand
    """

    problem: str | None = None
    size_bytes: int = 0
    is_gone: bool = False
    is_unopened: bool = False


class Scrubbing:
    """Judges what one store has."""

    def __init__(
        self,
        database: Database,
        blobs: BlobStore,
        clock: Clock,
        key_ring: Callable[[], KeyRing],
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._clock = clock
        self._key_ring = key_ring

    # How far it is

    def latest(self) -> Pass | None:
        """Return the last pass, if there was any."""
        return next(iter(self._database.read(lambda reader: scrubbing.passes(reader, 1))), None)

    async def passes(self) -> list[Pass]:
        """Return the last passes, the newest first."""
        return await self._database.read_long(scrubbing.passes)

    async def keep(self, one: Pass) -> None:
        """Remember how far a pass is."""
        await self._database.write(lambda tx: scrubbing.keep(tx, one), frees_room=True)

    # Findings

    async def findings(self, after: tuple[str, Name], limit: int) -> list[Finding]:
        """Return what is damaged, in order."""
        return await self._database.read_long(lambda reader: findings.page(reader, after, limit))

    async def finding_count(self) -> int:
        """Return how much is damaged."""
        return await self._database.read_long(findings.count)

    async def note(self, problems: Sequence[tuple[str, Name, str]], number: int) -> None:
        """Remember what a pass found."""
        now_ms = self._clock.now_ms()
        await self._database.write(
            lambda tx: findings.note(tx, problems, number, now_ms), frees_room=True
        )

    async def remove(self, finding: Finding) -> None:
        """Forget what is sound again, or gone."""
        await self._database.write(lambda tx: findings.remove(tx, finding), frees_room=True)

    async def settle(self, kinds: Sequence[str], number: int) -> int:
        """Forget what a pass has not found again among these kinds; return how much."""
        return await self._database.write(
            lambda tx: findings.remove_older(tx, kinds, number), frees_room=True
        )

    async def tell(self, pace: Pace) -> list[Finding]:
        """Look for what needs things that were found damaged; return those findings, if any."""
        return await self._tell(await self._look(partial(findings.untold, limit=MOST_TOLD)), pace)

    async def tell_again(self, pace: Pace) -> None:
        """Look anew for what needs the things that are known to be damaged."""
        after: tuple[str, Name] = ("", 0)
        while some := await self.findings(after, MOST_TOLD):
            await self._tell([one for one in some if one.holders is not None], pace)
            after = some[-1].kind, some[-1].name

    async def _tell(self, waiting: Sequence[Finding], pace: Pace) -> list[Finding]:
        names = {one.name for one in waiting if isinstance(one.name, bytes)}
        holders = await self._holders(names, pace) if names else {}

        def work(tx: Tx, some: Sequence[Finding]) -> list[Finding]:
            told = []
            for one in some:
                blob = one.name if isinstance(one.name, bytes) else b""
                found = holders.get(blob) if blob else findings.holder_of(tx, one)
                told.append(one._replace(holders=found or Holders(0, ())))
                findings.tell(tx, one, found or Holders(0, ()))
            return told

        told: list[Finding] = []
        for start in range(0, len(waiting), TOLD_AT_ONCE):
            some = waiting[start : start + TOLD_AT_ONCE]
            told += await self._database.write(partial(work, some=some), frees_room=True)
        return told

    async def _holders(self, names: set[bytes], pace: Pace) -> dict[bytes, Holders]:
        counts: defaultdict[bytes, int] = defaultdict(int)
        first: defaultdict[bytes, list[Holder]] = defaultdict(list)
        cursor: Cursor | None = Cursor()
        while cursor is not None:
            look = partial(findings.holders_among, names=names, after=cursor, limit=HOLDERS_AT_ONCE)
            try:
                found, cursor = await self._look(look)
            except Unreadable as fault:
                logger.warning("what needs damaged blobs is not known in full: %s", fault)
                break
            for name, holder in found:
                counts[name] += 1
                if len(first[name]) < findings.MOST_HOLDERS:
                    first[name].append(holder)
            await pace(HOLDERS_AT_ONCE * scrubbing.ROW_BYTES)
        return {name: Holders(counts[name], tuple(some)) for name, some in first.items()}

    # What there is to judge

    async def count(self, *, is_inline: bool, pace: Pace) -> int:
        """Return how many bytes all blobs have, or all that lie in the index."""
        total_bytes, after = 0, 0 if is_inline else b""
        while after is not None:
            look = partial(scrubbing.count, is_inline=is_inline, after=after)
            size_bytes, after = await self._look(look)
            total_bytes += size_bytes
            await pace(scrubbing.COUNTED_AT_ONCE * scrubbing.ROW_BYTES)
        return total_bytes

    async def blob_names(self, after: bytes) -> list[bytes]:
        """Return the names of some blobs, in order."""
        return [row.name for row in await self._look(partial(scrubbing.blobs, after=after))]

    async def versions(self, after: int, limit: int = scrubbing.ROWS_AT_ONCE) -> Looked:
        """Judge the manifests of some versions."""
        return await self._look(partial(scrubbing.versions, after=after, limit=limit))

    async def parts(self, after: tuple[str, int]) -> Looked:
        """Judge the manifests of some parts."""
        return await self._look(partial(scrubbing.parts, after=after))

    async def database(self, path: Path) -> tuple[str | None, bool]:
        """Judge a database; return what is wrong with it, and whether it was judged to its end.

        As long as a table is being read the log of the database cannot be begun anew, so what would
        take too long is given up.
        """
        check = QuickCheck(path)
        work = asyncio.get_running_loop().run_in_executor(None, check.run)
        try:
            while not work.done():
                await asyncio.wait([work], timeout=LOG_LOOKED_AT_S)
                if not check.is_stopped and check.log_bytes() > MOST_LOG_BYTES:
                    check.stop()
        finally:
            check.stop()
            await asyncio.wait([work])
        return work.result()

    async def inline(self, after: int, limit: int = scrubbing.INLINE_AT_ONCE) -> tuple[Looked, int]:
        """Judge some bytes that lie in the index; return how many seals were not tried, too."""
        rows = await self._look(partial(scrubbing.inline, after=after, limit=limit))
        keks = [None if row.kek_id is None else self._kek(row.kek_id, row) for row in rows]

        def judge() -> list[tuple[str, Name, str]]:
            found = ((row, _judge(row, kek)) for row, kek in zip(rows, keks, strict=True))
            return [(findings.INLINE, row.version, problem) for row, problem in found if problem]

        problems = await self._in_thread(judge)
        size_bytes = sum(len(row.data) for row in rows)
        unopened_count = sum(
            row.kek_id is not None and kek is None for row, kek in zip(rows, keks, strict=True)
        )
        last = rows[-1].version if rows else None
        return Looked(len(rows), size_bytes, problems, last), unopened_count

    async def blob(self, name: bytes, pace: Pace) -> Judged:
        """Judge a blob. OSError when nothing can be told of it now."""
        problem = None
        for _ in range(2):
            row = self._row(name)
            if row is None:
                return Judged(is_gone=True)
            try:
                judged = await self._go_through(row, pace)
            except DataCorrupted as fault:
                problem = str(fault)
                continue
            if problem is not None:
                logger.warning(
                    "%s; read again, it is sound: something between drive and memory fails", problem
                )
            return judged
        return Judged(is_gone=True) if self._row(name) is None else Judged(problem)

    async def is_sound(self, finding: Finding, pace: Pace) -> bool:
        """Whether something that was damaged is not any more; False where that takes a pass."""
        name = finding.name
        if isinstance(name, bytes):
            judged = await self.blob(name, pace)
            return judged.problem is None
        if finding.kind == findings.INLINE and isinstance(name, int):
            looked, _ = await self.inline(name - 1, 1)
        elif finding.kind == findings.VERSION and isinstance(name, int):
            looked = await self.versions(name - 1, 1)
        else:
            return False
        return name not in [about for _, about, _ in looked.problems]

    async def _go_through(self, row: BlobRow, pace: Pace) -> Judged:
        is_sealed = row.key is not None
        examination = await self._in_thread(
            lambda: self._blobs.examine(row.name, row.size_bytes, is_sealed=is_sealed)
        )
        try:
            is_unopened = is_sealed and not await self._unseal(row, examination)
            done_bytes = 0
            while step_bytes := await self._in_thread(examination.step):
                done_bytes += step_bytes
                await pace(step_bytes)
                if self._row(row.name) is None:
                    return Judged(is_gone=True)
            return Judged(None, done_bytes, is_unopened=is_unopened)
        finally:
            examination.close()

    async def _unseal(self, row: BlobRow, examination: BlobExamination) -> bool:
        """Have a sealed blob opened on the way, if its key is at hand. DataCorrupted."""
        if row.key is None:
            return False
        kek_id, wrapped = row.key
        encryption: Encryption | None = SERVER_SEALED
        if not kek_id.startswith(PREFIX):
            label = examination.record()
            look = partial(
                scrubbing.encryption_of, bucket=label.bucket, key=label.key, name=row.name
            )
            encryption = await self._look(look)
        kek = None if encryption is None else self._find_kek(kek_id, encryption)
        if kek is None:
            return False

        def unseal() -> None:
            try:
                examination.unseal(kek.unwrap(wrapped, row.name))
            except SealBroken as broken:
                raise DataCorrupted(f"blob {row.name.hex()}: {broken}") from None

        await self._in_thread(unseal)
        return True

    def _kek(self, kek_id: str, row: InlineRow) -> KeyEncryptionKey | None:
        return None if row.encryption is None else self._find_kek(kek_id, row.encryption)

    def _find_kek(self, kek_id: str, encryption: Encryption) -> KeyEncryptionKey | None:
        """A key, if the server has it and may use it: those of customers it never has."""
        try:
            return self._key_ring().kek(kek_id, encryption)
        except (Fault, S3Error):
            return None

    def _row(self, name: bytes) -> BlobRow | None:
        return self._database.read(lambda reader: scrubbing.blob(reader, name))

    async def _look(self, function: Callable[[Reader], T]) -> T:
        try:
            return await self._database.read_long(function)
        except DataCorrupted:
            raise
        except Fault as fault:
            raise Unreadable(str(fault)) from fault

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Run blocking work; who is cancelled waits for it, so that nothing is closed under it."""
        future = asyncio.get_running_loop().run_in_executor(None, work)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            await asyncio.wait([future])
            raise


def _judge(row: InlineRow, kek: KeyEncryptionKey | None) -> str | None:
    """What is wrong with bytes in the index."""
    problem = scrubbing.judge_inline(row)
    if problem is None and kek is not None:
        try:
            open_inline(row.data, kek)
        except DataCorrupted as fault:
            return f"the inline bytes of version {row.version}: {fault}"
    return problem
