"""What the API server would refuse, by the models of the Kubernetes client: unknown fields, and values of no list.

assert list(strange_fields(document, "V1CronJob")) == []
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from kubernetes import client


def strange_fields(value: Any, kind: str, path: str = "") -> Iterator[str]:
    """Unknown fields of the Kubernetes type of that name, and values that should be lists."""
    inner = re.fullmatch(r"[Ll]ist\[(.+)\]", kind)
    if inner:
        if not isinstance(value, list):
            yield f"{path} is no list"
            return
        for index, item in enumerate(value):
            yield from strange_fields(item, inner[1], f"{path}[{index}]")
        return
    model = getattr(client, kind, None)
    if model is None or not hasattr(model, "attribute_map"):
        return
    if not isinstance(value, dict):
        yield f"{path} is no mapping"
        return
    names = {json_name: attribute for attribute, json_name in model.attribute_map.items()}
    for key, item in value.items():
        if key not in names:
            yield f"{path}.{key} is unknown to {kind}"
        else:
            yield from strange_fields(item, model.openapi_types[names[key]], f"{path}.{key}")
