"""Versions and settings: known faults, support, the upgrade path, and settings without effect.

The tables behind these rules are dated: an old table makes "supported" unknown.
"""

from __future__ import annotations

from collections.abc import Iterator

from readiness_kit import advisories
from readiness_kit.advisories import loading
from readiness_kit.advisories.settings import Kind, Problem, problems
from readiness_kit.advisories.support import Status, Window, kubernetes_window, weaviate_window
from readiness_kit.advisories.tables import is_old, minor_of
from readiness_kit.advisories.upgrade_path import upgrade_path
from readiness_kit.advisories.versions import Running, parse_kubernetes, running
from readiness_kit.evidence.checks import Subject, primary_reason, to_finding, weaviate_subject
from readiness_kit.evidence.conditions.availability.control_plane import CLUSTER
from readiness_kit.evidence.registry import evidence
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.kubernetes.provider import provider
from readiness_kit.kinds.versions import Version
from readiness_kit.labels import count
from readiness_kit.locate import workload_key
from readiness_kit.model import (
    AdvisoryMatch,
    Applicability,
    Check,
    Finding,
    Outcome,
    Reason,
    Ref,
    Settings,
    Severity,
)

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
STATISTICS = "weaviate/statistics"
VERSION_READS = ("pods", "weaviate/meta", "weaviate/nodes")
SKEW = 3
"""Minor versions that a kubelet may be older than the control plane (Kubernetes 1.28 and later)."""
STEPS_MET, STEPS_PARTLY = 2, 6
"""Minor releases behind the newest: within the supported range, and far enough to be a project."""
NO_EFFECT = {Kind.MISSPELT: NOT_MET, Kind.NOT_YET: NOT_MET}
"""A setting of another kind is at worst partly met: it once had an effect, or may belong to another program."""


# --- Weaviate -------------------------------------------------------------------------------------


@evidence("ver.weaviate", reads=advisories.READS, tolerates=advisories.READS)
def weaviate_release(facts: ClusterFacts, settings: Settings) -> Finding:
    """V1: each running release is supported, and no known fault of it applies."""
    versions = running(facts)
    checks = [*_unknown_release(facts, versions, "a supported release")]
    checks += [_weaviate_support(facts, found) for found in versions]
    checks += [_fault(facts, found) for found in advisories.match(facts) if _is_fault(found)]
    listed = names(str(found) for found in versions)
    return to_finding("ver.weaviate", checks, met=f"Weaviate {listed} is supported, and no known fault of it applies.")


def _is_fault(found: AdvisoryMatch) -> bool:
    """Support and an unknown version have separate checks."""
    return not found.id.startswith(("SUP-", "VERSION"))


def _unknown_release(facts: ClusterFacts, versions: tuple[Running, ...], expected: str) -> Iterator[Check]:
    """One unread check where no running release is known."""
    if not versions:
        message = "The Weaviate release is not known: the image names none, and the server could not be asked."
        reason = facts.missing("weaviate/meta") or Reason.NOT_OBSERVABLE
        yield weaviate_subject(facts, "weaviate/meta").unread("version", expected, reason, message=message)


def _weaviate_support(facts: ClusterFacts, found: Running) -> Check:
    window = weaviate_window(loading.support(), found.version, facts.as_of.date())
    on, field, expected = weaviate_subject(facts, found.source), f"support of {found}", "supported"
    if window.status is Status.UNKNOWN:
        return on.unread(field, expected, Reason.NOT_OBSERVABLE, message=window.sentence)
    ok = window.status is Status.SUPPORTED
    return on.check(field, window.status.value, expected, ok, message=window.sentence, fix="versions.upgrade")


def _fault(facts: ClusterFacts, found: AdvisoryMatch) -> Check:
    """A fault that applies fails the question, one of low severity informs, and one that may apply is unread."""
    on = weaviate_subject(facts, workload_key(facts.weaviate.kind))
    field, expected = f"known fault {found.id}", "does not apply"
    fixed = f" Fixed in {found.fixed_in}." if found.fixed_in else ""
    if found.applicability is Applicability.MAY_APPLY:
        message = f"{found.id}, {found.title}, may apply. {found.settles}"
        reasons = [reason for key in found.unread if (reason := facts.missing(key)) is not None]
        return on.unread(field, expected, primary_reason(reasons or [Reason.NOT_OBSERVABLE]), message=message)
    seen = f"applies to {names(found.versions)}"
    if found.severity is Severity.LOW:
        return on.info(field, f"{seen}: {found.title}", expected)
    message = f"{found.id} applies to {names(found.versions)}: {found.title}.{fixed}"
    fix = "versions.upgrade" if found.fixed_in else "versions.work_around"
    return on.check(field, seen, expected, False, message=message, fix=fix)


