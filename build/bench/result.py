"""A run as it is kept: bench.json, and read back."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from build.bench.figures import Figures
from build.bench.rounds import Outcome, Outcomes

FORMAT = 1


@dataclass(frozen=True)
class ServerInfo:
    """A server, as the reader of a table wants to know it."""

    version: str
    durable: str


@dataclass(frozen=True)
class Result:
    """All that is known of one run."""

    scale: str
    machine: Mapping[str, str]
    servers: Mapping[str, ServerInfo]
    outcomes: Outcomes

    def rounds(self, measurement: str, server: str) -> list[Figures]:
        """The figures of each round; none if it was not measured or failed."""
        return self.outcomes.get(measurement, {}).get(server, Outcome()).rounds

    def values(self, measurement: str, server: str, figure: str) -> list[float]:
        """One figure over the rounds."""
        return [one[figure] for one in self.rounds(measurement, server) if figure in one]


def to_json(result: Result) -> str:
    """The text of bench.json."""
    return json.dumps({"format": FORMAT, **asdict(result)}, indent=1) + "\n"


def from_json(text: str) -> Result:
    """Read bench.json."""
    document = json.loads(text)
    if document.get("format") != FORMAT:
        raise ValueError(f"this is no bench.json of format {FORMAT}")
    return Result(
        document["scale"],
        document["machine"],
        {name: ServerInfo(**info) for name, info in document["servers"].items()},
        {
            measurement: {name: Outcome(**outcome) for name, outcome in servers.items()}
            for measurement, servers in document["outcomes"].items()
        },
    )


def load(path: Path) -> Result:
    """The run that was kept in a file."""
    return from_json(path.read_text("utf-8"))
