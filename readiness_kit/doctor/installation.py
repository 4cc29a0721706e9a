"""The installation: Python, TLS, proxies, packages, and the files of the kit."""

from __future__ import annotations

import os
import platform
import ssl
import sys
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from readiness_kit import paths
from readiness_kit._version import __version__
from readiness_kit.doctor.line import Line

OLDEST, NEWEST = (3, 11), (3, 14)
PACKAGES = ("kubernetes", "msgspec", "pandas", "matplotlib", "nbconvert", "ipython")
OPTIONAL = (
    ("jupyterlab", "lab", "the notebooks in JupyterLab"),
    ("ipywidgets", "lab", "the cards in notebooks"),
    ("voila", "app", "the notebooks as an app"),
    ("playwright", "pdf", "PDF reports"),
)
PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")


def installation() -> Iterator[Line]:
    """Python, TLS, proxies, packages, and the files of the kit."""
    supported = OLDEST <= sys.version_info[:2] <= NEWEST
    hint = "" if supported else "use Python 3.11, 3.12, 3.13 or 3.14"
    yield Line(supported, f"Python {platform.python_version()} on {platform.system()} {platform.machine()}", hint)
    yield Line(None, ssl.OPENSSL_VERSION)
    yield from _proxies()
    yield Line(True, f"readiness-kit {__version__} in {paths.PACKAGE}")
    for name in PACKAGES:
        try:
            yield Line(True, f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            yield Line(False, f"{name} is missing", "pip install --force-reinstall readiness-kit")
    for name, extra, what in OPTIONAL:
        installed = find_spec(name) is not None
        hint = "" if installed else f"pip install 'readiness-kit[{extra}]' for {what}"
        yield Line(installed or None, f"{name} is {'' if installed else 'not '}installed", hint)
    for what, folder in (("notebooks", paths.notebooks()), ("template", paths.templates() / "readiness")):
        yield Line(folder.is_dir(), f"{what} in {folder}", "" if folder.is_dir() else "reinstall readiness-kit")
    found = (Path(sys.prefix) / "share/jupyter/nbconvert/templates/readiness").is_dir()
    yield Line(
        found or None,
        f"the template is {'' if found else 'not '}found by `jupyter nbconvert --template readiness`",
        "" if found else "not needed for `readiness report`; a regular `pip install` puts it there",
    )


def _proxies() -> Iterator[Line]:
    """The proxies of the environment, without user and password."""
    for name in PROXIES:
        value = os.environ.get(name) or os.environ.get(name.lower()) or ""
        if value:
            yield Line(None, f"{name}={value if name == 'NO_PROXY' else _bare(value)}")


def _bare(address: str) -> str:
    try:
        parts = urlsplit(address if "//" in address else f"//{address}")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an address that cannot be read"
    return f"{parts.scheme + '://' if parts.scheme else ''}{parts.hostname or ''}{port}"
