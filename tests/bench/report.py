"""A run in tables, as docs/performance.md shows them."""

from collections.abc import Iterator
from typing import Any

from tests.bench.goals import Run, Verdict, growth

LABELS = {
    "list": "list page",
    "last": "its last page",
    "filter": "category and year",
    "filter, counts": "the same with counts",
    "counts": "list with counts",
    "rare": "search, rare word",
    "common": "search, common word",
    "beginning": "search, beginning of a word",
    "typo": "search, with a slip",
    "json": "JSON, 100 records",
    "unchanged": "unchanged (304)",
}
NOTHING = "–"


def markdown(result: dict[str, Any], verdicts: list[Verdict]) -> str:
    return "\n".join(
        [*_machine(result), *(line for run in result["runs"] for line in _run(run)), *_growth(result["runs"]), *_goals(verdicts)]
    )


def _machine(result: dict[str, Any]) -> Iterator[str]:
    machine = result["machine"]
    yield f"Measured on {result['at'][:10]}: {machine['cores']} cores, {machine['memory_gb']} GB; {', '.join(machine['versions'])}."
    if result["left_out"]:
        yield f"Left out: {', '.join(result['left_out'])}."
    yield ""


def _run(run: dict[str, Any]) -> Iterator[str]:
    names = {"postgres": "PostgreSQL", "sqlite": "SQLite"}
    yield f"### {run['size']:,} papers, {names[run['database']]}"
    yield ""
    if run.get("loaded_in"):
        yield f"Loaded and indexed in {run['loaded_in']:.0f} s."
        yield ""
    targets = list(dict.fromkeys(name for cells in run["latency"].values() for name in cells))
    yield from _table("p50 / p95 in ms", targets, run["latency"], _times)
    yield from _table("requests/s", targets, run["throughput"], lambda rate: f"{rate:,.0f}")
    ways = list(dict.fromkeys(way for counts in run["queries"].values() for way in counts))
    yield from _table("queries", ways, run["queries"], str)
    memory = ", ".join(f"{name} {peak:.0f} MB" for name, peak in run["memory"].items() if peak)
    yield f"Most memory of a worker: {memory or 'not told by this system'}."
    yield ""


def _table(title: str, columns: list[str], rows: dict[str, dict[str, Any]], shown: Any) -> Iterator[str]:
    columns = [column for column in columns if any(column in cells for cells in rows.values())]
    yield f"| {title} | {' | '.join(columns)} |"
    yield f"|---|{'---|' * len(columns)}"
    for question, cells in rows.items():
        if cells:
            values = (shown(cells[column]) if column in cells else NOTHING for column in columns)
            yield f"| {LABELS[question]} | {' | '.join(values)} |"
    yield ""


def _times(cell: dict[str, Any]) -> str:
    if "p50" not in cell:
        return str(cell["error"])
    nothing = " (no hits)" if cell["hits"] == 0 else ""
    return f"{_digits(cell['p50'])} / {_digits(cell['p95'])}{nothing}"


def _digits(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def _growth(runs: list[dict[str, Any]]) -> Iterator[str]:
    measured = [Run(run) for run in runs if run["database"] == "postgres"]
    if len(measured) < 2:
        return
    targets = list(dict.fromkeys(name for run in measured for cells in run.data["latency"].values() for name in cells))
    exponents = {
        question: {target: k for target in targets if (k := growth(measured, question, target)) is not None} for question in LABELS
    }
    yield "### Growth"
    yield ""
    yield from _table("k of time ~ papers^k", targets, exponents, lambda k: f"{k:.2f}")


def _goals(verdicts: list[Verdict]) -> Iterator[str]:
    yield "### Goals"
    yield ""
    yield "| | goal | found | at |"
    yield "|---|---|---|---|"
    for verdict in verdicts:
        yield f"| {'holds' if verdict.holds else '**fails**'} | {verdict.goal} | {verdict.found} | {verdict.where} |"
