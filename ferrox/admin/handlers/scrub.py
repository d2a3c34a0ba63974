"""The scrub: how far it is, what it has found, and orders to begin."""

from ferrox.admin.backstage import AdminCall
from ferrox.admin.errors import InvalidRequest, NotFound
from ferrox.admin.registry import answers
from ferrox.admin.schema import instant
from ferrox.admin.shapes.paging import Nothing, Paged
from ferrox.admin.shapes.scrub import FindingPage, FindingView, HolderView, ScrubPass, ScrubView
from ferrox.admin.shapes.server import JobProgress
from ferrox.jobs.scrub import NAME, due_ms
from ferrox.storage.metadata.findings import BLOB, INLINE, VERSION, Finding, Name
from ferrox.storage.metadata.scrubbing import PHASES, Pass


@answers("GetScrub")
async def get_scrub(call: AdminCall, _args: Nothing) -> ScrubView:
    """Tell how far it is."""
    return await _view(call)


@answers("RunScrub")
async def run_scrub(call: AdminCall, _args: Nothing) -> ScrubView:
    """Have a pass begin, unless one is under way."""
    rounds = call.backstage.jobs.get(NAME)
    if rounds is None:
        raise NotFound("This server has no scrub.")
    if not rounds.is_working:
        rounds.ask()
    return await _view(call)


@answers("ListScrubFindings")
async def list_scrub_findings(call: AdminCall, args: Paged) -> FindingPage:
    """Return what is damaged."""
    scrubbing = call.services.store.scrubbing
    found = await scrubbing.findings(_position(args.after), args.limit + 1)
    shown = found[: args.limit]
    following = f"{shown[-1].kind}:{_text(shown[-1].name)}" if len(found) > len(shown) else None
    return FindingPage(findings=tuple(map(_finding, shown)), next=following)


async def _view(call: AdminCall) -> ScrubView:
    scrubbing, config = call.services.store.scrubbing, call.backstage.config
    rounds = call.backstage.jobs.get(NAME)
    progress = None if rounds is None else rounds.progress
    latest = scrubbing.latest()
    is_over = latest is not None and latest.ended_ms is not None
    next_ms = due_ms(latest, config.scrub_interval_s) if latest is not None and is_over else None
    return ScrubView(
        state="working" if rounds is not None and rounds.is_working else "resting",
        progress=None if progress is None else JobProgress(**progress._asdict()),
        findings=await scrubbing.finding_count(),
        due=instant(next_ms),
        interval_days=config.scrub_interval,
        rate=config.scrub_rate,
        passes=tuple(_pass(one) for one in await scrubbing.passes() if one.number),
    )


def _pass(one: Pass) -> ScrubPass:
    return ScrubPass(
        number=one.number,
        began=instant(one.began_ms),
        ended=instant(one.ended_ms),
        phase="done" if one.phase >= len(PHASES) else PHASES[one.phase].name,
        done_bytes=one.done_bytes,
        total_bytes=one.total_bytes,
        blobs=one.blob_count,
        inline_objects=one.inline_count,
        versions=one.version_count,
        unopened=one.unopened_count,
        problems=one.problem_count,
    )


def _finding(finding: Finding) -> FindingView:
    holders = finding.holders
    return FindingView(
        kind=finding.kind,
        name=_text(finding.name),
        problem=finding.problem,
        found=instant(finding.found_ms),
        last_seen=instant(finding.seen_ms),
        needed_by=None
        if holders is None
        else tuple(HolderView(**holder._asdict()) for holder in holders.first),
        needed_by_count=None if holders is None else holders.total,
    )


def _text(name: Name) -> str:
    return name.hex() if isinstance(name, bytes) else str(name)


def _position(after: str) -> tuple[str, Name]:
    """The finding that a page of them ended with."""
    kind, _, text = after.partition(":")
    try:
        if kind == BLOB:
            return kind, bytes.fromhex(text)
        return kind, int(text) if kind in {INLINE, VERSION} else text
    except ValueError:
        raise InvalidRequest("after is not the next of a page") from None
