"""Policy sources: the user, group or role whose policies somebody wants to know about.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from ferrox.errors import AccessDenied
from ferrox.iam_errors import InvalidInput, NoSuchEntity
from ferrox.identity import PARTITION, kind_and_name
from ferrox.operations.held_policies import Holder
from ferrox.operations.iam.call import IamCall


def find_source(call: IamCall, arn: str) -> Holder:
    """Whom an ARN names; InvalidInput, NoSuchEntity, AccessDenied if it is another account's."""
    start, (kind, name) = ":".join(arn.split(":", 5)[:5]), kind_and_name(arn)
    find = {
        "user": call.identities.user,
        "group": call.identities.group,
        "role": call.identities.role,
    }.get(kind)
    if find is None or not name or not start.startswith(f"arn:{PARTITION}:iam::"):
        raise InvalidInput(
            f"Invalid Entity Arn: {arn} does not clearly define entity type and name."
        )
    if start != f"arn:{PARTITION}:iam::{call.account_id}":
        raise AccessDenied(f"{arn} is outside your own account.")
    entity = find(call.account_id, name)
    if entity is None or entity.arn != arn:
        raise NoSuchEntity(f"The {kind} with name {name} cannot be found.")
    return entity
