"""The pages made from the source leave nothing out."""

from ferrox.cli import reference
from ferrox.protocol.iam.operations import OPERATIONS as IAM_OPERATIONS
from ferrox.protocol.kms.operations import OPERATIONS as KMS_OPERATIONS
from ferrox.protocol.operations import OPERATIONS


def test_the_page_of_operations_has_a_row_for_each() -> None:
    answered, _, others = reference.operations().partition("## Not answered")

    assert [] == [
        row.name
        for row in OPERATIONS
        if f"| {row.name} | {row.method} {row.level}"
        not in (answered, others)[not row.is_implemented]
    ]
    assert "| UploadPart | PUT object `partNumber&uploadId` |" in answered
    assert "| PutBucketReplication | PUT bucket `replication` |" in others


def test_so_have_those_of_iam_and_sts() -> None:
    page = reference.operations()

    assert all(f"| IAM | {name} | " in page for name in IAM_OPERATIONS)
    assert "| IAM | CreateUser | new user |" in page
    assert "| STS | GetCallerIdentity | nothing |" in page


def test_so_have_those_of_kms() -> None:
    page = reference.operations()

    assert all(f"| KMS | {name} | " in page for name in KMS_OPERATIONS)
    assert "| KMS | Encrypt | key in use |" in page
    assert "| KMS | CreateAlias | the alias and its key |" in page


def test_no_cell_breaks_its_table() -> None:
    rows = [line for line in reference.operations().splitlines() if line.startswith("|")]

    assert {4} == {row.count("|") for row in rows}
