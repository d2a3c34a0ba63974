"""admin/handlers/buckets.py: buckets of all owners, what they hold, how much they may hold."""

import pytest

from tests.admin.operator import Operator
from tests.in_process import InProcess


@pytest.fixture
async def s3(s3: InProcess) -> InProcess:
    await s3.make_bucket("mine")
    return s3


@pytest.fixture
async def owned(s3: InProcess, operator: Operator) -> str:
    """The number of an account that owns two buckets."""
    made = (await operator.order("POST", "/accounts", name="team"))["account"]
    for name in ("aaa", "zzz"):
        await s3.store.create_bucket(name, made["canonical_id"], "r")
    return str(made["account_id"])


async def test_buckets_are_listed_with_what_they_hold(s3: InProcess, operator: Operator) -> None:
    await s3.put("key", b"12345", bucket="mine")

    (bucket,) = (await operator.get("/buckets"))["buckets"]

    assert ("mine", 1, 1, 5, 0) == (
        bucket["name"], bucket["objects"], bucket["versions"], bucket["bytes"],
        bucket["upload_bytes"],
    )  # fmt: skip
    assert ("Unversioned", "2026-09-21T14:13:20.000Z") == (bucket["versioning"], bucket["created"])


async def test_buckets_are_paged_over_all_owners_or_one(owned: str, operator: Operator) -> None:
    first = await operator.get("/buckets", limit="2")
    rest = await operator.get("/buckets", after=first["next"])
    of_one = await operator.get("/buckets", account="team")

    names = [[bucket["name"] for bucket in page["buckets"]] for page in (first, rest, of_one)]
    assert [["aaa", "mine"], ["zzz"], ["aaa", "zzz"]] == names
    assert ["mine", None, None] == [page["next"] for page in (first, rest, of_one)]
    assert [("team", owned)] * 2 == [
        (bucket["account"], bucket["account_id"]) for bucket in of_one["buckets"]
    ]


async def test_a_quota_is_set_shown_obeyed_and_removed(s3: InProcess, operator: Operator) -> None:
    none = await operator.get("/buckets/mine/quota")
    put = await operator.order("PUT", "/buckets/mine/quota", max_bytes=4)
    refused = await s3.ask("PUT", "/mine/key", body=b"12345")
    shown = await operator.get("/buckets/mine")
    await operator.order("DELETE", "/buckets/mine/quota")
    taken = await s3.ask("PUT", "/mine/key", body=b"12345")

    assert {"max_bytes": None, "max_objects": None} == none
    assert {"max_bytes": 4, "max_objects": None} == put
    assert (4, None) == (shown["max_bytes"], shown["max_objects"])
    assert ["QuotaExceeded", 200] == [refused.code, taken.status]


async def test_a_quota_of_which_nothing_is_said_is_refused(operator: Operator) -> None:
    await operator.order("PUT", "/buckets/mine/quota", max_bytes=4)

    answer = await operator.ask("PUT", "/buckets/mine/quota", {})
    left = await operator.get("/buckets/mine/quota")

    assert 400 == answer.status
    assert 4 == left["max_bytes"]


@pytest.mark.parametrize("max_bytes", [-1, 2**62 + 1, 1.5, "1", True])
async def test_a_quota_that_is_none_is_refused(operator: Operator, max_bytes: object) -> None:
    answer = await operator.ask("PUT", "/buckets/mine/quota", {"max_bytes": max_bytes})

    assert (400, "InvalidRequest") == (answer.status, answer.code)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/buckets/none"),
        ("GET", "/buckets/none/quota"),
        ("PUT", "/buckets/none/quota"),
        ("DELETE", "/buckets/none/quota"),
        ("GET", "/buckets/..%2F..%2Fetc"),
    ],
)
async def test_a_bucket_that_is_not_there_is_not_found(
    operator: Operator, method: str, path: str
) -> None:
    answer = await operator.ask(method, path)

    assert (404, "NoSuchBucket") == (answer.status, answer.code)


async def test_an_account_that_is_not_there_owns_nothing(operator: Operator) -> None:
    answer = await operator.ask("GET", "/buckets", query={"account": "nobody"})

    assert (404, "NotFound") == (answer.status, answer.code)
