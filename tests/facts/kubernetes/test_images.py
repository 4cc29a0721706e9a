"""Parsed image references."""

from __future__ import annotations

import pytest

from readiness_kit.facts.kubernetes.images import Image


@pytest.mark.parametrize(
    ("text", "registry", "name", "tag", "pinned"),
    [
        ("cr.weaviate.io/semitechnologies/weaviate:1.38.2", "cr.weaviate.io", "weaviate", "1.38.2", True),
        ("host:5000/weaviate", "host:5000", "weaviate", "", False),
        ("alpine:latest", "docker.io", "alpine", "latest", False),
        ("alpine:latest@sha256:ab", "docker.io", "alpine", "latest", True),
    ],
)
def test_images(text: str, registry: str, name: str, tag: str, pinned: bool) -> None:
    image = Image.parse(text)
    assert (image.registry, image.name, image.tag, image.pinned) == (registry, name, tag, pinned)
