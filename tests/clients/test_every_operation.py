"""boto3 calls every operation of the table once, signed; unsigned, each is refused."""

from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from ferrox.protocol.address import OBJECT, SERVICE
from ferrox.protocol.operation import Operation
from ferrox.protocol.operations import OPERATIONS
from tests.clients.operation_calls import ABSENT, CALLS, LISTS, LOCKS, NO_SDK_CALLS, PLAIN, Call

ROWS: dict[str, Operation[Any, Any]] = {row.name: row for row in OPERATIONS}
MAKING: dict[str, dict[str, Any]] = {
    PLAIN: {},
    LOCKS: {"ObjectLockEnabledForBucket": True},
    LISTS: {"ObjectOwnership": "ObjectWriter"},
}


def filled(value: Any, facts: dict[str, Any]) -> Any:
    """A parameter with the names in braces replaced, however deep they stand."""
    if isinstance(value, str):
        return value.format_map(facts)
    if isinstance(value, dict):
        return {name: filled(one, facts) for name, one in value.items()}
    return [filled(one, facts) for one in value] if isinstance(value, list) else value


def parameters_of(name: str, call: Call, facts: dict[str, Any]) -> dict[str, Any]:
    """Everything that boto3 is given."""
    given: dict[str, Any] = {"Bucket": facts["bucket"]} if ROWS[name].level != SERVICE else {}
    if ROWS[name].level == OBJECT:
        given["Key"] = "k"
    taken = {member: facts[member_of_answer] for member, member_of_answer in call.takes.items()}
    given.update(filled(dict(call.parameters), facts))
    return given | taken


def performed(s3: Any, name: str, call: Call, facts: dict[str, Any]) -> dict[str, Any]:
    """The answer of boto3."""
    answer: dict[str, Any] = getattr(s3, xform_name(name))(**parameters_of(name, call, facts))
    if name == "GetObject":
        answer["Body"].read()
    return answer


def refusal_of(s3: Any, name: str, call: Call, facts: dict[str, Any]) -> tuple[int, str]:
    """Status and code; DeleteObjects tells them of each key."""
    try:
        answer = performed(s3, name, call, facts)
    except ClientError as error:
        return status_of(error.response), error.response["Error"]["Code"]
    (one,) = answer["Errors"]
    return 403, one["Code"]


def status_of(answer: Any) -> int:
    """The HTTP status of an answer or a refusal."""
    status: int = answer["ResponseMetadata"]["HTTPStatusCode"]
    return status


def test_every_operation_has_its_call() -> None:
    implemented = {row.name for row in OPERATIONS if row.is_implemented}

    assert set() == implemented - CALLS.keys() - NO_SDK_CALLS.keys()
    assert set() == CALLS.keys() - implemented


@pytest.mark.parametrize("name", CALLS)
def test_it_is_done_for_who_signs_and_refused_to_who_does_not(
    s3: Any, anonymous: Any, bucket_name: str, name: str
) -> None:
    call = CALLS[name]
    if call.bucket != ABSENT:
        s3.create_bucket(Bucket=bucket_name, **MAKING[call.bucket])
    facts: dict[str, Any] = {"bucket": bucket_name}
    for earlier in call.first:
        facts |= performed(s3, earlier, CALLS[earlier], facts)

    assert refusal_of(anonymous, name, call, facts) in {(403, "AccessDenied"), (403, "403")}
    if call.refusal:
        status = 400 if call.refusal == "InvalidRequest" else 404
        assert (status, call.refusal) == refusal_of(s3, name, call, facts)
    else:
        answer = performed(s3, name, call, facts)
        assert ROWS[name].status == status_of(answer)
