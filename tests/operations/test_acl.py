"""Access control lists end to end: who gets what through which list, and what lists look like."""

from typing import Any

import pytest

from ferrox.clock import SettableClock
from ferrox.iam import acl
from ferrox.iam.acl import ALL_USERS, AUTHENTICATED_USERS, Ownership
from ferrox.operations.access import BucketDefaults
from ferrox.records import BucketRecord, Versioning
from ferrox.storage.store import Store
from tests.in_process import OTHER, OTHER_ACCESS_KEY, ROOT, Answer, InProcess

OPEN = BucketDefaults(Ownership.OBJECT_WRITER, blocks_public_access=False)
AS_OTHER: dict[str, Any] = {"access_key": OTHER_ACCESS_KEY}
AS_NOBODY: dict[str, Any] = {"is_signed": False}
CALLERS = {"other": AS_OTHER, "nobody": AS_NOBODY}


@pytest.fixture
async def lists(store: Store, clock: SettableClock) -> InProcess:
    """A server where lists are in force, with a bucket of ROOT."""
    s3 = InProcess(store, clock, bucket_defaults=OPEN)
    await s3.make_bucket()
    return s3


def policy(owner: str, *grants: tuple[str, str]) -> bytes:
    """A document: each grant is the XML of a grantee, and a permission."""
    rows = "".join(
        f"<Grant>{grantee}<Permission>{permission}</Permission></Grant>"
        for grantee, permission in grants
    )
    return (
        '<AccessControlPolicy xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<Owner><ID>{owner}</ID></Owner><AccessControlList>{rows}</AccessControlList>"
        "</AccessControlPolicy>"
    ).encode()


def user(canonical_id: str) -> str:
    return (
        '<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser">'
        f"<ID>{canonical_id}</ID></Grantee>"
    )


def group(uri: str) -> str:
    return (
        '<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group">'
        f"<URI>{uri}</URI></Grantee>"
    )


def by_email(address: str) -> str:
    return (
        '<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        f' xsi:type="AmazonCustomerByEmail"><EmailAddress>{address}</EmailAddress></Grantee>'
    )


async def grants(s3: InProcess, path: str, **more: Any) -> list[tuple[str, str]]:
    """Grantee and permission of each grant that GetBucketAcl or GetObjectAcl shows."""
    answer = await s3.ask("GET", path, {"acl": "", **more.pop("query", {})}, **more)
    assert 200 == answer.status, answer.body
    found = (answer.document["AccessControlList"] or {}).get("Grant", [])
    return [
        (row["Grantee"].get("ID") or row["Grantee"]["URI"], row["Permission"])
        for row in (found if isinstance(found, list) else [found])
    ]


async def set_acl(s3: InProcess, path: str, **more: Any) -> Answer:
    return await s3.ask("PUT", path, {"acl": "", **more.pop("query", {})}, **more)


def stored(s3: InProcess) -> BucketRecord:
    """The bucket of most tests."""
    found = s3.store.bucket("bucket")
    assert found
    return found


async def keep_versions(s3: InProcess) -> None:
    await s3.store.set_versioning(stored(s3), Versioning.ENABLED)


async def control_ownership(s3: InProcess, ownership: str) -> None:
    """What PutBucketOwnershipControls does."""
    document = {"Rule": [{"ObjectOwnership": ownership}]}
    await s3.store.put_bucket_document(stored(s3), acl.OWNERSHIP_DOCUMENT, document)


async def block_public_access(s3: InProcess, *, blocks: bool, ignores: bool) -> None:
    """What PutPublicAccessBlock does."""
    document = {"BlockPublicAcls": blocks, "IgnorePublicAcls": ignores}
    await s3.store.put_bucket_document(stored(s3), acl.PUBLIC_ACCESS_BLOCK_DOCUMENT, document)


def may(answer: Answer) -> bool:
    """Whether a request was let through, whatever it found."""
    assert answer.status in {200, 204, 403, 404}, answer.body
    return answer.status != 403


# What the list of a bucket lets others do.
BUCKET_LISTS = {
    "private": {"other": set[str](), "nobody": set[str]()},
    "public-read": {"other": {"list"}, "nobody": {"list"}},
    "public-read-write": {
        "other": {"list", "put", "delete"},
        "nobody": {"list", "put", "delete"},
    },
    "authenticated-read": {"other": {"list"}, "nobody": set[str]()},
}


