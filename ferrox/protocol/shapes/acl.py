"""Shapes of access control lists."""

from ferrox.protocol.shape import Shape, element, header, payload, query
from ferrox.protocol.shapes.groups import (
    BucketInput,
    DocumentInput,
    GrantHeaders,
    ObjectInput,
    Owner,
)
from ferrox.protocol.shapes.logging import Grantee


class Grant(Shape):
    grantee: Grantee | None = element("Grantee", default=None)
    permission: str | None = element(
        "Permission",
        default=None,
        one_of=("FULL_CONTROL", "WRITE", "WRITE_ACP", "READ", "READ_ACP"),
    )


class AccessControlPolicy(Shape):
    grants: list[Grant] | None = element("AccessControlList", default=None, item="Grant")
    owner: Owner | None = element("Owner", default=None)


class AclOutput(Shape, root="AccessControlPolicy"):
    owner: Owner | None = element("Owner", default=None)
    grants: list[Grant] | None = element("AccessControlList", default=None, item="Grant")


class GetBucketAclInput(BucketInput):
    pass


class GetBucketAclOutput(AclOutput, root="AccessControlPolicy"):
    pass


class AclInput(GrantHeaders, DocumentInput):
    access_control_policy: AccessControlPolicy | None = payload("AccessControlPolicy", default=None)
    grant_write: str | None = header("x-amz-grant-write", default=None)


class PutBucketAclInput(AclInput):
    pass


class GetObjectAclInput(ObjectInput):
    version_id: str | None = query("versionId", default=None)


class GetObjectAclOutput(AclOutput, root="AccessControlPolicy"):
    version_id: str | None = header("x-amz-version-id", default=None)
    request_charged: str | None = header("x-amz-request-charged", default=None)


class PutObjectAclInput(AclInput, ObjectInput):
    version_id: str | None = query("versionId", default=None)


class PutObjectAclOutput(Shape):
    version_id: str | None = header("x-amz-version-id", default=None)
    request_charged: str | None = header("x-amz-request-charged", default=None)
