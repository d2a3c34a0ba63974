"""An object copied in parts, several at a time: where it is cut, sent, held to its ETag, completed.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html

The MD5 of every part of the source is computed as its bytes pass; together they make the ETag that
the source says, before the target is told to make an object of the parts. Sizes of parts are asked
for by HeadObject with a part number: of the first and the last, and only if the ETag does not come
out so, of all. What a run has sent that was cut short is gone on with, if the journal knows it.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import NamedTuple

from ferrox.migration import carried, parts
from ferrox.migration.bodies import Expected, Framed, Wanted
from ferrox.migration.carried import CHECKSUM_FIELDS
from ferrox.migration.faults import Broken, Changed, Hindrance, Refused, WrongBytes
from ferrox.migration.parts import Part
from ferrox.migration.sides import Sides
from ferrox.protocol import checksums
from ferrox.protocol.operations import (
    AbortMultipartUpload,
    CompleteMultipartUpload,
    CreateMultipartUpload,
    HeadObject,
    ListParts,
    UploadPart,
)
from ferrox.protocol.shapes.multipart import (
    AbortMultipartUploadInput,
    CompletedMultipartUpload,
    CompletedPart,
    CompleteMultipartUploadInput,
    CreateMultipartUploadInput,
    ListPartsInput,
    UploadPartInput,
)
from ferrox.protocol.shapes.objects import HeadObjectInput, HeadObjectOutput
from ferrox.records import Checksum

ETAG_OF_ITS_OWN = (
    "ETags of encrypted objects that were made of parts are not made of the MD5s of these parts at"
    " the source, so their bytes could not be held to them"
)


class Cut(NamedTuple):
    """How an object is sent; `is_told` if the source has said where its parts end."""

    parts: Sequence[Part]
    is_told: bool

    @property
    def is_as_it_was(self) -> bool:
        """Whether the parts are those of the source."""
        return self.is_told and all(len(part.pieces) == 1 for part in self.parts)


class Sent(NamedTuple):
    """A part that the target has; `digests` are the MD5s of the source's parts in it."""

    etag: str
    checksum: str
    digests: Sequence[str]


class Upload(NamedTuple):
    """An upload at the target, and the version at the source that is sent by it.

    replaced  as `plan.KeyPlan` has it
    """

    upload_id: str
    bucket: str
    key: str
    wanted: Wanted
    checksum: Checksum | None
    replaced: str | None = None

    @property
    def what(self) -> tuple[str, ...]:
        """What the journal calls it."""
        wanted = self.wanted
        version_id = wanted.version_id or ""
        return (wanted.bucket, self.bucket, self.key, version_id, wanted.etag)


class _Uneven(Exception):
    """The parts are not as large as they seemed to be."""


