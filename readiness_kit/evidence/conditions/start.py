"""Settings with which the server ends at its start, as checks of the questions that they break."""

from __future__ import annotations

from readiness_kit.evidence.checks import weaviate_subject
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate import startup
from readiness_kit.facts.weaviate.startup import Topic
from readiness_kit.model import Check

EXPECTED = "a configuration that starts"


def refusals(facts: ClusterFacts, *topics: Topic) -> list[Check]:
    """One check for each certain reason why the server does not start; only of these topics, where some are given."""
    on = weaviate_subject(facts)
    return [
        on.check(found.field, found.seen, EXPECTED, False, message=startup.sentence((found,)), fix="start.settings")
        for found in startup.refusals(facts.weaviate)
        if not topics or found.topic in topics
    ]
