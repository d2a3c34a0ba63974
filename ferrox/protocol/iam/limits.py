r"""What values of IAM may be, as its API reference says it of each parameter.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_Types.html
"""

from ferrox.protocol.shape import Limit

_NAME = r"[\w+=,.@-]+"
_NAME_EXPLAINED = "It must contain only alphanumeric characters and/or the following: +=,.@_-"
_PATH_EXPLAINED = (
    "It must begin and end with / and contain only alphanumeric characters and/or / characters."
)

NEW_USER_NAME = Limit(1, 64, _NAME, explained=_NAME_EXPLAINED)
USER_NAME = Limit(1, 128, _NAME, explained=_NAME_EXPLAINED)
GROUP_NAME = Limit(1, 128, _NAME, explained=_NAME_EXPLAINED)
ROLE_NAME = Limit(1, 64, _NAME, explained=_NAME_EXPLAINED)
POLICY_NAME = Limit(1, 128, _NAME, explained=_NAME_EXPLAINED)
ENTITY_NAME = Limit(1, 128, _NAME, explained=_NAME_EXPLAINED)
PATH = Limit(1, 512, r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)", explained=_PATH_EXPLAINED)
PATH_PREFIX = Limit(1, 512, r"\u002F[\u0021-\u007F]*")
POLICY_PATH = Limit(1, 512, r"((/[A-Za-z0-9\.,\+@=_-]+)*)/", explained=_PATH_EXPLAINED)
ARN = Limit(20, 2048)

TAG_KEY = Limit(1, 128, r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+")
TAG_VALUE = Limit(0, 256, r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*")
MAX_TAGS = 50

MARKER = Limit(1, 320, r"[\u0020-\u00FF]+")
MAX_ITEMS = Limit(1, 1000)

ACCESS_KEY_ID = Limit(16, 128, r"[\w]+")
KEY_STATUS = Limit(one_of=("Active", "Inactive", "Expired"))
ASSIGNMENT_STATUS = Limit(one_of=("Assigned", "Unassigned", "Any"))
ACCOUNT_ALIAS = Limit(3, 63, r"^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$")

POLICY_DOCUMENT = Limit(1, 131_072, r"[\u0009\u000A\u000D\u0020-\u00FF]+")
POLICY_DESCRIPTION = Limit(most=1000)
POLICY_SCOPE = Limit(one_of=("All", "AWS", "Local"))
POLICY_USAGE = Limit(one_of=("PermissionsPolicy", "PermissionsBoundary"))
POLICY_VERSION_ID = Limit(pattern=r"v[1-9][0-9]*(\.[A-Za-z0-9-]*)?")
ENTITY_TYPE = Limit(
    one_of=("User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"),
)

ROLE_DESCRIPTION = Limit(most=1000, pattern=r"[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*")
MAX_SESSION_S = Limit(3600, 43_200)

PROVIDER_URL = Limit(1, 255)
CLIENT_ID = Limit(1, 255)
THUMBPRINT = Limit(40, 40)

ACTION_NAME = Limit(3, 128)
RESOURCE_NAME = Limit(1, 2048)
RESOURCE_HANDLING = Limit(1, 64)
CONTEXT_KEY_NAME = Limit(5, 256)
CONTEXT_KEY_TYPE = Limit(
    one_of=(
        "string", "stringList", "numeric", "numericList", "boolean", "booleanList", "ip", "ipList",
        "binary", "binaryList", "date", "dateList",
    )
)  # fmt: skip
EXCLUDED_POLICY_TYPE = Limit(
    one_of=("inline", "aws-managed", "user-managed", "permission-boundary", "scp", "rcp")
)
ATTACHMENT_TYPE = Limit(one_of=("user", "group", "role"))
MAX_EXCLUSIONS = 256
MAX_ORGANIZATION_LEVELS = 7