@pytest.mark.parametrize("caller", sorted(CALLERS))
@pytest.mark.parametrize("name", sorted(BUCKET_LISTS))
@pytest.mark.parametrize("state", ["in force", "ignored", "enforced"])
async def test_the_list_of_a_bucket_lets_others_in(
    lists: InProcess, name: str, caller: str, state: str
) -> None:
    await lists.put("k")
    assert 200 == (await set_acl(lists, "/bucket", headers={"x-amz-acl": name})).status
    if state == "ignored":
        await block_public_access(lists, blocks=False, ignores=True)
    if state == "enforced":
        await control_ownership(lists, "BucketOwnerEnforced")
    who = CALLERS[caller]

    allowed = {
        what
        for what, answer in {
            "list": await lists.ask("GET", "/bucket", **who),
            "head": await lists.ask("HEAD", "/bucket", **who),
            "put": await lists.ask("PUT", "/bucket/new", body=b"x", **who),
            "delete": await lists.ask("DELETE", "/bucket/gone", **who),
            "get": await lists.ask("GET", "/bucket/k", **who),
            "acl": await lists.ask("GET", "/bucket", {"acl": ""}, **who),
            "set acl": await set_acl(lists, "/bucket", headers={"x-amz-acl": name}, **who),
            "remove": await lists.ask("DELETE", "/bucket", **who),
        }.items()
        if may(answer)
    }

    expected = BUCKET_LISTS[name][caller] if state == "in force" else set()
    assert expected | ({"head"} if "list" in expected else set()) == allowed


@pytest.mark.parametrize("caller", sorted(CALLERS))
@pytest.mark.parametrize("name", ["private", "public-read", "authenticated-read"])
@pytest.mark.parametrize("state", ["in force", "ignored", "enforced"])
async def test_the_list_of_an_object_lets_others_in(
    lists: InProcess, name: str, caller: str, state: str
) -> None:
    await lists.put("k", b"data", headers={"x-amz-acl": name})
    if state == "ignored":
        await block_public_access(lists, blocks=False, ignores=True)
    if state == "enforced":
        await control_ownership(lists, "BucketOwnerEnforced")
    who = CALLERS[caller]

    got = await lists.get("k", **who)
    head = await lists.ask("HEAD", "/bucket/k", **who)
    shown = await lists.ask("GET", "/bucket/k", {"acl": ""}, **who)

    granted = {"public-read": {"other", "nobody"}, "authenticated-read": {"other"}}
    is_granted = caller in granted.get(name, set()) and state == "in force"
    assert (200 if is_granted else 403) == got.status == head.status
    assert 403 == shown.status
    assert not is_granted or b"data" == got.body


async def test_a_key_that_is_not_there_is_a_secret_of_those_who_may_list(lists: InProcess) -> None:
    hidden = await lists.get("gone", **AS_NOBODY)
    await set_acl(lists, "/bucket", headers={"x-amz-acl": "public-read"})
    told = await lists.get("gone", **AS_NOBODY)

    assert (403, "AccessDenied") == (hidden.status, hidden.code)
    assert (404, "NoSuchKey") == (told.status, told.code)


async def test_grants_are_shown_as_they_were_set(lists: InProcess) -> None:
    everything = [(ROOT.canonical_id, "FULL_CONTROL")]

    assert everything == await grants(lists, "/bucket")
    headers = {
        "x-amz-grant-read": f'id="{OTHER.canonical_id}", uri="{AUTHENTICATED_USERS}"',
        "x-amz-grant-write-acp": f"id={ROOT.canonical_id}",
    }
    assert 200 == (await set_acl(lists, "/bucket", headers=headers)).status

    expected = [
        (OTHER.canonical_id, "READ"),
        (AUTHENTICATED_USERS, "READ"),
        (ROOT.canonical_id, "WRITE_ACP"),
    ]
    assert expected == await grants(lists, "/bucket")
    answer = await lists.ask("GET", "/bucket", {"acl": ""})
    assert {"ID": ROOT.canonical_id, "DisplayName": "root"} == answer.document["Owner"]
    assert b'xsi:type="CanonicalUser"' in answer.body
    assert b"<DisplayName>other</DisplayName>" in answer.body


