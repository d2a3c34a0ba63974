"""Every operation, asked for by a user: refused without permission, let pass with exactly it.

The actions are those of https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

import base64
import hashlib
from dataclasses import dataclass, field, replace

import pytest

from ferrox.clock import SettableClock
from ferrox.iam.acl import Ownership
from ferrox.iam.actions import ACTIONS
from ferrox.operations.access import BucketDefaults
from ferrox.operations.handlers import HANDLERS
from ferrox.protocol import control
from ferrox.protocol.control import ACCOUNT_OPERATIONS
from ferrox.protocol.operations import OPERATIONS
from ferrox.storage.store import Store
from tests import forms
from tests.callers import add_user, policy
from tests.in_process import ROOT, Answer, InProcess

ROWS = {row.name: row for row in (*OPERATIONS, *ACCOUNT_OPERATIONS) if row.name in HANDLERS}
PATHS = {"service": "/", "account": control.PATH, "bucket": "/bucket", "object": "/bucket/k"}

NEEDED = {
    "AbortMultipartUpload": "s3:AbortMultipartUpload",
    "CompleteMultipartUpload": "s3:PutObject",
    "CreateBucket": "s3:CreateBucket",
    "CreateMultipartUpload": "s3:PutObject",
    "DeleteAccountPublicAccessBlock": "s3:PutAccountPublicAccessBlock",
    "DeleteBucket": "s3:DeleteBucket",
    "DeleteBucketAnalyticsConfiguration": "s3:PutAnalyticsConfiguration",
    "DeleteBucketCors": "s3:PutBucketCORS",
    "DeleteBucketEncryption": "s3:PutEncryptionConfiguration",
    "DeleteBucketIntelligentTieringConfiguration": "s3:PutIntelligentTieringConfiguration",
    "DeleteBucketInventoryConfiguration": "s3:PutInventoryConfiguration",
    "DeleteBucketLifecycle": "s3:PutLifecycleConfiguration",
    "DeleteBucketMetricsConfiguration": "s3:PutMetricsConfiguration",
    "DeleteBucketOwnershipControls": "s3:PutBucketOwnershipControls",
    "DeleteBucketPolicy": "s3:DeleteBucketPolicy",
    "DeleteBucketReplication": "s3:PutReplicationConfiguration",
    "DeleteBucketTagging": "s3:PutBucketTagging",
    "DeleteBucketWebsite": "s3:DeleteBucketWebsite",
    "DeleteObject": "s3:DeleteObject",
    "DeleteObjectTagging": "s3:DeleteObjectTagging",
    "DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "GetAccountPublicAccessBlock": "s3:GetAccountPublicAccessBlock",
    "GetBucketAccelerateConfiguration": "s3:GetAccelerateConfiguration",
    "GetBucketAcl": "s3:GetBucketAcl",
    "GetBucketAnalyticsConfiguration": "s3:GetAnalyticsConfiguration",
    "GetBucketCors": "s3:GetBucketCORS",
    "GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "GetBucketIntelligentTieringConfiguration": "s3:GetIntelligentTieringConfiguration",
    "GetBucketInventoryConfiguration": "s3:GetInventoryConfiguration",
    "GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "GetBucketLocation": "s3:GetBucketLocation",
    "GetBucketLogging": "s3:GetBucketLogging",
    "GetBucketMetricsConfiguration": "s3:GetMetricsConfiguration",
    "GetBucketNotificationConfiguration": "s3:GetBucketNotification",
    "GetBucketOwnershipControls": "s3:GetBucketOwnershipControls",
    "GetBucketPolicy": "s3:GetBucketPolicy",
    "GetBucketPolicyStatus": "s3:GetBucketPolicyStatus",
    "GetBucketReplication": "s3:GetReplicationConfiguration",
    "GetBucketRequestPayment": "s3:GetBucketRequestPayment",
    "GetBucketTagging": "s3:GetBucketTagging",
    "GetBucketVersioning": "s3:GetBucketVersioning",
    "GetBucketWebsite": "s3:GetBucketWebsite",
    "GetObject": "s3:GetObject",
    "GetObjectAcl": "s3:GetObjectAcl",
    "GetObjectLegalHold": "s3:GetObjectLegalHold",
    "GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
    "GetObjectRetention": "s3:GetObjectRetention",
    "GetObjectTagging": "s3:GetObjectTagging",
    "GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "HeadBucket": "s3:ListBucket",
    "HeadObject": "s3:GetObject",
    "ListBucketAnalyticsConfigurations": "s3:GetAnalyticsConfiguration",
    "ListBucketIntelligentTieringConfigurations": "s3:GetIntelligentTieringConfiguration",
    "ListBucketInventoryConfigurations": "s3:GetInventoryConfiguration",
    "ListBucketMetricsConfigurations": "s3:GetMetricsConfiguration",
    "ListBuckets": "s3:ListAllMyBuckets",
    "ListMultipartUploads": "s3:ListBucketMultipartUploads",
    "ListObjectVersions": "s3:ListBucketVersions",
    "ListObjects": "s3:ListBucket",
    "ListObjectsV2": "s3:ListBucket",
    "ListParts": "s3:ListMultipartUploadParts",
    "PutAccountPublicAccessBlock": "s3:PutAccountPublicAccessBlock",
    "PutBucketAccelerateConfiguration": "s3:PutAccelerateConfiguration",
    "PutBucketAcl": "s3:PutBucketAcl",
    "PutBucketAnalyticsConfiguration": "s3:PutAnalyticsConfiguration",
    "PutBucketCors": "s3:PutBucketCORS",
    "PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "PutBucketIntelligentTieringConfiguration": "s3:PutIntelligentTieringConfiguration",
    "PutBucketInventoryConfiguration": "s3:PutInventoryConfiguration",
    "PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "PutBucketLogging": "s3:PutBucketLogging",
    "PutBucketMetricsConfiguration": "s3:PutMetricsConfiguration",
    "PutBucketNotificationConfiguration": "s3:PutBucketNotification",
    "PutBucketOwnershipControls": "s3:PutBucketOwnershipControls",
    "PutBucketPolicy": "s3:PutBucketPolicy",
    "PutBucketRequestPayment": "s3:PutBucketRequestPayment",
    "PutBucketTagging": "s3:PutBucketTagging",
    "PutBucketVersioning": "s3:PutBucketVersioning",
    "PutBucketWebsite": "s3:PutBucketWebsite",
    "PutObject": "s3:PutObject",
    "PutObjectAcl": "s3:PutObjectAcl",
    "PutObjectLegalHold": "s3:PutObjectLegalHold",
    "PutObjectLockConfiguration": "s3:PutBucketObjectLockConfiguration",
    "PutObjectRetention": "s3:PutObjectRetention",
    "PutObjectTagging": "s3:PutObjectTagging",
    "PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "UploadPart": "s3:PutObject",
}
"""What each needs that needs one permission."""

FREE = {"OptionsBucket", "OptionsObject"}
"""What browsers ask before they ask for anything."""

NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
TAGGING = f"<Tagging {NAMESPACE}><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>"
RETENTION = (
    f"<Retention {NAMESPACE}><Mode>GOVERNANCE</Mode>"
    "<RetainUntilDate>2030-01-01T00:00:00Z</RetainUntilDate></Retention>"
)
BODIES = {
    "PutObjectTagging": TAGGING,
    "PutObjectRetention": RETENTION,
    "PutObjectLegalHold": f"<LegalHold {NAMESPACE}><Status>ON</Status></LegalHold>",
    "DeleteObjects": f"<Delete {NAMESPACE}><Object><Key>k</Key></Object></Delete>",
}


@dataclass(frozen=True)
class Asked:
    """A request, and all the permissions that it takes."""

    operation: str
    needed: tuple[str, ...]
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    path: str = ""
    body: str = ""

    def __str__(self) -> str:
        return "-".join((self.operation, *self.needed))


COPY = {"x-amz-copy-source": "/bucket/k"}
GUARDED = {"if-match": '"guess"'}
"""A condition that tells whether the guess is right."""
LOCKING = {
    "x-amz-object-lock-mode": "GOVERNANCE",
    "x-amz-object-lock-retain-until-date": "2030-01-01T00:00:00Z",
    "x-amz-object-lock-legal-hold": "ON",
}
VERSION = {"versionId": "VERSION"}
"""Of an object that there is; the test fills it in."""

SEVERAL = [
    Asked("PutObject", ("s3:PutObject", "s3:PutObjectTagging"), {}, {"x-amz-tagging": "a=1"}),
    Asked(
        "PutObject",
        ("s3:PutObject", "s3:PutObjectAcl"),
        {},
        {"x-amz-acl": "bucket-owner-full-control"},
    ),
    Asked(
        "PutObject",
        ("s3:PutObject", "s3:PutObjectRetention", "s3:PutObjectLegalHold"),
        {},
        LOCKING,
    ),
    Asked(
        "CreateMultipartUpload",
        ("s3:PutObject", "s3:PutObjectTagging"),
        {},
        {"x-amz-tagging": "a=1"},
    ),
    Asked("CopyObject", ("s3:PutObject", "s3:GetObject"), {}, COPY, "/bucket/copy"),
    Asked(
        "CopyObject",
        ("s3:PutObject", "s3:GetObjectVersion"),
        {},
        {"x-amz-copy-source": "/bucket/k?versionId=VERSION"},
        "/bucket/copy",
    ),
    Asked(
        "CopyObject",
        ("s3:PutObject", "s3:GetObject", "s3:GetObjectTagging", "s3:PutObjectTagging"),
        {},
        {"x-amz-copy-source": "/bucket/tagged"},
        "/bucket/copy",
    ),
    Asked("UploadPartCopy", ("s3:PutObject", "s3:GetObject"), {}, COPY),
    Asked("PutObject", ("s3:PutObject", "s3:GetObject"), {}, GUARDED),
    Asked("CompleteMultipartUpload", ("s3:PutObject", "s3:GetObject"), {}, GUARDED),
    Asked(
        "CopyObject",
        ("s3:PutObject", "s3:GetObject", "s3:GetObjectVersion"),
        {},
        {"x-amz-copy-source": "/bucket/k?versionId=VERSION", **GUARDED},
    ),
    Asked("DeleteObject", ("s3:DeleteObject", "s3:GetObject"), {}, GUARDED),
    Asked("DeleteObject", ("s3:DeleteObject",), {}, {"if-match": "*"}),
    Asked(
        "DeleteObjects",
        ("s3:DeleteObject", "s3:GetObject"),
        body=f"<Delete {NAMESPACE}><Object><Key>k</Key><ETag>guess</ETag></Object></Delete>",
    ),
    Asked(
        "RenameObject",
        ("s3:PutObject", "s3:GetObject", "s3:DeleteObject"),
        {},
        {"x-amz-rename-source": "bucket/k"},
        "/bucket/renamed",
    ),
    Asked(
        "GetObjectAttributes",
        ("s3:GetObjectAttributes", "s3:GetObject"),
        {},
        {"x-amz-object-attributes": "ETag"},
    ),
    Asked(
        "GetObjectAttributes",
        ("s3:GetObjectVersionAttributes", "s3:GetObjectVersion"),
        VERSION,
        {"x-amz-object-attributes": "ETag"},
    ),
    Asked("GetObject", ("s3:GetObjectVersion",), VERSION),
    Asked("HeadObject", ("s3:GetObjectVersion",), VERSION),
    Asked("GetObjectAcl", ("s3:GetObjectVersionAcl",), VERSION),
    Asked("PutObjectAcl", ("s3:PutObjectVersionAcl",), VERSION, {"x-amz-acl": "private"}),
    Asked("GetObjectTagging", ("s3:GetObjectVersionTagging",), VERSION),
    Asked("PutObjectTagging", ("s3:PutObjectVersionTagging",), VERSION),
    Asked("DeleteObjectTagging", ("s3:DeleteObjectVersionTagging",), VERSION),
    Asked("DeleteObject", ("s3:DeleteObjectVersion",), VERSION),
    Asked("GetObject", ("s3:GetObject", "s3:ListBucket"), path="/bucket/absent"),
    Asked("HeadObject", ("s3:GetObject", "s3:ListBucket"), path="/bucket/absent"),
    Asked("GetObjectAcl", ("s3:GetObjectAcl", "s3:ListBucket"), path="/bucket/absent"),
    Asked("DeleteObjects", ("s3:DeleteObject",)),
    Asked(
        "DeleteObjects",
        ("s3:DeleteObjectVersion",),
        body=f"<Delete {NAMESPACE}><Object><Key>k</Key><VersionId>VERSION</VersionId></Object>"
        "</Delete>",
    ),
    Asked("PostObject", ("s3:PutObject",)),
    Asked(
        "CreateBucket",
        ("s3:CreateBucket", "s3:PutBucketOwnershipControls", "s3:PutBucketAcl"),
        {},
        {"x-amz-object-ownership": "ObjectWriter", "x-amz-acl": "authenticated-read"},
    ),
    Asked(
        "CreateBucket",
        (
            "s3:CreateBucket",
            "s3:PutBucketObjectLockConfiguration",
            "s3:PutBucketVersioning",
        ),
        {},
        {"x-amz-bucket-object-lock-enabled": "true"},
    ),
    Asked(
        "CreateBucket",
        ("s3:CreateBucket", "s3:TagResource"),
        body=f"<CreateBucketConfiguration {NAMESPACE}><Tags><Tag><Key>a</Key><Value>1</Value></Tag>"
        "</Tags></CreateBucketConfiguration>",
    ),
]
SINGLE = [Asked(name, (action,)) for name, action in NEEDED.items()]


def test_the_table_is_complete() -> None:
    asked = {one.operation for one in SINGLE + SEVERAL}

    assert set(HANDLERS) == asked | FREE
    assert set() == {action for one in SINGLE + SEVERAL for action in one.needed} - ACTIONS


@pytest.fixture
async def filled(store: Store, clock: SettableClock) -> InProcess:
    """A server with a bucket in which everything can be done, and something to do it to."""
    s3 = InProcess(store, clock, bucket_defaults=BucketDefaults(Ownership.OBJECT_WRITER, False))
    made = await s3.ask("PUT", "/bucket", headers={"x-amz-bucket-object-lock-enabled": "true"})
    assert 200 == made.status
    md5 = base64.b64encode(hashlib.md5(b"data", usedforsecurity=False).digest()).decode()
    await s3.put("k", headers={"content-md5": md5})
    await s3.put("tagged", headers={"content-md5": md5, "x-amz-tagging": "a=1"})
    return s3


async def ask(s3: InProcess, asked: Asked, key: str, filling: dict[str, str]) -> Answer:
    """Ask as somebody. What the operation makes of it does not matter, but for permission."""

    def fill(text: str) -> str:
        for name, value in filling.items():
            text = text.replace(name, value)
        return text

    row = ROWS[asked.operation]
    if asked.operation == "PostObject":
        fields = forms.version_2({"key": "posted"}, s3.clock.now_ms(), access_key=key)
        headers = {"content-type": forms.CONTENT_TYPE}
        return await s3.ask(
            "POST", "/bucket", body=forms.form(fields), headers=headers, is_signed=False
        )
    tags = dict(piece.partition("=")[::2] for piece in row.selector.split("&") if piece)
    required = {name: {"partNumber": "1"}.get(name, "UPLOAD") for name in row.query}
    query = {name: fill(value) for name, value in (tags | required | asked.query).items()}
    body = fill(asked.body or BODIES.get(asked.operation, "")).encode()
    md5 = hashlib.md5(body, usedforsecurity=False).digest()
    headers = {name: fill(value) for name, value in asked.headers.items()}
    if row.level == control.ACCOUNT:
        headers[control.ACCOUNT_ID] = ROOT.account_id
    if row.method in {"PUT", "POST"}:
        headers["content-md5"] = base64.b64encode(md5).decode()
    path = "/new" if asked.operation == "CreateBucket" else asked.path or PATHS[row.level]
    return await s3.ask(row.method, path, query, headers=headers, body=body, access_key=key)


def is_refused(answer: Answer) -> bool:
    """Whether permission was missing: for the whole, or for the one key of many."""
    return 403 == answer.status or b"<Code>AccessDenied</Code>" in answer.body


async def filling_of(s3: InProcess) -> dict[str, str]:
    """The ids that requests have to name."""
    head = await s3.ask("HEAD", "/bucket/k")
    upload = await s3.ask("POST", "/bucket/k", {"uploads": ""})
    return {
        "VERSION": head.headers["x-amz-version-id"],
        "UPLOAD": upload.document["UploadId"],
    }


@pytest.mark.parametrize("asked", SINGLE + SEVERAL, ids=str)
async def test_exactly_the_permissions_of_an_operation_let_a_user_pass(
    filled: InProcess, asked: Asked
) -> None:
    filling = await filling_of(filled)

    for missing in asked.needed:
        others = [action for action in asked.needed if action != missing]
        key = add_user(filled, "ada", *([policy(*others)] if others else []))
        assert is_refused(await ask(filled, asked, key, filling)), missing
    key = add_user(filled, "ada", policy(*asked.needed))
    answer = await ask(filled, asked, key, filling)

    assert not is_refused(answer), answer.body


@pytest.mark.parametrize("asked", SINGLE + SEVERAL, ids=str)
async def test_a_denial_keeps_a_user_from_an_operation_whatever_else_it_may(
    filled: InProcess, asked: Asked
) -> None:
    filling = await filling_of(filled)

    for denied in asked.needed:
        key = add_user(filled, "ada", policy("s3:*"), policy(denied, effect="Deny"))
        assert is_refused(await ask(filled, asked, key, filling)), denied


@pytest.mark.parametrize("operation", sorted(FREE))
async def test_a_preflight_needs_nobodys_permission(filled: InProcess, operation: str) -> None:
    headers = {"origin": "https://example.com", "access-control-request-method": "GET"}

    answer = await filled.ask(
        "OPTIONS", PATHS[ROWS[operation].level], headers=headers, access_key=add_user(filled, "ada")
    )

    assert (403, "AccessForbidden") == (answer.status, answer.code)  # there are no rules


async def test_who_may_not_bypass_a_retention_does_not(filled: InProcess) -> None:
    await ask(
        filled,
        Asked("PutObjectRetention", ()),
        add_user(filled, "ada", policy("s3:PutObjectRetention")),
        {},
    )
    version = (await filling_of(filled))["VERSION"]
    removal = Asked(
        "DeleteObject", (), {"versionId": version}, {"x-amz-bypass-governance-retention": "true"}
    )
    may_delete = policy("s3:DeleteObjectVersion")
    refused = await ask(filled, removal, add_user(filled, "ada", may_delete), {})
    may_bypass = policy("s3:BypassGovernanceRetention")

    done = await ask(filled, replace(removal), add_user(filled, "ada", may_delete, may_bypass), {})

    assert (403, 204) == (refused.status, done.status)
