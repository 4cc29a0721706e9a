"""Options that several commands share: each has one spelling, as kubectl and helm have it.

An option takes precedence over the environment, and the environment over `readiness.yaml`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

import click

from readiness_kit.cli import completion
from readiness_kit.model import Cluster

FILE = click.Path(path_type=Path, dir_okay=False)
DIRECTORY = click.Path(path_type=Path, file_okay=False)


def _once(ctx: click.Context, param: click.Parameter, value: tuple[Any, ...]) -> Any:
    """The only value. A second one is an error: silently, one of two folders or files would be ignored."""
    if len(value) > 1:
        names = " and ".join(str(each) for each in value)
        raise click.BadParameter(f"{names} were given, and only one can be used.", ctx, param)
    return value[0] if value else None


FOLDER = click.option(
    "-d", "--folder", type=DIRECTORY, multiple=True, callback=_once,
    help="The assessment folder. Default: $READINESS_DIR if set, or the nearest parent with a readiness.yaml.",
)  # fmt: skip
INPUT = click.Path(path_type=Path, allow_dash=True)
_FILE_OPTION = "file_option"


def input_file(name: str, help_text: str, *, required: bool = False) -> Callable[..., Any]:
    """The input of a command as an argument, or with -f; the command gets it as the argument `name`.

    Naming both is a usage error, as naming none is with `required`.
    """

    def decorated(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def gathered(**options: Any) -> Any:
            given = [options.pop(_FILE_OPTION), options.pop(name)]
            chosen = [path for path in given if path is not None]
            if len(chosen) > 1:
                raise click.UsageError(f"{chosen[1]} and -f {chosen[0]} were given, and only one can be used.")
            if required and not chosen:
                raise click.UsageError(f"Missing argument '{name.upper()}' (-: standard input).")
            return function(**{name: chosen[0] if chosen else None}, **options)

        argument = click.argument(name, required=False, type=INPUT)
        option = click.option("-f", "--file", _FILE_OPTION, type=INPUT, multiple=True, callback=_once,
                              metavar=name.upper(), help=help_text)  # fmt: skip
        return argument(option(gathered))

    return decorated


SNAPSHOT = input_file(
    "snapshot",
    "SNAPSHOT as an option: a snapshot, a bundle of another tool or manifests (a file, folder or archive; -: standard "
    "input). Default: the newest snapshot of the assessment folder.",
)
WEAVIATE = click.option(
    "--weaviate", default="", metavar="NAMESPACE/[KIND/]NAME", help="The Weaviate workload, if there are several."
)
PROFILE = click.option(
    "--profile", type=click.Choice(["core", "extended"]), default="core", show_default=True, help="Which questions."
)
QUIET = click.option("-q", "--quiet", is_flag=True, help="Print only the result.")


class Duration(click.ParamType[float]):
    """A time as kubectl takes it: `30`, `30s`, `2m`."""

    name = "duration"
    _FORM = re.compile(r"(\d{1,6})(s|m|h)?")
    _SECONDS = {"s": 1, "m": 60, "h": 3600}

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds; a usage error for another form, and for 0, because no request waits without end."""
        if isinstance(value, float):
            return value
        found = self._FORM.fullmatch(str(value))
        if found is None:
            self.fail(f"{value!r} is not a time. Write seconds, or a number with s, m or h, such as 30s.", param, ctx)
        seconds = float(found[1]) * self._SECONDS[found[2] or "s"]
        if seconds == 0:
            self.fail("0 would wait without end. Give a time such as 30s.", param, ctx)
        return seconds


