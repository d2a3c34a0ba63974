"""One version copied: read from the source, written to the target, with all that is said of it.

What was put in one piece is put in one piece, what was made of parts goes to `assembling`. Whatever
changes or breaks on the way is begun again from what the source says then.
"""

import base64
import contextlib
from collections.abc import Iterator

from ferrox.migration import carried, parts
from ferrox.migration.assembling import Assembling
from ferrox.migration.bodies import Expected, Framed, Wanted
from ferrox.migration.carried import Answer, Concessions, Wish
from ferrox.migration.entries import Entry
from ferrox.migration.faults import Changed, Halt, Overtaken, Refused, WrongBytes
from ferrox.migration.sides import Pair, Sides
from ferrox.protocol import checksums, provenance
from ferrox.protocol.operations import (
    DeleteObject,
    GetObjectAcl,
    GetObjectTagging,
    HeadObject,
    PutObject,
    PutObjectAcl,
)
from ferrox.protocol.provenance import Provenance, parameters
from ferrox.protocol.shapes.acl import GetObjectAclInput, PutObjectAclInput
from ferrox.protocol.shapes.deletion import DeleteObjectInput
from ferrox.protocol.shapes.multipart import CreateMultipartUploadInput
from ferrox.protocol.shapes.object_tagging import GetObjectTaggingInput
from ferrox.protocol.shapes.objects import (
    GetObjectInput,
    GetObjectOutput,
    HeadObjectInput,
    PutObjectInput,
)
from ferrox.protocol.shapes.tagging import Tag

CHECKED = "ENABLED"
ENDING_CODES = frozenset(
    {
        *("ExpiredToken", "InsufficientStorage", "InvalidAccessKeyId", "InvalidToken"),
        *("RequestTimeTooSkewed", "SignatureDoesNotMatch"),
    }
)
"""Refusals that all further copies would meet, too."""

MOST_IN_PARTS = 3
"""How often an object is begun again that is sent in parts."""

_FOR_OPERATORS = "Only the operator"
_OVERTAKEN = "the target got an object of its own meanwhile, which is left alone"


