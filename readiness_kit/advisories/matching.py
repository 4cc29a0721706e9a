"""Which advisories concern a cluster: by the versions that run, and by conditions that its facts fulfil."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

import msgspec

from readiness_kit.advisories import loading
from readiness_kit.advisories.conditions import CONDITIONS, Answer, every
from readiness_kit.advisories.support import Status, Window, kubernetes_window, newest_patch, weaviate_window
from readiness_kit.advisories.tables import Fault, Faults, is_old
from readiness_kit.advisories.versions import Running, parse_kubernetes, running
from readiness_kit.facts.kubernetes.provider import provider
from readiness_kit.kinds.versions import Version
from readiness_kit.model import AdvisoryMatch, Applicability, Link, Severity

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

NO_VERSION = "Read /v1/meta of the server: no version could be read from the image or from Weaviate."
_SEVERITIES = list(Severity)


def match(facts: ClusterFacts) -> tuple[AdvisoryMatch, ...]:
    """Advisories on the versions that run here: those that apply first, then by severity; empty where none does."""
    on = facts.as_of.date()
    versions = running(facts)
    table = load_faults()
    found = [result for fault in table.faults if (result := _match(fault, versions, facts, table, on)) is not None]
    if not versions:
        found.append(_unknown_version(facts, on))
    found += _support(facts, versions, on)
    return tuple(sorted(found, key=_order))


def affecting(release: Version) -> tuple[Fault, ...]:
    """The faults of a release, whatever the cluster; in the order of the table."""
    return tuple(fault for fault in load_faults().faults if is_affected(fault, release))


def load_faults() -> Faults:
    """The shipped table, with the names of its conditions checked."""
    return loading.faults(conditions=frozenset(CONDITIONS))


def is_affected(fault: Fault, release: Version) -> bool:
    return any(release in span for span in fault.spans)


def nearest_fix(fault: Fault, release: Version) -> str:
    """The first release with the fix that is newer: in the same minor where it has one. "" where none is known."""
    newer = [fixed for fixed in fault.first_fixed if fixed > release]
    return str(newer[0]) if newer else ""


# --- one fault ------------------------------------------------------------------------------------


class _Judged(msgspec.Struct, frozen=True):
    """What one running version gives: the conditions as read, and what would settle the rest."""

    found: Running
    because: str
    settles: str
    unread: tuple[str, ...]


def _match(
    fault: Fault, versions: Sequence[Running], facts: ClusterFacts, table: Faults, on: date
) -> AdvisoryMatch | None:
    """Each running version is judged by itself; one that is definitely affected decides."""
    judged = [_judged(fault, found, facts, table) for found in versions if _may_be_affected(fault, found)]
    concerned = [result for result in judged if result is not None]
    if not concerned:
        return None
    worst = next((result for result in concerned if not result.settles), concerned[0])
    return AdvisoryMatch(
        id=fault.id,
        title=fault.title,
        severity=fault.severity,
        applicability=Applicability.MAY_APPLY if worst.settles else Applicability.APPLIES,
        versions=tuple(str(result.found) for result in concerned),
        happens=fault.happens,
        action=fault.action,
        source=fault.source,
        as_of=table.as_of,
        fixed_in=nearest_fix(fault, max(result.found.version for result in concerned)),
        because=worst.because,
        settles=worst.settles,
        unread=worst.unread,
        old=is_old(table.as_of, on),
    )


def _judged(fault: Fault, found: Running, facts: ClusterFacts, table: Faults) -> _Judged | None:
    answers = {name: CONDITIONS[name].test(facts, found.version) for name in fault.when}
    if every(answers.values()) is False:
        return None
    because = " and ".join(CONDITIONS[name].text for name, answer in answers.items() if answer)
    unread = {
        key: None
        for name, answer in answers.items()
        if answer is None
        for key in CONDITIONS[name].reads
        if facts.missing(key) is not None
    }
    settles = _settles(answers, _is_affected_for_certain(fault, found, table), found)
    return _Judged(found, because, settles, tuple(unread))


def _may_be_affected(fault: Fault, found: Running) -> bool:
    if found.exact:
        return is_affected(fault, found.version)
    return any(span.touches_minor(found.version) for span in fault.spans)


def _is_affected_for_certain(fault: Fault, found: Running, table: Faults) -> bool:
    """False where the patch is unknown, and where the release came out after the table's releases were inspected."""
    if not found.exact:
        minor = (found.version.major, found.version.minor)
        in_minor = [fixed for fixed in fault.first_fixed if (fixed.major, fixed.minor) == minor]
        return not in_minor and is_affected(fault, found.version) and table.inspected.covers(found.version)
    return table.inspected.covers(found.version)


