import pytest
from botocore.loaders import Loader

from ferrox.errors import MethodNotAllowed
from ferrox.protocol import control
from ferrox.protocol.control import ACCOUNT_OPERATIONS, PATH, Account, locate, resolve
from ferrox.protocol.message import Request

HEADERS = {"x-amz-account-id": "123456789012"}


def request(path: str = PATH, method: str = "GET", **headers: str) -> Request:
    return Request(method, path, "", HEADERS | headers)


@pytest.mark.parametrize(
    "asked",
    [
        request(),
        request(host="123456789012.s3.example"),
        request(f"http://123456789012.s3.example{PATH}"),
    ],
)
def test_the_header_and_the_path_make_it_a_matter_of_an_account(asked: Request) -> None:
    found = locate(asked)

    assert isinstance(found, Account)
    assert "account" == found.level


@pytest.mark.parametrize(
    "asked",
    [
        Request("GET", PATH, "", {}),
        request(f"{PATH}/"),
        request("/v20180820/configuration"),
        request("/"),
        request("*"),
        request(f"ftp://host{PATH}"),
    ],
)
def test_all_else_is_about_buckets(asked: Request) -> None:
    assert locate(asked) is None


def test_rows_are_those_of_the_model() -> None:
    model = Loader().load_service_model("s3control", "service-2")

    for row in ACCOUNT_OPERATIONS:
        modelled = model["operations"][row.name.replace("Account", "")]
        assert {"method": row.method, "requestUri": PATH} == modelled["http"]
        assert row.input is not None
        members = model["shapes"][modelled["input"]["shape"]]["members"]
        assert control.ACCOUNT_ID == members["AccountId"]["locationName"]
        assert [control.ACCOUNT_ID] == [field.wire for field in row.input.plan.headers.values()]
        assert ("PublicAccessBlockConfiguration" in members) is (row.input.plan.payload is not None)
        assert row is resolve(request(method=row.method))


def test_other_methods_are_not_allowed() -> None:
    with pytest.raises(MethodNotAllowed):
        resolve(request(method="POST"))
