"""Who needs a blob: for a person who is told that one is damaged."""

from collections.abc import Collection, Iterator

from ferrox.storage.metadata import manifest
from ferrox.storage.metadata.database import Reader

_VERSIONS = (
    "SELECT name, key, 'version ' || version_id, manifest"
    " FROM versions JOIN buckets USING (bucket_id) WHERE manifest IS NOT NULL"
)
_PARTS = (
    "SELECT name, key, 'part ' || part_number || ' of upload ' || upload_id, manifest"
    " FROM parts JOIN uploads USING (upload_id) JOIN buckets USING (bucket_id)"
    " WHERE manifest IS NOT NULL"
)
_INLINE = (
    "SELECT name, key, 'version ' || version_id"
    " FROM versions JOIN buckets USING (bucket_id) WHERE version = ?"
)


def holders(reader: Reader, names: Collection[bytes]) -> Iterator[tuple[bytes, str]]:
    """Blobs and what needs each. Goes through all manifests, unverified as they are."""
    wanted = set(names)
    for select in (_VERSIONS, _PARTS):
        for bucket, key, what, packed in reader.execute(select):
            for name in wanted & manifest.names(packed):
                yield name, told(bucket, key, what)


def inline_holder(reader: Reader, version: int) -> str:
    """What the bytes of a version in the index are."""
    row = reader.execute(_INLINE, (version,)).fetchone()
    return told(*row) if row else f"version number {version}"


def told(bucket: str, key: str, what: str) -> str:
    """An object for people; keys may hold anything, a terminal should not get it raw."""
    shown = key if key.isprintable() else ascii(key)
    return f"{bucket}/{shown} ({what})"
