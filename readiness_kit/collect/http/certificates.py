"""What stands between credentials and a listener: certificate authorities, and no plain HTTP to a far host."""

from __future__ import annotations

import re
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from readiness_kit.errors import ConfigError

_NEAR = re.compile(r"localhost|127\.\d+\.\d+\.\d+|::1|[\w.-]+\.svc(\.[\w.-]+)?")


def near(url: str) -> bool:
    """Whether a server is this machine (a port-forward too), or a Service by its name in the same cluster."""
    return bool(_NEAR.fullmatch(urlsplit(url).hostname or ""))


def require_tls(url: str, whose: str) -> None:
    """Raises ConfigError where credentials would go over plain HTTP to a far host."""
    parts = urlsplit(url)
    if parts.scheme == "http" and not near(url):
        raise ConfigError(
            f"credentials for {whose} at {parts.hostname} would go over plain HTTP",
            "use https, or `kubectl port-forward` and http://127.0.0.1:PORT",
        )


def authorities(path: str, whose: str) -> str:
    """The path with `~` resolved, "" for none. ConfigError for a file that is not there or holds no certificate.

    Looked at before a connection is tried: there the same mistake would look like a server that does not answer.
    """
    if not path:
        return ""
    file = Path(path).expanduser()
    hint = "give a file of certificates in PEM form, or leave it out to trust the system's authorities"
    try:
        known = ssl.create_default_context(cafile=str(file)).cert_store_stats()["x509"]
    except (OSError, ValueError) as problem:
        said = (
            problem.strerror if isinstance(problem, FileNotFoundError | PermissionError) else "it holds no certificate"
        )
        raise ConfigError(f"the certificate authorities for {whose} in {file} cannot be used: {said}", hint) from None
    if not known:
        raise ConfigError(f"the certificate authorities for {whose} in {file} cannot be used: it holds none", hint)
    return str(file)
