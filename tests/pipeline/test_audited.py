"""What the pipelines tell the audit log of their requests."""

import json
from typing import Any

import pytest

from ferrox.accounting.audit import Audit, StrictlyAudited
from tests.in_process import OTHER_ACCESS_KEY, ROOT, InProcess
from tests.queries import Queries


class Sink:
    """Keeps the lines."""

    name = "here"

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def append(self, data: bytes) -> None:
        self.lines += [json.loads(line) for line in data.splitlines()]

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def sink(s3: InProcess, monkeypatch: pytest.MonkeyPatch) -> Sink:
    sink = Sink()
    audit = Audit(sink, s3.clock, is_strict=True)
    monkeypatch.setattr(s3, "pipeline", StrictlyAudited(s3.pipeline, audit, "host"))
    return sink


async def test_a_request_to_s3_is_told_with_what_it_was_about(s3: InProcess, sink: Sink) -> None:
    await s3.make_bucket()
    await s3.ask("PUT", "/bucket", {"versioning": ""}, body=VERSIONED)
    put = await s3.put("a b", b"data")
    await s3.ask("DELETE", "/bucket/a b", {"versionId": put.headers["x-amz-version-id"]})

    assert ["CreateBucket", "PutBucketVersioning", "PutObject", "DeleteObject"] == [
        line["operation"] for line in sink.lines
    ]
    version_id = put.headers["x-amz-version-id"]
    assert [(ROOT.arn, "bucket", "a b", version_id)] * 2 == [
        (line["arn"], line["bucket"], line["key"], line["version_id"]) for line in sink.lines[2:]
    ]


VERSIONED = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"


async def test_a_refusal_is_told_with_its_reason(s3: InProcess, sink: Sink) -> None:
    await s3.make_bucket()

    await s3.get("k", access_key=OTHER_ACCESS_KEY)

    line = sink.lines[-1]
    assert (403, "AccessDenied", "GetObject") == (
        line["status"], line["error_code"], line["operation"],
    )  # fmt: skip
    assert line["reason"]
    assert "Access Denied" != line["reason"]


async def test_nobody_is_told_of_who_did_not_sign_or_not_rightly(s3: InProcess, sink: Sink) -> None:
    await s3.ask("GET", "/", is_signed=False)
    await s3.ask("GET", "/", access_key="AKIANOBODY")

    assert [] == sink.lines


async def test_a_change_of_identities_is_told_with_whom_it_was_about(
    s3: InProcess, sink: Sink
) -> None:
    await Queries(s3).ask("iam", "CreateUser", UserName="jo")

    line = sink.lines[-1]
    assert ("iam", "CreateUser", f"arn:aws:iam::{ROOT.account_id}:user/jo", ROOT.arn) == (
        line["service"], line["operation"], line["resource"], line["arn"],
    )  # fmt: skip


async def test_temporary_credentials_are_told_by_their_key_and_nothing_else(
    s3: InProcess, sink: Sink
) -> None:
    answer = await Queries(s3).ask("sts", "GetSessionToken")

    given = answer.document["GetSessionTokenResult"]["Credentials"]
    text = json.dumps(sink.lines)
    assert given["AccessKeyId"] == sink.lines[-1]["issued_access_key_id"]
    assert given["SecretAccessKey"] not in text
    assert given["SessionToken"] not in text
