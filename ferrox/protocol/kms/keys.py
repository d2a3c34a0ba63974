"""Shapes of keys: what they are, their states, their rotation, policies and tags.

https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html
"""

from ferrox.protocol.kms import limits
from ferrox.protocol.shape import Shape, member


class Nothing(Shape):
    """What most operations that change something give."""


class OneKey(Shape):
    """Which key."""

    key_id: str = member(limits.KEY_ID)


class Paged(Shape):
    """Which page of a list."""

    limit: int | None = member(limits.LIST_LIMIT, default=None)
    marker: str | None = member(limits.MARKER, default=None)


class Page(Shape):
    """Whether there is more, and where to go on."""

    truncated: bool = member()
    next_marker: str | None = member(default=None)


class Tag(Shape):
    """A tag."""

    tag_key: str = member(limits.TAG_KEY)
    tag_value: str = member(limits.TAG_VALUE)


class KeyMetadata(Shape):
    """What KMS tells of a key."""

    aws_account_id: str = member(wire="AWSAccountId")
    key_id: str = member()
    arn: str = member()
    creation_date: int = member(timestamp="seconds")
    enabled: bool = member()
    description: str = member()
    key_usage: str = member(default="ENCRYPT_DECRYPT")
    key_state: str = member()
    deletion_date: int | None = member(default=None, timestamp="seconds")
    origin: str = member(default="AWS_KMS")
    key_manager: str = member()
    customer_master_key_spec: str = member(default="SYMMETRIC_DEFAULT")
    key_spec: str = member(default="SYMMETRIC_DEFAULT")
    encryption_algorithms: list[str] = member()
    multi_region: bool = member(default=False)
    current_key_material_id: str = member()


class KeyMetadataOutput(Shape):
    """A key."""

    key_metadata: KeyMetadata = member()


class CreateKeyInput(Shape):
    """A key that is to be made."""

    policy: str | None = member(limits.POLICY, default=None)
    description: str = member(limits.DESCRIPTION, default="")
    key_usage: str | None = member(default=None)
    customer_master_key_spec: str | None = member(default=None)
    key_spec: str | None = member(default=None)
    origin: str | None = member(default=None)
    custom_key_store_id: str | None = member(default=None)
    bypass_policy_lockout_safety_check: bool = member(default=False)
    tags: list[Tag] | None = member(default=None)
    multi_region: bool = member(default=False)
    xks_key_id: str | None = member(default=None)


class KeyListEntry(Shape):
    """A key in a list."""

    key_id: str = member()
    key_arn: str = member()


class ListKeysOutput(Page):
    """Keys by id."""

    keys: list[KeyListEntry] = member()


class UpdateKeyDescriptionInput(OneKey):
    """What a key is for, from now on."""

    description: str = member(limits.DESCRIPTION)


class ScheduleKeyDeletionInput(OneKey):
    """How long a key waits to be deleted."""

    pending_window_in_days: int = member(limits.PENDING_DAYS, default=30)


class ScheduleKeyDeletionOutput(Shape):
    """When it will be deleted."""

    key_id: str = member()
    deletion_date: int = member(timestamp="seconds")
    key_state: str = member()
    pending_window_in_days: int = member()


class KeyIdOutput(Shape):
    """The ARN of a key."""

    key_id: str = member()


class EnableKeyRotationInput(OneKey):
    """How often a key rotates."""

    rotation_period_in_days: int | None = member(limits.ROTATION_DAYS, default=None)


class GetKeyRotationStatusOutput(Shape):
    """Whether and when a key rotates by itself."""

    key_id: str = member()
    key_rotation_enabled: bool = member()
    rotation_period_in_days: int | None = member(default=None)
    next_rotation_date: int | None = member(default=None, timestamp="seconds")


class ListKeyRotationsInput(Paged):
    """Which rotations."""

    key_id: str = member(limits.KEY_ID)
    include_key_material: str = member(default="ROTATIONS_ONLY")


class Rotation(Shape):
    """A rotation that was done."""

    key_id: str = member()
    key_material_id: str = member()
    key_material_state: str = member()
    rotation_date: int | None = member(default=None, timestamp="seconds")
    rotation_type: str | None = member(default=None)


class ListKeyRotationsOutput(Page):
    """Rotations, the oldest first."""

    rotations: list[Rotation] = member()


class TagResourceInput(OneKey):
    """Tags that a key gets."""

    tags: list[Tag] = member()


class UntagResourceInput(OneKey):
    """Tags that a key loses."""

    tag_keys: list[str] = member(limits.TAG_KEY)


class OneKeyPaged(Paged):
    """Which key, and which page."""

    key_id: str = member(limits.KEY_ID)


class ListResourceTagsOutput(Page):
    """The tags of a key."""

    tags: list[Tag] = member()


class GetKeyPolicyInput(OneKey):
    """Which policy."""

    policy_name: str = member(limits.POLICY_NAME, default="default")


class GetKeyPolicyOutput(Shape):
    """A key policy."""

    policy: str = member()
    policy_name: str = member()


class PutKeyPolicyInput(GetKeyPolicyInput):
    """What a key policy says from now on."""

    policy: str = member(limits.POLICY)
    bypass_policy_lockout_safety_check: bool = member(default=False)


class ListKeyPoliciesOutput(Page):
    """The names of the policies of a key."""

    policy_names: list[str] = member()
