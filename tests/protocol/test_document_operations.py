"""Rows of documents; what each says is compared with the model in test_operations."""

from ferrox.protocol.document_operations import DOCUMENT_OPERATIONS
from ferrox.protocol.operations import OPERATIONS
from ferrox.protocol.shape import Shape


def test_all_rows_are_part_of_the_table() -> None:
    names = [row.name for row in DOCUMENT_OPERATIONS]

    assert set(DOCUMENT_OPERATIONS) <= set(OPERATIONS)
    assert {"GetBucketCors", "PutBucketWebsite", "ListBucketMetricsConfigurations"} <= set(names)


def test_a_document_that_is_put_is_strict() -> None:
    for row in DOCUMENT_OPERATIONS:
        field = row.input.plan.payload if row.input else None
        if field is not None and field.wire:  # a policy is text
            shape: type[Shape] = field.type
            assert shape.is_strict, row


def test_what_is_not_implemented_says_why() -> None:
    assert {"PutBucketReplication"} == {
        row.name for row in DOCUMENT_OPERATIONS if not row.is_implemented
    }
    assert all(row.remark for row in DOCUMENT_OPERATIONS if not row.is_implemented)


def test_documents_that_must_come_with_a_digest() -> None:
    assert {
        "PutBucketCors",
        "PutBucketLifecycleConfiguration",
        "PutBucketTagging",
        "PutObjectLockConfiguration",
    } == {row.name for row in DOCUMENT_OPERATIONS if row.must_be_protected}