async def test_a_document_sets_the_list_of_an_object(lists: InProcess) -> None:
    await lists.put("k")
    document = policy(
        ROOT.canonical_id,
        (user(OTHER.canonical_id), "READ_ACP"),
        (user(OTHER.canonical_id), "WRITE_ACP"),
        (group(ALL_USERS), "READ"),
    )

    assert 200 == (await set_acl(lists, "/bucket/k", body=document)).status
    assert 200 == (await lists.get("k", **AS_NOBODY)).status
    shown = await grants(lists, "/bucket/k", **AS_OTHER)
    narrowed = await set_acl(
        lists, "/bucket/k", body=policy(ROOT.canonical_id, (group(ALL_USERS), "READ")), **AS_OTHER
    )
    refused = await lists.ask("GET", "/bucket/k", {"acl": ""}, **AS_OTHER)

    assert [
        (OTHER.canonical_id, "READ_ACP"),
        (OTHER.canonical_id, "WRITE_ACP"),
        (ALL_USERS, "READ"),
    ] == shown
    assert (200, 403) == (narrowed.status, refused.status)
    assert [(ALL_USERS, "READ")] == await grants(lists, "/bucket/k")


async def test_each_version_has_a_list_of_its_own(lists: InProcess) -> None:
    await keep_versions(lists)
    old = (await lists.put("k", b"old")).headers["x-amz-version-id"]
    new = (await lists.put("k", b"new")).headers["x-amz-version-id"]

    query = {"versionId": old}
    answer = await set_acl(lists, "/bucket/k", headers={"x-amz-acl": "public-read"}, query=query)

    assert (200, old) == (answer.status, answer.headers["x-amz-version-id"])
    assert 200 == (await lists.ask("GET", "/bucket/k", query, **AS_NOBODY)).status
    assert 403 == (await lists.ask("GET", "/bucket/k", {"versionId": new}, **AS_NOBODY)).status
    assert 403 == (await lists.get("k", **AS_NOBODY)).status
    assert 2 == len(await grants(lists, "/bucket/k", query=query))
    assert 1 == len(await grants(lists, "/bucket/k"))


@pytest.mark.parametrize("are_on", [True, False])
async def test_a_list_is_answered_with_the_version_that_has_it(
    s3: InProcess, *, are_on: bool
) -> None:
    await s3.make_bucket()
    if are_on:
        await control_ownership(s3, "ObjectWriter")
    await keep_versions(s3)
    old = (await s3.put("k", b"old")).headers["x-amz-version-id"]
    new = (await s3.put("k", b"new")).headers["x-amz-version-id"]

    got = [
        await s3.ask("GET", "/bucket/k", {"acl": ""}),
        await s3.ask("GET", "/bucket/k", {"acl": "", "versionId": old}),
        await set_acl(s3, "/bucket/k", headers={"x-amz-acl": "bucket-owner-full-control"}),
    ]

    assert [new, old, new] == [answer.headers["x-amz-version-id"] for answer in got]


async def test_where_versions_are_not_kept_lists_name_none(lists: InProcess) -> None:
    await lists.put("k")

    got = await lists.ask("GET", "/bucket/k", {"acl": ""})
    put = await set_acl(lists, "/bucket/k", headers={"x-amz-acl": "private"})

    assert "x-amz-version-id" not in got.headers.keys() | put.headers.keys()


async def test_a_change_of_a_key_whose_newest_is_a_marker_is_not_told_which(
    lists: InProcess,
) -> None:
    await keep_versions(lists)
    await lists.ask("DELETE", "/bucket/k")

    answer = await set_acl(lists, "/bucket/k", headers={"x-amz-acl": "private"})

    assert (405, "DELETE") == (answer.status, answer.headers["allow"])
    assert not {"x-amz-delete-marker", "x-amz-version-id"} & answer.headers.keys()


async def test_what_is_overwritten_takes_its_list_with_it(lists: InProcess) -> None:
    await lists.put("k", headers={"x-amz-acl": "public-read"})
    await lists.put("k")

    assert 403 == (await lists.get("k", **AS_NOBODY)).status
    assert [(ROOT.canonical_id, "FULL_CONTROL")] == await grants(lists, "/bucket/k")


async def test_a_copy_has_the_list_that_its_request_asks_for(lists: InProcess) -> None:
    await lists.put("public", headers={"x-amz-acl": "public-read"})
    source = {"x-amz-copy-source": "/bucket/public"}
    await lists.ask("PUT", "/bucket/plain", headers=source)
    await lists.ask("PUT", "/bucket/shown", headers={**source, "x-amz-acl": "public-read"})

    assert 403 == (await lists.get("plain", **AS_NOBODY)).status
    assert 200 == (await lists.get("shown", **AS_NOBODY)).status


