from ferrox.document_errors import NoSuchTagSet


def test_the_message_is_what_aws_says() -> None:
    assert "The TagSet does not exist" == NoSuchTagSet().message
