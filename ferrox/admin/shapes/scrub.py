"""The scrub: how far it is, and what it has found damaged."""

from dataclasses import dataclass
from typing import Annotated, Literal

from ferrox.admin.schema import Instant
from ferrox.admin.shapes.server import JobProgress


@dataclass(frozen=True, kw_only=True)
class ScrubPass:
    """One time through everything that is stored."""

    number: int
    began: Instant
    ended: Annotated[Instant | None, "null: it is under way, or waits to go on."]
    phase: Annotated[
        str,
        "What it looks at: known, count, databases, versions, parts, inline, blobs; then it is"
        " done.",
    ]
    done_bytes: Annotated[int, "Verified so far."]
    total_bytes: Annotated[int | None, "As counted at its beginning; null: not yet."]
    blobs: int
    inline_objects: Annotated[int, "Objects whose bytes lie in the index."]
    versions: Annotated[int, "Versions and parts whose manifests were looked at."]
    unopened: Annotated[int, "Sealed ones that were verified by checksum only, for want of a key."]
    problems: int


@dataclass(frozen=True, kw_only=True)
class ScrubView:
    """What goes on, and what comes of it."""

    state: Literal["working", "resting"]
    progress: Annotated[JobProgress | None, "null unless it works."]
    findings: Annotated[int, "What is damaged, as far as it is known."]
    due: Annotated[
        Instant | None, "When a pass begins by itself; null: never, or one is under way."
    ]
    interval_days: Annotated[float | None, "null: passes begin only when they are asked for."]
    rate: Annotated[int, "Bytes a second; 0 is no limit."]
    passes: Annotated[tuple[ScrubPass, ...], "The last ones, the newest first."]


@dataclass(frozen=True, kw_only=True)
class HolderView:
    """What needs something: a version of an object, or an upload."""

    bucket: str
    key: str
    version_id: str | None
    upload_id: str | None
    part_number: int | None


@dataclass(frozen=True, kw_only=True)
class FindingView:
    """Something that is damaged."""

    kind: Annotated[str, "blob, inline, version, upload or database"]
    name: Annotated[str, "Of a blob, its file; of what is inside the index, its number or id."]
    problem: str
    found: Instant
    last_seen: Instant
    needed_by: Annotated[
        tuple[HolderView, ...] | None, "The first of them; null: that is being looked for."
    ]
    needed_by_count: Annotated[int | None, "How many they are."]


@dataclass(frozen=True, kw_only=True)
class FindingPage:
    """Findings in order."""

    findings: tuple[FindingView, ...]
    next: str | None
