"""Shapes of access keys: https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKey.html"""

from ferrox.protocol.iam.groupings import CallerOrUserNamed, Page, Paged
from ferrox.protocol.iam.limits import ACCESS_KEY_ID, KEY_STATUS
from ferrox.protocol.shape import Shape, member


class AccessKey(Shape):
    user_name: str = member()
    access_key_id: str = member()
    status: str = member()
    secret_access_key: str = member(sensitive=True)
    create_date: int | None = member(default=None, timestamp="seconds")


class AccessKeyMetadata(Shape):
    user_name: str | None = member(default=None)
    access_key_id: str | None = member(default=None)
    status: str | None = member(default=None)
    create_date: int | None = member(default=None, timestamp="seconds")


class AccessKeyLastUsed(Shape):
    last_used_date: int | None = member(default=None, timestamp="seconds")
    service_name: str = member()
    region: str = member()


class AccessKeyNamed(Shape):
    access_key_id: str = member(ACCESS_KEY_ID)


class CreateAccessKeyInput(CallerOrUserNamed):
    pass


class CreateAccessKeyOutput(Shape):
    access_key: AccessKey = member()


class DeleteAccessKeyInput(CallerOrUserNamed, AccessKeyNamed):
    pass


class ListAccessKeysInput(CallerOrUserNamed, Paged):
    pass


class ListAccessKeysOutput(Page):
    access_key_metadata: list[AccessKeyMetadata] = member()


class UpdateAccessKeyInput(CallerOrUserNamed, AccessKeyNamed):
    status: str = member(KEY_STATUS)


class GetAccessKeyLastUsedInput(AccessKeyNamed):
    pass


class GetAccessKeyLastUsedOutput(Shape):
    user_name: str | None = member(default=None)
    access_key_last_used: AccessKeyLastUsed | None = member(default=None)
