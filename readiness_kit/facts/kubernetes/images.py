"""Parsed image references."""

from __future__ import annotations

import re

import msgspec

from readiness_kit.kinds.versions import Version
from readiness_kit.locate import split_image

_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_DOMAIN = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?")
_SEGMENT = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*")
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}")
MAX_NAME = 255
_RELEASE = re.compile(r"v?\d{1,9}(?:\.\d{1,9}){1,3}(?:[-+_].*|[a-z]+\d*)?", re.IGNORECASE)
_BUILD = re.compile(r"(?:.*[-_.])?(?:(?=[a-f]*\d)[0-9a-f]{7,40}|\d{8}|\d{4}-\d{2}-\d{2})(?:[-_.T].*)?")
_PATCH = re.compile(r"v?\d+\.\d+\.\d+")
_MOVING = re.compile(r"(?:^|[-_.])(?:latest|nightly|stable|main|master|edge|dev|develop|canary|head|trunk)(?:[-_.]|$)")


class Image(msgspec.Struct, frozen=True):
    """`cr.weaviate.io/semitechnologies/weaviate:1.38.2@sha256:…`; absent parts are "" (registry: docker.io)."""

    registry: str
    repository: str
    tag: str
    digest: str
    valid: bool = True

    @classmethod
    def parse(cls, text: str) -> Image:
        """Take a reference apart as container runtimes do; `valid` False ends in InvalidImageName at the pull.

        Source: https://github.com/distribution/reference
        """
        registry, repository, tag, digest = split_image(text)
        registry = "docker.io" if registry in ("", "index.docker.io") else registry
        if registry == "docker.io" and "/" not in repository:
            repository = f"library/{repository}"
        name, _, marked = text.partition("@")
        valid = (
            _DOMAIN.fullmatch(registry) is not None
            and all(_SEGMENT.fullmatch(segment) for segment in repository.split("/"))
            and len(repository) <= MAX_NAME
            and not name.endswith(":")
            and (not tag or _TAG.fullmatch(tag) is not None)
            and ("@" not in text or _DIGEST.fullmatch(marked) is not None)
        )
        return cls(registry, repository, tag, digest, valid)

    @property
    def name(self) -> str:
        """The last segment of the repository (`weaviate`)."""
        return self.repository.rpartition("/")[2]

    @property
    def version(self) -> Version | None:
        """The version of the tag; None where the tag is not a version."""
        return Version.parse(self.tag)

    @property
    def pinned(self) -> bool:
        """Whether the reference names one build: a digest, a version, or a commit or date; branches and words move."""
        if self.digest or _BUILD.fullmatch(self.tag):
            return True
        return bool(_RELEASE.fullmatch(self.tag)) and not _MOVING.search(self.tag)

    @property
    def weaviate_release(self) -> Version | None:
        """The version in a tag that is a release of Weaviate (`1.38.2`); None for a mirror's own tags.

        `1.40` without quotes in YAML becomes `1.4`, so a tag without a patch number is not a release.
        """
        version = self.version
        return version if version is not None and version.major == 1 and _PATCH.match(self.tag) else None