async def test_only_what_one_may_read_can_be_copied(lists: InProcess) -> None:
    await lists.put("public", headers={"x-amz-acl": "public-read"})
    await lists.put("private")
    await lists.ask("PUT", "/others", **AS_OTHER)

    answers = [
        await lists.ask(
            "PUT", "/others/k", headers={"x-amz-copy-source": f"/bucket/{key}"}, **AS_OTHER
        )
        for key in ("public", "private")
    ]

    assert [200, 403] == [answer.status for answer in answers]


async def test_an_upload_in_parts_keeps_the_list_it_was_begun_with(lists: InProcess) -> None:
    begun = await lists.ask(
        "POST", "/bucket/k", {"uploads": ""}, headers={"x-amz-acl": "public-read"}
    )
    upload = {"uploadId": begun.document["UploadId"]}
    part = await lists.ask("PUT", "/bucket/k", {**upload, "partNumber": "1"}, body=b"data")
    listed = (
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>"
        f"<ETag>{part.headers['etag']}</ETag></Part></CompleteMultipartUpload>"
    )
    await lists.ask("POST", "/bucket/k", upload, body=listed.encode())

    assert b"data" == (await lists.get("k", **AS_NOBODY)).body


# Whose an object is.


async def let_others_write(s3: InProcess) -> None:
    await set_acl(s3, "/bucket", headers={"x-amz-acl": "public-read-write"})


@pytest.mark.parametrize("ownership", ["ObjectWriter", "BucketOwnerPreferred"])
@pytest.mark.parametrize("name", [None, "bucket-owner-full-control", "bucket-owner-read"])
async def test_an_object_is_its_writers_unless_he_gives_it_away(
    lists: InProcess, ownership: str, name: str | None
) -> None:
    await let_others_write(lists)
    await control_ownership(lists, ownership)
    headers = {} if name is None else {"x-amz-acl": name}
    await lists.put("k", b"data", headers=headers, **AS_OTHER)

    is_given = (ownership, name) == ("BucketOwnerPreferred", "bucket-owner-full-control")
    reads = await lists.get("k")
    writer_reads = await lists.get("k", **AS_OTHER)
    listing = await lists.ask("GET", "/bucket", {"list-type": "2", "fetch-owner": "true"})

    assert (200 if name else 403) == reads.status
    assert (403 if is_given else 200) == writer_reads.status
    owner = ROOT if is_given else OTHER
    assert {"ID": owner.canonical_id, "DisplayName": owner.display_name} == listing.document[
        "Contents"
    ]["Owner"]
    shown = await lists.ask("GET", "/bucket/k", {"acl": ""})
    assert (200 if name == "bucket-owner-full-control" else 403) == shown.status
    assert 204 == (await lists.ask("DELETE", "/bucket/k")).status


@pytest.mark.parametrize("name", [None, "bucket-owner-read"])
async def test_the_attributes_of_an_object_are_told_to_who_may_read_it(
    lists: InProcess, name: str | None
) -> None:
    await let_others_write(lists)
    await control_ownership(lists, "ObjectWriter")
    headers = {} if name is None else {"x-amz-acl": name}
    await lists.put("k", b"data", headers=headers, **AS_OTHER)

    told = await lists.ask(
        "GET", "/bucket/k", {"attributes": ""}, headers={"x-amz-object-attributes": "ETag"}
    )

    assert (200 if name else 403) == told.status


async def test_what_nobody_signed_for_belongs_to_nobody_here(lists: InProcess) -> None:
    await let_others_write(lists)
    await lists.put("k", b"data", **AS_NOBODY)

    assert [403, 403, 403] == [
        (await lists.get("k")).status,
        (await lists.get("k", **AS_NOBODY)).status,
        (await lists.get("k", **AS_OTHER)).status,
    ]
    assert 204 == (await lists.ask("DELETE", "/bucket/k")).status


async def test_enforced_everything_is_the_bucket_owners(lists: InProcess) -> None:
    await let_others_write(lists)
    await lists.put("k", b"data", **AS_OTHER)
    await control_ownership(lists, "BucketOwnerEnforced")

    assert 200 == (await lists.get("k")).status
    assert 403 == (await lists.get("k", **AS_OTHER)).status
    for query in ({}, {"versions": ""}):
        document = (await lists.ask("GET", "/bucket", query)).document
        row = document.get("Contents") or document["Version"]
        assert {"ID": ROOT.canonical_id, "DisplayName": "root"} == row["Owner"]
    everything = [(ROOT.canonical_id, "FULL_CONTROL")]
    assert everything == await grants(lists, "/bucket/k")
    assert everything == await grants(lists, "/bucket")


