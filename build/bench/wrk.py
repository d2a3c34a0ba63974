"""wrk, driven with presigned targets (walk.lua) and read back."""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from build.bench.figures import MeasurementFailed
from build.bench.target import Target

SCRIPT = Path(__file__).with_name("walk.lua")
GRACE_S = 60.0


@dataclass(frozen=True)
class Walk:
    """What wrk saw, and what it cost the server."""

    count: int
    duration_s: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    written_bytes: int


def walk(
    target: Target,
    method: str,
    targets: Sequence[str],
    *,
    connections: int,
    size: int | None = None,
    answer_bytes: int = 0,
) -> Walk:
    """Walk over the targets for the time that the scale gives.

    size          of the body that is sent
    answer_bytes  what an answer must be long on average, so that nobody is quick by saying less
    """
    program = shutil.which("wrk")
    if program is None:
        raise MeasurementFailed("wrk is missing: apt-get install wrk")
    list_path, body_path = target.scratch / "targets", target.scratch / "body"
    list_path.write_text("".join(f"{one}\n" for one in targets))
    if size is not None:
        body_path.write_bytes(os.urandom(size))
    command = [
        program, "-t1", f"-c{connections}", f"-d{target.scale.seconds}s", "--timeout", "30s",
        "-s", str(SCRIPT), f"http://{target.server.host}", "--",
        method, str(list_path), "" if size is None else str(body_path),
    ]  # fmt: skip
    with target.spending() as spent:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False,
            timeout=target.scale.seconds + GRACE_S,
        )  # fmt: skip
    seen = parse(done.stdout)
    if seen["bytes"] < seen["count"] * answer_bytes:
        raise MeasurementFailed(f"{seen['bytes']} bytes in {seen['count']} answers are too few")
    return Walk(
        seen["count"], seen["duration_us"] / 1e6, seen["p50_us"] / 1e3, seen["p99_us"] / 1e3,
        spent.per_request_us(seen["count"]), spent.written_bytes,
    )  # fmt: skip


def parse(output: str) -> dict[str, int]:
    """What walk.lua reported; a refusal or a broken connection spoils the measurement."""
    line = next((line for line in output.splitlines() if line.startswith("{")), None)
    if line is None:
        raise MeasurementFailed(f"wrk ended without a report: {output[-500:]}")
    seen: dict[str, int] = json.loads(line)
    if seen["refused"] or seen["broken"] or not seen["count"]:
        raise MeasurementFailed(
            f"{seen['refused']} refused, {seen['broken']} broken of {seen['count']}"
        )
    return seen