CONNECTION = (
    click.option("--kubeconfig", default="", metavar="FILE", shell_complete=completion.files,
                 help="A kubeconfig file. Default: $KUBECONFIG if set, or ~/.kube/config."),
    click.option("--context", default="", metavar="NAME", shell_complete=completion.contexts,
                 help="The kubeconfig context. Default: the current one."),
    click.option("-n", "--namespace", "namespaces", multiple=True, metavar="NAMESPACE",
                 help="Namespace-only mode: read only this namespace, nothing cluster-wide. May be repeated."),
    click.option("--as", "user", default="", metavar="USER", help="The user to impersonate, as kubectl does."),
    click.option("--as-group", "groups", multiple=True, metavar="GROUP",
                 help="A group to impersonate, together with --as. May be repeated."),
    click.option("--request-timeout", "timeout", type=Duration(), default="30s", show_default=True, metavar="TIME",
                 help="The longest wait for one answer of the API server: 30s, 2m."),
)  # fmt: skip
SOURCES = (
    WEAVIATE,
    click.option("--weaviate-url", default="", metavar="URL", help="Weaviate's REST address "
                 "(https://weaviate.example.com). Default: $WEAVIATE_URL. The key comes from $WEAVIATE_API_KEY, an "
                 "OIDC token from $WEAVIATE_OIDC_TOKEN."),
    click.option("--weaviate-ca", default="", metavar="FILE", shell_complete=completion.files,
                 help="Certificate authorities to trust for Weaviate (PEM), in place of the system's."),
    click.option("--prometheus-url", default="", metavar="URL", help="A Prometheus-compatible server. Default: "
                 "$PROMETHEUS_URL. A bearer token comes from $PROMETHEUS_TOKEN, the tenant (X-Scope-OrgID) from "
                 "$PROMETHEUS_TENANT."),
    click.option("--prometheus-ca", default="", metavar="FILE", shell_complete=completion.files,
                 help="Certificate authorities to trust for Prometheus (PEM), in place of the system's."),
    click.option("--prometheus-selector", default="", metavar="MATCHERS",
                 help="Label matchers added to every query if several clusters share the server: cluster=\"prod\"."),
    click.option("--require-sources", is_flag=True,
                 help="Exit 4 if Weaviate or Prometheus has an address and cannot be reached."),
    click.option("--another-cluster", is_flag=True,
                 help="Add the snapshot even if the folder has snapshots of another cluster."),
)  # fmt: skip


class ConnectionOptions(NamedTuple):
    """Values of the options in `CONNECTION`, empty where an option was not given."""

    kubeconfig: str = ""
    context: str = ""
    namespaces: tuple[str, ...] = ()
    user: str = ""
    groups: tuple[str, ...] = ()
    timeout: float = 30.0

    def over(self, settings: Cluster) -> ConnectionOptions:
        """The options, then $KUBECONFIG, then the settings of the folder."""
        configured = "" if os.environ.get("KUBECONFIG") else settings.kubeconfig
        return self._replace(
            kubeconfig=self.kubeconfig or configured,
            context=self.context or settings.context,
            namespaces=self.namespaces or settings.namespaces,
        )


class ClusterOptions(NamedTuple):
    """Values of the options in `CONNECTION` and `SOURCES`."""

    connection: ConnectionOptions
    weaviate: str = ""
    weaviate_url: str = ""
    weaviate_ca: str = ""
    prometheus_url: str = ""
    prometheus_ca: str = ""
    prometheus_selector: str = ""
    require_sources: bool = False
    another_cluster: bool = False

    @property
    def names_a_source(self) -> bool:
        """Whether an option names a cluster or a server to read."""
        named = self.connection
        return any((named.kubeconfig, named.context, named.namespaces, named.user, self.weaviate_url,
                    self.prometheus_url))  # fmt: skip


def connection_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options in `CONNECTION` and passes their values as one argument `connection`."""

    @wraps(function)
    def gathered(**options: Any) -> Any:
        values = {name: options.pop(name) for name in ConnectionOptions._fields}
        if values["groups"] and not values["user"]:
            raise click.UsageError("--as-group needs --as, the user to impersonate.")
        return function(connection=ConnectionOptions(**values), **options)

    return _with(CONNECTION, gathered)


def cluster_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options in `CONNECTION` and `SOURCES` and passes their values as one argument `cluster`."""

    @wraps(function)
    def gathered(connection: ConnectionOptions, **options: Any) -> Any:
        values = {name: options.pop(name) for name in ClusterOptions._fields if name != "connection"}
        return function(cluster=ClusterOptions(connection, **values), **options)

    return connection_options(_with(SOURCES, gathered))


def _with(options: tuple[Callable[..., Any], ...], function: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(options):
        function = option(function)
    return function