# What is refused.


@pytest.mark.parametrize("path", ["/bucket", "/bucket/k"])
@pytest.mark.parametrize(
    "more",
    [
        {"headers": {"x-amz-acl": "private"}},
        {"headers": {"x-amz-acl": "public-read"}},
        {"headers": {"x-amz-grant-read": f"id={OTHER.canonical_id}"}},
        {"body": policy(ROOT.canonical_id, (group(ALL_USERS), "READ"))},
    ],
)
async def test_where_lists_are_off_none_can_be_set(
    s3: InProcess, path: str, more: dict[str, Any]
) -> None:
    await s3.make_bucket()
    await s3.put("k")

    answer = await set_acl(s3, path, **more)

    assert (400, "AccessControlListNotSupported") == (answer.status, answer.code)
    assert "The bucket does not allow ACLs" == answer.document["Message"]


@pytest.mark.parametrize("path", ["/bucket", "/bucket/k"])
@pytest.mark.parametrize(
    "more",
    [
        {"headers": {"x-amz-acl": "bucket-owner-full-control"}},
        {"headers": {"x-amz-grant-full-control": f"id={ROOT.canonical_id}"}},
        {"body": policy(ROOT.canonical_id, (user(ROOT.canonical_id), "FULL_CONTROL"))},
    ],
)
async def test_where_lists_are_off_what_is_so_anyway_can_be_said(
    s3: InProcess, path: str, more: dict[str, Any]
) -> None:
    """s3cmd gives a copy the list of its source, and a refusal ends it."""
    await s3.make_bucket()
    await s3.put("k")

    answer = await set_acl(s3, path, **more)

    assert 200 == answer.status
    assert [(ROOT.canonical_id, "FULL_CONTROL")] == await grants(s3, path)


@pytest.mark.parametrize("path", ["/bucket", "/bucket/k"])
async def test_an_owner_that_there_is_not_is_told_even_where_lists_are_off(
    s3: InProcess, path: str
) -> None:
    await s3.make_bucket()
    await s3.put("k")

    answer = await set_acl(s3, path, body=policy("nobody", (user(OWNER), "READ")))

    assert (400, "InvalidArgument", "CanonicalUser/ID", "nobody") == (
        answer.status,
        answer.code,
        answer.document["ArgumentName"],
        answer.document["ArgumentValue"],
    )


@pytest.mark.parametrize("name", ["private", "bucket-owner-full-control"])
async def test_where_lists_are_off_a_write_may_still_ask_for_nothing(
    s3: InProcess, name: str
) -> None:
    await s3.make_bucket()
    await s3.put("k", headers={"x-amz-acl": name})
    await s3.put("k", headers={"x-amz-grant-full-control": f'id="{ROOT.canonical_id}"'})

    for headers in (
        {"x-amz-acl": "public-read"},
        {"x-amz-acl": "bucket-owner-read"},
        {"x-amz-grant-read": f"id={OTHER.canonical_id}"},
        {"x-amz-grant-full-control": "id=nobody"},
    ):
        answer = await s3.ask("PUT", "/bucket/k", body=b"x", headers=headers)
        assert (400, "AccessControlListNotSupported") == (answer.status, answer.code)


@pytest.mark.parametrize("path", ["/bucket", "/bucket/k"])
async def test_public_lists_are_refused_where_they_are_blocked(lists: InProcess, path: str) -> None:
    await lists.put("k")
    await block_public_access(lists, blocks=True, ignores=False)
    public = policy(ROOT.canonical_id, (group(AUTHENTICATED_USERS), "READ_ACP"))

    refused = [
        await set_acl(lists, path, headers={"x-amz-acl": "public-read"}),
        await set_acl(lists, path, headers={"x-amz-grant-read": f"uri={ALL_USERS}"}),
        await set_acl(lists, path, body=public),
        await lists.ask("PUT", "/bucket/new", headers={"x-amz-acl": "public-read"}),
    ]
    private = await set_acl(lists, path, headers={"x-amz-grant-read": f"id={OTHER.canonical_id}"})

    assert [(403, "AccessDenied")] * 4 == [(answer.status, answer.code) for answer in refused]
    assert 200 == private.status


