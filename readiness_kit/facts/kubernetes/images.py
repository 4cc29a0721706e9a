"""Parsed image references."""

from __future__ import annotations

import msgspec

from readiness_kit.kinds.versions import Version
from readiness_kit.locate import split_image


class Image(msgspec.Struct, frozen=True):
    """`cr.weaviate.io/semitechnologies/weaviate:1.38.2@sha256:…`; absent parts are "" (registry: docker.io)."""

    registry: str
    repository: str
    tag: str
    digest: str

    @classmethod
    def parse(cls, text: str) -> Image:
        registry, repository, tag, digest = split_image(text)
        return cls(registry or "docker.io", repository, tag, digest)

    @property
    def name(self) -> str:
        """The last segment of the repository (`weaviate`)."""
        return self.repository.rpartition("/")[2]

    @property
    def version(self) -> Version | None:
        return Version.parse(self.tag)

    @property
    def pinned(self) -> bool:
        """Whether the reference names one build: a digest, or a tag other than `latest`."""
        return bool(self.digest) or self.tag not in ("", "latest")
