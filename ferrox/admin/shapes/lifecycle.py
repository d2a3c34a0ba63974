"""Lifecycle: what the rules of a bucket would do, and what they did."""

from dataclasses import dataclass
from typing import Annotated, Any

from ferrox.admin.schema import Instant


@dataclass(frozen=True, kw_only=True)
class LifecycleStepView:
    """Something that is removed, or would be."""

    action: Annotated[str, "expire, remove-noncurrent, remove-marker or abort-upload."]
    rule_id: str
    key: str
    name: Annotated[str, "Id of the version, or of the upload."]
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class LifecycleRun:
    """What one run of the rules of a bucket did, or would do."""

    started: Instant
    ended: Instant
    counts: Annotated[dict[str, Any], "How often each action, by its name."]
    rule_counts: Annotated[dict[str, Any], "How many of them each rule asks for, by its id."]
    size_bytes: Annotated[int, "How much is removed."]
    locked_count: Annotated[int, "Versions that a lock keeps, though their time is over."]
    errors: Annotated[tuple[str, ...], "What kept steps from being done, the first of them."]
    first: Annotated[tuple[LifecycleStepView, ...], "The steps of the first keys."]


@dataclass(frozen=True, kw_only=True)
class LifecycleRuns:
    """The last runs of the rules of a bucket."""

    runs: Annotated[tuple[LifecycleRun, ...], "The newest first."]
