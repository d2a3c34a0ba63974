"""The refusals of signatures read as AWS words them."""

from ferrox.auth import errors


def test_the_message_is_what_aws_says() -> None:
    assert errors.RegionSetMismatch().message == (
        "The provided X-Amz-Region-Set doesn't match against the requested S3 region."
    )
