"""Versions as the projects write them, and ranges of versions as the tables write them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from readiness_kit.kinds.versions import Version

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

WEAVIATE_MAJOR = 1
"""A tag of another major version is a private one, such as a year or a build number."""
_SERVER = re.compile(r"^v?(\d+)\.(\d+)(?:\.(\d+))?(?![\w.])")
_KUBERNETES = re.compile(r"^v?(\d+)\.(\d+)\+?(?:\.(\d+))?(?![\w.])")
_SPAN = re.compile(r"^(?P<first>\d+\.\d+(?:\.\d+)?)?(?P<dash>-)?(?P<last>\d+\.\d+(?:\.\d+)?)?$")


class Running(msgspec.Struct, frozen=True, order=True):
    """A version that a server or an image names. `exact` False: a floating tag (`1.38`) whose patch is unknown."""

    version: Version
    exact: bool = True
    source: str = ""
    """The key of the read that showed it (`weaviate/nodes`, `pods` …)."""

    def __str__(self) -> str:
        return str(self.version) if self.exact else f"{self.version.major}.{self.version.minor} (patch unknown)"


class Span(msgspec.Struct, frozen=True):
    """A range of versions with both ends included. `first` or `last` None: open at that end."""

    first: Version | None = None
    last: Version | None = None
    whole_minor: bool = False
    """Whether `last` stands for every patch of its minor, those that are still to be released included."""

    @classmethod
    def parse(cls, text: str) -> Span | None:
        """`1.37.0-1.37.13`, `-1.36` (up to the last patch of 1.36), `1.25.0-`, `1.38.0`, `-` (all); None otherwise."""
        found = _SPAN.fullmatch(text)
        if not text or found is None:
            return None
        first, dash, last = found["first"], found["dash"], found["last"]
        if not dash:
            last = first
        whole = bool(last) and last.count(".") == 1
        span = cls(_version(first), _version(last), whole)
        reversed_ends = span.first and span.last and (not whole and span.last < span.first)
        return None if reversed_ends else span

    def __contains__(self, version: object) -> bool:
        if not isinstance(version, Version):
            return False
        if self.first is not None and version < self.first:
            return False
        if self.last is None:
            return True
        if self.whole_minor:
            return (version.major, version.minor) <= (self.last.major, self.last.minor)
        return version <= self.last

    def __str__(self) -> str:
        """`1.37.0 to 1.37.13`, `1.36 and earlier`, `1.25.0 and later`, `1.38.0`, `all releases`."""
        last = f"{self.last.major}.{self.last.minor}" if self.last and self.whole_minor else str(self.last)
        if self.first is None:
            return f"{last} and earlier" if self.last else "all releases"
        if self.last is None:
            return f"{self.first} and later"
        return last if str(self.first) == last else f"{self.first} to {last}"

    def touches_minor(self, version: Version) -> bool:
        """Whether any patch of the version's minor is in the range."""
        minor = (version.major, version.minor)
        starts = self.first is None or (self.first.major, self.first.minor) <= minor
        return starts and (self.last is None or minor <= (self.last.major, self.last.minor))


def spans(text: str) -> tuple[Span, ...]:
    """The ranges of a comma-separated list; ValueError names the one that cannot be read."""
    found = []
    for part in text.split(","):
        span = Span.parse(part.strip())
        if span is None:
            raise ValueError(f"{part.strip()!r} is not a range of versions such as 1.37.0-1.37.13, -1.36 or 1.25.0-")
        found.append(span)
    return tuple(found)


def parse_server(text: str) -> Running | None:
    """A Weaviate version from a tag or a server's answer; None for a digest, `latest` and private tags."""
    found = _SERVER.match(text)
    if found is None or int(found[1]) != WEAVIATE_MAJOR:
        return None
    return Running(Version(int(found[1]), int(found[2]), int(found[3] or 0)), found[3] is not None)


def parse_kubernetes(text: str) -> Version | None:
    """`v1.34.2-eks-1a2b`, `v1.34.2-gke.100`, `1.30+`: the version; the patch is 0 where it is not given."""
    found = _KUBERNETES.match(text)
    return Version(int(found[1]), int(found[2]), int(found[3] or 0)) if found else None


def running(facts: ClusterFacts) -> tuple[Running, ...]:
    """The distinct Weaviate versions that run, oldest first: several during a rollout, none where nothing names one.

    What the servers report comes first. The images of the pods and of the workload complete it only where they name
    an exact version or no server answered, because a floating or private tag does not identify the release.
    """
    reported = _reported(facts)
    tagged = _tagged(facts)
    if reported:
        tagged = [version for version in tagged if version.exact]
    unique = {version.version: version for version in reversed([*reported, *tagged])}
    return tuple(sorted(unique.values()))


def _reported(facts: ClusterFacts) -> list[Running]:
    found = []
    for key in ("weaviate/nodes", "weaviate/nodes_verbose"):
        answer = facts.answer(key)
        found += [(node.version, key) for node in answer.nodes] if answer else []
    meta = facts.answer("weaviate/meta")
    found += [(meta.version, "weaviate/meta")] if meta else []
    return _parsed(found)


def _tagged(facts: ClusterFacts) -> list[Running]:
    from readiness_kit.facts.kubernetes.images import Image

    weaviate = facts.weaviate
    images = [
        (container.image, "pods")
        for pod in weaviate.pods
        for container in pod.spec.containers
        if container.name == weaviate.container.name
    ]
    images.append((weaviate.container.image, workload_source(weaviate.kind)))
    return _parsed([(Image.parse(image).tag, source) for image, source in images])


def workload_source(kind: str) -> str:
    """The key of the list that holds the workload."""
    return {"StatefulSet": "statefulsets", "Deployment": "deployments"}.get(kind, "pods")


def _parsed(texts: list[tuple[str, str]]) -> list[Running]:
    found = []
    for text, source in texts:
        version = parse_server(text)
        if version is not None:
            found.append(msgspec.structs.replace(version, source=source))
    return found


def _version(text: str | None) -> Version | None:
    return Version.parse(text) if text else None
