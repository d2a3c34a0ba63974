"""What a bucket may say of encryption."""

import pytest

from ferrox.errors import InvalidArgument, MalformedXML, S3Error
from ferrox.protocol.documents.encryption import by_default, check
from ferrox.protocol.encryption import Asked
from ferrox.protocol.shapes.encryption import (
    BlockedEncryptionTypes,
    ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration,
    ServerSideEncryptionRule,
)


def rule(algorithm: str, key_id: str | None = None) -> ServerSideEncryptionRule:
    return ServerSideEncryptionRule(
        apply_server_side_encryption_by_default=ServerSideEncryptionByDefault(
            sse_algorithm=algorithm, kms_master_key_id=key_id
        )
    )


BLOCKING = ServerSideEncryptionRule(
    blocked_encryption_types=BlockedEncryptionTypes(encryption_type=["SSE-C"])
)


@pytest.mark.parametrize(
    "one", [rule("AES256"), rule("aws:kms"), rule("aws:kms", "k"), rule("aws:kms:dsse"), BLOCKING]
)
def test_one_rule_is_fine_and_stays_as_it_is(one: ServerSideEncryptionRule) -> None:
    document = ServerSideEncryptionConfiguration(rules=[one])

    check(document)

    assert [one] == document.rules


@pytest.mark.parametrize(
    ("rules", "error"),
    [
        ([], MalformedXML),
        ([rule("AES256"), rule("AES256")], MalformedXML),
        ([ServerSideEncryptionRule()], MalformedXML),
        ([rule("aws:backup")], InvalidArgument),
        ([rule("AES256", "k")], InvalidArgument),
    ],
)
def test_what_cannot_be_obeyed_is_refused(
    rules: list[ServerSideEncryptionRule], error: type[S3Error]
) -> None:
    with pytest.raises(error):
        check(ServerSideEncryptionConfiguration(rules=rules))


def test_what_a_bucket_asks_for_is_that_of_its_rule() -> None:
    asking = rule("aws:kms", "k")
    asking.bucket_key_enabled = True
    configured = ServerSideEncryptionConfiguration(rules=[asking])

    assert Asked("aws:kms", "k", "", True) == by_default(configured)


@pytest.mark.parametrize("configured", [None, ServerSideEncryptionConfiguration(rules=[BLOCKING])])
def test_a_bucket_may_ask_for_nothing(
    configured: ServerSideEncryptionConfiguration | None,
) -> None:
    assert by_default(configured) is None
