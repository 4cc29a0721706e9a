"""Manifests as the input of `assess`: standard input, and a chart that helm renders."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

import click

from readiness_kit.advisories.chart_values import check_chart_values
from readiness_kit.bundles import as_file, helm
from readiness_kit.cli.inputs import piped
from readiness_kit.cli.options import FILE
from readiness_kit.cli.output import write_line
from readiness_kit.errors import UsageError

OPTIONS = (
    click.option("--chart", default="", metavar="DIR|REF", help="Judge the manifests that `helm template` renders of "
                 "this chart. --namespace names the namespace of the release."),
    click.option("--values", type=FILE, multiple=True, metavar="FILE",
                 help="With --chart: a values file. May be repeated."),
    click.option("--chart-version", default="", help="With --chart: the version of the chart."),
)  # fmt: skip


class ChartOptions(NamedTuple):
    """Values of the options in `OPTIONS`."""

    chart: str
    values: tuple[Path, ...]
    chart_version: str


def chart_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options in `OPTIONS` and passes their values as one argument `chart: ChartOptions`."""

    @wraps(function)
    def gathered(**options: Any) -> Any:
        values = {name: options.pop(name) for name in ChartOptions._fields}
        return function(chart=ChartOptions(**values), **options)

    for option in reversed(OPTIONS):
        gathered = option(gathered)
    return gathered


@contextmanager
def given_file(given: Path | None, chart: ChartOptions, namespaces: tuple[str, ...]) -> Iterator[Path | None]:
    """The file to judge: `given` itself, standard input for `-`, or the manifests of the chart."""
    if not chart.chart:
        if chart.values or chart.chart_version:
            raise UsageError("--values and --chart-version need --chart", "name the chart, or leave them out")
        with piped(given) as path:
            yield path
        return
    if given is not None:
        raise UsageError(f"{given} and --chart were both given", "give one of them")
    if len(namespaces) > 1:
        raise UsageError("a release has one namespace", "give --namespace once")
    _check_values(chart)
    body = helm.render(chart.chart, chart.values, namespace="".join(namespaces), version=chart.chart_version)
    with as_file(body, "chart") as path:
        yield path


def _check_values(chart: ChartOptions) -> None:
    """Warns of the keys that the official chart ignores: it has no schema, so helm does not."""
    for path in chart.values:
        values = helm.values_of_weaviate(chart.chart, helm.read_values(path))
        for problem in check_chart_values(values) if values is not None else ():
            write_line(f"Warning: {path}: {problem.sentence}", err=True)
