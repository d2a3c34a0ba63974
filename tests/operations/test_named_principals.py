import json

import pytest

from ferrox.iam import document
from ferrox.iam.document import Kind
from ferrox.identity import Account, RoleRecord, UserRecord
from ferrox.operations import named_principals
from tests.in_process import ROOT, InProcess
from tests.queries import Queries

ACCOUNT = ROOT.account_id
US = f"arn:aws:iam::{ACCOUNT}"


def naming(*arns: str, element: str = "Principal") -> document.Document:
    statement = {"Effect": "Allow", element: {"AWS": list(arns)}, "Action": "sts:AssumeRole"}
    return document.parse(json.dumps({"Statement": statement}), Kind.TRUST)


@pytest.mark.parametrize(
    ("arn", "is_missing"),
    [
        (f"{US}:user/a/alice", False),
        (f"{US}:user/alice", True),
        (f"{US}:user/bob", True),
        (f"{US}:role/role", False),
        (f"{US}:role/other", True),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/role/somebody", False),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/other/somebody", True),
        (f"arn:aws:sts::{ACCOUNT}:federated-user/anybody", False),
        ("arn:aws:iam::999999999999:user/elsewhere", False),
    ],
)
async def test_whoever_is_named_is_there(s3: InProcess, arn: str, is_missing: bool) -> None:
    identities = s3.store.identities
    await Queries(s3).keep(
        Account(ACCOUNT, ROOT.canonical_id, ROOT.display_name),
        UserRecord(ACCOUNT, "alice", "AIDA", 0, "/a/"),
        RoleRecord(ACCOUNT, "role", "AROA", 0, "{}"),
    )

    for element in ("Principal", "NotPrincipal"):
        found = named_principals.missing(identities, naming(f"{US}:root", arn, element=element))
        assert (arn if is_missing else None) == found
