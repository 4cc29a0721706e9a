"""The cluster options: passed on as one value."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from readiness_kit.cli.options import ClusterOptions, ConnectionOptions, cluster_options
from readiness_kit.model import Cluster

EMPTY = ClusterOptions(ConnectionOptions())


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
        (("--as", "ann"), "user", "ann", True),
        (("--request-timeout", "2m"), "timeout", 120.0, False),
        (("--require-sources",), "require_sources", True, False),
        (("--another-cluster",), "another_cluster", True, False),
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
    if field in ConnectionOptions._fields:
        assert options == EMPTY._replace(connection=EMPTY.connection._replace(**{field: value}))
    else:
        assert options == EMPTY._replace(**{field: value})
    assert options.names_a_source is names_a_source


def test_without_options_all_fields_are_empty() -> None:
    assert parsed() == EMPTY
    assert not EMPTY.names_a_source


def test_groups_are_impersonated_together_with_a_user() -> None:
    assert parsed("--as", "ann", "--as-group", "a", "--as-group", "b").connection.groups == ("a", "b")


def test_environment_beats_settings_and_flags_beat_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    settings = Cluster(kubeconfig="of-settings", context="of-settings", namespaces=("of-settings",))
    chosen = ConnectionOptions().over(settings)
    assert (chosen.kubeconfig, chosen.context, chosen.namespaces) == ("of-settings", "of-settings", ("of-settings",))
    monkeypatch.setenv("KUBECONFIG", "of-the-environment")
    assert ConnectionOptions().over(settings).kubeconfig == ""  # the connection then reads $KUBECONFIG
    given = ConnectionOptions("of-a-flag", "of-a-flag", ("of-a-flag",)).over(settings)
    assert (given.kubeconfig, given.context, given.namespaces) == ("of-a-flag", "of-a-flag", ("of-a-flag",))
