"""The report of a migration: what was copied, what is there already, what differs, and why.

Counts are exact; of keys only the first of each bucket are named, so that a report stays readable,
and in memory, when everything goes wrong.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

from ferrox.quantities import counted, size

MOST_NAMED = 1000


@dataclass
class Problem:
    """A key that is not at the target as it is at the source, or a document that is not.

    version_id  "" for the key as a whole
    """

    what: str
    version_id: str
    code: str
    message: str


@dataclass
class BucketReport:
    """What became of one bucket.

    objects     versions that were copied, or would be
    markers     delete markers, likewise
    present     versions and delete markers that the target has already
    extra       those that only the target has
    removed     those that were removed there, or would be
    documents   names of what else was copied
    notes       what is not quite as it was, in words
    problems    the first of them; `counts` has them all, by code
    """

    source: str
    target: str
    objects: int = 0
    bytes: int = 0
    markers: int = 0
    present: int = 0
    present_bytes: int = 0
    extra: int = 0
    removed: int = 0
    verified: int = 0
    verified_bytes: int = 0
    documents: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether the target has what the source has, and nothing else."""
        return not self.counts and self.extra == self.removed

    def note(self, text: str) -> None:
        """Tell something once."""
        if text not in self.notes:
            self.notes.append(text)

    def problem(self, what: str, version_id: str, code: str, message: str) -> None:
        """Tell of something that is not at the target as it is at the source."""
        self.counts[code] = self.counts.get(code, 0) + 1
        if len(self.problems) < MOST_NAMED:
            self.problems.append(Problem(what, version_id, code, message))


@dataclass
class Report:
    """What became of everything."""

    source: str
    target: str
    is_dry_run: bool
    started: str
    seconds: float = 0.0
    tried_again: int = 0
    halted: str = ""
    buckets: list[BucketReport] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing or different, as far as was looked."""
        return not self.halted and all(bucket.is_complete for bucket in self.buckets)

    @property
    def count(self) -> int:
        """Versions and delete markers that were copied, or would be."""
        return sum(bucket.objects + bucket.markers for bucket in self.buckets)

    def as_plain(self) -> dict[str, Any]:
        """The report as JSON has it."""
        plain = asdict(self)
        for shown, bucket in zip(plain["buckets"], self.buckets, strict=True):
            shown["is_complete"] = bucket.is_complete
        return {"is_complete": self.is_complete, **plain}

    def told(self, named: int = 20) -> str:
        """The report for people; of each bucket so many problems are named."""
        would = "would be " if self.is_dry_run else ""
        lines = [f"from {self.source} to {self.target}"]
        for bucket in self.buckets:
            lines += _told(bucket, would, named)
        total = sum(bucket.bytes for bucket in self.buckets)
        lines.append(
            f"{counted(len(self.buckets), 'bucket')}; {counted(self.count, 'version')} and"
            f" {size(total)} {would}copied in {self.seconds:.1f} s"
            + (f"; {counted(self.tried_again, 'request')} made again" * bool(self.tried_again))
        )
        if self.halted:
            lines.append(f"stopped: {self.halted}")
        elif not self.is_dry_run:
            lines.append("complete" if self.is_complete else "NOT complete: see above")
        return "\n".join(lines) + "\n"


def _told(bucket: BucketReport, would: str, named: int) -> list[str]:
    name = bucket.source
    if bucket.target != bucket.source:
        name += f" as {bucket.target}"
    line = (
        f"bucket {name}: {counted(bucket.objects, 'object')} ({size(bucket.bytes)}) and"
        f" {counted(bucket.markers, 'delete marker')} {would}copied,"
        f" {bucket.present:,} there already"
    )
    if bucket.removed:
        line += f", {bucket.removed:,} {would}removed"
    if bucket.extra > bucket.removed:
        line += f", {bucket.extra - bucket.removed:,} only at the target"
    if bucket.verified:
        line += f"; {bucket.verified:,} verified"
        line += f", {size(bucket.verified_bytes)} read" if bucket.verified_bytes else ""
    lines = [line]
    if bucket.documents:
        lines.append(f"  with {', '.join(bucket.documents)}")
    lines += [f"  note: {note}" for note in bucket.notes]
    for problem in bucket.problems[:named]:
        what = problem.what if problem.what.isprintable() else ascii(problem.what)
        version = f" (version {problem.version_id})" if problem.version_id else ""
        lines.append(f"  {problem.code}: {what}{version}: {problem.message}")
    further = sum(bucket.counts.values()) - len(bucket.problems[:named])
    if further > 0:
        lines.append(f"  and {further:,} more; --report FILE has more of them")
    return lines
