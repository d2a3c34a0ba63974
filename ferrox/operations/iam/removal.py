"""Removal: what an entity must not have any more before it is deleted.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html and its siblings.
"""

from ferrox.iam_errors import DeleteConflict
from ferrox.identity import GroupRecord, RoleRecord, UserRecord

_FIRST = {
    "groups": "remove users from group",
    "members": "remove users from group",
    "attached": "detach all policies",
    "inline": "delete policies",
    "keys": "delete access keys",
}
"""What has to be done first where a record has something of a kind."""


def require_bare(entity: UserRecord | GroupRecord | RoleRecord) -> None:
    """Refuse to delete what still has something that would go with it: DeleteConflict."""
    for kind, first in _FIRST.items():
        if getattr(entity, kind, None):
            raise DeleteConflict(f"Cannot delete entity, must {first} first.")
