import pytest

from ferrox.iam_errors import DeleteConflict
from ferrox.identity import GroupRecord, RoleRecord, UserRecord
from ferrox.operations.iam.removal import require_bare

USER = UserRecord("1", "it", "AIDA", 0)
GROUP = GroupRecord("1", "it", "AGPA", 0)
ROLE = RoleRecord("1", "it", "AROA", 0, "{}")
Entity = UserRecord | GroupRecord | RoleRecord

ATTACHED = ("arn:aws:iam::aws:policy/ReadOnlyAccess",)
INLINE = {"p": "{}"}


def refusal(entity: Entity) -> str:
    """Why something is not deleted; "" when it is."""
    try:
        require_bare(entity)
    except DeleteConflict as refused:
        return refused.message
    return ""


@pytest.mark.parametrize("entity", [USER, GROUP, ROLE])
def test_what_has_nothing_can_be_deleted(entity: Entity) -> None:
    assert "" == refusal(entity)


@pytest.mark.parametrize(
    ("entity", "first"),
    [
        (USER._replace(groups=("team",)), "remove users from group"),
        (USER._replace(attached=ATTACHED), "detach all policies"),
        (USER._replace(inline=INLINE), "delete policies"),
        (USER._replace(keys=("AKIA",)), "delete access keys"),
        (GROUP._replace(members=("ada",)), "remove users from group"),
        (GROUP._replace(attached=ATTACHED), "detach all policies"),
        (GROUP._replace(inline=INLINE), "delete policies"),
        (ROLE._replace(attached=ATTACHED), "detach all policies"),
        (ROLE._replace(inline=INLINE), "delete policies"),
        (
            USER._replace(keys=("AKIA",), groups=("team",), inline=INLINE),
            "remove users from group",
        ),
    ],
)
def test_what_still_has_something_is_kept(entity: Entity, first: str) -> None:
    assert f"Cannot delete entity, must {first} first." == refusal(entity)
