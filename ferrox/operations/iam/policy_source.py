"""Policy sources: the user, group or role whose policies somebody wants to know about.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from ferrox.errors import AccessDenied
from ferrox.iam_errors import InvalidInput, NoSuchEntity
from ferrox.identity import PARTITION
from ferrox.operations.held_policies import Holder
from ferrox.operations.iam.call import IamCall


def find_source(call: IamCall, arn: str) -> Holder:
    """Whom an ARN names; InvalidInput, NoSuchEntity, AccessDenied if it is another account's."""
    start, _, resource = arn.rpartition(":")
    kind, _, path = resource.partition("/")
    find = {
        "user": call.identities.user,
        "group": call.identities.group,
        "role": call.identities.role,
    }.get(kind)
    if find is None or not path or not start.startswith(f"arn:{PARTITION}:iam::"):
        raise InvalidInput(
            f"Invalid Entity Arn: {arn} does not clearly define entity type and name."
        )
    if start != f"arn:{PARTITION}:iam::{call.account_id}":
        raise AccessDenied(f"{arn} is outside your own account.")
    name = path.rpartition("/")[2]
    entity = find(call.account_id, name)
    if entity is None or entity.arn != arn:
        raise NoSuchEntity(f"The {kind} with name {name} cannot be found.")
    return entity
