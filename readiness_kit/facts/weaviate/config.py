"""Weaviate's configuration file, found through the volume mount of the path in `--config-file`."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from readiness_kit.documents import parse_yaml
from readiness_kit.errors import ReadinessError
from readiness_kit.kinds.marks import is_redacted
from readiness_kit.kinds.pods import Container, PodSpec, VolumeMount

_FLAG = re.compile(r"--config-file[=\s]+[\"']?([^\s\"';&|]+)")


class Switch(msgspec.Struct, frozen=True):
    """A method of which only `enabled` is used."""

    enabled: bool | None = None


class APIKey(msgspec.Struct, frozen=True):
    """`allowed_keys_count` is the number of plain-text keys in the file; the keys themselves are never kept."""

    enabled: bool | None = None
    allowed_keys_count: int = 0
    users: tuple[str, ...] = ()


class OIDC(msgspec.Struct, frozen=True):
    """Settings of OpenID Connect; None where the file does not set them."""

    enabled: bool | None = None
    insecure_skip_tls_verify: bool | None = None
    skip_client_id_check: bool | None = None


class Authentication(msgspec.Struct, frozen=True):
    """The section `authentication`."""

    anonymous_access: Switch = Switch()
    apikey: APIKey = APIKey()
    oidc: OIDC = OIDC()
    db_users: Switch = Switch()


class RBAC(msgspec.Struct, frozen=True):
    """Settings of role-based access control; `enabled` is None where the file does not set it."""

    enabled: bool | None = None
    root_users: tuple[str, ...] = ()
    root_groups: tuple[str, ...] = ()
    readonly_groups: tuple[str, ...] = ()
    viewer_users: tuple[str, ...] = ()
    ip_in_audit_log_disabled: bool | None = None


class AdminList(msgspec.Struct, frozen=True):
    """The server reads `read_only_users` and ignores `readonly_users`."""

    enabled: bool | None = None
    users: tuple[str, ...] = ()
    read_only_users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    read_only_groups: tuple[str, ...] = ()


class Authorization(msgspec.Struct, frozen=True):
    """The section `authorization`."""

    rbac: RBAC = RBAC()
    admin_list: AdminList = AdminList()


class WeaviateConfig(msgspec.Struct, frozen=True):
    """The parts of conf.yaml that evidence uses; `origin` is `ConfigMap NAME, key KEY`."""

    authentication: Authentication = Authentication()
    authorization: Authorization = Authorization()
    debug: bool | None = None
    origin: str = ""


def config_file(container: Container) -> str:
    """The path after `--config-file`, also inside a shell script; "" without the flag."""
    found = _FLAG.search(" ".join((*container.command, *container.args)))
    return found[1] if found else ""


def mount_of(container: Container, path: str) -> VolumeMount | None:
    """The mount that holds a path, which is the one with the longest mount path; None where there is none."""
    mounts = [
        mount
        for mount in container.volume_mounts
        if path == mount.mount_path or path.startswith(mount.mount_path.rstrip("/") + "/")
    ]
    return max(mounts, key=lambda mount: len(mount.mount_path), default=None)


def mounted_key(spec: PodSpec, container: Container, path: str) -> tuple[str, str] | None:
    """(ConfigMap, key) behind a file of a container; None where the file has another source.

    The longest mount path wins; a `subPath` mount is the file itself. Items that rename keys are not kept,
    so the key is assumed to equal the file name.
    """
    mount = mount_of(container, path)
    if mount is None:
        return None
    key = mount.sub_path or path.removeprefix(mount.mount_path).strip("/")
    for volume in spec.volumes:
        if volume.name != mount.name:
            continue
        if volume.config_map is not None:
            return volume.config_map.name, key
        if volume.projected is not None:
            maps = [source.config_map.name for source in volume.projected.sources if source.config_map]
            return (maps[0], key) if len(maps) == 1 else None
    return None


def parse(text: str, origin: str) -> WeaviateConfig | None:
    """The parsed file; None where it is not a valid configuration of Weaviate."""
    data = parse_mapping(text)
    if data is None:
        return None
    try:
        return msgspec.structs.replace(msgspec.convert(data, WeaviateConfig, strict=False), origin=origin)
    except msgspec.ValidationError:
        return None


def parse_mapping(text: str) -> dict[str, Any] | None:
    """A YAML or JSON mapping without empty entries; {} for an empty text, None for anything else."""
    if text.startswith("[") and is_redacted(text):
        return None
    try:
        data = parse_yaml(text, "the configuration")
    except ReadinessError:
        return None
    if data is None:
        return {}
    return _without_none(data) if isinstance(data, dict) else None


def _without_none(data: dict[Any, Any]) -> dict[str, Any]:
    return {
        str(key): _without_none(value) if isinstance(value, dict) else value
        for key, value in data.items()
        if value is not None
    }
