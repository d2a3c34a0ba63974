"""The table of the operations of KMS.

https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html
https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html

There are symmetric keys only, and no grants: what those are needed for is not in the table.
"""

from enum import Enum, auto
from typing import Any, Generic, TypeVar

from ferrox.protocol.kms import aliases as a
from ferrox.protocol.kms import cryptography as c
from ferrox.protocol.kms import keys as k
from ferrox.protocol.shape import Shape

InputT_co = TypeVar("InputT_co", bound=Shape, covariant=True)
OutputT_co = TypeVar("OutputT_co", bound=Shape, covariant=True)


class On(Enum):
    """What an operation acts on, and so what its caller needs permission for.

    KEY         the key that its input names by id or ARN, of the caller's own account
    KEY_IN_USE  the same; it may be named by an alias, too, and belong to somebody else
    ANYTHING    nothing in particular: "*"
    NOTHING     the handler asks for permission
    """

    KEY = auto()
    KEY_IN_USE = auto()
    ANYTHING = auto()
    NOTHING = auto()


class KmsOperation(Generic[InputT_co, OutputT_co]):
    """One row."""

    __slots__ = ("input", "name", "on", "output")

    def __init__(
        self,
        name: str,
        input: type[InputT_co],  # noqa: A002 - what AWS calls it
        output: type[OutputT_co],
        on: On,
    ) -> None:
        self.name = name
        self.input = input
        self.output = output
        self.on = on

    @property
    def action(self) -> str:
        """What its caller has to be allowed."""
        return f"kms:{self.name}"

    def __repr__(self) -> str:
        return f"<{self.action}>"


AnyKmsOperation = KmsOperation[Any, Any]

# fmt: off
CreateKey = KmsOperation("CreateKey", k.CreateKeyInput, k.KeyMetadataOutput, On.ANYTHING)
DescribeKey = KmsOperation("DescribeKey", k.OneKey, k.KeyMetadataOutput, On.KEY_IN_USE)
ListKeys = KmsOperation("ListKeys", k.Paged, k.ListKeysOutput, On.ANYTHING)
EnableKey = KmsOperation("EnableKey", k.OneKey, k.Nothing, On.KEY)
DisableKey = KmsOperation("DisableKey", k.OneKey, k.Nothing, On.KEY)
UpdateKeyDescription = KmsOperation(
    "UpdateKeyDescription", k.UpdateKeyDescriptionInput, k.Nothing, On.KEY)
ScheduleKeyDeletion = KmsOperation(
    "ScheduleKeyDeletion", k.ScheduleKeyDeletionInput, k.ScheduleKeyDeletionOutput, On.KEY)
CancelKeyDeletion = KmsOperation("CancelKeyDeletion", k.OneKey, k.KeyIdOutput, On.KEY)

EnableKeyRotation = KmsOperation(
    "EnableKeyRotation", k.EnableKeyRotationInput, k.Nothing, On.KEY)
DisableKeyRotation = KmsOperation("DisableKeyRotation", k.OneKey, k.Nothing, On.KEY)
GetKeyRotationStatus = KmsOperation(
    "GetKeyRotationStatus", k.OneKey, k.GetKeyRotationStatusOutput, On.KEY)
RotateKeyOnDemand = KmsOperation("RotateKeyOnDemand", k.OneKey, k.KeyIdOutput, On.KEY)
ListKeyRotations = KmsOperation(
    "ListKeyRotations", k.ListKeyRotationsInput, k.ListKeyRotationsOutput, On.KEY)

TagResource = KmsOperation("TagResource", k.TagResourceInput, k.Nothing, On.KEY)
UntagResource = KmsOperation("UntagResource", k.UntagResourceInput, k.Nothing, On.KEY)
ListResourceTags = KmsOperation(
    "ListResourceTags", k.OneKeyPaged, k.ListResourceTagsOutput, On.KEY)

GetKeyPolicy = KmsOperation("GetKeyPolicy", k.GetKeyPolicyInput, k.GetKeyPolicyOutput, On.KEY)
PutKeyPolicy = KmsOperation("PutKeyPolicy", k.PutKeyPolicyInput, k.Nothing, On.KEY)
ListKeyPolicies = KmsOperation(
    "ListKeyPolicies", k.OneKeyPaged, k.ListKeyPoliciesOutput, On.KEY)

CreateAlias = KmsOperation("CreateAlias", a.AliasTarget, k.Nothing, On.NOTHING)
UpdateAlias = KmsOperation("UpdateAlias", a.AliasTarget, k.Nothing, On.NOTHING)
DeleteAlias = KmsOperation("DeleteAlias", a.OneAlias, k.Nothing, On.NOTHING)
ListAliases = KmsOperation("ListAliases", a.ListAliasesInput, a.ListAliasesOutput, On.ANYTHING)

Encrypt = KmsOperation("Encrypt", c.EncryptInput, c.EncryptOutput, On.KEY_IN_USE)
Decrypt = KmsOperation("Decrypt", c.DecryptInput, c.DecryptOutput, On.NOTHING)
ReEncrypt = KmsOperation("ReEncrypt", c.ReEncryptInput, c.ReEncryptOutput, On.NOTHING)
GenerateDataKey = KmsOperation(
    "GenerateDataKey", c.GenerateDataKeyInput, c.GenerateDataKeyOutput, On.KEY_IN_USE)
GenerateDataKeyWithoutPlaintext = KmsOperation(
    "GenerateDataKeyWithoutPlaintext", c.NewDataKey,
    c.GenerateDataKeyWithoutPlaintextOutput, On.KEY_IN_USE)
GenerateRandom = KmsOperation(
    "GenerateRandom", c.GenerateRandomInput, c.GenerateRandomOutput, On.ANYTHING)
# fmt: on

OPERATIONS: dict[str, AnyKmsOperation] = {
    row.name: row for row in list(globals().values()) if isinstance(row, KmsOperation)
}
"""By name."""