OWNER = ROOT.canonical_id
NOBODY_GRANTED = policy(OWNER)
BAD_REQUESTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "nothing": ({}, "MissingSecurityHeader", "missing a required header"),
    "header and document": (
        {"headers": {"x-amz-acl": "private"}, "body": NOBODY_GRANTED},
        "UnexpectedContent",
        "does not support content",
    ),
    "name and grants": (
        {"headers": {"x-amz-acl": "private", "x-amz-grant-read": f"id={OWNER}"}},
        "InvalidRequest",
        "Specifying both Canned ACLs and Header Grants is not allowed",
    ),
    "unknown name": ({"headers": {"x-amz-acl": "pubic-read"}}, "InvalidArgument", ""),
    "unknown account": ({"headers": {"x-amz-grant-read": "id=x"}}, "InvalidArgument", "Invalid id"),
    "unknown group": (
        {"headers": {"x-amz-grant-read": "uri=http://x"}},
        "InvalidArgument",
        "Invalid group uri",
    ),
    "no grantee": (
        {"headers": {"x-amz-grant-read": "x"}},
        "InvalidArgument",
        "Argument format not recognized",
    ),
    "address in a header": (
        {"headers": {"x-amz-grant-read": "emailAddress=a@example.com"}},
        "UnresolvableGrantByEmailAddress",
        "does not match any account on record",
    ),
    "address": (
        {"body": policy(OWNER, (by_email("a@example.com"), "READ"))},
        "UnresolvableGrantByEmailAddress",
        "does not match any account on record",
    ),
    "unknown account in a document": (
        {"body": policy(OWNER, (user("x"), "READ"))},
        "InvalidArgument",
        "Invalid id",
    ),
    "unknown owner": ({"body": policy("x")}, "InvalidArgument", "Invalid id"),
    "unknown group in a document": (
        {"body": policy(OWNER, (group("http://x"), "READ"))},
        "InvalidArgument",
        "Invalid group uri",
    ),
    "no XML": ({"body": b"no"}, "MalformedACLError", "not well-formed"),
    "another root": ({"body": b"<Acl/>"}, "MalformedACLError", "not well-formed"),
    "no owner": ({"body": b"<AccessControlPolicy/>"}, "MalformedACLError", "schema"),
    "unknown permission": (
        {"body": policy(OWNER, (user(OWNER), "EVERYTHING"))},
        "MalformedACLError",
        "schema",
    ),
    "no kind": (
        {"body": policy(OWNER, (f"<Grantee><ID>{OWNER}</ID></Grantee>", "READ"))},
        "MalformedACLError",
        "schema",
    ),
    "a group without URI": (
        {"body": policy(OWNER, (group("x").replace("URI", "ID"), "READ"))},
        "MalformedACLError",
        "schema",
    ),
    "no permission": (
        {"body": policy(OWNER, (user(OWNER), "")).replace(b"<Permission></Permission>", b"")},
        "MalformedACLError",
        "schema",
    ),
    "too many": (
        {"body": policy(OWNER, *[(user(OWNER), "READ")] * 101)},
        "MalformedACLError",
        "schema",
    ),
}


@pytest.mark.parametrize("path", ["/bucket", "/bucket/k"])
@pytest.mark.parametrize("case", sorted(BAD_REQUESTS))
async def test_what_is_no_list_is_refused_and_changes_nothing(
    lists: InProcess, path: str, case: str
) -> None:
    more, code, message = BAD_REQUESTS[case]
    await lists.put("k")

    answer = await set_acl(lists, path, **more)

    assert (400, code) == (answer.status, answer.code)
    assert message in answer.document["Message"]
    assert [(OWNER, "FULL_CONTROL")] == await grants(lists, path)


async def test_an_owner_cannot_be_changed(lists: InProcess) -> None:
    await lists.put("k")

    for path in ("/bucket", "/bucket/k"):
        answer = await set_acl(lists, path, body=policy(OTHER.canonical_id))
        assert (403, "AccessDenied") == (answer.status, answer.code)


