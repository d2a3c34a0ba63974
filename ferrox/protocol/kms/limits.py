"""What members of KMS may be, as the API reference says.

https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html
"""

from ferrox.protocol.shape import Limit

ALIAS_NAME = Limit(1, 256, r"^[a-zA-Z0-9:/_-]+$")
BLOB = Limit(1, 6144)
DATA_KEY_BYTES = Limit(1, 1024)
DATA_KEY_SPEC = Limit(one_of=("AES_256", "AES_128"))
DESCRIPTION = Limit(0, 8192)
KEY_ID = Limit(1, 2048)
LIST_LIMIT = Limit(1, 1000)
MARKER = Limit(1, 1024)
PENDING_DAYS = Limit(7, 30)
PLAINTEXT = Limit(1, 4096)
POLICY = Limit(1, 131072)
POLICY_NAME = Limit(1, 128, r"\w+")
ROTATION_DAYS = Limit(90, 2560)
TAG_KEY = Limit(1, 128)
TAG_VALUE = Limit(0, 256)