# --- Kubernetes -----------------------------------------------------------------------------------


@evidence("ver.kubernetes", reads=("nodes",))
def kubernetes_version(facts: ClusterFacts, settings: Settings) -> Finding:
    """V2: the provider supports the control plane for three months, and the kubelets are within its skew."""
    text = facts.snapshot.manifest.server_version
    control_plane = parse_kubernetes(text)
    on = Subject(CLUSTER, "nodes")
    if control_plane is None:
        message = "The version of Kubernetes was not collected."
        checks = [on.unread("version", "supported", Reason.NOT_COLLECTED, message=message)]
        return to_finding("ver.kubernetes", checks, met="")
    window = kubernetes_window(loading.support(), control_plane, provider(facts), facts.as_of.date())
    checks = [_kubernetes_support(on, text, window), *_kubelets(facts, control_plane)]
    return to_finding("ver.kubernetes", checks, met=window.sentence)


def _kubernetes_support(on: Subject, text: str, window: Window) -> Check:
    expected = "supported for 90 days or more"
    if window.status is Status.UNKNOWN:
        return on.unread("version", expected, Reason.NOT_OBSERVABLE, message=window.sentence)
    failure = NOT_MET if window.status is Status.ENDED else PARTLY
    ok = window.status is Status.SUPPORTED
    fix = "kubernetes.upgrade"
    return on.check("version", text, expected, ok, message=window.sentence, on_failure=failure, fix=fix)


def _kubelets(facts: ClusterFacts, control_plane: Version) -> Iterator[Check]:
    """One check for each minor version of the kubelets: not newer than the control plane, at most three older."""
    minors: dict[str, list[str]] = {}
    for node in facts.objects("nodes"):
        found = parse_kubernetes(node.status.node_info.kubelet_version)
        if found is not None:
            minors.setdefault(minor_of(found), []).append(node.metadata.name)
    for minor, nodes in sorted(minors.items()):
        behind = control_plane.minor - int(minor.rpartition(".")[2])
        ok = 0 <= behind <= SKEW
        listed, on = names(nodes), Subject(Ref("Node", nodes[0]), "nodes")
        side = "newer than the control plane" if behind < 0 else f"more than {SKEW} minor versions older than it"
        message = f"The kubelets of {listed} have version {minor}, {side}."
        expected = f"0 to {SKEW} minor versions older"
        seen, fix = f"{minor} on {count(len(nodes), 'node')}", "kubernetes.kubelets"
        yield on.check("kubeletVersion", seen, expected, ok, message=message, fix=fix)


# --- the upgrade path -----------------------------------------------------------------------------


@evidence("ver.upgrade_path", reads=(*VERSION_READS, STATISTICS), tolerates=(*VERSION_READS, STATISTICS))
def path_to_newest(facts: ClusterFacts, settings: Settings) -> Finding:
    """V3: few steps to the newest release, a pinned tag, one release at a time."""
    versions = running(facts)
    checks = [*_unknown_release(facts, versions, "a release")]
    if versions:
        checks += [*_steps(facts, versions[0].version), *_pinned(facts), *_rollout(facts, versions)]
    return to_finding("ver.upgrade_path", checks, met=_path_sentence(versions))


def _path_sentence(versions: tuple[Running, ...]) -> str:
    if not versions:
        return ""
    path = upgrade_path(versions[0].version)
    if not path.waypoints:
        return f"Weaviate {versions[0]} is the newest release known on {path.as_of}."
    steps = ", then ".join(step.release for step in path.waypoints)
    return f"The path to {path.target} is short: {steps}."


def _steps(facts: ClusterFacts, start: Version) -> Iterator[Check]:
    """The number of minor releases to the newest one, with waypoints, traps and the floor of a rollback as lines."""
    path = upgrade_path(start)
    on = weaviate_subject(facts)
    field, expected = "minor releases behind the newest", f"{STEPS_MET} or fewer"
    if is_old(path.as_of, facts.as_of.date()):
        message = f"The upgrade path is not known: the kit's table of {path.as_of} is old."
        yield on.unread(field, expected, Reason.NOT_OBSERVABLE, message=message, on_failure=PARTLY)
        return
    message = (
        f"{start} is {count(path.minors, 'minor release')} behind {path.target}; the upgrade takes "
        f"{count(len(path.waypoints), 'step')}, one minor release at a time."
    )
    failure = PARTLY if path.minors <= STEPS_PARTLY else NOT_MET
    ok, fix = path.minors <= STEPS_MET, "versions.upgrade"
    yield on.check(field, path.minors, expected, ok, message=message, on_failure=failure, fix=fix)
    for step in path.waypoints:
        yield on.info(f"step to {step.release}", " ".join(step.traps) or "no trap known")
    for floor in path.floors:
        yield on.info("rollback", floor)
    yield on.info("chart", path.chart)


