"""The files of a kubeconfig, merged as kubectl merges them.

Of each context, cluster and user the first file that has it wins as a whole, and of `current-context` the first file
that sets it. Relative paths belong to the folder of their file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from readiness_kit import files
from readiness_kit.documents import parse_yaml, read_text
from readiness_kit.errors import ConfigError

DEFAULT = "~/.kube/config"
_SECTIONS = {"contexts": "context", "clusters": "cluster", "users": "user"}
_PATHS = {
    "clusters": ("certificate-authority",),
    "users": ("client-certificate", "client-key", "tokenFile"),
    "contexts": (),
}
"""Fields that hold the path of a file."""
_HINT = "run `kubectl config view` with it, and correct what that reports"


def paths(kubeconfig: str = "") -> list[Path]:
    """The existing kubeconfig files: the given one, otherwise those of $KUBECONFIG, otherwise ~/.kube/config."""
    if kubeconfig:
        chosen = Path(kubeconfig).expanduser()
        if not chosen.exists():
            raise ConfigError(f"the kubeconfig {chosen} does not exist", "check the path given by --kubeconfig")
        return [chosen]
    named = os.environ.get("KUBECONFIG") or DEFAULT
    found = (Path(part).expanduser() for part in named.split(os.pathsep) if part)
    return [path for path in found if path.is_file()]


def required_paths(kubeconfig: str = "") -> list[Path]:
    """As `paths`; ConfigError where there is none."""
    found = paths(kubeconfig)
    if not found:
        looked = os.environ.get("KUBECONFIG") or DEFAULT
        raise ConfigError(
            f"there is no kubeconfig (looked for {looked})",
            "set KUBECONFIG or give a kubeconfig; without a cluster, `readiness demo` shows a recorded one",
        )
    return found


def contexts(kubeconfig: str = "") -> list[str]:
    """The names of the contexts, in the order of the files; ConfigError where there is no kubeconfig."""
    return [entry["name"] for entry in merged(required_paths(kubeconfig))["contexts"]]


def merged(configs: list[Path]) -> dict[str, Any]:
    """One kubeconfig of all files, with absolute paths. Raises ConfigError, which names the file."""
    whole: dict[str, Any] = {"apiVersion": "v1", "kind": "Config", "current-context": ""}
    whole |= {section: [] for section in _SECTIONS}
    for path in configs:
        document = _document(path, required=len(configs) == 1)
        current = document.get("current-context")
        if not whole["current-context"] and isinstance(current, str):
            whole["current-context"] = current
        for section in _SECTIONS:
            known = {entry["name"] for entry in whole[section]}
            whole[section] += [entry for entry in _entries(document, section, path) if entry["name"] not in known]
    return whole


def require_files(merged: Mapping[str, Any], context: str) -> None:
    """Raises ConfigError where the context uses a pipe or a device as a file, which may never end."""
    chosen = _content(merged, "contexts", context)
    for section, name in (("clusters", chosen.get("cluster")), ("users", chosen.get("user"))):
        content = _content(merged, section, name)
        for field in _PATHS[section]:
            path = content.get(field)
            if not path or not os.path.exists(path):
                continue  # the loader reports what is missing
            try:
                files.require_regular(Path(path))
            except OSError as problem:
                raise ConfigError(
                    f"the kubeconfig names {path} as {field}, which cannot be read: {problem.strerror}",
                    "correct the path in the kubeconfig",
                ) from None


def _content(merged: Mapping[str, Any], section: str, name: Any) -> Mapping[str, Any]:
    """What a section has under a name; empty where it has nothing, which the loader reports."""
    return next((entry[_SECTIONS[section]] for entry in merged[section] if entry["name"] == name), {})


def folder_of(user: str, configs: list[Path]) -> str:
    """The folder of the file that a user comes from, for the relative command of its exec plugin."""
    for path in configs:
        if any(entry["name"] == user for entry in _entries(_document(path, required=False), "users", path)):
            return os.path.dirname(os.path.abspath(path))
    return ""


def _entries(document: Mapping[str, Any], section: str, path: Path) -> list[dict[str, Any]]:
    """The named entries of a section, each with its content as a mapping."""
    inner = _SECTIONS[section]
    found: list[dict[str, Any]] = []
    listed = document.get(section) or []
    for entry in listed if isinstance(listed, list) else [None]:
        name = entry.get("name") if isinstance(entry, Mapping) else None
        content = (entry.get(inner) or {}) if isinstance(entry, Mapping) else None
        if not isinstance(name, str) or not isinstance(content, Mapping):
            raise ConfigError(f"the kubeconfig {path} cannot be read: its {section} are not named entries", _HINT)
        if name in {other["name"] for other in found}:
            raise ConfigError(f"the kubeconfig {path} cannot be read: two {section} are named {name!r}", _HINT)
        folder = os.path.dirname(os.path.abspath(path))
        absolute = {key: os.path.join(folder, str(content[key])) for key in _PATHS[section] if content.get(key)}
        found.append({"name": name, inner: {**content, **absolute}})
    return found


def _document(path: Path, required: bool) -> Mapping[str, Any]:
    """The content of a file; an empty one counts as nothing where others have the settings, as for kubectl."""
    text = read_text(path, "the kubeconfig")
    try:
        document = parse_yaml(text, f"the kubeconfig {path}")
    except ConfigError as problem:
        # A YAML error quotes the line, which may hold a key.
        where = re.search(r"line \d+", problem.what)
        raise ConfigError(
            f"the kubeconfig {path} cannot be read" + (f": it is not valid YAML in {where[0]}" if where else ""), _HINT
        ) from None
    if document is None and not required:
        return {}
    if not isinstance(document, Mapping):
        raise ConfigError(f"the kubeconfig {path} is empty or not a mapping", "check that it is a kubeconfig")
    return document


def unverified_contexts(kubeconfig: str = "") -> list[str]:
    """The contexts that accept any certificate (`insecure-skip-tls-verify`); nothing is contacted."""
    document = merged(required_paths(kubeconfig))
    skipping = {entry.get("name") for entry in document["clusters"] if entry["cluster"].get("insecure-skip-tls-verify")}
    return [entry["name"] for entry in document["contexts"] if entry["context"].get("cluster") in skipping]
