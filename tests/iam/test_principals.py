"""iam/principals.py: whom a statement names, and how."""

from typing import Any

import pytest

from ferrox.iam.principals import Named, read_principals
from ferrox.identity import ANONYMOUS, Principal, PrincipalKind

ACCOUNT = "123456789012"
ADA = Principal(ACCOUNT, "a" * 64, "ada", f"arn:aws:iam::{ACCOUNT}:user/team/ada", "AKIAADA")
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/reader"


@pytest.mark.parametrize(
    ("element", "named"),
    [
        ("*", Named.BY_ITSELF),
        ({"AWS": "*"}, Named.BY_ITSELF),
        ({"AWS": ADA.arn}, Named.BY_ITSELF),
        ({"AWS": ["999999999999", ADA.arn]}, Named.BY_ITSELF),
        ({"AWS": ROLE_ARN}, Named.BY_PARENT),
        ({"AWS": ACCOUNT}, Named.BY_ACCOUNT),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Named.BY_ACCOUNT),
        ({"CanonicalUser": "a" * 64}, Named.BY_ACCOUNT),
        ({"AWS": "999999999999"}, Named.NOT),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:user/team/adam"}, Named.NOT),
        ({"Service": "logging.s3.amazonaws.com"}, Named.NOT),
        ({"Federated": "accounts.google.com"}, Named.NOT),
    ],
)
def test_a_caller_is_named_by_itself_by_its_role_or_by_its_account(
    element: Any, named: Named
) -> None:
    found = read_principals(element)

    assert found is not None
    assert found.names(ADA._replace(parent_arn=ROLE_ARN)) is named


def test_who_comes_from_a_provider_is_named_like_it() -> None:
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/login.example.com"
    comer = Principal("", "", "", provider, "", PrincipalKind.FEDERATED)
    found = read_principals({"Federated": ["accounts.google.com", provider]})

    assert found is not None
    assert found.names(comer) is Named.BY_ITSELF
    assert found.names(comer._replace(arn=provider + "/other")) is Named.NOT
    assert found.names(ADA) is Named.NOT


def test_every_provider_is_not_everyone() -> None:
    found = read_principals({"Federated": "*"})

    assert found is not None
    assert found.names(ANONYMOUS) is Named.NOT


def test_who_did_not_sign_is_named_only_with_everyone() -> None:
    everyone, account = read_principals("*"), read_principals({"AWS": ACCOUNT})

    assert everyone is not None
    assert account is not None
    assert everyone.names(ANONYMOUS) is Named.BY_ITSELF
    assert account.names(ANONYMOUS) is Named.NOT


@pytest.mark.parametrize(
    "element", [None, "ada", {}, {"AWS": 7}, {"AWS": "ada"}, {"Person": "ada"}, ["*"]]
)
def test_what_names_nobody_is_refused(element: Any) -> None:
    assert read_principals(element) is None