class Copying:
    """Copies versions from one side to the other.

    with_acls  also the access control list of each object that has been shared with groups
    """

    def __init__(self, sides: Sides, *, with_acls: bool = False) -> None:
        self._sides = sides
        self._source = sides.source
        self._target = sides.target
        self._reader = sides.reader
        self._assembling = Assembling(sides)
        self._with_acls = with_acls
        self._concessions = Concessions()

    async def copy(self, pair: Pair, entry: Entry, replaced: str | None = None) -> None:
        """Copy one version or delete marker. Hindrance, OSError

        replaced  as `plan.KeyPlan` has it
        """

        async def attempt() -> None:
            try:
                with _being_there_already():
                    await self._copy(pair, entry, replaced)
            except Refused as refused:
                if refused.details.get("Condition") == provenance.MODIFIED:
                    raise Overtaken(_OVERTAKEN) from refused
                if replaced is not None and refused.status == 412:
                    await self._require_ours(pair, entry)
                    return
                if refused.code in ENDING_CODES or _FOR_OPERATORS in str(refused):
                    raise Halt(f"{refused.code}: {refused}") from refused
                if refused.code == "BadDigest":
                    raise WrongBytes(str(refused)) from refused
                raise

        # Each part has been tried often enough already.
        most = MOST_IN_PARTS if _is_in_parts(entry) else None
        await self._source.persist(attempt, attempts=most)

    async def _require_ours(self, pair: Pair, entry: Entry) -> None:
        """Overtaken, unless what the target shows by now is the copy, whose answer was lost."""
        asked = HeadObjectInput(bucket=pair.target, key=entry.key)
        there = await self._target.ask(HeadObject, asked)
        found = (there.content_length, (there.last_modified or 0) // 1000)
        if found != (entry.size_bytes, entry.modified_s):
            raise Overtaken(_OVERTAKEN)

    async def _copy(self, pair: Pair, entry: Entry, replaced: str | None) -> None:
        if entry.is_marker:
            said = Provenance(entry.modified_ms, entry.version_id, follows=entry.follows)
            query = parameters(said)
            args = DeleteObjectInput(bucket=pair.target, key=entry.key)
            await self._target.ask(DeleteObject, args, query)
            return
        if _is_in_parts(entry):
            version_id = await self._copy_in_parts(pair, entry, replaced)
        else:
            version_id = await self._copy_whole(pair, entry, replaced)
        if self._with_acls:
            await self._copy_acl(pair, entry, version_id)

    async def _copy_whole(self, pair: Pair, entry: Entry, replaced: str | None) -> str | None:
        """Copy what was put in one piece; return its version id at the target."""
        asked = GetObjectInput(
            bucket=pair.source,
            key=entry.key,
            version_id=entry.version_id or None,
            checksum_mode=CHECKED,
        )
        async with self._sides.slots, self._source.reading(asked) as (answer, body):
            expected = _expected(answer)
            wanted = Wanted(
                pair.source, entry.key, asked.version_id, answer.e_tag or "", 0, expected.size_bytes
            )
            framed = Framed(self._reader.blocks(wanted, body), expected)
            tags = await self._tags(pair, entry) if answer.tag_count else []
            self._tell_missing(answer)
            wish = Wish(answer, self._concessions)
            now_ms = self._source.clock.now_ms()
            args = carried.write(PutObjectInput, pair.target, entry.key, answer, tags, wish, now_ms)
            carried.on_condition(args, replaced)
            if expected.md5:
                args.content_md5 = base64.b64encode(bytes.fromhex(expected.md5)).decode()
            query = self._provenance(entry, answer)
            with self._conceding(wish):
                put = await self._target.send(PutObject, args, framed.streamed(), query)
        return put.version_id

    async def _copy_in_parts(self, pair: Pair, entry: Entry, replaced: str | None) -> str | None:
        """Copy what was made of parts, or is too large for one."""
        asked = HeadObjectInput(
            bucket=pair.source,
            key=entry.key,
            version_id=entry.version_id or None,
            checksum_mode=CHECKED,
        )
        async with self._sides.slots:
            answer = await self._source.ask(HeadObject, asked)
            tags = await self._tags(pair, entry)
        self._tell_missing(answer)
        wish = Wish(answer, self._concessions)
        now_ms = self._source.clock.now_ms()
        shape = CreateMultipartUploadInput
        args = carried.write(shape, pair.target, entry.key, answer, tags, wish, now_ms)
        with self._conceding(wish):
            query = self._provenance(entry, answer)
            return await self._assembling.copy(asked, answer, args, query, replaced)

    @contextlib.contextmanager
    def _conceding(self, wish: Wish) -> Iterator[None]:
        """Ask for less the next time, where the target cannot do what was asked for."""
        try:
            yield
        except Refused as refused:
            given_up = self._concessions.concede(refused, wish)
            if not given_up:
                raise
            self._sides.note(given_up)
            raise Changed(given_up) from refused

    def _tell_missing(self, answer: Answer) -> None:
        if answer.missing_meta:
            self._sides.note("the source keeps user metadata of some objects that no header shows")

    async def _tags(self, pair: Pair, entry: Entry) -> list[Tag]:
        args = GetObjectTaggingInput(
            bucket=pair.source, key=entry.key, version_id=entry.version_id or None
        )
        try:
            return (await self._source.ask(GetObjectTagging, args)).tag_set
        except Refused as refused:
            if refused.code in {"NoSuchTagSet", "NotImplemented"}:
                return []
            raise

    async def _copy_acl(self, pair: Pair, entry: Entry, version_id: str | None) -> None:
        """Share the copy with the groups that the object is shared with."""
        asked = GetObjectAclInput(
            bucket=pair.source, key=entry.key, version_id=entry.version_id or None
        )
        listed = await self._source.ask(GetObjectAcl, asked)
        grants, _ = carried.shared_grants(listed.grants or [])
        if grants:
            owner = f'id="{await self._target.canonical_id()}"'
            grants["grant_full_control"] = ", ".join(
                one for one in (owner, grants.get("grant_full_control")) if one
            )
            args = PutObjectAclInput(bucket=pair.target, key=entry.key, version_id=version_id)
            args.__dict__.update(grants)
            await self._target.ask(PutObjectAcl, args)

    def _provenance(self, entry: Entry, answer: Answer) -> dict[str, str]:
        """What the copy keeps of where it comes from."""
        modified_ms = entry.modified_ms
        is_another = answer.e_tag != entry.etag or not modified_ms
        if is_another and answer.last_modified is not None:  # than when it was listed
            # The answer knows whole seconds only.
            is_as_listed = answer.last_modified // 1000 == entry.modified_s
            modified_ms = modified_ms if is_as_listed else answer.last_modified
        version_id = entry.version_id or answer.version_id or ""
        return parameters(Provenance(modified_ms, version_id, answer.e_tag or "", entry.follows))


def _is_in_parts(entry: Entry) -> bool:
    """Whether an object was made of parts, or is too large for one request."""
    return parts.part_count(entry.etag) is not None or entry.size_bytes > parts.MOST_PUT_BYTES


def _expected(answer: GetObjectOutput) -> Expected:
    """What the source says of the bytes that it is about to send."""
    if answer.content_length is None:
        raise Refused(200, "MalformedAnswer", "the source does not say how long the object is")
    tag = answer.e_tag or ""
    whole = carried.checksum_of(answer)
    if whole is not None and whole.type != checksums.FULL_OBJECT:
        whole = None
    md5 = tag if parts.is_md5(tag) and carried.is_plain(answer) else ""
    return Expected(answer.content_length, checksum=whole, md5=md5)


@contextlib.contextmanager
def _being_there_already() -> Iterator[None]:
    """Be content where the target says that it has the version: an answer was lost."""
    try:
        yield
    except Refused as refused:
        if refused.status != 412 or refused.details.get("Condition") != provenance.VERSION_ID:
            raise
