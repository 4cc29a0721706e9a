"""What to do about a question: the fixes of its failed checks, filled for this cluster.

Every form of the report, the cards and the terminal take it from here. A question without a fix keeps the general
guidance of the checklist: no check of it failed, or only the answer makes the gap.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import yaml
from msgspec.structs import replace

from readiness_kit.facts import ClusterFacts
from readiness_kit.fixes.advise import fixes_for
from readiness_kit.fixes.chart_values import is_from_chart
from readiness_kit.fixes.model import Effort, PreparedFix
from readiness_kit.fixes.writing.values_patch import patch_text
from readiness_kit.model import Assessment, Question, Remedy, Settings, Snippet, Verdict

MAX_CODE = 1500
"""Characters of code that a card or chapter shows; longer files are only written by `readiness fix`."""


def with_fixes(assessment: Assessment, facts: ClusterFacts | None, settings: Settings) -> Assessment:
    """The assessment whose remedies are the fixes for this cluster; unchanged where nothing was read."""
    if facts is None:
        return assessment
    fixes = fixes_for(assessment, facts, settings)
    advised = {row.question.id: _advised(row, fixes, facts) for row in assessment.verdicts}
    lists = {
        name: tuple(advised[row.question.id] for row in getattr(assessment, name))
        for name in ("verdicts", "blockers", "actions")
    }
    return replace(assessment, **lists)


def _advised(row: Verdict, fixes: Sequence[PreparedFix], facts: ClusterFacts) -> Verdict:
    return replace(row, question=replace(row.question, remedy=what_to_do(row.question, fixes, facts)))


def what_to_do(question: Question, fixes: Sequence[PreparedFix], facts: ClusterFacts) -> Remedy:
    """The fixes that close checks of the question as one remedy; the question's own where there are none."""
    own = [fix for fix in fixes if any(cause.question.id == question.id for cause in fix.causes)]
    if not own:
        return question.remedy
    return Remedy(
        " ".join(_sentences(own)),
        tuple(snippet for fix in own for snippet in _snippets(fix, facts)),
        risk=" ".join(dict.fromkeys(fix.risk for fix in own if fix.risk)),
        rollback=" ".join(dict.fromkeys(fix.rollback for fix in own if fix.rollback)),
        effort=max((fix.fix.effort for fix in own), key=list(Effort).index).value,
    )


def _sentences(fixes: Sequence[PreparedFix]) -> Iterator[str]:
    """The titles, for a single fix with its reason, and what has to be decided before."""
    for fix in fixes:
        yield f"{fix.title}."
        if len(fixes) == 1:
            yield fix.why
        yield from (f"Decide first: {decision.what}." for decision in fix.decisions)


def _snippets(fix: PreparedFix, facts: ClusterFacts) -> Iterator[Snippet]:
    written = f"`readiness fix --only {fix.id} -o DIR` writes all files and steps."
    values = patch_text([fix]) if is_from_chart(facts.weaviate.object) else ""
    manifests = "---\n".join(_yaml(manifest) for manifest in fix.manifests)
    shell = "\n".join((*fix.before, *fix.commands))
    for kind, code in (("helm", values), ("manifest", manifests), ("shell", shell)):
        if 0 < len(code) <= MAX_CODE:
            yield Snippet(kind, code, written)


def _yaml(manifest: object) -> str:
    text: str = yaml.safe_dump(msgspec.to_builtins(manifest), sort_keys=False, allow_unicode=True)
    return text
