from ferrox.records import Checksum, Lock, Occasion, VersionRecord

VERSION = VersionRecord(
    version=7,
    bucket_id=1,
    key="old",
    version_id="v7",
    is_delete_marker=False,
    size_bytes=3,
    modified_ms=1,
    etag="900150983cd24fb0d6963f7d28e17f72",
    storage_class="STANDARD",
    owner_id="c" * 64,
    headers={"content-type": "text/plain"},
    user_metadata={"a": "b"},
    tags={"t": "1"},
    checksum=Checksum("SHA1", "qZk+NkcGgWq6PiVxeFDCbJzQ2J0="),
    parts=(),
    extents=(),
    lock=Lock(legal_hold=True),
)


def test_a_draft_says_of_another_key_all_that_its_version_says_of_its_bytes() -> None:
    draft = VERSION.as_draft("new")

    assert "new" == draft.key
    for name in ("etag", "owner_id", "headers", "user_metadata", "tags", "checksum"):
        assert getattr(VERSION, name) == getattr(draft, name)


def test_a_draft_takes_neither_the_lock_nor_the_id_of_its_version() -> None:
    draft = VERSION.as_draft("new")

    assert Lock() == draft.lock
    assert not draft.version_id


def test_what_the_service_does_by_itself_names_the_service() -> None:
    occasion = Occasion.of_service("LifecycleExpiration:Delete")

    assert "s3.amazonaws.com" == occasion.principal_id == occasion.source_ip
