"""A connection to one API server: what the rest of the kit sees of a live cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

import msgspec

from readiness_kit.collect.http.guards import check_kubernetes
from readiness_kit.collect.http.transport import Limits, StatusError, Transport
from readiness_kit.collect.kubernetes import credentials
from readiness_kit.decoding import UNDECODABLE, decoder
from readiness_kit.errors import ConfigError
from readiness_kit.model import Call

CONNECT_ATTEMPTS = 2
"""Somebody waits for the answer: a server that is not there is said to be so soon."""


class Connection:
    """Reads from one API server; `get` gives bodies. Made by `connect`; close it, or use it in a `with`."""

    def __init__(self, login: credentials.Login, contexts: list[str], timeout: float) -> None:
        self.context = login.context
        self.contexts = contexts
        self.server_version = ""
        self.transport = self._made(login, Limits(timeout))
        self._probe = self._made(login, Limits(timeout, CONNECT_ATTEMPTS))

    @staticmethod
    def _made(login: credentials.Login, limits: Limits) -> Transport:
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

    def get(self, path: str, params: Mapping[str, str] | None = None) -> bytes:
        """The body of a GET. Raises StatusError, UnreachableError, TooLargeError; ForbiddenRequestError beforehand."""
        return self.transport.get(path, params)

    def review(self, path: str, question: Mapping[str, Any]) -> bytes:
        """The answer to a review of the own access, the one thing that is posted."""
        return self.transport.post(path, msgspec.json.encode(question))

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every request so far, for the call log."""
        return self._probe.calls + self.transport.calls

    def handshake(self) -> None:
        """Asks for the server's version, and so finds out whether server and credentials are good."""
        server = self._probe.server
        try:
            body = self._probe.get("/version")
        except StatusError as problem:
            if problem.status == 403:
                return
            raise self._auth_error(problem) from None
        try:
            self.server_version = decoder(_Version).decode(body).git_version
        except UNDECODABLE:
            raise ConfigError(
                f"{server} does not answer as a Kubernetes API server", "check the server address in the kubeconfig"
            ) from None

    def _auth_error(self, problem: StatusError) -> Exception:
        if problem.status == 401:
            return ConfigError(
                f"the API server does not accept the credentials of the context {self.context!r}"
                " (401: expired, or of another cluster)",
                "sign in again (a kubectl command in this context does it, where a plugin is used), then try again",
            )
        if problem.status == 404:
            return ConfigError(
                f"{self._probe.server} does not answer as a Kubernetes API server",
                "check the address in the kubeconfig",
            )
        return problem

    def close(self) -> None:
        self.transport.close()
        self._probe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Version(msgspec.Struct, rename="camel"):
    git_version: str


def connect(
    kubeconfig: str = "", context: str = "", *, in_cluster: bool | None = None, timeout: float = 30
) -> Connection:
    """Opens a connection and asks for the server's version.

    kubeconfig: a path; empty for $KUBECONFIG, else ~/.kube/config
    context:    empty for the current one
    in_cluster: None decides by whether there is a kubeconfig
    timeout:    seconds, for connecting and for each read

    Raises ConfigError (file, context, credentials) and UnreachableError (server, TLS).
    """
    login = credentials.log_in(kubeconfig, context, in_cluster)
    known = [] if login.inside else credentials.contexts(kubeconfig)
    return _introduced(lambda: Connection(login, known, timeout), login.server)


def _introduced(make: Callable[[], Connection], server: str) -> Connection:
    try:
        connection = make()
    except (OSError, ValueError) as problem:
        raise ConfigError(
            f"the TLS settings for {server} cannot be used: {problem}",
            "check the certificates and the key in the kubeconfig",
        ) from None
    try:
        connection.handshake()
    except BaseException:
        connection.close()
        raise
    return connection
