r"""What values of STS may be, as its API reference says it of each parameter.

https://docs.aws.amazon.com/STS/latest/APIReference/API_Types.html
"""

from ferrox.protocol.shape import Limit

ARN = Limit(
    20, 2048,
    r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+",
)  # fmt: skip
SESSION_NAME = Limit(2, 64, r"[\w+=,.@-]*")
FEDERATED_NAME = Limit(2, 32, r"[\w+=,.@-]*")
ROLE_DURATION_S = Limit(900, 43_200)
DURATION_S = Limit(900, 129_600)
SESSION_POLICY = Limit(1, 2048, r"[\u0009\u000A\u000D\u0020-\u00FF]+")
ROLE_SESSION_POLICY = Limit(1, pattern=r"[\u0009\u000A\u000D\u0020-\u00FF]+")
"""A role's session may have one of any length; the packed size is what is limited."""
EXTERNAL_ID = Limit(2, 1224, r"[\w+=,.@:\/-]*")
SERIAL_NUMBER = Limit(9, 256, r"[\w+=/:,.@-]*")
TOKEN_CODE = Limit(6, 6, r"[\d]*")
SOURCE_IDENTITY = Limit(2, 64, r"[\w+=,.@-]*")
CONTEXT_ASSERTION = Limit(4, 2048)
TOKEN_SIZE = Limit(0, 4096)
WEB_IDENTITY_TOKEN = Limit(4, 20_000)
PROVIDER_ID = Limit(4, 2048)
ACCESS_KEY_ID = Limit(16, 128, r"[\w]*")
TAG_KEY = Limit(1, 128, r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+")
TAG_VALUE = Limit(0, 256, r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*")
MAX_TAGS = 50
MAX_CONTEXTS = 5
