"""Results of runs that never were."""

from build.bench.result import Result, ServerInfo
from build.bench.rounds import Outcome


def result(**rounds: list[float]) -> Result:
    """A run of get-4k: server → CPU a request in each round; no rounds, a failure."""
    return Result(
        scale="quick",
        machine={"processor": "imagined"},
        servers={name: ServerInfo(f"{name} 1.0", "no") for name in rounds},
        outcomes={
            "get-4k": {
                name: Outcome([{"cpu": one} for one in values], "" if values else "it broke")
                for name, values in rounds.items()
            }
        },
    )
