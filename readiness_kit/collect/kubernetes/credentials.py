"""From a kubeconfig, or from inside a pod, to what a connection needs: server, TLS and credentials.

The `kubernetes` client reads the file. What it would do without a time-out or outside of the kit's transport is done
here (exec plugins) or not at all (refreshing tokens at an identity provider).
"""

from __future__ import annotations

import atexit
import base64
import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from readiness_kit.collect.http.login import authorization_header
from readiness_kit.collect.http.pools import make_pool
from readiness_kit.collect.kubernetes import exec_plugin, kubeconfig
from readiness_kit.collect.kubernetes.impersonation import Impersonation
from readiness_kit.errors import ConfigError
from readiness_kit.redact import redact_text

CONNECTIONS = 16
"""One for each thread of a collection, and as many for the pages that these request ahead."""
PLUGIN_TIMEOUT = 30.0
JUST_NOW = 10.0
"""Seconds within which a plugin is not run again."""
_SKEW = timedelta(minutes=1)
_TOKEN_FILE = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")


class Login:
    """The settings for one server. `pool` is a urllib3 pool; `headers` the credentials of this moment."""

    def __init__(
        self,
        configuration: Any,
        context: str,
        inside: bool,
        renewal: _Renewal | None = None,
        impersonate: Impersonation = Impersonation(),  # noqa: B008 - immutable
    ) -> None:
        self.configuration = configuration
        self.impersonate = impersonate
        self.context = context
        self.inside = inside
        self._renewal = renewal
        self._lock = threading.Lock()

    @property
    def server(self) -> str:
        """The address of the API server."""
        return str(self.configuration.host)

    @property
    def tls_unverified(self) -> bool:
        """Whether the kubeconfig accepts any certificate (`insecure-skip-tls-verify`)."""
        return self.server.startswith("https:") and not self.configuration.verify_ssl

    def pool(self) -> Any:
        """A urllib3 pool by the TLS and proxy settings of the kubeconfig."""
        known = self.configuration
        return make_pool(
            self.server,
            ca_file=known.ssl_ca_cert or "",
            client_cert=known.cert_file or "",
            client_key=known.key_file or "",
            server_name=known.tls_server_name or "",
            verify=known.verify_ssl,
            proxy=known.proxy or "",
            connections=CONNECTIONS,
        )

    def headers(self) -> dict[str, str]:
        """The Authorization header of this moment. Raises ConfigError for a token that cannot be sent."""
        with self._lock:
            if self._renewal is not None:
                self._renewal.if_due(self.configuration)
            found = self.configuration.auth_settings().get("BearerToken") or {}
        # A token file usually ends in a newline.
        return authorization_header(self.server, f"the context {self.context!r}", str(found.get("value") or "").strip())

    def refresh(self) -> bool:
        """Get new credentials after a 401; False where there is no plugin that gives them."""
        if self._renewal is None:
            return False
        with self._lock:
            self._renewal.now(self.configuration)
        return True


class _Renewal:
    """The token of an exec plugin, which is run again shortly before the token expires."""

    def __init__(self, user: Mapping[str, Any], cluster: Mapping[str, Any], folder: str, context: str) -> None:
        self._arguments = (user, cluster, folder, context)
        self._expires: datetime | None = None
        self._ran_at = 0.0
        self._failed: ConfigError | None = None

    def credential(self) -> exec_plugin.Credential:
        """Run the plugin, but not again after it has failed: each thread would wait for it in turn."""
        if self._failed is not None:
            raise self._failed
        try:
            given = exec_plugin.run(*self._arguments, timeout=PLUGIN_TIMEOUT)
        except ConfigError as problem:
            self._failed = problem
            raise
        self._expires = given.expiration_timestamp
        self._ran_at = time.monotonic()
        return given

    def if_due(self, configuration: Any) -> None:
        if self._expires is not None and self._expires - _SKEW <= datetime.now(UTC):
            self.now(configuration)

    def now(self, configuration: Any) -> None:
        """Run the plugin again, unless another thread did so a moment ago."""
        if self._ran_at and time.monotonic() - self._ran_at < JUST_NOW:
            return
        token = self.credential().token
        for name in ("BearerToken", "authorization"):
            if token and name in configuration.api_key:
                configuration.api_key[name] = f"Bearer {token}"


def inside_cluster() -> bool:
    """Whether this runs in a pod with a service account."""
    return bool(os.environ.get("KUBERNETES_SERVICE_HOST")) and _TOKEN_FILE.is_file()


def log_in(given: str = "", context: str = "", in_cluster: bool | None = None) -> Login:
    """The settings of a context, or of the pod that this runs in (`in_cluster` None: where there is no kubeconfig).

    given: the path of a kubeconfig; empty for $KUBECONFIG, otherwise ~/.kube/config
    """
    if in_cluster is None:
        in_cluster = not given and not context and not kubeconfig.paths() and inside_cluster()
    return _service_account() if in_cluster else _from_file(given, context)


