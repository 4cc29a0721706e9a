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


@pytest.mark.parametrize(
    "tag",
    "1.38.2 v1.38.2 1.38.2-rc.0 3.19 1.27.0-alpine 20.04 2.1.0-distroless RELEASE.2024-01-16T16-07-38Z abc1234 "
    "1.38.2-d9ae4c3 nightly-20240116 main-3f2a1bc 11.0.16_8-jre".split(),
)
def test_pinned_tags(tag: str) -> None:
    assert Image.parse(f"example/app:{tag}").pinned


@pytest.mark.parametrize(
    "tag", "latest nightly stable main master edge dev feature-x release 17 v2 1.38-latest stable-alpine canary".split()
)
def test_moving_tags(tag: str) -> None:
    assert not Image.parse(f"example/app:{tag}").pinned


@pytest.mark.parametrize(
    ("tag", "release"),
    [("1.38.2", "1.38.2"), ("v1.38.2-rc.0", "1.38.2"), ("0.0.4", None), ("1.4", None), ("2024.1.1", None), ("x", None)],
)
def test_only_tags_of_releases_give_the_version_of_the_server(tag: str, release: str | None) -> None:
    version = Image.parse(f"mirror/weaviate:{tag}").weaviate_release
    assert (str(version) if version else None) == release
