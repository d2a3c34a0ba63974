"""Encryption: how far the keys of SSE-S3 are rotated, and buckets encrypted anew."""

from ferrox.admin.backstage import AdminCall
from ferrox.admin.errors import Conflict
from ferrox.admin.handlers.buckets import bucket_named
from ferrox.admin.registry import answers
from ferrox.admin.schema import instant
from ferrox.admin.shapes.encryption import (
    EncryptionKeyView,
    EncryptionStatus,
    KeyMade,
    ReencryptionOrder,
    ReencryptionView,
    State,
)
from ferrox.admin.shapes.paging import Nothing
from ferrox.jobs import reencryption, rewrapping
from ferrox.jobs.reencryption import DOCUMENT, Progress, progress_of
from ferrox.jobs.sealing import sealing_of
from ferrox.records import BucketRecord
from ferrox.storage.keys.server_keys import ServerKeys

NO_MASTER_KEY = (
    "This server has no master key: it was started without --sse-master-key-file; see "
    "docs/encryption.md."
)


@answers("GetEncryption")
async def get_encryption(call: AdminCall, _args: Nothing) -> EncryptionStatus:
    """Tell which keys there are, what is under them, and how far the jobs are."""
    rules, store = call.services.encryption, call.services.store
    keys = rules.keys.server_keys
    counts = await store.data_key_counts()
    left = 0 if keys is None else _left(keys, counts)
    found = await store.buckets_with_document(DOCUMENT)
    return EncryptionStatus(
        mode=rules.mode,
        has_master_key=keys is not None,
        rewrapping="" if keys is None else _state(call, rewrapping.NAME, is_done=not left),
        left=left,
        keys=_keys(keys, counts),
        reencryptions=tuple(
            _view(call, bucket, progress_of(document))
            for bucket in found
            if (document := store.bucket_document(bucket, DOCUMENT)) is not None
        ),
    )


@answers("RotateEncryptionKey")
async def rotate_encryption_key(call: AdminCall, _args: Nothing) -> KeyMade:
    """Make a key that wraps from now on, and have all that is under others brought under it."""
    keys = _server_keys(call)
    made = await keys.make(call.services.clock.now_ms())
    _ask(call, rewrapping.NAME)
    return KeyMade(key=made, left=_left(keys, await call.services.store.data_key_counts()))


@answers("ReencryptBucket")
async def reencrypt_bucket(call: AdminCall, args: ReencryptionOrder) -> ReencryptionView:
    """Have a bucket encrypted anew as it asks now, or tell what that would be."""
    store, clock = call.services.store, call.services.clock
    bucket = bucket_named(call, args.bucket)
    _server_keys(call)
    wanted = sealing_of(call.services).of_bucket(bucket)
    if wanted is None:
        raise Conflict("Neither the bucket nor the server asks for its objects to be encrypted.")
    if args.dry_run:
        planned = await reencryption.plan(store, bucket, wanted, clock.now_ms())
        return _view(call, bucket, planned, is_plan=True)
    document = store.bucket_document(bucket, DOCUMENT)
    progress = None if document is None else progress_of(document)
    if progress is None or progress.ended_ms is not None:
        progress = Progress(clock.now_ms())
        bucket = await store.put_bucket_document(bucket, DOCUMENT, progress._asdict())
    _ask(call, reencryption.NAME)
    return _view(call, bucket, progress)


def _server_keys(call: AdminCall) -> ServerKeys:
    keys = call.services.encryption.keys.server_keys
    if keys is None:
        raise Conflict(NO_MASTER_KEY)
    return keys


def _left(keys: ServerKeys, counts: dict[str, int]) -> int:
    return sum(counts.get(kek_id, 0) for kek_id in keys.former())


def _keys(keys: ServerKeys | None, counts: dict[str, int]) -> tuple[EncryptionKeyView, ...]:
    own = [] if keys is None else keys.known()
    others = sorted(counts.keys() - {key.kek_id for key in own})
    return (
        *(
            EncryptionKeyView(
                key=key.kek_id,
                use="current" if key.is_current else "former",
                created=instant(key.created_ms),
                data_keys=counts.get(key.kek_id, 0),
            )
            for key in own
        ),
        *(
            EncryptionKeyView(key=kek_id, use="", created=None, data_keys=counts[kek_id])
            for kek_id in others
        ),
    )


def _view(
    call: AdminCall, bucket: BucketRecord, progress: Progress, *, is_plan: bool = False
) -> ReencryptionView:
    is_done = progress.ended_ms is not None
    return ReencryptionView(
        bucket=bucket.name,
        state="planned" if is_plan else _state(call, reencryption.NAME, is_done=is_done),
        began=None if is_plan else instant(progress.began_ms),
        ended=instant(progress.ended_ms),
        versions=call.services.store.usage(bucket).version_count,
        looked_at=progress.looked_count,
        resealed=progress.resealed_count,
        bytes=progress.resealed_bytes,
        rekeyed=progress.rekeyed_count,
        customers=progress.customers_count,
        failed=progress.failed_count,
        error=progress.error,
    )


def _state(call: AdminCall, job: str, *, is_done: bool) -> State:
    if is_done:
        return "done"
    rounds = call.backstage.jobs.get(job)
    return "working" if rounds is not None and rounds.is_working else "waiting"


def _ask(call: AdminCall, job: str) -> None:
    """Have a job work now; it is in this process."""
    rounds = call.backstage.jobs.get(job)
    if rounds is not None:
        rounds.ask()
