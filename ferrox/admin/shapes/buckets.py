"""Buckets: who owns them, what they hold, how much they may hold, and who may reach them."""

from dataclasses import dataclass
from typing import Annotated

from ferrox.accounting.rate_limits import MOST as MOST_RATE
from ferrox.admin.schema import Between, Instant
from ferrox.admin.shapes.paging import Paged

MOST_BYTES = 2**62
BucketName = Annotated[str, "Name of the bucket."]


@dataclass(frozen=True, kw_only=True)
class OneBucket:
    """Which bucket."""

    bucket: BucketName


@dataclass(frozen=True, kw_only=True)
class BucketsOf(Paged):
    """Whose buckets."""

    account: Annotated[str | None, "Of this account; without, all."] = None


@dataclass(frozen=True, kw_only=True)
class QuotaView:
    """How much a bucket may hold; null is no limit."""

    max_bytes: Annotated[int | None, "Of all versions, and parts of open uploads."]
    max_objects: Annotated[int | None, "Keys that show an object."]


@dataclass(frozen=True, kw_only=True)
class BucketView:
    """A bucket."""

    name: str
    account: Annotated[str, "Name of the account that owns it."]
    account_id: str
    created: Instant
    versioning: str
    objects: Annotated[int, "Keys that show an object."]
    versions: Annotated[int, "Versions of all keys, delete markers included."]
    bytes: Annotated[int, "Of all versions."]
    upload_bytes: Annotated[int, "Of the parts of open uploads."]
    max_bytes: Annotated[int | None, "Its quota."]
    max_objects: Annotated[int | None, "Its quota."]


@dataclass(frozen=True, kw_only=True)
class BucketPage:
    """Buckets by name."""

    buckets: tuple[BucketView, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True)
class QuotaChange:
    """How much a bucket may hold from now on; what is left out is no limit."""

    bucket: BucketName
    max_bytes: Annotated[
        int | None, "Of all versions, and parts of open uploads.", Between(0, MOST_BYTES)
    ] = None
    max_objects: Annotated[int | None, "Keys that show an object.", Between(0, MOST_BYTES)] = None


Caller = Annotated[str, "Id of an access key, or ARN of a role whose sessions count together."]


@dataclass(frozen=True, kw_only=True)
class OneRate:
    """Whose rate."""

    caller: Caller


@dataclass(frozen=True, kw_only=True)
class RateChange:
    """How much a caller may do from now on; what is left out is as the settings say."""

    caller: Caller
    requests: Annotated[float | None, "A second; 0 is no limit.", Between(0, MOST_RATE)] = None
    burst: Annotated[
        int | None, "That may come at once; 0: what a second brings.", Between(0, MOST_RATE)
    ] = None
    bytes: Annotated[
        int | None, "A second, of bodies in both directions; 0 is no limit.", Between(0, MOST_RATE)
    ] = None


@dataclass(frozen=True, kw_only=True)
class RateView:
    """How much a caller may do; null is as the settings say."""

    caller: str
    requests: Annotated[float | None, "A second; 0 is no limit."]
    burst: Annotated[int | None, "That may come at once; 0: what a second brings."]
    bytes: Annotated[float | None, "A second, of bodies in both directions; 0 is no limit."]


@dataclass(frozen=True, kw_only=True)
class RatePage:
    """Callers with a rate of their own, by name."""

    rates: tuple[RateView, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True)
class ExposureOf(Paged):
    """What the report is about."""

    bucket: Annotated[str | None, "Only this bucket."] = None


@dataclass(frozen=True, kw_only=True)
class ExposureView:
    """Something that whoever reaches the server may do without a signature."""

    bucket: str
    actions: Annotated[tuple[str, ...], "As policies name them."]
    resource: Annotated[str, "To what: an ARN, which may hold wildcards."]
    because: Annotated[str, "What lets it through."]
    conditional: Annotated[bool, "Only some requests may."]


@dataclass(frozen=True, kw_only=True)
class ExposurePage:
    """What anonymous callers can reach, by bucket; nothing else can be reached by them."""

    exposures: tuple[ExposureView, ...]
    next: Annotated[str | None, "The last bucket that was looked at, if there are more."]
