"""The settings of servers for tests: data that are gone at the end, buckets, faults.

A part of the table of settings in config.py. See docs/ci.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from ferrox import fault_rules
from ferrox import setting_kinds as kinds
from ferrox.errors import StartError
from ferrox.setting import Row

LOOPBACK = kinds.Address("127.0.0.1", 0)

BRIEF_GRACE_S = 1.0
"""Who ends a server for tests does not wait for anything that is still under way."""

BUCKET_TRAITS = ("versioned", "object-lock", "public-read")
"""What may be said of a bucket after its name and a colon."""


class SeedBucket(NamedTuple):
    """A bucket that is there when the server is ready."""

    name: str
    traits: frozenset[str] = frozenset()

    def __str__(self) -> str:
        """NAME, or NAME:TRAIT."""
        return ":".join((self.name, *sorted(self.traits)))


def seed_buckets(text: str) -> tuple[SeedBucket, ...]:
    """NAME[:TRAIT]..., separated by commas."""
    found = []
    for one in text.split(","):
        name, *traits = one.strip().split(":")
        for trait in traits:
            if trait not in BUCKET_TRAITS:
                raise ValueError(f"{trait!r} is none of {', '.join(BUCKET_TRAITS)}")
        found.append(SeedBucket(name, frozenset(traits)))
    return tuple(found)


_FORMS = kinds.one_of("shell", "dotenv", "json", "github")


@dataclass(frozen=True, kw_only=True)
class EphemeralSettings:
    """What Config has of them."""

    ephemeral: Annotated[
        bool,
        Row(
            kinds.ON_OFF,
            "Whether the data are only for as long as the server runs: in a folder of its own, in "
            "memory where there is room, which is removed at the end. For tests; see docs/ci.md.",
        ),
    ] = False
    ephemeral_bind: Annotated[
        kinds.Address,
        Row(
            kinds.Kind("HOST:PORT", kinds.address),
            "Address that such a server listens on unless `bind` is given.",
        ),
    ] = LOOPBACK
    ephemeral_dir: Annotated[
        Path | None,
        Row(
            kinds.Kind("path", kinds.path),
            "Directory to make that folder in. Without, it is /dev/shm if 256 MiB are free there, "
            "else TMPDIR.",
        ),
    ] = None
    seed_bucket: Annotated[
        tuple[SeedBucket, ...],
        Row(
            kinds.Kind("names", seed_buckets, is_list=True),
            "Buckets that are made, where there are none of the name, before the server is ready; "
            "comma-separated or repeated. `NAME:versioned`, `NAME:object-lock` and "
            "`NAME:public-read` say more of a new one.",
            aliases=("FERROX_SEED_BUCKETS",),
        ),
    ] = ()
    print_env: Annotated[
        Literal["shell", "dotenv", "json", "github"] | None,
        Row(
            _FORMS._replace(bare="shell"),
            "Print, when the server is ready, the variables that clients need of it, and nothing "
            "else, on standard output. What it says to people goes to standard error.",
        ),
    ] = None
    detach: Annotated[
        bool,
        Row(
            kinds.ON_OFF,
            "Go on in the background and return when the server is ready, with these variables "
            "printed; FERROX_PID is whom to end, FERROX_LOG a file with its log, which stays when "
            "the server crashes.",
        ),
    ] = False
    stop_with_stdin: Annotated[
        bool,
        Row(
            kinds.ON_OFF,
            "Stop when standard input ends: whoever holds the other end of that pipe need only "
            "go away, however that happens.",
        ),
    ] = False
    inject: Annotated[
        tuple[fault_rules.FaultRule, ...],
        Row(
            kinds.Kind("rules", fault_rules.read, is_list=True),
            "Faults to try clients with, `OPERATION[@BUCKET[/KEY-PREFIX]]:FAULT[:PROBABILITY"
            "[:COUNT]]` as in `put_object:503:0.1`; comma-separated or repeated. Only with "
            "`ephemeral`; see docs/ci.md.",
        ),
    ] = ()
    inject_seed: Annotated[
        int,
        Row(
            kinds.Kind("count", kinds.whole(0, 1 << 53)),
            "What decides which requests these faults happen to: with the same number, the same.",
        ),
    ] = 0

    def check_ephemeral(self, sources: Mapping[str, str]) -> None:
        """StartError where these settings do not fit together.

        sources  where each was said
        """
        if not self.ephemeral:
            for name in ("inject", "detach", "ephemeral_dir"):
                if getattr(self, name):
                    raise StartError(f"{name} is for ephemeral servers only: give ephemeral, too")
        elif not (source := sources.get("data_dir", "environment")).startswith("environment"):
            raise StartError(
                "data_dir is given with ephemeral, whose data are in a folder of its own and "
                f"removed at the end: give only one (data_dir comes from {source})"
            )
        if self.detach and self.stop_with_stdin:
            raise StartError("detach is given with stop_with_stdin: give only one")


def with_defaults(values: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as they were said, and what else is meant by an ephemeral server."""
    if not values.get("ephemeral"):
        return dict(values)
    bind = values.get("ephemeral_bind", EphemeralSettings.ephemeral_bind)
    return {"bind": bind, "workers": 1, "shutdown_grace": BRIEF_GRACE_S, **values}
