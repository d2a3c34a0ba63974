"""Every setting as one row: name, type, default, unit, meaning; flag > environment > file.

The fields of `Config` are the rows. The command line, `ferroxd serve --help` and
docs/configuration.md are made from `SETTINGS`, which is read off those fields, so a setting is
written exactly once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Literal, get_args, get_type_hints

from ferrox import event_targets as targets
from ferrox import setting_kinds as kinds
from ferrox import setting_sources
from ferrox.encryption_settings import EncryptionSettings
from ferrox.ephemeral_settings import EphemeralSettings, with_defaults
from ferrox.errors import StartError
from ferrox.metrics_settings import MetricsSettings
from ferrox.scrub_settings import ScrubSettings
from ferrox.setting import Row, Setting
from ferrox.tls_settings import TlsSettings

WELL_KNOWN_PAIRS = frozenset(
    {
        ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        ("admin", "password"),
        ("minio", "minio123"),
        ("minioadmin", "minioadmin"),
        ("rustfsadmin", "rustfsadmin"),
        ("test", "test"),
    }
)
"""Credentials that are printed in somebody's documentation. They work, with a warning."""


Address = kinds.Address


DEFAULT_BIND = Address(kinds.ALL_INTERFACES, 9000)


@dataclass(frozen=True, kw_only=True)
class Config(TlsSettings, EncryptionSettings, ScrubSettings, MetricsSettings, EphemeralSettings):
    """The settings of one server, read and checked. The secret key never shows in its repr."""

    data_dir: Annotated[
        Path, Row(kinds.Kind("path", kinds.path), "Directory that holds everything stored.")
    ] = Path("./data")
    bind: Annotated[
        Address | None,
        Row(
            kinds.Kind("HOST:PORT or off", kinds.address_or_off),
            "Address to listen on; `[::1]:9000` for IPv6, port 0 for any free port. `off` where "
            "all requests are to come over TLS.",
        ),
    ] = DEFAULT_BIND
    access_key: Annotated[
        str | None,
        Row(
            kinds.Kind("text", kinds.access_key),
            "Access key of the root account. "
            "Without a pair, one is made at first start and printed once.",
            aliases=("MINIO_ROOT_USER",),
        ),
    ] = None
    secret_key: Annotated[
        str | None,
        Row(
            kinds.Kind("text", kinds.secret_key),
            "Secret key of the root account; belongs with the access key.",
            aliases=("MINIO_ROOT_PASSWORD",),
            is_secret=True,
        ),
    ] = field(default=None, repr=False)
    master_passphrase: Annotated[
        str | None,
        Row(
            kinds.Kind("text", kinds.passphrase),
            "Passphrase under which secrets are sealed in the data directory, instead of a key "
            "file there. Others may see the environment of a process: a file is better.",
            is_secret=True,
        ),
    ] = field(default=None, repr=False)
    master_passphrase_file: Annotated[
        Path | None,
        Row(kinds.Kind("path", kinds.path), "File that holds this passphrase as its only line."),
    ] = None
    oidc_ca_file: Annotated[
        Path | None,
        Row(
            kinds.Kind("path", kinds.path),
            "PEM file of authorities that identity providers (OpenID Connect) are known by, beside "
            "those of the system.",
        ),
    ] = None
    region: Annotated[
        str, Row(kinds.Kind("name", kinds.region), "Region that clients sign their requests for.")
    ] = "us-east-1"
    workers: Annotated[
        int | Literal["auto"],
        Row(
            kinds.Kind("auto or count", kinds.workers),
            "Processes that serve; `auto` is one for each usable core, up to 4.",
        ),
    ] = "auto"
    domain: Annotated[
        tuple[str, ...],
        Row(
            kinds.Kind("names", kinds.domains, is_list=True),
            "Host names under which BUCKET.NAME addresses a bucket; comma-separated or repeated.",
        ),
    ] = ()
    website_domain: Annotated[
        tuple[str, ...],
        Row(
            kinds.Kind("names", kinds.domains, is_list=True),
            "Host names of websites: BUCKET.NAME shows the bucket that is configured as one, NAME "
            "itself the bucket of that name; comma-separated or repeated.",
        ),
    ] = ()
    log_level: Annotated[
        str, Row(kinds.one_of("debug", "info", "warning", "error"), "How much is logged.")
    ] = "info"
    log_format: Annotated[
        str, Row(kinds.one_of("text", "json"), "Log lines for people, or one JSON object a line.")
    ] = "text"
    access_log: Annotated[bool, Row(kinds.ON_OFF, "One log line for each request.")] = True
    audit_log: Annotated[
        Path | None,
        Row(
            kinds.Kind("path or -", kinds.path),
            "File that gets one JSON line for each request of a known caller and each change on "
            "the admin plane; `-` is standard output. See docs/audit.md.",
        ),
    ] = None
    audit_log_max_size: Annotated[
        int,
        Row(
            kinds.Kind("size", kinds.whole(0, 1 << 40)),
            "Size at which this file is renamed to FILE.1, and older ones to FILE.2 and so on; 0 "
            "leaves it alone.",
            unit="bytes",
        ),
    ] = 100 << 20
    audit_log_keep: Annotated[
        int,
        Row(kinds.Kind("count", kinds.whole(1, 10_000)), "How many of the older files are kept."),
    ] = 10
    audit_log_strict: Annotated[
        bool,
        Row(
            kinds.ON_OFF,
            "Whether no answer leaves before its line is written, and requests are refused with "
            "503 as long as none can be.",
        ),
    ] = False
    sigv2: Annotated[
        Literal["presigned", "all", "off"],
        Row(
            kinds.one_of("presigned", "all", "off"),
            "Where the old signature version 2 is accepted: "
            "in presigned URLs, in headers too, or nowhere.",
        ),
    ] = "presigned"
    default_object_ownership: Annotated[
        Literal["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"],
        Row(
            kinds.one_of("BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"),
            "Object ownership of a new bucket whose maker asks for none. With "
            "BucketOwnerEnforced access control lists are off, as on AWS since 2023; with "
            "ObjectWriter they are in force, as before and as some tools still expect.",
        ),
    ] = "BucketOwnerEnforced"
    default_public_access_block: Annotated[
        bool,
        Row(
            kinds.ON_OFF,
            "Whether a new bucket blocks all public access, as on AWS since 2023, "
            "until its public access block is changed or removed.",
        ),
    ] = True
    bucket_log_interval: Annotated[
        float,
        Row(
            kinds.Kind("number", kinds.number(0.1, 86_400)),
            "How long lines of the access log of a bucket are collected before they are "
            "delivered as an object.",
            unit="seconds",
        ),
    ] = 300.0
    bucket_log_size: Annotated[
        int,
        Row(
            kinds.Kind("size", kinds.whole(1024, 64 << 20)),
            "Size at which they are delivered earlier.",
            unit="bytes",
        ),
    ] = 1_048_576
    upload_expiry: Annotated[
        float,
        Row(
            kinds.Kind("number", kinds.number(0.001, 87_600)),
            "Age at which an unfinished multipart upload is aborted, unless a lifecycle rule of "
            "its bucket says when.",
            unit="hours",
        ),
    ] = 24.0
    event_targets: Annotated[
        tuple[targets.Target, ...],
        Row(
            kinds.Kind("path", targets.read),
            "TOML file of those whom buckets may tell of events; see docs/events.md.",
        ),
    ] = ()
    event_log: Annotated[
        bool,
        Row(
            kinds.ON_OFF,
            "Whether every change of an object is an event that can be followed, or only what "
            "buckets are configured to tell somebody of.",
        ),
    ] = False
    event_retention: Annotated[
        float,
        Row(
            kinds.Kind("number", kinds.number(0.001, 87_600)),
            "How long events can be followed, and for how long a target is tried that cannot be "
            "told of them.",
            unit="hours",
        ),
    ] = 24.0
    lifecycle_interval: Annotated[
        float,
        Row(
            kinds.Kind("number", kinds.number(0.001, 8_760)),
            "How often the lifecycle rules of each bucket are obeyed.",
            unit="hours",
        ),
    ] = 24.0
    lifecycle_debug_day: Annotated[
        float,
        Row(
            kinds.Kind("number", kinds.number(0.1, 86_400)),
            "How long a day lasts when lifecycle rules are obeyed, once in each such day at "
            "least. For trying rules out: dates in answers remain those of real days.",
            unit="seconds",
        ),
    ] = 86_400.0
    shutdown_grace: Annotated[
        float,
        Row(
            kinds.Kind("number", kinds.number(0, 3600)),
            "How long requests may go on after SIGTERM before they are cut.",
            unit="seconds",
        ),
    ] = 30.0
    inline_limit: Annotated[
        int,
        Row(
            kinds.Kind("size", kinds.whole(0, 1 << 20)),
            "Largest object that is kept in the database instead of a file of its own.",
            unit="bytes",
        ),
    ] = 65_536
    max_header_bytes: Annotated[
        int,
        Row(
            kinds.Kind("size", kinds.whole(1024, 1 << 20)),
            "Largest request head; more is refused with RequestHeaderSectionTooLarge.",
            unit="bytes",
        ),
    ] = 16_384
    max_connections: Annotated[
        int,
        Row(
            kinds.Kind("count", kinds.whole(0, 1_000_000)),
            "Connections served at the same time, further ones get SlowDown; 0 is no limit. "
            "Each worker gets an equal share.",
        ),
    ] = 0
    idle_timeout: Annotated[
        float,
        Row(
            kinds.Kind("number", kinds.number(0.01, 86_400)),
            "How long a connection may stay idle between requests or take to deliver a head.",
            unit="seconds",
        ),
    ] = 75.0
    body_timeout: Annotated[
        float,
        Row(
            kinds.Kind("number", kinds.number(0.01, 86_400)),
            "How long a transfer may stand still, in either direction, before it is given up.",
            unit="seconds",
        ),
    ] = 30.0
    min_body_rate: Annotated[
        int,
        Row(
            kinds.Kind("count", kinds.whole(0, 1 << 20)),
            "Slowest upload that is served, averaged over the body timeout and counting only time "
            "spent waiting for the client; slower ones get RequestTimeout. 0 is no limit.",
            unit="bytes/second",
        ),
    ] = 100
    rate_limit_requests: Annotated[
        float,
        Row(
            kinds.Kind("number", kinds.number(0, 1_000_000)),
            "Requests that each access key may make, over all workers, unless it has a limit of "
            "its own; further ones get SlowDown. 0 is no limit. See docs/rate-limits.md.",
            unit="requests/second",
        ),
    ] = 0.0
    rate_limit_burst: Annotated[
        int,
        Row(
            kinds.Kind("count", kinds.whole(0, 1_000_000)),
            "Requests of a key that may come at once after a pause; 0 is what a second brings.",
        ),
    ] = 0
    rate_limit_bytes: Annotated[
        int,
        Row(
            kinds.Kind("size", kinds.whole(0, 1 << 40)),
            "Bytes that each access key may send and get, both together; a key that had more is "
            "refused until the rate has made up for it. 0 is no limit.",
            unit="bytes/second",
        ),
    ] = 0
    rate_limit_anonymous: Annotated[
        float,
        Row(
            kinds.Kind("number", kinds.number(0, 1_000_000)),
            "Requests that all who do not sign may make together. 0 is no limit.",
            unit="requests/second",
        ),
    ] = 0.0

    sources: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    """Where each setting was said that is not as it is by default; itself no setting."""

    def warnings(self) -> list[str]:
        """What the operator should hear about these settings, one sentence each."""
        warnings = []
        if (self.access_key, self.secret_key) in WELL_KNOWN_PAIRS:
            warnings.append(
                f"the credentials of access key {self.access_key} are printed in public "
                "documentation: anybody who reaches this server can use it"
            )
        if self.sse_customer_keys_in_the_open and self.bind is not None:
            warnings.append(
                "keys of customers are taken over plain HTTP: whoever is on the way can read them"
            )
        if self.lifecycle_debug_day < Config.lifecycle_debug_day:
            warnings.append(
                f"lifecycle rules are obeyed as if a day had {self.lifecycle_debug_day:g} seconds: "
                "objects expire that soon"
            )
        return warnings


