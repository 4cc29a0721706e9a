"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

import click

FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.option(
    "-d", "--folder", type=click.Path(path_type=Path, file_okay=False),
    help="The assessment folder. Default: $READINESS_DIR if set, or the nearest parent with a readiness.yaml.",
)  # fmt: skip
PROFILE = click.option(
    "--profile", type=click.Choice(["core", "extended"]), default="core", show_default=True, help="Which questions."
)
CLUSTER = (
    click.option("--kubeconfig", default="", help="A kubeconfig file. Default: $KUBECONFIG if set, or ~/.kube/config."),
    click.option("--context", default="", help="The kubeconfig context. Default: the current one."),
    click.option("-n", "--namespace", "namespaces", multiple=True,
                 help="Namespace-only mode: read only this namespace, nothing cluster-wide. May be repeated."),
    click.option("--weaviate", default="", metavar="NAMESPACE/[KIND/]NAME",
                 help="The Weaviate workload, if the cluster has several."),
    click.option("--weaviate-url", default="", help="Weaviate's REST address (https://weaviate.example.com). The key "
                 "comes from $WEAVIATE_API_KEY, an OIDC token from $WEAVIATE_OIDC_TOKEN."),
    click.option("--weaviate-ca", default="", metavar="FILE",
                 help="Certificate authorities to trust for Weaviate (PEM), in place of the system's."),
    click.option("--prometheus-url", default="", help="A Prometheus-compatible server. A bearer token comes from "
                 "$PROMETHEUS_TOKEN, the tenant (X-Scope-OrgID) from $PROMETHEUS_TENANT."),
    click.option("--prometheus-ca", default="", metavar="FILE",
                 help="Certificate authorities to trust for Prometheus (PEM), in place of the system's."),
    click.option("--prometheus-selector", default="", metavar="MATCHERS",
                 help="Label matchers added to every query if several clusters share the server: cluster=\"prod\"."),
)  # fmt: skip


class ClusterOptions(NamedTuple):
    """Values of the options in `CLUSTER`, empty where an option was not given."""

    kubeconfig: str
    context: str
    namespaces: tuple[str, ...]
    weaviate: str
    weaviate_url: str
    prometheus_url: str
    prometheus_selector: str
    weaviate_ca: str
    prometheus_ca: str

    @property
    def names_a_source(self) -> bool:
        """Whether an option names a cluster or a server to read."""
        return any((self.kubeconfig, self.context, self.namespaces, self.weaviate_url, self.prometheus_url))


def cluster_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options in `CLUSTER` and passes their values as one argument `cluster: ClusterOptions`."""

    @wraps(function)
    def gathered(**options: Any) -> Any:
        values = {name: options.pop(name) for name in ClusterOptions._fields}
        return function(cluster=ClusterOptions(**values), **options)

    for option in reversed(CLUSTER):
        gathered = option(gathered)
    return gathered
