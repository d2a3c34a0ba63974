"""What may be imported: what operations would have accepted, and nothing else."""

import copy
import importlib
import pkgutil
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ferrox.protocol.shapes
from ferrox.errors import S3Error
from ferrox.iam.acl import ALL_USERS
from ferrox.identity import (
    GroupRecord,
    PolicyRecord,
    PolicyVersion,
    ProviderRecord,
    RoleRecord,
    UserRecord,
)
from ferrox.operations.imported import SHAPES, ImportChecks
from ferrox.protocol.shape import Shape
from ferrox.storage.store import Store

POLICY = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject",'
    ' "Resource": "*"}]}'
)
BUCKET_POLICY = (
    '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",'
    ' "Resource": "arn:aws:s3:::photos/*"}]}'
)
TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"},'
    ' "Action": "sts:AssumeRole"}]}'
)
QUEUE = "arn:aws:sqs:us-east-1:123456789012:queue"
DESTINATION = {"S3BucketDestination": {"Format": "CSV", "Bucket": "arn:aws:s3:::photos"}}
DOCUMENTS: dict[str, dict[str, Any]] = {
    "accelerate": {"Status": "Enabled"},
    "acl": {"grants": [["CanonicalUser", "c" * 64, "FULL_CONTROL"], ["Group", ALL_USERS, "READ"]]},
    "analytics/a": {"Id": "a", "StorageClassAnalysis": {}},
    "cors": {"CORSRule": [{"AllowedMethod": ["GET"], "AllowedOrigin": ["*"]}]},
    "encryption": {"Rule": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]},
    "intelligent-tiering/t": {
        "Id": "t",
        "Status": "Enabled",
        "Tiering": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}],
    },
    "inventory/i": {
        "Id": "i",
        "IsEnabled": True,
        "Destination": DESTINATION,
        "Schedule": {"Frequency": "Daily"},
        "IncludedObjectVersions": "All",
    },
    "lifecycle": {
        "Rule": [
            {
                "ID": "x",
                "Status": "Enabled",
                "Filter": {"And": {"Prefix": "x", "Tag": [{"Key": "a", "Value": "b"}]}},
                "Expiration": {"Days": 3},
            }
        ],
        "TransitionDefaultMinimumObjectSize": "all_storage_classes_128K",
    },
    "logging": {"LoggingEnabled": {"TargetBucket": "photos", "TargetPrefix": "logs/"}},
    "metrics/m": {"Id": "m"},
    "notification": {
        "QueueConfiguration": [{"Id": "n", "Queue": QUEUE, "Event": ["s3:ObjectCreated:*"]}]
    },
    "object-lock": {
        "ObjectLockEnabled": "Enabled",
        "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}},
    },
    "ownershipControls": {"Rule": [{"ObjectOwnership": "ObjectWriter"}]},
    "policy": {"Policy": BUCKET_POLICY},
    "publicAccessBlock": {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": True,
        "BlockPublicPolicy": False,
        "RestrictPublicBuckets": False,
    },
    "requestPayment": {"Payer": "Requester"},
    "tagging": {"TagSet": [{"Key": "a", "Value": "b"}]},
    "website": {
        "IndexDocument": {"Suffix": "i.html"},
        "RoutingRules": [{"Condition": {"KeyPrefixEquals": "a"}, "Redirect": {"HostName": "x"}}],
    },
}


def check(store: Store, name: str, document: Any) -> None:
    ImportChecks().bucket_document(store.identities, "photos", name, document)


def test_every_document_that_a_bucket_can_have_is_known() -> None:
    for module in pkgutil.iter_modules(ferrox.protocol.shapes.__path__):
        importlib.import_module(f"ferrox.protocol.shapes.{module.name}")

    def below(shape: type[Shape]) -> set[type[Shape]]:
        return {shape}.union(*map(below, shape.__subclasses__()))

    own = {shape for shape in below(Shape) if shape.__module__.startswith("ferrox.")}
    stored = {shape.stored_as for shape in own if shape.stored_as}
    assert stored == {shape.stored_as for shape in SHAPES}


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_what_an_operation_stores_may_be_imported(store: Store, name: str) -> None:
    before = copy.deepcopy(DOCUMENTS[name])

    check(store, name, DOCUMENTS[name])

    assert ImportChecks().is_configuration(name)
    assert before == DOCUMENTS[name]


@pytest.mark.parametrize("name", ["reencryption", "inventoryRun/i", "lifecycleRun", ""])
def test_what_jobs_note_is_no_configuration(name: str) -> None:
    assert not ImportChecks().is_configuration(name)


WRONG: list[tuple[str, Any]] = [
    ("cors", {}),
    ("cors", {"CORSRule": [{"AllowedMethod": ["FETCH"], "AllowedOrigin": ["*"]}]}),
    ("cors", DOCUMENTS["cors"] | {"Stray": 1}),
    ("cors", {"CORSRule": "x"}),
    ("lifecycle", {"Rule": []}),
    ("lifecycle", {"Rule": [], "TransitionDefaultMinimumObjectSize": "x"}),
    ("tagging", {"TagSet": [{"Key": "a", "Value": "b"}, {"Key": "a", "Value": "c"}]}),
    ("inventory/other", DOCUMENTS["inventory/i"]),
    ("object-lock", {"ObjectLockEnabled": "Disabled"}),
    ("publicAccessBlock", {"BlockPublicAcls": "perhaps"}),
    ("policy", {}),
    ("policy", {"Policy": "{}"}),
    ("policy", {"Policy": POLICY}),
    ("policy", {"Policy": BUCKET_POLICY, "Stray": 1}),
    ("policy", {"Policy": 1}),
    ("acl", {}),
    ("acl", {"grants": [["Group", "nobody", "READ"]]}),
    ("acl", {"grants": [["CanonicalUser", "c", "EVERYTHING"]]}),
    ("acl", {"grants": [["CanonicalUser", "c", "READ"]] * 101}),
    ("acl", {"grants": "x"}),
    ("website", {"RoutingRules": [{}]}),
]


