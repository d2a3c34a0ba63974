"""Shapes of the operations that say who somebody is.

https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""

from ferrox.protocol.shape import Shape, member
from ferrox.protocol.sts.limits import ACCESS_KEY_ID


class GetCallerIdentityInput(Shape):
    pass


class GetCallerIdentityOutput(Shape):
    user_id: str | None = member(default=None)
    account: str | None = member(default=None)
    arn: str | None = member(default=None)


class GetAccessKeyInfoInput(Shape):
    access_key_id: str = member(ACCESS_KEY_ID)


class GetAccessKeyInfoOutput(Shape):
    account: str | None = member(default=None)
