"""Listings, in pages of a thousand keys."""

from build.bench import wrk
from build.bench.figures import Figures
from build.bench.target import BUCKET, Target

PAGE_KEYS = 1000
PREFIXES = 10
CONNECTIONS = 4
BODY_BYTES = 16
FOLDER = "list/"


def raw(target: Target) -> Figures:
    """Pages all over the listing, with wrk: what the server can, whatever a client makes of it."""
    keys = _filled(target)
    starts = keys[: -PAGE_KEYS - 1 : PAGE_KEYS]
    targets = [_page(target, {"start-after": start}) for start in starts]
    walk = wrk.walk(target, "GET", targets, connections=CONNECTIONS)
    return {"keys": walk.count * PAGE_KEYS / walk.duration_s, "cpu_page": walk.cpu_us}


def _filled(target: Target) -> list[str]:
    """The keys that are listed, in order: as many under each of ten prefixes."""
    each = target.scale.listing_keys // PREFIXES
    keys = [f"{FOLDER}{prefix}/{n:07}" for prefix in range(PREFIXES) for n in range(each)]
    target.fill(keys, BODY_BYTES)
    return keys


def _page(target: Target, parameters: dict[str, str]) -> str:
    query = {"list-type": "2", "max-keys": str(PAGE_KEYS), "prefix": FOLDER, **parameters}
    return target.signer.target("GET", f"/{BUCKET}", query)
