"""A connection to one API server: what the rest of the kit sees of a live cluster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import msgspec

from readiness_kit.collect.http.guards import check_kubernetes
from readiness_kit.collect.http.transport import Limits, StatusError, Transport
from readiness_kit.collect.kubernetes import credentials
from readiness_kit.collect.kubernetes.impersonation import Impersonation
from readiness_kit.decoding import UNDECODABLE, decoder
from readiness_kit.errors import ConfigError
from readiness_kit.model import Call

CONNECT_ATTEMPTS = 2
"""Few, because a person waits for the answer."""


class Connection:
    """Reads from one API server; `get` returns bodies. Made by `connect`; close it, or use it in a `with`."""

    def __init__(self, login: credentials.Login, timeout: float, impersonated: Impersonation) -> None:
        self.context = login.context
        self.server_version = ""
        self.tls_unverified = login.tls_unverified
        self.transport = _transport(login, Limits(timeout))
        self._probe = _transport(login, Limits(timeout, CONNECT_ATTEMPTS))
        self._as = impersonated.headers()

    def get(self, path: str, params: Mapping[str, str] | None = None) -> bytes:
        """The body of a GET. Raises StatusError, UnreachableError, TooLargeError; ForbiddenRequestError beforehand."""
        return self.transport.get(path, params, headers=self._as)

    def review(self, path: str, question: Mapping[str, Any]) -> bytes:
        """The answer to a review of the caller's permissions, the only request that is a POST."""
        return self.transport.post(path, msgspec.json.encode(question), headers=self._as)

    @property
    def clock_skew(self) -> float:
        """Seconds by which the API server's clock is ahead of this machine's; 0 where the server gave no date."""
        skew = self._probe.clock_skew if self.transport.clock_skew is None else self.transport.clock_skew
        return skew or 0.0

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every request so far, for the call log."""
        return self._probe.calls + self.transport.calls

    def handshake(self) -> None:
        """Ask for the server's version, which shows whether server and credentials are valid.

        Raises ConfigError and UnreachableError.
        """
        try:
            self.server_version = decoder(_Version).decode(self._probe.get("/version", headers=self._as)).git_version
        except UNDECODABLE:
            raise self._not_kubernetes() from None
        except StatusError as problem:
            if problem.status == 401:
                raise ConfigError(
                    f"the API server does not accept the credentials of the context {self.context!r}"
                    " (401: expired, or of another cluster)",
                    "sign in again (a kubectl command in this context does so where a plugin is used), and try again",
                ) from None
            if problem.status == 404:
                raise self._not_kubernetes() from None
            if problem.status != 403:
                raise

    def _not_kubernetes(self) -> ConfigError:
        return ConfigError(
            f"{self._probe.server} does not answer as a Kubernetes API server",
            "check the server address in the kubeconfig",
        )

    def close(self) -> None:
        """Close all connections."""
        self.transport.close()
        self._probe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Version(msgspec.Struct, rename="camel"):
    git_version: str


def _transport(login: credentials.Login, limits: Limits) -> Transport:
    return Transport(
        "kubernetes",
        login.server,
        login.pool(),
        check_kubernetes,
        login.headers,
        refresh=login.refresh,
        compressed=not login.inside,
        limits=limits,
    )


def connect(
    kubeconfig: str = "",
    context: str = "",
    *,
    in_cluster: bool | None = None,
    timeout: float = 30,
    impersonate: Impersonation | None = None,
) -> Connection:
    """Open a connection and ask for the server's version.

    kubeconfig: a path; empty for $KUBECONFIG, otherwise ~/.kube/config
    context:    empty for the current one
    in_cluster: None for the credentials of this pod where there is no kubeconfig
    timeout:    seconds, for connecting and for each read
    impersonate: another user, as whom everything is read; None for the one of the kubeconfig, if it names one

    Raises ConfigError (file, context, credentials) and UnreachableError (server, TLS).
    """
    login = credentials.log_in(kubeconfig, context, in_cluster)
    try:
        connection = Connection(login, timeout, impersonate or login.impersonate)
    except (OSError, ValueError) as problem:
        raise ConfigError(
            f"the TLS settings for {login.server} cannot be used: {problem}",
            "check the certificates and the key in the kubeconfig",
        ) from None
    try:
        connection.handshake()
    except BaseException:
        connection.close()
        raise
    return connection
