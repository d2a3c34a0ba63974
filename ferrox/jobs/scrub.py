"""Scrub: everything that the index names is read and verified, again and again, at low priority.

A pass goes through the databases, the manifests of all versions and parts, the bytes in the index,
and all blobs. It reads at the rate of the settings, whatever its size, and how far it is is written
down every now and then: a server that was ended goes on there. What comes after the place where a
pass is, it still meets; what comes before, the next one does.

Nothing is ever removed or changed. What is damaged is remembered as a finding, and told once in the
log, with everything that needs it; what a later pass finds sound is forgotten, and what is not
there any more is passed over. A pass begins with what was found before, so that what was mended is
soon forgotten.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from ferrox.clock import Clock
from ferrox.errors import Fault
from ferrox.jobs import failures
from ferrox.jobs.rounds import Rounds
from ferrox.scrub_settings import DAY_S
from ferrox.storage.metadata.findings import BLOB, DATABASE, Finding, Name
from ferrox.storage.metadata.scrubbing import PHASES, ROW_BYTES, Looked, Pass
from ferrox.storage.scrubbing import Unreadable
from ferrox.storage.store import Store

NAME = "scrub"

LOOK_INTERVAL_S = 60.0
"""How often it is looked whether a pass is due; also what a server has after its start."""

FIRST_AFTER_S = DAY_S
"""How long after the first start the first pass begins, if not earlier by the interval."""

KEEP_INTERVAL_S = 30.0
"""What of a pass is done anew when a server was killed."""

HOLDERS_SHARE = 20
"""The look for what needs damaged things takes at most this fraction of the time: it goes through
all manifests, however little was found."""

FINDINGS_AT_ONCE = 100

MOST_TOLD = 1000
"""In the log, of one pass."""

log = logging.getLogger("ferrox.scrub")


class Pacer:
    """Has so many bytes take as long as they should."""

    def __init__(self, rate_bytes: int) -> None:
        self._rate_bytes = rate_bytes
        self._due_s = 0.0

    async def __call__(self, size_bytes: int) -> None:
        """Wait as long as so many bytes take; what was missed is not made up for."""
        now_s = asyncio.get_running_loop().time()
        if self._rate_bytes:
            self._due_s = max(self._due_s, now_s) + size_bytes / self._rate_bytes
        await asyncio.sleep(max(self._due_s - now_s, 0))


class Scrub:
    """Verifies what one store has.

    interval_s  from the beginning of one pass to that of the next; None: none begins by itself
    rate_bytes  a second; 0: as fast as it goes
    """

    def __init__(
        self, store: Store, clock: Clock, *, interval_s: float | None, rate_bytes: int
    ) -> None:
        self._store = store
        self._scrubbing = store.scrubbing
        self._clock = clock
        self._interval_s = interval_s
        self._pace = Pacer(rate_bytes)
        self._pass = Pass(0, 0)
        self._kept_s = 0.0
        self._rested_until_s = 0.0
        self._told_count = 0
        self.rounds = Rounds(NAME, clock)
        phases: Mapping[str, Callable[[], Awaitable[bool]]] = {
            "known": self._recheck,
            "count": self._count,
            "databases": self._databases,
            "versions": self._versions,
            "parts": self._parts,
            "inline": self._inline,
            "blobs": self._blobs,
        }
        self._phases = [(phase, phases[phase.name]) for phase in PHASES]

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            is_asked = await self.rounds.rest(LOOK_INTERVAL_S)
            try:
                is_due = is_asked or await self._is_due()
            except Fault as fault:
                log.warning("whether a scrub is due cannot be told: %s", fault)
                continue
            if is_due:
                with self.rounds.round():
                    await self.work_once()

    async def work_once(self) -> None:
        """Go on with the pass that is not at its end, or begin one."""
        if self._store.read_only_reason is not None:
            return  # what it finds could not be remembered
        with failures.survived(log, "the scrub waits, to go on later"):
            await self._begin()
            try:
                await self._go_through()
            finally:
                await self._keep()

    async def _is_due(self) -> bool:
        latest = self._scrubbing.latest()
        if latest is None:  # the store is new, or comes from before there was a scrub
            if self._store.read_only_reason is None:
                now_ms = self._clock.now_ms()
                await self._scrubbing.keep(Pass(0, now_ms, now_ms))
            return False
        if latest.ended_ms is None:
            return True
        at_ms = due_ms(latest, self._interval_s)
        # A pass that has yet to begin is one of a clock that was set back since.
        return at_ms is not None and not latest.began_ms <= self._clock.now_ms() < at_ms

    async def _begin(self) -> None:
        latest = self._scrubbing.latest()
        if latest is not None and latest.ended_ms is None:
            self._pass = latest
            return
        self._told_count = 0
        number = 1 if latest is None else latest.number + 1
        self._pass = Pass(number, self._clock.now_ms())
        await self._keep()
        log.info("scrub pass %d begins", number)

    async def _go_through(self) -> None:
        while self._pass.phase < len(self._phases):
            phase, work = self._phases[self._pass.phase]
            try:
                is_whole = await work()
            except Unreadable as fault:
                is_whole = False
                await self._note([(DATABASE, self._store.data_dir.index_path.name, str(fault))])
            if is_whole and phase.kinds:
                forgotten = await self._scrubbing.settle(phase.kinds, self._pass.number)
                if forgotten:
                    log.info("%d findings of former passes are sound now, or gone", forgotten)
            await self._tell(is_urgent=True)
            self._pass = self._pass._replace(phase=self._pass.phase + 1, after=None)
            await self._keep()
        self._pass = one = self._pass._replace(ended_ms=self._clock.now_ms())
        log.info(
            "scrub pass %d: %d blobs, %d inline objects, %d versions and %d bytes were verified;"
            " %d problems",
            one.number, one.blob_count, one.inline_count, one.version_count, one.done_bytes,
            one.problem_count,
        )  # fmt: skip

    # Phases: each returns whether it has seen all there is of its kinds

    async def _recheck(self) -> bool:
        after: tuple[str, Name] = ("", 0)
        while some := await self._scrubbing.findings(after, FINDINGS_AT_ONCE):
            for finding in some:
                if await self._scrubbing.is_sound(finding, self._pace):
                    await self._scrubbing.remove(finding)
                    log.info("sound again, or gone: %s", finding.problem)
            after = some[-1].kind, some[-1].name
        await self._scrubbing.tell_again(self._pace)
        return True

    async def _count(self) -> bool:
        total_bytes = 0
        for is_inline in (True, False):
            total_bytes += await self._scrubbing.count(is_inline=is_inline, pace=self._pace)
        self._pass = self._pass._replace(total_bytes=total_bytes)
        return True

    async def _databases(self) -> bool:
        data_dir, are_whole = self._store.data_dir, True
        for path in (data_dir.index_path, data_dir.settings_path):
            problem, is_whole = await self._scrubbing.database(path)
            are_whole &= is_whole
            if problem is not None:
                await self._note([(DATABASE, path.name, f"{path.name}: {problem}")])
            elif not is_whole:
                log.warning("%s is not verified as a whole: its log became too long", path.name)
        return are_whole

    async def _versions(self) -> bool:
        return await self._rows(lambda: self._scrubbing.versions(self._pass.after or 0))

    async def _parts(self) -> bool:
        def look() -> Awaitable[Looked]:
            upload_id, number = self._pass.after or ("", 0)
            return self._scrubbing.parts((upload_id, number))

        return await self._rows(look)

    async def _rows(self, look: Callable[[], Awaitable[Looked]]) -> bool:
        while True:
            looked = await look()
            if not looked.row_count:
                return True
            await self._note(looked.problems)
            one = self._pass
            count = one.version_count + looked.row_count
            self._pass = one._replace(version_count=count, after=looked.last)
            await self._step(looked.size_bytes)

    async def _inline(self) -> bool:
        while True:
            looked, unopened_count = await self._scrubbing.inline(self._pass.after or 0)
            if not looked.row_count:
                return True
            await self._note(looked.problems)
            one = self._pass
            self._pass = one._replace(
                inline_count=one.inline_count + looked.row_count,
                unopened_count=one.unopened_count + unopened_count,
                done_bytes=one.done_bytes + looked.size_bytes,
                after=looked.last,
            )
            await self._step(looked.size_bytes + looked.row_count * ROW_BYTES)

    async def _blobs(self) -> bool:
        while names := await self._scrubbing.blob_names(bytes.fromhex(self._pass.after or "")):
            for name in names:
                await self._blob(name)
        return True

    async def _blob(self, name: bytes) -> None:
        before_bytes = self._pass.done_bytes

        async def pace(size_bytes: int) -> None:
            nonlocal before_bytes
            before_bytes += size_bytes
            self.rounds.advance(before_bytes, self._pass.total_bytes, "bytes")
            await self._pace(size_bytes)

        judged = await self._scrubbing.blob(name, pace)
        if judged.problem is not None:
            await self._note([(BLOB, name, judged.problem)])
        one = self._pass
        self._pass = one._replace(
            blob_count=one.blob_count + (not judged.is_gone),
            unopened_count=one.unopened_count + judged.is_unopened,
            done_bytes=one.done_bytes + judged.size_bytes,
            after=name.hex(),
        )
        await self._step(ROW_BYTES)

    # On the way

    async def _step(self, size_bytes: int) -> None:
        """Say how far it is, and wait as long as so many bytes take."""
        self.rounds.advance(self._pass.done_bytes, self._pass.total_bytes, "bytes")
        await self._pace(size_bytes)
        if asyncio.get_running_loop().time() - self._kept_s >= KEEP_INTERVAL_S:
            await self._keep()

    async def _keep(self) -> None:
        self._kept_s = asyncio.get_running_loop().time()
        await self._scrubbing.keep(self._pass)

    async def _note(self, problems: list[tuple[str, Name, str]]) -> None:
        """Remember what was found, and tell what can be told of it by now."""
        if problems:
            await self._scrubbing.note(problems, self._pass.number)
            count = self._pass.problem_count + len(problems)
            self._pass = self._pass._replace(problem_count=count)
            await self._tell()

    async def _tell(self, *, is_urgent: bool = False) -> None:
        """Tell what was found, and who needs it, each once."""
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        if began_s < self._rested_until_s and not is_urgent:
            return
        while found := await self._scrubbing.tell(self._pace):
            for finding in found:
                self._log(finding)
            if not is_urgent:
                break
        took_s = loop.time() - began_s
        self._rested_until_s = loop.time() + HOLDERS_SHARE * took_s

    def _log(self, finding: Finding) -> None:
        self._told_count += 1
        if self._told_count <= MOST_TOLD:
            log.error("%s", told(finding))
        elif self._told_count == MOST_TOLD + 1:
            log.error("more is damaged than the log should be filled with: see the findings")


def due_ms(latest: Pass, interval_s: float | None) -> int | None:
    """When the pass after this one begins by itself; None: never.

    latest  number 0 stands for none: it began when the server was started for the first time
    """
    if interval_s is None:
        return None
    pause_s = interval_s if latest.number else min(interval_s, FIRST_AFTER_S)
    return latest.began_ms + round(pause_s * 1000)


def told(finding: Finding) -> str:
    """A finding in words, with what needs it."""
    holders = finding.holders
    if holders is None or not holders.total:
        return f"damaged: {finding.problem}"
    names = ", ".join(holder.told for holder in holders.first)
    more = f" and {rest} more" if (rest := holders.total - len(holders.first)) else ""
    return f"damaged: {finding.problem}; it is needed by {names}{more}"