def _settles(answers: dict[str, Answer], sure: bool, found: Running) -> str:
    """What would decide what is not known; "" where everything is known."""
    texts = [CONDITIONS[name].settles for name, answer in answers.items() if answer is None]
    if not sure and not found.exact:
        texts.insert(0, "Read the exact version from /v1/meta.")
    elif not sure:
        texts.insert(0, f"Read the release notes of {found}, which is newer than the kit's table.")
    return " ".join(dict.fromkeys(texts))


# --- versions that are not known, and the end of support ------------------------------------------


def _unknown_version(facts: ClusterFacts, on: date) -> AdvisoryMatch:
    table = load_faults()
    return AdvisoryMatch(
        id="VERSION",
        title="The version of Weaviate is not known",
        severity=Severity.CRITICAL,
        applicability=Applicability.MAY_APPLY,
        versions=(),
        happens="The image and the server name no release, so known faults could not be checked.",
        action="Pin the image to a release by its tag, such as 1.38.11, with or without a digest.",
        source=table.sources[1],
        as_of=table.as_of,
        settles=NO_VERSION,
        old=is_old(table.as_of, on),
    )


def _support(facts: ClusterFacts, versions: Sequence[Running], on: date) -> Iterator[AdvisoryMatch]:
    table = loading.support()
    windows = ((found, weaviate_window(table, found.version, on)) for found in versions)
    unsupported = next(((found, window) for found, window in windows if window.status is not Status.SUPPORTED), None)
    if unsupported is not None:
        found, window = unsupported
        newest = f" The newest patch of {window.minor} is {window.newest}." if window.newest else ""
        action = f"Upgrade minor by minor to a supported version; see the upgrade path.{newest}"
        yield from _support_match("SUP-WEAVIATE", window, str(found), action, table.sources[0], on)
    release = parse_kubernetes(facts.snapshot.manifest.server_version)
    if release is not None:
        name = provider(facts)
        window = kubernetes_window(table, release, name, on)
        action = "Upgrade the control plane and then the nodes, one minor version at a time."
        source = next(link for link in table.sources if _SOURCE_WORDS[name] in link.title)
        yield from _support_match("SUP-KUBERNETES", window, str(release), action, source, on)


_SOURCE_WORDS = {"": "Kubernetes", "EKS": "EKS", "GKE": "Google", "AKS": "Azure"}
_TITLES = {
    Status.ENDED: "{} is out of support",
    Status.EXTENDED: "{} is out of standard support",
    Status.ENDS_SOON: "{} is about to leave standard support",
    Status.UNKNOWN: "Support of {} is not known",
}
_SUPPORT_SEVERITY = {Status.ENDED: Severity.HIGH, Status.UNKNOWN: Severity.HIGH}


def _support_match(
    id: str, window: Window, release: str, action: str, source: Link, on: date
) -> Iterator[AdvisoryMatch]:
    """Nothing where the version is supported."""
    if window.status is Status.SUPPORTED:
        return
    table = loading.support()
    unknown = window.status is Status.UNKNOWN
    yield AdvisoryMatch(
        id=id,
        title=_TITLES[window.status].format(f"{window.product} {window.minor}"),
        severity=_SUPPORT_SEVERITY.get(window.status, Severity.MEDIUM),
        applicability=Applicability.MAY_APPLY if unknown else Applicability.APPLIES,
        versions=(release,),
        happens=f"{window.sentence} A version out of support gets no fixes.",
        action=action,
        source=source,
        as_of=table.as_of,
        settles="Update the kit, or look up the support policy." if unknown else "",
        old=is_old(table.as_of, on),
    )


def _order(found: AdvisoryMatch) -> tuple[bool, int]:
    """Those that apply first, then by severity; otherwise in the order of the table."""
    maybe = found.applicability is Applicability.MAY_APPLY
    return maybe, _SEVERITIES.index(found.severity)


def newest_known(release: Version) -> str:
    """The newest patch known of a release's minor, "" where the table does not have it."""
    return newest_patch(loading.support(), release)
