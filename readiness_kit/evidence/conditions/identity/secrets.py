"""Secrets in environment variables and the configuration file, and how the Secrets behind them are stored."""

from __future__ import annotations

from collections.abc import Iterator

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.detectors.scan import DETECTOR_READS
from readiness_kit.facts.weaviate import secrets
from readiness_kit.model import Check, Outcome, Reason, Ref

READS = ("configmaps", *DETECTOR_READS["secrets"])


def checks(facts: ClusterFacts) -> list[Check]:
    """Variables, arguments, probes and files of the pods, the configuration file, and the storage of Secrets."""
    return [
        *_variables(facts),
        *_hidden_variables(facts),
        *_elsewhere(facts),
        _config_file(facts),
        *_storage(facts),
    ]


def nothing_to_protect(facts: ClusterFacts) -> bool:
    """Whether no credential is used anywhere: neither in plain text nor from a Secret or a vault.

    Only meaningful where every place was read, that is, where no check is unread.
    """
    weaviate = facts.weaviate
    mapping = secrets.config_mapping(weaviate)[0]
    return not (
        secrets.uses(weaviate)
        or secrets.exposures(weaviate)
        or secrets.config_maps_with_credentials(weaviate)
        or secrets.secret_sources(weaviate.spec)
        or secrets.vaults(facts)
        or (mapping is not None and secrets.keys_in_clear(mapping))
    )


def _elsewhere(facts: ClusterFacts) -> Iterator[Check]:
    """Credentials in plain text in arguments, probes, hooks and mounted ConfigMaps."""
    weaviate, expected = facts.weaviate, "no credential in plain text"
    on = weaviate_subject(facts)
    for container, place in secrets.exposures(weaviate):
        message = (
            f"A credential is stored in plain text in the {weaviate.kind} {weaviate.name} "
            f"(container {container}, {place})."
        )
        field, seen = f"container {container}: {place}", "a literal value (not kept)"
        yield on.check(field, seen, expected, False, message=message, fix="secrets.elsewhere")
    for name, key in secrets.config_maps_with_credentials(weaviate):
        subject = Subject(Ref("ConfigMap", name, weaviate.namespace), "configmaps")
        message = f"ConfigMap {name}, which the pods mount, contains a credential in plain text ({key})."
        field, seen = f"data key {key}", "a credential (not kept)"
        yield subject.check(field, seen, expected, False, message=message, fix="secrets.elsewhere")


def _variables(facts: ClusterFacts) -> Iterator[Check]:
    """One check for each variable in plain text or of unknown source, one for all that come from Secrets."""
    weaviate = facts.weaviate
    on, by_config_map = weaviate_subject(facts), weaviate_subject(facts, "configmaps")
    expected = "from a Secret"
    uses = secrets.uses(weaviate)
    for use in uses:
        field = f"container {use.container}: env {use.name}"
        if use.state == "literal":
            message = f"{use.name} is stored in plain text in the {weaviate.kind} {weaviate.name}."
            fix = "secrets.reference" if use.container == weaviate.container.name else "secrets.elsewhere"
            yield on.check(field, "a literal value (not kept)", expected, False, message=message, fix=fix)
        elif use.state == "config_map":
            message = f"{use.name} is stored in plain text in {use.origin}."
            seen = f"from {use.origin}"
            yield by_config_map.check(field, seen, expected, False, message=message, fix="secrets.elsewhere")
        elif use.state == "unknown":
            message = f"The source of {use.name} was not read ({use.origin})."
            yield by_config_map.unread(field, expected, use.reason or Reason.NOT_OBSERVABLE, message=message)
    referred = [use for use in uses if use.state == "secret"]
    if referred:
        origins = names(use.origin.partition(",")[0] for use in referred)
        yield on.check(
            "variables with a secret", f"{names(use.name for use in referred)} from {origins}", expected, True
        )


def _hidden_variables(facts: ClusterFacts) -> Iterator[Check]:
    """Variables that the pod specification does not show: from an unread ConfigMap, or set by a start script."""
    weaviate = facts.weaviate
    for container in (*weaviate.spec.init_containers, *weaviate.spec.containers):
        for origin in container.env_from:
            reason = weaviate.config_map(origin.config_map_ref.name) if origin.config_map_ref else None
            if isinstance(reason, Reason) and origin.config_map_ref is not None:
                ref = Ref("ConfigMap", origin.config_map_ref.name, weaviate.namespace)
                message = f"ConfigMap {ref.name}, which sets variables of {container.name}, was not read."
                yield Subject(ref, "configmaps").unread("variables with a secret", "none", reason, message=message)
    if weaviate.env_from_file:
        message = "A script starts Weaviate and may set variables from a file that the pod specification does not show."
        yield weaviate_subject(facts).unread(
            "variables set at the start", "no secret in plain text", Reason.NOT_OBSERVABLE, message=message
        )


def _config_file(facts: ClusterFacts) -> Check:
    """API keys in the chart's values end up in the ConfigMap of the configuration file, which many can read."""
    mapping, config_map, reason = secrets.config_mapping(facts.weaviate)
    field, expected = "authentication.apikey.allowed_keys", "not in a ConfigMap"
    if reason is not None:
        message = "Weaviate's configuration file, which can contain API keys in plain text, was not read."
        return weaviate_subject(facts, "configmaps").unread(field, expected, reason, message=message)
    if mapping is None or config_map is None:
        return weaviate_subject(facts).check(field, "no configuration file from a ConfigMap", expected, True)
    ref = Ref("ConfigMap", config_map.metadata.name, facts.weaviate.namespace)
    exposed = secrets.keys_in_clear(mapping)
    message = f"API keys are stored in plain text in ConfigMap {ref.name}."
    seen = "in plain text (not kept)" if exposed else "not set"
    on = Subject(ref, "configmaps")
    return on.check(field, seen, expected, not exposed, message=message, fix="secrets.api_keys")


def _storage(facts: ClusterFacts) -> Iterator[Check]:
    """What stores the credentials: Kubernetes alone, without visible encryption, is partly met.

    A vault next to Kubernetes Secrets does not hold what is in those Secrets, and a Secret that a tool fills from a
    vault is stored by Kubernetes like any other.
    """
    on = weaviate_subject(facts)
    kept, stores = secrets.secret_sources(facts.weaviate.spec), secrets.vaults(facts)
    field, expected = "where the secrets are kept", "a vault, or encrypted at rest"
    if kept and secrets.encrypted_at_rest(facts):
        yield on.check(field, "an API server with an encryption configuration", expected, True)
    elif kept:
        seen = f"Kubernetes Secrets {names(kept)}"
        message = f"Secrets are stored in the {seen}; whether they are encrypted at rest cannot be read."
        if stores:
            yield on.info("files from a vault", names(stores))
        fix = "secrets.at_rest"
        yield on.check(field, seen, expected, False, message=message, on_failure=Outcome.PARTLY, fix=fix)
    elif stores:
        yield on.check(field, names(stores), expected, True)
    tools = facts.detected("secrets", level=1)
    if tools:
        found = weaviate_subject(facts, tools[0].facts[0].source)
        yield found.info("tools that fill Secrets, installed", names(detection.tool for detection in tools))