class Assembling:
    """Copies objects in parts."""

    def __init__(self, sides: Sides) -> None:
        self._sides = sides
        self._source = sides.source
        self._target = sides.target
        self._reader = sides.reader

    async def copy(
        self,
        asked: HeadObjectInput,
        answer: HeadObjectOutput,
        args: CreateMultipartUploadInput,
        query: Mapping[str, str],
        replaced: str | None,
    ) -> str | None:
        """Copy the version that was asked about; return its id at the target.

        args, query  what begins the upload
        replaced     as `plan.KeyPlan` has it
        """
        for is_exact in (False, True):
            cut = await self._cut(asked, answer, is_exact=is_exact)
            upload = self._prepared(asked, answer, args, cut)._replace(replaced=replaced)
            upload = await self._begun(upload, args, query)
            try:
                return await self._copy(upload, cut, answer, is_exact=is_exact)
            except _Uneven:
                await self._abort(upload)
            except (Broken, OSError):
                raise  # the next attempt, or run, goes on with it
            except Hindrance:
                await self._abort(upload)
                raise
        raise WrongBytes("the MD5s of the parts are not those that the source's ETag is made of")

    async def _copy(
        self, upload: Upload, cut: Cut, answer: HeadObjectOutput, *, is_exact: bool
    ) -> str | None:
        if not cut.is_told and parts.is_md5(upload.wanted.etag) and carried.is_plain(answer):
            sent = await self._send_in_turn(upload, cut)
        else:
            sent = await self._send(upload, cut)
        if cut.is_told and carried.is_plain(answer):
            digests = [sent[part.number].digests for part in cut.parts]
            if parts.whole_etag(digests) != upload.wanted.etag:
                # MinIO makes ETags of encrypted parts in a way of its own.
                if not is_exact or answer.server_side_encryption is None:
                    raise _Uneven
                self._sides.note(ETAG_OF_ITS_OWN)
        return await self._complete(upload, cut, sent)

    async def _cut(
        self, asked: HeadObjectInput, answer: HeadObjectOutput, *, is_exact: bool
    ) -> Cut:
        """Where the object was cut, or may be."""
        size_bytes, count = answer.content_length or 0, parts.part_count(answer.e_tag or "")
        if count is None or not size_bytes:
            return Cut(parts.parts_of(parts.cut(size_bytes) or [0]), is_told=False)
        first = await self._part(asked, 1)
        if first.parts_count is None or first.content_length is None:  # it does not tell
            guesses = parts.guessed_sizes(size_bytes, count)
            sizes = [size_bytes] if count == 1 else next(guesses, parts.cut(size_bytes))
            return Cut(parts.parts_of(sizes), is_told=count == 1)
        count = first.parts_count
        equal = None if is_exact else parts.equal_sizes(size_bytes, count, first.content_length)
        if equal is not None and count > 1:
            last = await self._part(asked, count)
            equal = equal if last.content_length == equal[-1] else None
        sizes = await self._sizes(asked, count) if equal is None else equal
        if sum(sizes) != size_bytes:
            raise Changed("the parts of the object do not add up to it")
        return Cut(parts.parts_of(sizes), is_told=True)

    async def _sizes(self, asked: HeadObjectInput, count: int) -> list[int]:
        """The size of every part, as the source says it."""
        numbers = range(1, count + 1)
        answers = await asyncio.gather(*(self._part(asked, number) for number in numbers))
        return [answer.content_length or 0 for answer in answers]

    async def _part(self, asked: HeadObjectInput, number: int) -> HeadObjectOutput:
        """What the source says of one part; nothing where it knows no parts."""
        one = HeadObjectInput(
            bucket=asked.bucket, key=asked.key, version_id=asked.version_id, part_number=number
        )
        try:
            async with self._sides.slots:
                return await self._source.ask(HeadObject, one)
        except Refused as refused:
            if refused.status in {400, 416, 501}:
                return HeadObjectOutput()
            raise

    def _prepared(
        self,
        asked: HeadObjectInput,
        answer: HeadObjectOutput,
        args: CreateMultipartUploadInput,
        cut: Cut,
    ) -> Upload:
        """The upload that is to be begun: in the algorithm of the checksum that must come out."""
        checksum = carried.checksum_of(answer)
        if checksum is not None and checksum.type == checksums.COMPOSITE and not cut.is_as_it_was:
            checksum = None
        args.checksum_algorithm = checksum.algorithm if checksum else None
        args.checksum_type = checksum.type if checksum else None
        size_bytes = sum(part.size_bytes for part in cut.parts)
        wanted = Wanted(
            asked.bucket, asked.key, asked.version_id, answer.e_tag or "", 0, size_bytes
        )
        return Upload("", args.bucket, args.key, wanted, checksum)

    async def _begun(
        self, upload: Upload, args: CreateMultipartUploadInput, query: Mapping[str, str]
    ) -> Upload:
        """The upload as the target calls it: the one that the journal knows, or a new one."""
        upload_id = self._sides.journal.find(*upload.what)
        if upload_id is None:
            begun = await self._target.ask(CreateMultipartUpload, args, query)
            upload_id = begun.upload_id or ""
            self._sides.journal.begin(upload_id, *upload.what)
        return upload._replace(upload_id=upload_id)

    async def _send(self, upload: Upload, cut: Cut) -> dict[int, Sent]:
        """Send all parts that the target does not have yet."""
        sent = await self._there(upload, cut) if cut.is_told else {}
        try:
            async with asyncio.TaskGroup() as group:
                tasks = {
                    part.number: group.create_task(self._send_part(upload, part))
                    for part in cut.parts
                    if part.number not in sent
                }
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None
        return sent | {number: task.result() for number, task in tasks.items()}

    async def _there(self, upload: Upload, cut: Cut) -> dict[int, Sent]:
        """The parts that an earlier run has sent, and whose MD5 is known."""
        args = ListPartsInput(bucket=upload.bucket, key=upload.key, upload_id=upload.upload_id)
        wanted = {part.number: part for part in cut.parts if len(part.pieces) == 1}
        found: dict[int, Sent] = {}
        while True:
            try:
                page = await self._target.ask(ListParts, args)
            except Refused as refused:
                self._forget_if_gone(upload, refused)
                raise
            for there in page.parts:
                part, tag = wanted.get(there.part_number or 0), there.e_tag or ""
                if part and parts.is_md5(tag) and there.size == part.size_bytes:
                    found[part.number] = Sent(tag, _value(there, upload.checksum), [tag])
            if not page.is_truncated:
                return found
            args.part_number_marker = page.next_part_number_marker

    async def _send_part(self, upload: Upload, part: Part) -> Sent:
        """Send one part, again and again if need be."""

        async def attempt() -> Sent:
            return await self._send_once(upload, part, self._blocks(upload, part))

        async with self._sides.slots:
            return await self._source.persist(attempt, but=Changed)

    async def _send_in_turn(self, upload: Upload, cut: Cut) -> dict[int, Sent]:
        """Send the parts of what was put in one piece, so that its MD5 can be told at the end."""
        md5 = hashlib.md5(usedforsecurity=False)
        sent = {}
        for part in cut.parts:

            async def attempt(part: Part = part, before: "hashlib._Hash" = md5) -> Sent:
                nonlocal md5
                md5 = before.copy()
                blocks = _summing(self._blocks(upload, part), md5)
                return await self._send_once(upload, part, blocks)

            async with self._sides.slots:
                sent[part.number] = await self._source.persist(attempt, but=Changed)
        if md5.hexdigest() != upload.wanted.etag:
            raise WrongBytes("the MD5 of the bytes is not the ETag that the source says")
        return sent

    def _blocks(self, upload: Upload, part: Part) -> AsyncIterator[bytes]:
        wanted = upload.wanted._replace(start=part.start, size_bytes=part.size_bytes)
        return self._reader.blocks(wanted)

    async def _send_once(self, upload: Upload, part: Part, blocks: AsyncIterator[bytes]) -> Sent:
        algorithm = upload.checksum.algorithm if upload.checksum else None
        framed = Framed(blocks, Expected(part.size_bytes, part.pieces), algorithm)
        args = UploadPartInput(
            bucket=upload.bucket,
            key=upload.key,
            upload_id=upload.upload_id,
            part_number=part.number,
        )
        try:
            answer = await self._target.send(UploadPart, args, framed.streamed())
        except Refused as refused:
            self._forget_if_gone(upload, refused)
            raise
        return Sent(answer.e_tag or "", framed.checksum, framed.digests)

    async def _complete(self, upload: Upload, cut: Cut, sent: Mapping[int, Sent]) -> str | None:
        checksum = upload.checksum
        listed = []
        for part in cut.parts:
            one = CompletedPart(part_number=part.number, e_tag=sent[part.number].etag)
            if checksum is not None:
                setattr(one, CHECKSUM_FIELDS[checksum.algorithm], sent[part.number].checksum)
            listed.append(one)
        args = CompleteMultipartUploadInput(
            bucket=upload.bucket,
            key=upload.key,
            upload_id=upload.upload_id,
            multipart_upload=CompletedMultipartUpload(parts=listed),
            mpu_object_size=upload.wanted.size_bytes,
        )
        carried.on_condition(args, upload.replaced)
        if checksum is not None:
            setattr(args, CHECKSUM_FIELDS[checksum.algorithm], checksum.value)
            args.checksum_type = checksum.type
        done = await self._target.ask(CompleteMultipartUpload, args)
        self._sides.journal.end(*upload.what)
        return done.version_id

    async def _abort(self, upload: Upload) -> None:
        self._sides.journal.end(*upload.what)
        args = AbortMultipartUploadInput(
            bucket=upload.bucket, key=upload.key, upload_id=upload.upload_id
        )
        with contextlib.suppress(Refused, OSError):  # the target forgets it by itself
            await self._target.ask(AbortMultipartUpload, args)

    def _forget_if_gone(self, upload: Upload, refused: Refused) -> None:
        """Have it begun anew that the target no longer knows."""
        if refused.code == "NoSuchUpload":
            self._sides.journal.end(*upload.what)
            raise Changed("the target has forgotten the upload") from refused


async def _summing(blocks: AsyncIterator[bytes], md5: "hashlib._Hash") -> AsyncIterator[bytes]:
    async for block in blocks:
        md5.update(block)
        yield block


def _value(there: object, checksum: Checksum | None) -> str:
    """The checksum of a part as the target lists it."""
    if checksum is None:
        return ""
    return str(getattr(there, CHECKSUM_FIELDS[checksum.algorithm]) or "")