@pytest.mark.parametrize(
    ("permission", "expected"),
    [
        ("read", {"list"}),
        ("write", {"put"}),
        ("read-acp", {"acl"}),
        ("write-acp", {"set acl"}),
        ("full-control", {"list", "put", "acl", "set acl"}),
    ],
)
async def test_each_permission_on_a_bucket_lets_an_account_do_its_own_part(
    lists: InProcess, permission: str, expected: set[str]
) -> None:
    headers = {f"x-amz-grant-{permission}": f"id={OTHER.canonical_id}"}
    assert 200 == (await set_acl(lists, "/bucket", headers=headers)).status

    allowed = {
        what
        for what, answer in {
            "list": await lists.ask("HEAD", "/bucket", **AS_OTHER),
            "put": await lists.ask("PUT", "/bucket/new", body=b"x", **AS_OTHER),
            "acl": await lists.ask("GET", "/bucket", {"acl": ""}, **AS_OTHER),
            "set acl": await set_acl(lists, "/bucket", headers=headers, **AS_OTHER),
        }.items()
        if may(answer)
    }

    assert expected == allowed


async def test_a_list_that_grants_nothing_takes_nothing_from_the_owner(lists: InProcess) -> None:
    await lists.put("k")

    for path in ("/bucket", "/bucket/k"):
        assert 200 == (await set_acl(lists, path, body=NOBODY_GRANTED)).status
        assert [] == await grants(lists, path)

    await lists.put("another")
    assert 200 == (await lists.get("k")).status
    assert 200 == (await set_acl(lists, "/bucket", headers={"x-amz-acl": "private"})).status


async def test_who_was_granted_a_list_cannot_take_the_object(lists: InProcess) -> None:
    await lists.put("k", headers={"x-amz-grant-full-control": f"id={OTHER.canonical_id}"})
    document = policy(OWNER, (user(OTHER.canonical_id), "READ_ACP"))

    taken = await set_acl(lists, "/bucket/k", body=policy(OTHER.canonical_id), **AS_OTHER)
    changed = await set_acl(lists, "/bucket/k", body=document, **AS_OTHER)

    assert (403, 200) == (taken.status, changed.status)
    shown = await lists.ask("GET", "/bucket/k", {"acl": ""}, **AS_OTHER)
    assert OWNER == shown.document["Owner"]["ID"]


async def test_a_hundred_grants_are_not_too_many(lists: InProcess) -> None:
    document = policy(OWNER, *[(user(OWNER), "READ")] * 100)

    assert 200 == (await set_acl(lists, "/bucket", body=document)).status
    assert 100 == len(await grants(lists, "/bucket"))


@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_what_is_not_there_has_no_list(lists: InProcess, method: str) -> None:
    headers = {"x-amz-acl": "private"} if method == "PUT" else {}

    gone = await lists.ask(method, "/bucket/gone", {"acl": ""}, headers=headers)
    nowhere = await lists.ask(method, "/nowhere", {"acl": ""}, headers=headers)
    await keep_versions(lists)
    await lists.put("k")
    marker = (await lists.ask("DELETE", "/bucket/k")).headers["x-amz-version-id"]
    query = {"acl": "", "versionId": marker}
    hidden = await lists.ask(method, "/bucket/k", query, headers=headers)

    assert (404, "NoSuchKey") == (gone.status, gone.code)
    assert (404, "NoSuchBucket") == (nowhere.status, nowhere.code)
    assert (405, "MethodNotAllowed") == (hidden.status, hidden.code)
    assert "true" == hidden.headers["x-amz-delete-marker"]


async def test_lists_cannot_be_switched_off_while_the_buckets_own_grants_to_others(
    lists: InProcess,
) -> None:
    await set_acl(lists, "/bucket", headers={"x-amz-acl": "public-read"})
    controls = (
        b"<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>"
        b"</OwnershipControls>"
    )

    refused = await lists.ask("PUT", "/bucket", {"ownershipControls": ""}, body=controls)
    await set_acl(lists, "/bucket", headers={"x-amz-acl": "private"})
    done = await lists.ask("PUT", "/bucket", {"ownershipControls": ""}, body=controls)

    assert (400, "InvalidBucketAclWithObjectOwnership") == (refused.status, refused.code)
    assert 200 == done.status


async def test_the_expected_owner_is_the_buckets_whoever_asks(lists: InProcess) -> None:
    await set_acl(lists, "/bucket", headers={"x-amz-acl": "public-read"})

    statuses = [
        (
            await lists.ask(
                "GET", "/bucket", headers={"x-amz-expected-bucket-owner": account}, **AS_OTHER
            )
        ).status
        for account in (ROOT.account_id, OTHER.account_id)
    ]

    assert [200, 403] == statuses
