"""Files of certificate authorities, for servers that the system's own ones do not vouch for."""

from __future__ import annotations

import ssl
from pathlib import Path

from readiness_kit.errors import ConfigError


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
