"""Versions as lists: what the store is held against where it keeps them. Naive on purpose."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

NULL = "null"
DAY_MS = 24 * 60 * 60 * 1000


class Refused(Exception):
    """What the server must answer; the argument is the error code."""


@dataclass(frozen=True)
class Held:
    """A lock: retention and legal hold."""

    mode: str | None = None
    until_ms: int = 0
    is_on_hold: bool | None = None

    def keeps(self, now_ms: int, *, bypass: bool) -> bool:
        """Whether what is locked so must stay."""
        is_retained = self.mode is not None and self.until_ms > now_ms
        return bool(self.is_on_hold) or (is_retained and not (bypass and self.mode == "GOVERNANCE"))


@dataclass(frozen=True)
class Kept:
    """One version. `origin` tells apart bytes that are equal but were sent twice."""

    version_id: str
    body: bytes | None
    """None for a delete marker"""
    modified_ms: int
    origin: int = 0
    tags: dict[str, str] = field(default_factory=dict)
    held: Held = Held()


@dataclass
class History:
    """One bucket: for each key its versions, the oldest first."""

    versioning: str = "Unversioned"
    default_days: int = 0
    """of governance retention for whatever is put; 0 for none"""
    keys: dict[str, list[Kept]] = field(default_factory=dict)

    def shown(self, key: str) -> Kept | None:
        """What a key shows."""
        versions = self.keys.get(key, [])
        return versions[-1] if versions and versions[-1].body is not None else None

    def find(self, key: str, version_id: str) -> Kept | None:
        """A version by its id."""
        return next((v for v in self.keys.get(key, []) if v.version_id == version_id), None)

    def put(self, key: str, made: Kept, *, keeps_versions: bool | None = None) -> None:
        """Add a version, or replace the null one."""
        if keeps_versions is None:
            keeps_versions = self.versioning == "Enabled"
        versions = self.keys.setdefault(key, [])
        if not keeps_versions:
            assert NULL == made.version_id
            versions[:] = [v for v in versions if v.version_id != NULL]
        if self.default_days and made.body is not None and made.held.mode is None:
            until_ms = -(-made.modified_ms // 1000) * 1000 + self.default_days * DAY_MS
            made = replace(made, held=replace(made.held, mode="GOVERNANCE", until_ms=until_ms))
        assert made.version_id not in {v.version_id for v in versions}
        versions.append(made)

    def delete(self, key: str, marker_id: str | None, now_ms: int) -> None:
        """Delete what a key shows."""
        if self.versioning == "Unversioned":
            assert marker_id is None
            self.keys.pop(key, None)
        else:
            assert marker_id is not None
            self.put(key, Kept(marker_id, None, now_ms))

    def remove(self, key: str, version_id: str, now_ms: int, *, bypass: bool) -> None:
        """Remove one version for good."""
        found = self.find(key, version_id)
        if found is not None and found.held.keeps(now_ms, bypass=bypass):
            raise Refused("AccessDenied")
        self.keys[key] = [v for v in self.keys.get(key, []) if v.version_id != version_id]

    def amend(self, key: str, version_id: str, amended: Kept) -> None:
        """Put a version in the place of itself."""
        versions = self.keys[key]
        versions[:] = [amended if v.version_id == version_id else v for v in versions]

    def retain(
        self, key: str, version_id: str, mode: str | None, until_ms: int, now_ms: int, bypass: bool
    ) -> None:
        """Change a retention, if its lock lets it."""
        found = self.find(key, version_id)
        assert found is not None
        held = found.held
        is_retained = held.mode is not None and held.until_ms > now_ms
        is_longer = mode == held.mode and until_ms >= held.until_ms
        may_bypass = bypass and held.mode == "GOVERNANCE"
        if is_retained and not is_longer and not may_bypass:
            raise Refused("AccessDenied")
        changed = replace(held, mode=mode, until_ms=until_ms)
        self.amend(key, version_id, replace(found, held=changed))

    def everything(self) -> Iterator[tuple[str, Kept, bool]]:
        """All versions as they are listed, and whether each is the latest of its key."""
        for key in sorted(self.keys, key=str.encode):
            for number, version in enumerate(reversed(self.keys[key])):
                yield key, version, number == 0

    def to_restore(self, at_ms: int, inline_limit: int) -> dict[str, Kept | None]:
        """What is to be done to show what was shown: the version of each key, None to hide it."""
        doing: dict[str, Kept | None] = {}
        for key, versions in self.keys.items():
            if not versions or versions[-1].modified_ms <= at_ms:
                continue
            newest = versions[-1]
            of_then = [v for v in versions if v.modified_ms <= at_ms]
            then = of_then[-1] if of_then and of_then[-1].body is not None else None
            if then is None and newest.body is not None:
                doing[key] = None
            elif then is not None and not _are_alike(then, newest, inline_limit):
                doing[key] = then
        return doing


def _are_alike(then: Kept, newest: Kept, inline_limit: int) -> bool:
    if (then.body, then.tags) != (newest.body, newest.tags):
        return False
    return len(then.body or b"") <= inline_limit or then.origin == newest.origin