def _settings() -> Iterator[Setting]:
    hints = get_type_hints(Config, include_extras=True)
    own = Config.__annotations__  # those of the groups follow, in the order of Config's bases
    places = dict.fromkeys(own, -1) | {
        item.name: place for place, group in enumerate(Config.__bases__) for item in fields(group)
    }
    for item in sorted(fields(Config), key=lambda item: places[item.name]):
        if item.name == "sources":
            continue
        yield Setting(item.name, item.default, *get_args(hints[item.name])[1])


SETTINGS: tuple[Setting, ...] = tuple(_settings())
"""The rows, in the order of the documentation."""


def load(
    argv_values: Mapping[str, Sequence[str]],
    environ: Mapping[str, str],
    config_file: Path | None = None,
) -> Config:
    """Put the settings together from where they may stand; StartError when they do not fit.

    See `setting_sources.gather`.
    """
    values, sources = setting_sources.gather(SETTINGS, argv_values, environ, config_file)
    config = Config(**with_defaults(values), sources=sources)
    if (config.access_key is None) != (config.secret_key is None):
        given, missing = "access_key", "secret_key"
        if config.access_key is None:
            given, missing = missing, given
        raise StartError(f"{given} is given without {missing}: give both or neither")
    both = set(config.domain) & set(config.website_domain)
    if both:
        raise StartError(f"website_domain: {min(both)!r} is a domain of the API, too")
    keys = ("sse_master_key", "sse_master_key_file", "sse_passphrase_file")
    given_keys = [name for name in keys if getattr(config, name) is not None]
    if len(given_keys) > 1:
        raise StartError(f"{' and '.join(given_keys)} are given: give only one")
    if config.sse_mode == "default" and not given_keys:
        raise StartError("sse_mode default needs a master key: give sse_master_key_file")
    if config.bind is None and config.tls_bind is None:
        raise StartError("bind is off, and tls_bind is not given: nobody could reach the server")
    config.check_tls()
    config.check_ephemeral(sources)
    if config.print_env is not None and config.audit_log == Path("-"):
        raise StartError("print_env and audit_log - are given: both want standard output")
    return config
