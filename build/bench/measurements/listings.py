"""Listings, in pages of a thousand keys."""

import time

from build.bench import boto, wrk
from build.bench.figures import Figures, MeasurementFailed
from build.bench.target import BUCKET, Target

PAGE_KEYS = 1000
PREFIXES = 10
CONNECTIONS = 4
MOST_PAGED_KEYS = 20_000
BODY_BYTES = 16
PAGE_BYTES = 100 * PAGE_KEYS  # at least, of XML
FOLDER = "list/"


def raw(target: Target) -> Figures:
    """Pages all over the listing, with wrk: what the server can, whatever a client makes of it."""
    keys = _filled(target)
    starts = keys[: -PAGE_KEYS - 1 : PAGE_KEYS]
    targets = [_page(target, {"start-after": start}) for start in starts]
    walk = wrk.walk(target, "GET", targets, connections=CONNECTIONS, answer_bytes=PAGE_BYTES)
    return {"keys": walk.count * PAGE_KEYS / walk.duration_s, "cpu_page": walk.cpu_us}


def by_paginator(target: Target) -> Figures:
    """Page after page through boto3's paginator, which is most of the time itself."""
    count = min(len(_filled(target)), MOST_PAGED_KEYS)
    pages = boto.client(target.server).get_paginator("list_objects_v2")
    with target.spending() as spent, boto.failures():
        began = time.perf_counter()
        seen = sum(
            page["KeyCount"]
            for page in pages.paginate(
                Bucket=BUCKET, Prefix=FOLDER, PaginationConfig={"MaxItems": count}
            )
        )
        duration_s = time.perf_counter() - began
    if seen != count:
        raise MeasurementFailed(f"{seen} of {count} keys were listed")
    cpu_us = spent.per_request_us(seen / PAGE_KEYS)
    return {"keys": seen / duration_s, "cpu_page": cpu_us}


def by_delimiter(target: Target) -> Figures:
    """The ten prefixes that all keys are under, one request after another."""
    _filled(target)
    targets = [_page(target, {"delimiter": "/"})]
    walk = wrk.walk(target, "GET", targets, connections=1)
    return {"p50": walk.p50_ms, "p99": walk.p99_ms, "cpu": walk.cpu_us}


def _filled(target: Target) -> list[str]:
    """The keys that are listed, in order: as many under each of ten prefixes."""
    each = target.scale.listing_keys // PREFIXES
    keys = [f"{FOLDER}{prefix}/{n:07}" for prefix in range(PREFIXES) for n in range(each)]
    target.fill(keys, BODY_BYTES)
    return keys


def _page(target: Target, parameters: dict[str, str]) -> str:
    query = {"list-type": "2", "max-keys": str(PAGE_KEYS), "prefix": FOLDER, **parameters}
    return target.signer.target("GET", f"/{BUCKET}", query)
