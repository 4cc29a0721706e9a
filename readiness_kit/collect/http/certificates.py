"""What protects credentials on their way: certificate authorities, and no plain HTTP to other machines."""

from __future__ import annotations

import re
import ssl
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from readiness_kit.errors import ConfigError
from readiness_kit.files import require_regular

_SERVICE = re.compile(r"[a-z0-9-]{1,63}\.[a-z0-9-]{1,63}\.svc(?:\.cluster\.local)?\.?")


def is_loopback(url: str) -> bool:
    """Whether a server is on this machine, which includes a port-forward."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    if host == "localhost":
        return True
    try:
        found = ip_address(host)
    except ValueError:
        return False
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback


def is_near(url: str) -> bool:
    """Whether a server is on this machine, or a Service of the same cluster by its name."""
    return is_loopback(url) or bool(_SERVICE.fullmatch(urlsplit(url).hostname or ""))


def require_tls(url: str, whose: str) -> None:
    """Raise ConfigError where credentials would go over plain HTTP to another machine."""
    parts = urlsplit(url)
    if parts.scheme == "http" and not is_near(url):
        raise ConfigError(
            f"credentials for {whose} at {parts.hostname} would go over plain HTTP",
            "use https, or `kubectl port-forward` and http://127.0.0.1:PORT",
        )


def authorities(path: str, whose: str) -> str:
    """The path of a file of certificate authorities with `~` resolved, "" for none.

    Raises ConfigError for a file that is missing or holds no certificate. This is checked before a connection is
    tried, because there the same mistake looks like a server that does not answer.
    """
    if not path:
        return ""
    file = Path(path).expanduser()
    try:
        require_regular(file)
        count = ssl.create_default_context(cafile=str(file)).cert_store_stats()["x509"]
        cause = "" if count else "it holds no certificate"
    except (ssl.SSLError, ValueError):
        cause = "it holds no certificate"
    except OSError as problem:
        cause = problem.strerror or "it cannot be read"
    if cause:
        raise ConfigError(
            f"the certificate authorities for {whose} in {file} cannot be used: {cause}",
            "give a file of certificates in PEM form, or none to trust the system's authorities",
        )
    return str(file)
