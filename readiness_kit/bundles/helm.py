"""Render a chart with `helm template`, so that it can be judged before it is installed.

Helm runs without a shell, without input and under a time limit, and it does not connect to a cluster. The kit renders
no chart itself.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from readiness_kit import processes
from readiness_kit.documents import parse_yaml, read_text
from readiness_kit.errors import ConfigError, UnreadableFileError, UsageError
from readiness_kit.redact import redact_text

RELEASE = "weaviate"
DEADLINE = 120.0
"""Seconds; a chart of a repository is downloaded within them."""
MAX_MESSAGE = 500
_CHART_FILE = "Chart.yaml"
_ADVICE = "Use --debug flag"


def is_chart(path: Path) -> bool:
    """Whether a folder is the source of a chart, whose templates are not manifests."""
    return (path / _CHART_FILE).is_file()


def read_values(path: Path) -> dict[str, Any]:
    """A values file. Raises UnreadableFileError where it is not a YAML mapping; an empty file is an empty one."""
    found = parse_yaml(read_text(path, "the values file", UnreadableFileError), f"the values file {path}",
                       UnreadableFileError)  # fmt: skip
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise UnreadableFileError(
            f"the values file {path} is not a mapping", "write one key on each line, as `key: value`"
        )
    return found


def values_of_weaviate(chart: str, values: dict[str, Any]) -> dict[str, Any] | None:
    """The part of the values that the official chart reads; None where it is not known to read any.

    It is either the chart itself, or a dependency of the chart, which reads the key of its name.
    """
    folder = Path(chart)
    if not is_chart(folder):
        return values if chart.rstrip("/").rpartition("/")[2].startswith(RELEASE) else None
    described = parse_yaml(read_text(folder / _CHART_FILE, "the chart file", UnreadableFileError),
                           f"the chart file {folder / _CHART_FILE}", UnreadableFileError)  # fmt: skip
    described = described if isinstance(described, dict) else {}
    if described.get("name") == RELEASE:
        return values
    parts = described.get("dependencies")
    for part in parts if isinstance(parts, list) else ():
        if isinstance(part, dict) and part.get("name") == RELEASE:
            found = values.get(str(part.get("alias") or RELEASE))
            return found if isinstance(found, dict) else {}
    return None


def render(
    chart: str, values: Sequence[Path] = (), *, namespace: str = "", version: str = "", deadline: float = DEADLINE
) -> bytes:
    """The manifests of a chart: a folder, an archive, or a reference such as `weaviate/weaviate` or `oci://…`.

    Raises ConfigError where helm is not installed or does not end in time, UnreadableFileError with helm's message
    where it cannot render the chart.
    """
    if chart.startswith("-") or not chart:
        raise UsageError(f"{chart!r} is not a chart", "give a folder, an archive or a reference of a chart")
    program = shutil.which("helm")
    if program is None:
        raise ConfigError(
            "helm, which renders charts, was not found on the PATH",
            f"install Helm 3, or run `helm template {RELEASE} CHART -f values.yaml | readiness assess -` elsewhere",
        )
    words = [program, "template", RELEASE, str(Path(chart).resolve()) if Path(chart).exists() else chart]
    words += [f"--namespace={namespace or RELEASE}", *(f"--values={path}" for path in values)]
    words += [f"--version={version}"] if version else []
    out, errors, code = _run(words, deadline)
    if code:
        raise UnreadableFileError(
            f"helm could not render the chart {redact_text(chart)}: {_message(errors)}",
            "correct the values or the chart; `helm template` with the same files shows the whole message",
        )
    if not out.strip():
        raise UnreadableFileError(f"the chart {redact_text(chart)} renders no manifests", "check the values")
    return out


def _message(errors: str) -> str:
    """Helm's own message on one line, without its advice, redacted and cut."""
    lines = [line.strip() for line in errors[-20_000:].splitlines()]
    kept = [line for line in lines if line and not line.startswith((_ADVICE, "WARNING:"))]
    text = redact_text(" ".join(kept).removeprefix("Error: "))
    return text if len(text) <= MAX_MESSAGE else f"{text[:MAX_MESSAGE]}…"


def _run(words: list[str], deadline: float) -> processes.Finished:
    try:
        return processes.run(words, deadline)
    except TimeoutError:
        raise ConfigError(
            f"helm did not finish within {deadline:.0f} s", "download the chart with `helm pull`, and name its folder"
        ) from None
    except OSError as problem:
        raise ConfigError(f"helm cannot be started: {problem.strerror}", "check the installation of Helm") from None
