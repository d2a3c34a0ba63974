"""Errors; the documents of success are compared with botocore's model in test_model."""

from ferrox.errors import InternalError
from ferrox.iam_errors import NoSuchEntity
from ferrox.protocol.query import encode
from ferrox.protocol.query.service import QueryService


def test_an_error_says_whose_fault_it_is() -> None:
    error = NoSuchEntity("The user with name <a> cannot be found.")

    response = encode.error(error, QueryService.IAM, "4442587FB7D0A2F9")

    assert (404, "text/xml") == (response.status, response.headers["content-type"])
    assert (
        b'<?xml version="1.0" encoding="UTF-8"?>\n'
        b'<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">'
        b"<Error><Type>Sender</Type><Code>NoSuchEntity</Code>"
        b"<Message>The user with name &lt;a&gt; cannot be found.</Message></Error>"
        b"<RequestId>4442587FB7D0A2F9</RequestId></ErrorResponse>"
    ) == response.body


def test_what_went_wrong_here_is_the_receivers() -> None:
    response = encode.error(InternalError(), QueryService.STS, "4442587FB7D0A2F9")

    assert isinstance(response.body, bytes)
    assert b"<Type>Receiver</Type><Code>InternalError</Code>" in response.body
    assert b"https://sts.amazonaws.com/doc/2011-06-15/" in response.body
