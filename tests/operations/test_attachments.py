"""operations/attachments.py: which policies callers have."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from ferrox.errors import Fault
from ferrox.identity import (
    ANONYMOUS,
    GroupRecord,
    PolicyRecord,
    PolicyVersion,
    Principal,
    PrincipalKind,
    RoleRecord,
    Session,
    UserRecord,
)
from ferrox.operations.attachments import Attachments
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.store import Store
from tests.in_process import ROOT

ACCOUNT = ROOT.account_id
PREFIX = f"arn:aws:iam::{ACCOUNT}"


def text(action: str) -> str:
    """A policy that allows one action."""
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


def managed(name: str, action: str) -> PolicyRecord:
    """A policy of the account, whose older version allows something else."""
    versions = PolicyVersion("v1", text("s3:Old"), 0), PolicyVersion("v2", text(action), 0)
    return PolicyRecord(ACCOUNT, name, f"ANPA{name}", 0, 0, versions, "v2", 2, path="/team/")


ADA = UserRecord(
    ACCOUNT,
    "ada",
    "AIDAADA",
    0,
    attached=(f"{PREFIX}:policy/team/attached",),
    inline={"mine": text("s3:Inline")},
    boundary=f"{PREFIX}:policy/team/boundary",
    groups=("team",),
    tags={"Team": "blue"},
)
RECORDS = (
    managed("attached", "s3:Attached"),
    managed("boundary", "s3:Boundary"),
    GroupRecord(
        ACCOUNT,
        "team",
        "AGPATEAM",
        0,
        attached=("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",),
        inline={"ours": text("s3:OfGroup")},
        members=("ada",),
    ),
    RoleRecord(
        ACCOUNT,
        "reader",
        "AROAREADER",
        0,
        "{}",
        path="/jobs/",
        inline={"role": text("s3:OfRole")},
        tags={"Team": "red", "Site": "here"},
    ),
    ADA,
)
AS_ADA = ROOT._replace(
    arn=ADA.arn, kind=PrincipalKind.USER, user_id=ADA.user_id, user_name=ADA.name
)
SESSION = Session(0, 1, policies=(text("s3:First"), text("s3:Second")), tags=(("Team", "green"),))
AS_READER = ROOT._replace(
    arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/s",
    kind=PrincipalKind.ROLE_SESSION,
    user_id="AROAREADER:s",
    parent_arn=f"{PREFIX}:role/jobs/reader",
    session=Session(0, 1),
)
AS_BOB = ROOT._replace(
    arn=f"arn:aws:sts::{ACCOUNT}:federated-user/bob",
    kind=PrincipalKind.FEDERATED,
    user_id=f"{ACCOUNT}:bob",
    parent_arn=ADA.arn,
    session=SESSION,
)


def put(store: Store, *records: Any) -> None:
    """Store records."""

    def change(tx: Tx) -> None:
        for record in records:
            tx.put(record)

    store.identities.change_now(change)


@pytest.fixture
def attachments(store: Store) -> Attachments:
    """Attachments over a store that has all of them."""
    put(store, *RECORDS)
    return Attachments(store.identities)


def actions(attachments: Attachments, principal: Principal) -> list[list[str]]:
    """What the three kinds of policies allow, of the actions that are made up here."""
    names = ("Inline", "Attached", "OfGroup", "GetObject", "Boundary", "OfRole", "Old", "First")
    identity, boundary, sessions = attachments.of(principal)
    kinds = identity, () if boundary is None else (boundary,), sessions
    return [
        [name for name in names for one in documents if one.about(f"s3:{name}").grants]
        for documents in kinds
    ]


def test_a_user_has_its_own_policies_those_of_its_groups_and_a_boundary(
    attachments: Attachments,
) -> None:
    own = ["Inline", "Attached", "OfGroup", "GetObject"]

    assert [own, ["Boundary"], []] == actions(attachments, AS_ADA)


def test_policies_are_called_by_where_they_are(attachments: Attachments) -> None:
    names = [document.name for document in attachments.of(AS_ADA).identity]

    assert [
        f"the inline policy mine of {ADA.arn}",
        f"{PREFIX}:policy/team/attached",
        f"the inline policy ours of {PREFIX}:group/team",
        "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
    ] == names


def test_a_session_of_a_role_has_the_roles_policies_and_its_own_limits(
    attachments: Attachments,
) -> None:
    limited = AS_READER._replace(session=SESSION)

    assert [["OfRole"], [], []] == actions(attachments, AS_READER)
    assert [["OfRole"], [], ["First"]] == actions(attachments, limited)
    assert ["policy 1 of the session", "policy 2 of the session"] == [
        document.name for document in attachments.of(limited).sessions
    ]


def test_managed_policies_of_a_session_limit_it_as_they_are_now(
    store: Store, attachments: Attachments
) -> None:
    arn = f"{PREFIX}:policy/team/attached"
    limited = AS_READER._replace(session=Session(0, 1, policies=(arn,)))
    ours = AS_READER._replace(
        session=Session(0, 1, policies=("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",))
    )
    before = actions(attachments, limited)

    store.identities.change_now(lambda tx: tx.delete(managed("attached", "s3:Attached")))

    assert [["OfRole"], [], ["Attached"]] == before
    assert [["OfRole"], [], ["GetObject"]] == actions(attachments, ours)
    assert [(arn, ())] == [(one.name, one.statements) for one in attachments.of(limited).sessions]


def test_a_federated_user_has_the_policies_of_whose_session_it_is(attachments: Attachments) -> None:
    own = ["Inline", "Attached", "OfGroup", "GetObject"]

    assert [own, ["Boundary"], ["First"]] == actions(attachments, AS_BOB)


def test_a_federated_user_without_policy_may_do_nothing(attachments: Attachments) -> None:
    sessions = attachments.of(AS_BOB._replace(session=Session(0, 1))).sessions

    assert [()] == [document.statements for document in sessions]


def test_a_federated_user_of_the_root_may_do_what_its_session_says(
    attachments: Attachments,
) -> None:
    found = attachments.of(AS_BOB._replace(parent_arn=ROOT.arn))

    assert [bool(one.about("s3:Any").grants) for one in found.identity] == [True]
    assert len(found.sessions) == 2


def test_lasting_keys_and_sessions_of_a_user_have_the_same(attachments: Attachments) -> None:
    in_session = AS_ADA._replace(session=Session(0, 1))

    assert attachments.of(AS_ADA) == attachments.of(in_session)


@pytest.mark.parametrize("principal", [ROOT, ANONYMOUS])
def test_neither_root_nor_nobody_has_policies(
    attachments: Attachments, principal: Principal
) -> None:
    assert [[], [], []] == actions(attachments, principal)


@pytest.mark.parametrize(
    "principal",
    [
        AS_ADA._replace(arn=f"{PREFIX}:user/eve", user_name="eve"),
        AS_READER._replace(parent_arn=f"{PREFIX}:role/eve"),
        AS_BOB._replace(parent_arn=f"{PREFIX}:user/eve", session=None),
    ],
)
def test_who_does_not_exist_has_no_policies(attachments: Attachments, principal: Principal) -> None:
    assert () == attachments.of(principal).identity


@pytest.mark.parametrize("principal", [AS_ADA, AS_READER])
def test_who_has_the_name_of_another_has_its_own_policies(
    store: Store, attachments: Attachments, principal: Principal
) -> None:
    of_former = principal._replace(user_id="AIDAFORMER" if principal is AS_ADA else "AROAFORMER:s")

    assert () == attachments.of(of_former).identity
    assert {} == attachments.tags(of_former)
    assert () != attachments.of(principal).identity


def forget_user(store: Store) -> None:
    """Take everything from a user but its name."""
    put(store, UserRecord(ACCOUNT, "ada", "AIDAADA", 0))


def change_policy(store: Store) -> None:
    """Go back to the older version."""
    put(store, managed("attached", "s3:Attached")._replace(default_version_id="v1"))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (forget_user, []),
        (change_policy, ["Inline", "OfGroup", "GetObject", "Old"]),
    ],
)
def test_a_change_counts_from_the_next_question_on(
    store: Store, attachments: Attachments, change: Callable[[Store], None], expected: list[str]
) -> None:
    before = attachments.of(AS_ADA)

    change(store)

    assert before != attachments.of(AS_ADA)
    assert expected == actions(attachments, AS_ADA)[0]


@pytest.mark.usefixtures("attachments")
def test_a_change_counts_from_the_next_look_on(store: Store) -> None:
    identities = store.identities
    looking = Attachments(identities, identities.seen)
    identities.look()
    before = looking.of(AS_ADA)

    forget_user(store)
    meanwhile = looking.of(AS_ADA)
    identities.look()

    assert before is meanwhile
    assert () == looking.of(AS_ADA).identity


def test_policies_of_two_versions_are_never_mixed(
    store: Store, attachments: Attachments, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user loses its group as that gets another policy."""
    identities = store.identities
    group = identities.group

    def change_and_find(account_id: str, name: str) -> GroupRecord | None:
        monkeypatch.undo()
        former = group(account_id, name)
        assert former is not None
        put(store, ADA._replace(groups=()), former._replace(inline={"new": text("s3:Old")}))
        return group(account_id, name)

    monkeypatch.setattr(identities, "group", change_and_find)

    assert [["Inline", "Attached"], ["Boundary"], []] == actions(attachments, AS_ADA)


def test_nothing_is_read_again_while_nothing_changes(attachments: Attachments) -> None:
    assert attachments.of(AS_ADA).identity is attachments.of(AS_ADA).identity


def test_the_tags_of_a_session_come_before_those_of_its_role(attachments: Attachments) -> None:
    tagged = AS_READER._replace(session=SESSION)

    assert {"Team": "blue"} == attachments.tags(AS_ADA)
    assert {"Team": "red", "Site": "here"} == attachments.tags(AS_READER)
    assert {"Team": "green", "Site": "here"} == attachments.tags(tagged)
    spelt = AS_READER._replace(session=SESSION._replace(tags=(("team", "green"),)))
    assert {"team": "green", "Site": "here"} == attachments.tags(spelt)
    assert {} == attachments.tags(ROOT)


@pytest.mark.parametrize("change", [{"inline": {"x": "{}"}}, {"boundary": f"{PREFIX}:policy/x"}])
def test_a_policy_that_cannot_be_read_lets_nobody_pass(
    store: Store, attachments: Attachments, change: dict[str, Any]
) -> None:
    put(store, ADA._replace(**change))

    with pytest.raises(Fault):
        attachments.of(AS_ADA)
