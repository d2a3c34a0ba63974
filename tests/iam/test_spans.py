import json

import pytest

from ferrox.iam.spans import Place, Span, statement_spans


def test_a_statement_alone_is_where_aws_says_it_is() -> None:
    """The example of the AWS CLI's reference, with what it prints."""
    condition = {"DateGreaterThan": {"aws:CurrentTime": "2018-08-16T12:00:00Z"}}
    statement = {
        "Effect": "Allow",
        "Action": "dynamodb:*",
        "Resource": "*",
        "Condition": condition,
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": statement}, separators=(",", ":"))

    assert [Span(Place(1, 38), Place(1, 167))] == statement_spans(text)


def test_statements_of_a_list_begin_where_the_one_before_ends() -> None:
    text = '{\n  "Statement": [\n    {"Sid": "a"},\n    {\n      "Sid": "b"\n    }\n  ]\n}'

    first, second = statement_spans(text)

    assert Span(Place(2, 17), Place(3, 17)) == first
    assert Span(Place(3, 17), Place(6, 6)) == second


@pytest.mark.parametrize(
    "before",
    ['"Id": "\\"Statement\\": [", ', '"Version" : "2012-10-17"\r\n, ', '"Id": "{[,:]}",\t'],
)
def test_what_comes_before_does_not_lead_astray(before: str) -> None:
    text = f'{{ {before}"Statement" : [ {{"Sid": "]}}"}} ] }}'

    ((start, end),) = statement_spans(text)

    lines = text.split("\n")
    assert "[" == lines[start.line - 1][start.column - 2]
    assert '{"Sid": "]}"}' == lines[end.line - 1][start.column : end.column - 1]