def _service_account() -> Login:
    from kubernetes.client import Configuration
    from kubernetes.config import ConfigException, load_incluster_config

    configuration = Configuration()
    try:
        load_incluster_config(client_configuration=configuration)
    except ConfigException as problem:
        raise ConfigError(
            f"there are no credentials of a pod on this machine: {redact_text(str(problem))}",
            "give a kubeconfig, or set automountServiceAccountToken for this pod",
        ) from None
    return Login(configuration, "in-cluster", inside=True)


def _from_file(given: str, context: str) -> Login:
    from kubernetes.client import Configuration
    from kubernetes.config import ConfigException
    from kubernetes.config.kube_config import KubeConfigLoader

    files = kubeconfig.required_paths(given)
    merged = kubeconfig.merged(files)
    known = [entry["name"] for entry in merged["contexts"]]
    chosen = context or merged["current-context"]
    if not chosen:
        raise ConfigError("the kubeconfig names no current context", f"choose one of: {_listed(known)}")
    if chosen not in known:
        raise ConfigError(f"the kubeconfig has no context {chosen!r}", f"choose one of: {_listed(known)}")
    kubeconfig.require_files(merged, chosen)
    try:
        impersonate = _impersonated(merged, chosen)
        renewal = _resolve_user(merged, chosen, files)
        configuration = Configuration()
        loader = KubeConfigLoader(merged, active_context=chosen, temp_file_path=private_folder())
        loader.load_and_set(configuration)
    except (ConfigException, OSError, ValueError, TypeError, AttributeError) as problem:
        where = ", ".join(map(str, files))
        raise ConfigError(
            f"the kubeconfig {where} cannot be used: {redact_text(str(problem))[:300]}",
            "run `kubectl config view` with it, and correct what that reports",
        ) from None
    return Login(configuration, chosen, inside=False, renewal=renewal, impersonate=impersonate)


def _impersonated(merged: dict[str, Any], context: str) -> Impersonation:
    """`as` and `as-groups` of the context's user, which the loader of the client ignores."""
    user = str(_named(merged["contexts"], context, "context").get("user") or "")
    settings = next((entry["user"] for entry in merged["users"] if entry["name"] == user), None) or {}
    groups = settings.get("as-groups") or ()
    return Impersonation(str(settings.get("as") or ""), tuple(str(group) for group in groups))


def _resolve_user(merged: dict[str, Any], context: str, files: list[Path]) -> _Renewal | None:
    """Replace an exec plugin or an old auth provider by plain credentials, which the loader can use."""
    chosen = _named(merged["contexts"], context, "context")
    cluster = _named(merged["clusters"], str(chosen.get("cluster") or ""), "cluster")
    user = str(chosen.get("user") or "")
    entry = next((entry for entry in merged["users"] if entry["name"] == user), None)
    if entry is None:
        return None
    settings: dict[str, Any] = entry["user"]
    if "auth-provider" in settings:
        entry["user"] = {"token": _stored_token(settings["auth-provider"], context)}
    if "exec" not in settings or settings.get("token") or settings.get("tokenFile"):
        return None
    renewal = _Renewal(settings["exec"], cluster, kubeconfig.folder_of(user, files), context)
    given = renewal.credential()
    plain = {name: value for name, value in settings.items() if name != "exec"}
    if given.token:
        plain["token"] = given.token
    if given.client_certificate_data:
        plain["client-certificate-data"] = _encoded(given.client_certificate_data)
        plain["client-key-data"] = _encoded(given.client_key_data)
    entry["user"] = plain
    return renewal if given.token else None


def _named(entries: list[dict[str, Any]], name: str, inner: str) -> Mapping[str, Any]:
    """The content of an entry, empty where there is none; the loader reports what is missing."""
    return next((entry[inner] for entry in entries if entry["name"] == name), {})


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _stored_token(provider: Mapping[str, Any], context: str) -> str:
    """The token that an auth provider stored in the file, until it expires; the kit contacts no identity provider."""
    stored = provider.get("config") or {}
    token = str(stored.get("id-token") or stored.get("access-token") or "")
    expires = _expiry(token, str(stored.get("expiry") or ""))
    if not token or (expires is not None and expires <= datetime.now(UTC)):
        raise ConfigError(
            f"the token of the auth provider {provider.get('name')!r} in the context {context!r} has expired",
            "kubectl 1.26 removed auth providers: sign in again with an exec credential plugin (kubelogin,"
            " gke-gcloud-auth-plugin, …)",
        )
    return token


def _expiry(token: str, stated: str) -> datetime | None:
    try:
        if stated:
            found = datetime.fromisoformat(stated.replace("Z", "+00:00"))
            return found if found.tzinfo else found.replace(tzinfo=UTC)
        claims = token.split(".")[1]
        until = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["exp"]
        return datetime.fromtimestamp(float(until), UTC)
    except (ValueError, LookupError, TypeError, OverflowError, OSError, RecursionError):
        return None


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:20])
    return f"{shown} and {len(names) - 20} more" if len(names) > 20 else shown or "(it has none)"


@lru_cache(maxsize=1)
def private_folder() -> str:
    """The folder for client keys, which TLS needs as files: readable by the owner only, removed at exit."""
    folder = tempfile.mkdtemp(prefix="readiness-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
