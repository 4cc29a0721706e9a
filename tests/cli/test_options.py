"""The cluster options: passed on as one value."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from readiness_kit.cli.options import ClusterOptions, cluster_options

EMPTY = ClusterOptions("", "", (), "", "", "", "", "", "")


def parsed(*words: str) -> ClusterOptions:
    received: list[ClusterOptions] = []

    @click.command()
    @cluster_options
    def command(cluster: ClusterOptions) -> None:
        received.append(cluster)

    result = CliRunner().invoke(command, list(words))
    assert result.exit_code == 0, result.output
    return received[0]


@pytest.mark.parametrize(
    ("words", "field", "value", "names_a_source"),
    [
        (("--kubeconfig", "k"), "kubeconfig", "k", True),
        (("--context", "c"), "context", "c", True),
        (("-n", "a", "--namespace", "b"), "namespaces", ("a", "b"), True),
        (("--weaviate-url", "https://w"), "weaviate_url", "https://w", True),
        (("--prometheus-url", "https://p"), "prometheus_url", "https://p", True),
        (("--weaviate", "ns/w"), "weaviate", "ns/w", False),
        (("--weaviate-ca", "f"), "weaviate_ca", "f", False),
        (("--prometheus-ca", "f"), "prometheus_ca", "f", False),
        (("--prometheus-selector", "m"), "prometheus_selector", "m", False),
    ],
)
def test_each_option_sets_its_field(words: tuple[str, ...], field: str, value: object, names_a_source: bool) -> None:
    options = parsed(*words)
    assert options == EMPTY._replace(**{field: value})
    assert options.names_a_source is names_a_source


def test_without_options_all_fields_are_empty() -> None:
    assert parsed() == EMPTY
    assert not EMPTY.names_a_source
