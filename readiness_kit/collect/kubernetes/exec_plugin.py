"""Runs the exec credential plugin of a kubeconfig user: without a terminal or standard input, with a time-out."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from readiness_kit import processes
from readiness_kit.collect.http.credentials import forms
from readiness_kit.decoding import UNDECODABLE, decoder
from readiness_kit.errors import ConfigError
from readiness_kit.kinds.marks import REDACTED
from readiness_kit.redact import redact_text
from readiness_kit.redact.commands import arguments


class Credential(msgspec.Struct, rename="camel"):
    """The status of an ExecCredential."""

    token: str = ""
    client_certificate_data: str = ""
    client_key_data: str = ""
    expiration_timestamp: datetime | None = None


class _ExecCredential(msgspec.Struct, rename="camel"):
    api_version: str
    status: Credential


def run(user: Mapping[str, Any], cluster: Mapping[str, Any], folder: str, context: str, timeout: float) -> Credential:
    """The credentials that the plugin prints. Raises ConfigError, which names the plugin and the context.

    user:    the `exec` section of the kubeconfig user
    cluster: the kubeconfig cluster
    folder:  where the kubeconfig is, for a relative command
    timeout: in seconds
    """
    command = str(user.get("command") or "")
    named = f"the credential plugin {command!r} of the context {context!r}"
    program = _program(command, folder)
    if program is None:
        hint = str(user.get("installHint") or "").strip() or "install it, or choose a context with other credentials"
        raise ConfigError(f"{named} is not installed", redact_text(" ".join(hint.split()))[:500])
    words = [program, *(str(word) for word in user.get("args") or ())]
    out, errors, code = _output(words, _environment(user, cluster), folder, named, timeout)
    if code != 0:
        message = redact_text(redact_credentials(" ".join(errors.split()), user))[:300]
        raise ConfigError(
            f"{named} ended with exit code {code}: {message}",
            "run a kubectl command in this context: it runs the same plugin and can ask you to sign in",
        )
    try:
        found: Credential = decoder(_ExecCredential).decode(out).status
    except UNDECODABLE:
        raise ConfigError(f"{named} did not print an ExecCredential", "update the plugin") from None
    if not found.token and not (found.client_certificate_data and found.client_key_data):
        raise ConfigError(f"{named} gave neither a token nor a certificate with its key", "sign in again")
    return found


def redact_credentials(text: str, user: Mapping[str, Any]) -> str:
    """A plugin's message without the secrets that the kubeconfig gives to it in arguments and environment."""
    words = tuple(str(word) for word in user.get("args") or ())
    variables = [(f"--{name}", value) for name, value in _variables(user).items()]
    hidden = [
        whole[len(shown.partition(REDACTED)[0]) :]
        for given in (words, *variables)
        for whole, shown in zip(given, arguments(given), strict=True)
        if REDACTED in shown
    ]
    for form in sorted((form for secret in hidden for form in forms(secret)), key=len, reverse=True):
        text = text.replace(form, REDACTED)
    return text


def _variables(user: Mapping[str, Any]) -> dict[str, str]:
    return {str(item["name"]): str(item.get("value", "")) for item in user.get("env") or () if "name" in item}


def _program(command: str, folder: str) -> str | None:
    if os.sep in command and not os.path.isabs(command):
        command = os.path.join(folder, command)
    return shutil.which(command) if command else None


def _environment(user: Mapping[str, Any], cluster: Mapping[str, Any]) -> dict[str, str]:
    info: dict[str, Any] = {
        "apiVersion": user.get("apiVersion") or "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "spec": {"interactive": False},
    }
    if user.get("provideClusterInfo"):
        info["spec"]["cluster"] = {
            "server": cluster.get("server", ""),
            "certificate-authority-data": cluster.get("certificate-authority-data", ""),
            "insecure-skip-tls-verify": bool(cluster.get("insecure-skip-tls-verify")),
        }
    return {**os.environ, **_variables(user), "KUBERNETES_EXEC_INFO": json.dumps(info)}


def _output(
    words: list[str], environment: dict[str, str], folder: str, named: str, timeout: float
) -> processes.Finished:
    try:
        return processes.run(words, timeout, environment=environment, folder=folder or None)
    except TimeoutError:
        raise ConfigError(
            f"{named} did not finish within {timeout:.0f} s; it may be waiting for a sign-in",
            "run a kubectl command in this context, sign in when it asks, and try again",
        ) from None
    except OSError as problem:
        raise ConfigError(
            f"{named} cannot be started: {problem.strerror}", "check that it is an executable program"
        ) from None
