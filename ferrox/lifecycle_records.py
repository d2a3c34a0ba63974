"""What the rules of lifecycle look at, decide and did: plain values, as those of ferrox/records.py.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html
"""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple


class LifecycleAction(StrEnum):
    """What the rules of a bucket do."""

    EXPIRE = "expire"
    """The key shows nothing from now on, by a delete marker or because the object is removed."""
    REMOVE_NONCURRENT = "remove-noncurrent"
    REMOVE_MARKER = "remove-marker"
    ABORT_UPLOAD = "abort-upload"


class LifecycleVerdict(NamedTuple):
    """What becomes of a version or an upload, and which rule says so."""

    action: LifecycleAction
    rule_id: str


class VersionState(NamedTuple):
    """What the rules of a bucket look at in a version.

    noncurrent_ms  when another version took its place; None: it is the current one
    is_only        the key has no other version
    count_newer    how many noncurrent versions of the key are newer; looked up when asked for, and
                   only as far as a rule can ask
    """

    key: str
    size_bytes: int
    tags: dict[str, str]
    modified_ms: int
    is_delete_marker: bool
    noncurrent_ms: int | None
    is_only: bool
    count_newer: Callable[[], int]


class LifecycleStep(NamedTuple):
    """One thing that the rules of a bucket did, or would do.

    name        the id of the version that is acted upon, or of the upload
    size_bytes  how much is removed; nothing where a delete marker is added
    """

    action: LifecycleAction
    rule_id: str
    key: str
    name: str
    size_bytes: int


class LifecycleReport(NamedTuple):
    """What one run of a bucket's rules did, or would do.

    counts        of each action, by its name
    rule_counts   of all actions, by the id of the rule
    size_bytes    how much was removed
    locked_count  versions that a lock keeps, though their time is over
    errors        what kept steps from being done, the first of them
    """

    started_ms: int
    ended_ms: int
    counts: dict[str, int]
    rule_counts: dict[str, int]
    size_bytes: int
    locked_count: int
    errors: list[str]
    first: list[LifecycleStep]
