"""Charts rendered by helm: a program in place of helm writes what the tests need."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from readiness_kit.bundles import helm
from readiness_kit.errors import ConfigError, UnreadableFileError, UsageError


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of a script called helm, first on the PATH; a test writes its body."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")
    return folder / "helm"


def write(script: Path, body: str) -> None:
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o755)


def test_helm_gets_the_chart_the_values_and_the_namespace(fake: Path, tmp_path: Path) -> None:
    write(fake, 'printf "%s\\n" "$@"')
    chart = tmp_path / "chart"
    chart.mkdir()
    words = helm.render(str(chart), [tmp_path / "a.yaml", tmp_path / "b.yaml"], namespace="search", version="17.8.3")
    assert words.decode().splitlines() == [
        "template",
        "weaviate",
        str(chart),
        "--namespace=search",
        f"--values={tmp_path / 'a.yaml'}",
        f"--values={tmp_path / 'b.yaml'}",
        "--version=17.8.3",
    ]


def test_no_shell_reads_the_words(fake: Path, tmp_path: Path) -> None:
    write(fake, 'printf "%s\\n" "$@"')
    assert b"repo/weaviate; touch x" in helm.render("repo/weaviate; touch x")


def test_helms_message_is_short_and_clean(fake: Path) -> None:
    long = "x" * 5000
    write(
        fake,
        'echo "WARNING: Kubernetes configuration file is group-readable" >&2\n'
        f'echo "Error: execution error at (weaviate/templates/statefulset.yaml:1:3): replicas {long}" >&2\n'
        'echo >&2; echo "Use --debug flag to render out invalid YAML" >&2; exit 1',
    )
    with pytest.raises(UnreadableFileError) as raised:
        helm.render("weaviate/weaviate")
    text = raised.value.what
    assert "execution error at (weaviate/templates/statefulset.yaml:1:3): replicas" in text
    assert "\n" not in text and "--debug" not in text and "WARNING" not in text and len(text) < 700


def test_a_credential_in_helms_message_is_redacted(fake: Path) -> None:
    write(fake, 'echo "Error: https://ann:Zx9plantedQw7@charts.example.com refused" >&2; exit 1')
    with pytest.raises(UnreadableFileError) as raised:
        helm.render("weaviate/weaviate")
    assert "planted" not in str(raised.value)


def test_without_helm_the_way_without_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match=r"helm template weaviate CHART .* \| readiness assess -"):
        helm.render("weaviate/weaviate")


def test_helm_is_ended_after_the_deadline(fake: Path) -> None:
    write(fake, "sleep 600")
    start = time.monotonic()
    with pytest.raises(ConfigError, match="did not finish within"):
        helm.render("weaviate/weaviate", deadline=0.5)
    assert time.monotonic() - start < 120


@pytest.mark.parametrize("chart", ["", "--post-renderer=/bin/sh"])
def test_an_option_is_no_chart(chart: str) -> None:
    with pytest.raises(UsageError):
        helm.render(chart)


def test_a_chart_without_manifests_is_an_error(fake: Path) -> None:
    write(fake, "true")
    with pytest.raises(UnreadableFileError, match="renders no manifests"):
        helm.render("weaviate/weaviate")


@pytest.mark.parametrize(
    ("text", "message"),
    [("replicas: [", "not valid YAML"), ("- replicas", "not a mapping"), ("a: 1\n---\nb: 2", "not valid YAML")],
)
def test_values_that_are_no_mapping(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "values.yaml").write_text(text)
    with pytest.raises(UnreadableFileError, match=message):
        helm.read_values(tmp_path / "values.yaml")


@pytest.mark.parametrize(
    ("described", "expected"),
    [
        ("name: weaviate", {"replicaCount": 3, "db": {"replicas": 3}}),
        ("name: platform\ndependencies: [{name: weaviate, alias: db}]", {"replicas": 3}),
        ("name: platform\ndependencies: [{name: weaviate}]", {}),
        ("name: platform", None),
    ],
)
def test_the_values_that_the_official_chart_reads(tmp_path: Path, described: str, expected: object) -> None:
    (tmp_path / "Chart.yaml").write_text(described)
    assert helm.values_of_weaviate(str(tmp_path), {"replicaCount": 3, "db": {"replicas": 3}}) == expected


def test_the_values_of_a_reference_are_those_of_the_chart() -> None:
    assert helm.values_of_weaviate("weaviate/weaviate", {"a": 1}) == {"a": 1}
    assert helm.values_of_weaviate("acme/platform", {"a": 1}) is None
