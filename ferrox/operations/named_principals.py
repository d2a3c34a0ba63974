"""Users and roles that policies of resources name: whether there are such ones.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
Accounts that are not known here exist elsewhere: policies are carried over from there.
"""

from ferrox.iam.document import Document
from ferrox.storage.identities.view import IdentityView


def missing(identities: IdentityView, policy: Document) -> str | None:
    """The ARN of somebody whom a policy names and who does not exist; None if all do."""
    for statement in policy.statements:
        principals = statement.principals or statement.not_principals
        for arn in sorted(principals.arns) if principals is not None else ():
            if not _exists(identities, arn):
                return arn
    return None


def _exists(identities: IdentityView, arn: str) -> bool:
    _, _, _, _, account_id, named = arn.split(":", 5)
    kind, _, path = named.partition("/")
    if identities.account(account_id) is None:
        return True
    match kind:
        case "user":
            user = identities.user(account_id, path.rpartition("/")[2])
            return user is not None and user.arn == arn
        case "role":
            role = identities.role(account_id, path.rpartition("/")[2])
            return role is not None and role.arn == arn
        case "assumed-role":
            return identities.role(account_id, path.partition("/")[0]) is not None
        case _:  # federated users are whom somebody calls so
            return True
