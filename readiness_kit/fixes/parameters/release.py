"""Parameters of releases and settings: the steps of an upgrade, names to correct."""

from __future__ import annotations

from readiness_kit.advisories import loading, match
from readiness_kit.advisories.matching import affecting
from readiness_kit.advisories.settings import Problem, problems
from readiness_kit.advisories.support import Status, weaviate_window
from readiness_kit.advisories.upgrade_path import UpgradePath, upgrade_path
from readiness_kit.advisories.versions import running
from readiness_kit.evidence.versions import STEPS_MET
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.kubernetes.provider import provider
from readiness_kit.fixes.chart_values import is_from_chart
from readiness_kit.fixes.model import OpenDecision, Value
from readiness_kit.fixes.parameters.registry import Context, parameter
from readiness_kit.fixes.parameters.storage import helm_upgrade
from readiness_kit.kinds.versions import Version
from readiness_kit.model import Applicability

UNKNOWN = "the release that runs: neither the image nor the server names it"


def path_to_target(facts: ClusterFacts) -> UpgradePath | None:
    """The way to the nearest release on the ladder that is supported, near the newest and without the faults found.

    The newest release where no step before it is all of that; None where the running release is not known.
    """
    versions = running(facts)
    if not versions or not versions[0].exact:
        return None
    start, newest = versions[0].version, upgrade_path(versions[0].version)
    found = {each.id for each in match(facts) if each.applicability is Applicability.APPLIES and each.fixed_in}
    for step in newest.waypoints:
        release = Version.parse(step.release)
        if release is not None and _is_good(facts, release, found):
            return upgrade_path(start, release)
    return newest


def _is_good(facts: ClusterFacts, release: Version, found: set[str]) -> bool:
    window = weaviate_window(loading.support(), release, facts.as_of.date())
    near = upgrade_path(release).minors <= STEPS_MET
    return window.status is Status.SUPPORTED and near and not found & {fault.id for fault in affecting(release)}


@parameter("upgrade_steps")
def upgrade_steps(context: Context) -> Value | OpenDecision:
    """The releases to go through, one minor version at a time."""
    path = path_to_target(context.facts)
    if path is None:
        return OpenDecision("version", UNKNOWN, "GET /v1/meta")
    if not path.waypoints:
        what = f"which release to use: {path.start} is the newest one in the kit's table of {path.as_of}"
        return OpenDecision("version", what, "read the release notes of Weaviate")
    return Value([step.release for step in path.waypoints], f"the upgrade path of {path.as_of}")


@parameter("target_release")
def target_release(context: Context) -> Value | OpenDecision:
    """The last step of the upgrade."""
    found = upgrade_steps(context)
    return found if isinstance(found, OpenDecision) else Value(found.value[-1], found.source)


@parameter("upgrade_traps")
def upgrade_traps(context: Context) -> Value:
    """What to watch at the steps, as comment lines of commands."""
    path = path_to_target(context.facts)
    steps = path.waypoints if path else ()
    found = [f"# {step.release}: {trap}" for step in steps for trap in step.traps]
    text = "\n".join(dict.fromkeys(found)) or "# No step of this upgrade has a known trap."
    return Value(text, "the table of upgrades")


@parameter("rollback_floor")
def rollback_floor(context: Context) -> Value:
    """How far a rollback may go."""
    path = path_to_target(context.facts)
    text = " ".join(path.floors) if path else ""
    return Value(text or "No floor of a rollback is known for these steps.", "the table of upgrades")


@parameter("set_release")
def set_release(context: Context) -> Value:
    """The beginning of the command that sets a release, to which the release is appended."""
    weaviate = context.facts.weaviate
    if is_from_chart(weaviate.object):
        return Value(f"{helm_upgrade(context)} -f values.yaml --set image.tag=", "the chart of the workload")
    image = weaviate.container.image.partition("@")[0]
    head, slash, last = image.rpartition("/")
    named = f"{weaviate.container.name}={head}{slash}{last.partition(':')[0]}:"
    target = f"{weaviate.kind.lower()}/{weaviate.name}"
    return Value(f"kubectl -n {weaviate.namespace} set image {target} {named}", "the image of the workload")


@parameter("kubernetes_owner")
def kubernetes_owner(context: Context) -> Value:
    """Who upgrades the control plane: the provider's console or command line, or kubeadm."""
    name = provider(context.facts)
    text = f"{name} upgrades the control plane at your request" if name else "you upgrade the control plane yourself"
    return Value(text, "the provider of the nodes")


@parameter("faults_without_release")
def faults_without_release(context: Context) -> Value | OpenDecision:
    """What to do about the faults that apply and that no release corrects."""
    found = [each for each in match(context.facts) if each.applicability is Applicability.APPLIES and not each.fixed_in]
    if not found:
        return OpenDecision("fault", "the fault to work around", "readiness advisories")
    return Value([f"{each.id}: {each.action}" for each in found], "the table of known faults")


# --- settings -------------------------------------------------------------------------------------


def wrong_settings(facts: ClusterFacts) -> tuple[Problem, ...]:
    """The environment variables that a running release does not read or use, each once."""
    found: dict[str, Problem] = {}
    for version in running(facts):
        for problem in problems(facts, version.version):
            if problem.where == "env":
                found.setdefault(problem.name, problem)
    return tuple(found.values())


@parameter("setting_edits")
def setting_edits(context: Context) -> Value | OpenDecision:
    """The corrections of variables: `rename A to B` or `remove A`."""
    found = wrong_settings(context.facts)
    if not found:
        return OpenDecision("settings", "which settings the release does not use", "readiness explain ver.settings")
    edits = [f"rename {each.name} to {each.right}" if each.right else f"remove {each.name}" for each in found]
    return Value(edits, "the settings of this release")


@parameter("apply_command")
def apply_command(context: Context) -> Value:
    """The command that applies changed values, or the customer's changed manifests."""
    if is_from_chart(context.facts.weaviate.object):
        return Value(f"{helm_upgrade(context)} -f values.yaml", "the chart of the workload")
    return Value("kubectl apply -f <your-manifests>", "the workload is not from the official chart")