@pytest.mark.parametrize(("name", "document"), WRONG)
async def test_what_no_operation_would_have_stored_is_refused(
    store: Store, name: str, document: Any
) -> None:
    with pytest.raises(S3Error):
        check(store, name, document)


class Nobody:
    """Identities among whom nobody is."""

    def account(self, _account_id: str) -> None:
        return None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 2**40) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)


@given(data=st.data())
def test_whatever_is_changed_it_is_accepted_or_refused(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(DOCUMENTS)))
    document: Any = copy.deepcopy(DOCUMENTS[name])
    inside = document
    while isinstance(inside, dict | list) and inside:
        steps = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
        step = data.draw(st.sampled_from(steps))
        if data.draw(st.booleans()) or not isinstance(inside[step], dict | list):
            inside[step] = data.draw(JSON)
            break
        inside = inside[step]

    reason = ""
    try:
        ImportChecks().bucket_document(Nobody(), "photos", name, document)  # type: ignore[arg-type]
    except S3Error as error:  # whatever else is raised fails
        reason = error.message

    assert reason == "" or name in reason


def is_accepted(store: Store, record: Any) -> bool:
    try:
        ImportChecks().identity(store.identities, record)
    except S3Error:
        return False
    return True


USER = UserRecord("123456789012", "alice", "AIDA1", 1)
ROLE = RoleRecord("123456789012", "role", "AROA1", 1, TRUST)
PROVIDER = ProviderRecord("123456789012", "token.example.com", 1, ("a",), ("f" * 40,))
MANAGED = PolicyRecord(
    "123456789012", "own", "ANPA1", 1, 1, (PolicyVersion("v1", POLICY, 1),), "v1", 1
)


@pytest.mark.parametrize(
    "record",
    [
        USER,
        USER._replace(attached=("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",)),
        USER._replace(inline={"p": POLICY}),
        GroupRecord("123456789012", "group", "AGPA1", 1),
        ROLE,
        MANAGED,
        PROVIDER,
        PROVIDER._replace(url="localhost:9999/issuer"),
    ],
)
async def test_what_iam_would_have_made_may_be_imported(store: Store, record: Any) -> None:
    assert is_accepted(store, record)


@pytest.mark.parametrize(
    "record",
    [
        USER._replace(name="a b"),
        USER._replace(name="x" * 129),
        USER._replace(inline={"p": BUCKET_POLICY}),
        USER._replace(inline={"p/q": POLICY}),
        USER._replace(attached=("arn:aws:iam::123456789012:policy/none",)),
        USER._replace(attached=("nonsense",)),
        USER._replace(boundary="arn:aws:iam::aws:policy/None"),
        GroupRecord("123456789012", "", "AGPA1", 1),
        ROLE._replace(trust_policy=POLICY),
        ROLE._replace(name="ä"),
        PROVIDER._replace(url="https://token.example.com"),
        PROVIDER._replace(url="a b"),
        PROVIDER._replace(thumbprints=("x",)),
        USER._replace(keys=("AKIA1", "AKIA2", "AKIA3")),
        USER._replace(groups=tuple(map(str, range(11)))),
        MANAGED._replace(default_version_id="v2"),
        MANAGED._replace(versions=(PolicyVersion("v1", "{}", 1),)),
    ],
)
async def test_what_iam_would_have_refused_is_refused(store: Store, record: Any) -> None:
    assert not is_accepted(store, record)


def test_policies_of_keys_are_read() -> None:
    checks = ImportChecks()
    checks.key_policy("")
    checks.key_policy(BUCKET_POLICY)

    with pytest.raises(S3Error):
        checks.key_policy(POLICY)


def test_names_of_buckets_are_those_of_s3() -> None:
    ImportChecks().bucket_name("photos")  # and nothing is raised

    for name in ("Photos", "minio", "a", "a..b"):
        with pytest.raises(S3Error):
            ImportChecks().bucket_name(name)


@pytest.mark.parametrize("name", ["", "EU", "a\r\nb: c", "-x", "x" * 64])
def test_a_region_is_one_that_a_server_may_have(name: str) -> None:
    """It stands in headers: a line break in it had the answer to HeadBucket fail."""
    ImportChecks().region("eu-west-1")  # and nothing is raised

    with pytest.raises(S3Error):
        ImportChecks().region(name)


@pytest.mark.parametrize("document", [{}, {"BlockPublicAcls": "yes"}, {"Stray": True}])
def test_a_block_of_an_account_is_one_that_an_operation_takes(document: dict[str, Any]) -> None:
    ImportChecks().account_block({"BlockPublicAcls": True})  # and nothing is raised

    with pytest.raises(S3Error):
        ImportChecks().account_block(document)
