import pytest

from ferrox.protocol.message import Request
from ferrox.protocol.query.service import QueryService, service_of

FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}


def scoped(service: str) -> dict[str, str]:
    """The headers of a request that is signed for a service."""
    credential = f"Credential=AKID/20260921/us-east-1/{service}/aws4_request"
    return {"authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0"}


@pytest.mark.parametrize(
    ("service", "expected"),
    [("iam", QueryService.IAM), ("sts", QueryService.STS), ("s3", None), ("ec2", None)],
)
def test_the_credential_scope_says_which_service_is_asked(
    service: str, expected: QueryService | None
) -> None:
    in_header = Request("POST", "/", "", scoped(service) | FORM)
    credential = f"X-Amz-Credential=AKID%2F20260921%2Fus-east-1%2F{service}%2Faws4_request"
    in_query = Request("GET", "/", f"Action=GetCallerIdentity&Version=1&{credential}", {})

    assert expected is service_of(in_header)
    assert expected is service_of(in_query)


@pytest.mark.parametrize(
    ("method", "query", "headers"),
    [("POST", "", FORM), ("GET", "Action=GetCallerIdentity&Version=2011-06-15", {})],
)
def test_who_does_not_sign_speaks_to_sts(method: str, query: str, headers: dict[str, str]) -> None:
    assert QueryService.STS is service_of(Request(method, "/", query, headers))


@pytest.mark.parametrize(
    ("method", "query", "headers"),
    [
        ("GET", "", {}),
        ("GET", "Action=x", {}),
        ("POST", "", {"content-type": "multipart/form-data; boundary=x"}),
        ("POST", "delete", {}),
        ("GET", "", {"authorization": "AWS AKID:signature"}),
        ("GET", "X-Amz-Credential=iam", {}),
    ],
)
def test_everything_else_is_for_s3(method: str, query: str, headers: dict[str, str]) -> None:
    assert service_of(Request(method, "/", query, headers)) is None


def test_a_service_has_a_namespace() -> None:
    assert "https://sts.amazonaws.com/doc/2011-06-15/" == QueryService.STS.namespace
