"""Groups of fields that many shapes share and inherit, and the people that documents name."""

from ferrox.protocol.shape import Shape, element, header, path, prefixed, query

PART_NUMBERS = (1, 10_000)
"""Least and greatest number of a part."""


class BucketInput(Shape):
    bucket: str = path("Bucket")
    expected_bucket_owner: str | None = header("x-amz-expected-bucket-owner", default=None)


class DocumentInput(BucketInput):
    content_md5: str | None = header("Content-MD5", default=None)
    checksum_algorithm: str | None = header("x-amz-sdk-checksum-algorithm", default=None)


class NoOutput(Shape):
    pass


class ListConfigurationsInput(BucketInput):
    continuation_token: str | None = query("continuation-token", default=None)


class ConfigurationInput(BucketInput):
    id: str = query("id")


class ObjectInput(BucketInput):
    key: str = path("Key")
    request_payer: str | None = header("x-amz-request-payer", default=None)


class ChecksumHeaders(Shape):
    checksum_crc32: str | None = header("x-amz-checksum-crc32", default=None)
    checksum_crc32_c: str | None = header("x-amz-checksum-crc32c", default=None)
    checksum_crc64_nvme: str | None = header("x-amz-checksum-crc64nvme", default=None)
    checksum_sha1: str | None = header("x-amz-checksum-sha1", default=None)
    checksum_sha256: str | None = header("x-amz-checksum-sha256", default=None)
    checksum_sha512: str | None = header("x-amz-checksum-sha512", default=None)
    checksum_md5: str | None = header("x-amz-checksum-md5", default=None)
    checksum_xxhash64: str | None = header("x-amz-checksum-xxhash64", default=None)
    checksum_xxhash3: str | None = header("x-amz-checksum-xxhash3", default=None)
    checksum_xxhash128: str | None = header("x-amz-checksum-xxhash128", default=None)


class ChecksumElements(Shape):
    checksum_crc32: str | None = element("ChecksumCRC32", default=None)
    checksum_crc32_c: str | None = element("ChecksumCRC32C", default=None)
    checksum_crc64_nvme: str | None = element("ChecksumCRC64NVME", default=None)
    checksum_sha1: str | None = element("ChecksumSHA1", default=None)
    checksum_sha256: str | None = element("ChecksumSHA256", default=None)
    checksum_sha512: str | None = element("ChecksumSHA512", default=None)
    checksum_md5: str | None = element("ChecksumMD5", default=None)
    checksum_xxhash64: str | None = element("ChecksumXXHASH64", default=None)
    checksum_xxhash3: str | None = element("ChecksumXXHASH3", default=None)
    checksum_xxhash128: str | None = element("ChecksumXXHASH128", default=None)


class GrantHeaders(Shape):
    acl: str | None = header("x-amz-acl", default=None)
    grant_full_control: str | None = header("x-amz-grant-full-control", default=None)
    grant_read: str | None = header("x-amz-grant-read", default=None)
    grant_read_acp: str | None = header("x-amz-grant-read-acp", default=None)
    grant_write_acp: str | None = header("x-amz-grant-write-acp", default=None)


class RepresentationHeaders(Shape):
    cache_control: str | None = header("Cache-Control", default=None)
    content_disposition: str | None = header("Content-Disposition", default=None)
    content_encoding: str | None = header("Content-Encoding", default=None)
    content_language: str | None = header("Content-Language", default=None)
    content_type: str | None = header("Content-Type", default=None)
    expires: str | None = header("Expires", default=None)
    metadata: dict[str, str] = prefixed("x-amz-meta-", default_factory=dict)
    storage_class: str | None = header("x-amz-storage-class", default=None)
    website_redirect_location: str | None = header("x-amz-website-redirect-location", default=None)


class ObjectLockHeaders(Shape):
    object_lock_mode: str | None = header("x-amz-object-lock-mode", default=None)
    object_lock_retain_until_date: int | None = header(
        "x-amz-object-lock-retain-until-date", default=None, timestamp="iso8601"
    )
    object_lock_legal_hold_status: str | None = header("x-amz-object-lock-legal-hold", default=None)
    object_lock_event_hold: str | None = header("x-amz-object-lock-event-hold", default=None)
    object_lock_event_hold_duration_days: int | None = header(
        "x-amz-object-lock-event-hold-duration-days", default=None
    )
    object_lock_event_hold_duration_years: int | None = header(
        "x-amz-object-lock-event-hold-duration-years", default=None
    )


class CustomerKeyFacts(Shape):
    sse_customer_algorithm: str | None = header(
        "x-amz-server-side-encryption-customer-algorithm", default=None
    )
    sse_customer_key_md5: str | None = header(
        "x-amz-server-side-encryption-customer-key-MD5", default=None
    )


class CustomerKey(CustomerKeyFacts):
    sse_customer_key: str | None = header(
        "x-amz-server-side-encryption-customer-key", default=None, sensitive=True
    )


class EncryptionHeaders(Shape):
    server_side_encryption: str | None = header("x-amz-server-side-encryption", default=None)
    ssekms_key_id: str | None = header(
        "x-amz-server-side-encryption-aws-kms-key-id", default=None, sensitive=True
    )
    bucket_key_enabled: bool | None = header(
        "x-amz-server-side-encryption-bucket-key-enabled", default=None
    )


class EncryptionContextHeaders(EncryptionHeaders):
    ssekms_encryption_context: str | None = header(
        "x-amz-server-side-encryption-context", default=None, sensitive=True
    )


class SourceCustomerKey(Shape):
    copy_source_sse_customer_algorithm: str | None = header(
        "x-amz-copy-source-server-side-encryption-customer-algorithm", default=None
    )
    copy_source_sse_customer_key: str | None = header(
        "x-amz-copy-source-server-side-encryption-customer-key", default=None, sensitive=True
    )
    copy_source_sse_customer_key_md5: str | None = header(
        "x-amz-copy-source-server-side-encryption-customer-key-MD5", default=None
    )


class SourceConditions(Shape):
    copy_source_if_match: str | None = header("x-amz-copy-source-if-match", default=None)
    copy_source_if_modified_since: int | None = header(
        "x-amz-copy-source-if-modified-since", default=None, timestamp="http"
    )
    copy_source_if_none_match: str | None = header("x-amz-copy-source-if-none-match", default=None)
    copy_source_if_unmodified_since: int | None = header(
        "x-amz-copy-source-if-unmodified-since", default=None, timestamp="http"
    )


class ReadConditions(Shape):
    if_match: str | None = header("If-Match", default=None)
    if_modified_since: int | None = header("If-Modified-Since", default=None, timestamp="http")
    if_none_match: str | None = header("If-None-Match", default=None)
    if_unmodified_since: int | None = header("If-Unmodified-Since", default=None, timestamp="http")


class ResponseOverrides(Shape):
    response_cache_control: str | None = query("response-cache-control", default=None)
    response_content_disposition: str | None = query("response-content-disposition", default=None)
    response_content_encoding: str | None = query("response-content-encoding", default=None)
    response_content_language: str | None = query("response-content-language", default=None)
    response_content_type: str | None = query("response-content-type", default=None)
    response_expires: str | None = query("response-expires", default=None)


class Owner(Shape):
    id: str | None = element("ID", default=None)
    display_name: str | None = element("DisplayName", default=None)


class Initiator(Shape):
    id: str | None = element("ID", default=None)
    display_name: str | None = element("DisplayName", default=None)
