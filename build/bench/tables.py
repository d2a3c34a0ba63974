"""The result of a run as Markdown: machine, servers, and a table with ratios."""

from collections.abc import Iterator

from build.bench.figures import FIGURES, paired_ratio, rounded, summary
from build.bench.measurements.table import MEASUREMENTS, Measurement
from build.bench.result import Result

AHEAD = 1.05


def document(result: Result) -> str:
    """Everything about a run, to be read by a person."""
    parts = [_machine(result), _servers(result), table(result), behind(result)]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def table(result: Result) -> list[str]:
    """A line for each figure of each measurement; the first server is what others are held to."""
    names = list(result.servers)
    lines = [
        "| work | figure | " + " | ".join(names) + " |",
        "|---|---|" + "---|" * len(names),
    ]
    for measurement in MEASUREMENTS:
        lines.extend(_rows(result, measurement, names))
    return lines


def behind(result: Result) -> list[str]:
    """Where others are ahead of the first server, by more than a twentieth: a line for each."""
    first, *others = result.servers
    found = [(name, list(_better(result, name, first))) for name in others]
    return [f"{name} is ahead of {first} in: {', '.join(works)}." for name, works in found if works]


def _better(result: Result, name: str, first: str) -> Iterator[str]:
    for measurement in MEASUREMENTS:
        ahead = []
        for figure, kind in FIGURES.items():
            values = [result.values(measurement.name, one, figure) for one in (name, first)]
            ratio = paired_ratio(*values)
            if ratio and (ratio if kind.is_more_better else 1 / ratio) > AHEAD:
                ahead.append(f"{kind.title} {ratio:.2f} x")
        if ahead:
            yield f"{measurement.title} ({', '.join(ahead)})"


def _rows(result: Result, measurement: Measurement, names: list[str]) -> list[str]:
    figures = {
        figure: None for name in names for one in result.rounds(measurement.name, name)
        for figure in one
    }  # fmt: skip
    if not figures and measurement.name in result.outcomes:
        return [f"| {measurement.title} | | " + " | ".join("failed" for _ in names) + " |"]
    rows = []
    for index, figure in enumerate(figures):
        title = measurement.title if index == 0 else ""
        cells = [_cell(result, measurement.name, name, names[0], figure) for name in names]
        unit = f"{FIGURES[figure].title}, {FIGURES[figure].unit}"
        rows.append(f"| {title} | {unit} | " + " | ".join(cells) + " |")
    return rows


def _cell(result: Result, measurement: str, server: str, first: str, figure: str) -> str:
    values = result.values(measurement, server, figure)
    if not values:
        outcome = result.outcomes[measurement].get(server)
        return "failed" if outcome is not None and outcome.failure else ""
    text = rounded(summary(values).median)
    if server == first:
        return text
    ratio = paired_ratio(values, result.values(measurement, first, figure))
    return text if ratio is None else f"{text} ({ratio:.2f} x)"


def _machine(result: Result) -> list[str]:
    lines = [f"- {name}: {value}" for name, value in result.machine.items()]
    note = ", a look: provisional until a full run on a quiet machine replaces it"
    return [*lines, f"- scale: {result.scale}{note if result.scale == 'quick' else ''}"]


def _servers(result: Result) -> list[str]:
    return [
        "| server | version | is a PUT on disk when it is answered? |",
        "|---|---|---|",
        *(f"| {name} | {info.version} | {info.durable} |" for name, info in result.servers.items()),
    ]