def _pinned(facts: ClusterFacts) -> Iterator[Check]:
    image = facts.weaviate.image
    seen = facts.weaviate.container.image
    message = f"The image {seen} does not name one release, so a restart or an upgrade of the chart can change it."
    ok = image.pinned and (image.version is None or image.tag.count(".") >= 2 or bool(image.digest))
    on, fix = weaviate_subject(facts), "image.pin"
    yield on.check("image", seen, "one release", ok, message=message, on_failure=PARTLY, fix=fix)


def _rollout(facts: ClusterFacts, versions: tuple[Running, ...]) -> Iterator[Check]:
    """Several releases at once, or a metadata store that is not synchronized: the next step has to wait."""
    listed = names(str(found) for found in versions)
    message = f"Several releases run at the same time: {listed}. Finish this step before the next one."
    on, ok, fix = weaviate_subject(facts), len(versions) == 1, "updates.finish"
    yield on.check("running releases", listed, "one", ok, message=message, on_failure=PARTLY, fix=fix)
    answer = facts.answer(STATISTICS)
    if answer is not None:
        message = "The nodes are not synchronized. Do not start an upgrade step before they are."
        on, seen, ok = weaviate_subject(facts, STATISTICS), str(answer.synchronized).lower(), answer.synchronized
        fix = "members.restore"
        yield on.check("synchronized", seen, "true", ok, message=message, on_failure=PARTLY, fix=fix)


# --- settings -------------------------------------------------------------------------------------


@evidence("ver.settings", reads=("configmaps", *VERSION_READS), tolerates=("configmaps", *VERSION_READS))
def known_settings(facts: ClusterFacts, settings: Settings) -> Finding:
    """V4: every running release reads and uses the settings of the container, its configuration file and overrides."""
    versions = running(facts)
    found: dict[str, Problem] = {}
    for version in versions:
        for problem in problems(facts, version.version):
            found.setdefault(f"{problem.where} {problem.name}", problem)
    checks = [*_unknown_release(facts, versions, "a release"), *_hidden(facts)]
    checks += [_setting(facts, problem) for problem in found.values()]
    number = len({variable.name for variable in facts.weaviate.container.env})
    on = weaviate_subject(facts)
    if versions and not found:
        checks.append(on.check("environment", f"{count(number, 'name')}, all known", "known names", True))
    listed = names(str(version) for version in versions)
    written = count(number, "name")
    met = f"Among {written} in the environment, none is misspelt, ignored or unknown to Weaviate {listed}."
    return to_finding("ver.settings", checks, met=met)


def _setting(facts: ClusterFacts, problem: Problem) -> Check:
    source = workload_key(facts.weaviate.kind) if problem.where == "env" else "configmaps"
    expected = problem.right or "a setting that the release reads"
    failure = NO_EFFECT.get(problem.kind, PARTLY) if problem.certain else PARTLY
    return weaviate_subject(facts, source).check(
        f"{problem.where} {problem.name}",
        problem.kind.value.replace("_", " "),
        expected,
        False,
        message=problem.sentence,
        on_failure=failure,
        fix="settings.correct" if problem.where == "env" else "settings.correct_files",
    )


def _hidden(facts: ClusterFacts) -> Iterator[Check]:
    """Settings whose names cannot be read: a Secret or a ConfigMap as a whole, a script, or the configuration file."""
    weaviate = facts.weaviate
    on, expected = weaviate_subject(facts), "readable names"
    for source in weaviate.container.env_from:
        if source.secret_ref is not None:
            message = f"The settings in Secret {source.secret_ref.name} are not read, because Secrets never are."
            yield on.unread("envFrom", expected, Reason.NOT_OBSERVABLE, message=message)
        elif source.config_map_ref is not None:
            message = (
                f"ConfigMap {source.config_map_ref.name} may set further names, of which only known ones are kept."
            )
            yield on.unread("envFrom", expected, Reason.NOT_OBSERVABLE, message=message)
    if weaviate.env_from_file:
        message = "A script exports further variables before the server starts; their names cannot be read."
        yield on.unread("command", expected, Reason.NOT_OBSERVABLE, message=message)
    if weaviate.config_missing is not None:
        message = "The configuration file could not be read, so its keys are not checked."
        yield weaviate_subject(facts, "configmaps").unread(
            "--config-file", expected, weaviate.config_missing, message=message
        )
