"""`commands.md`: what a person has to decide and to run, in order, with the checks before and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from readiness_kit.facts import ClusterFacts
from readiness_kit.fixes.model import Change, FixKind, PreparedFix, Value
from readiness_kit.fixes.parameters import Context
from readiness_kit.fixes.parameters.names import release
from readiness_kit.fixes.proof import restart_effect
from readiness_kit.labels import count
from readiness_kit.model import Settings

MAX_FOUND = 3
"""Sentences on what was found that a step begins with."""
HEAD = """# Fixes for Weaviate in {namespace}

Made from the snapshot of {taken}. Nothing here has been run: the kit never changes a cluster.
Run the steps in this order. Afterwards, `readiness collect` and `readiness compare` show what changed.
"""
WEAVIATE_NOTE = """Calls to Weaviate use `$WEAVIATE_URL` and `$WEAVIATE_API_KEY`. Set the key without showing it:
`read -rs WEAVIATE_API_KEY && export WEAVIATE_API_KEY`.
"""


def commands_text(chosen: Sequence[PreparedFix], facts: ClusterFacts, files: Sequence[str]) -> str:
    """The text of `commands.md`; `files` are the paths of the other files."""
    taken = f"{facts.as_of:%Y-%m-%d %H:%M} UTC"
    parts = [HEAD.format(namespace=facts.weaviate.namespace, taken=taken)]
    if any(fix.fix.kind is FixKind.WEAVIATE_CALL for fix in chosen):
        parts.append(WEAVIATE_NOTE)
    parts += _decisions(chosen)
    steps = [*(_step(fix) for fix in _before_patch(chosen)), *_apply(chosen, facts, files)]
    steps += [_step(fix) for fix in _after_patch(chosen)]
    parts += [f"## {number}. {step}" for number, step in enumerate(steps, 1)]
    return "\n".join(parts)


def _decisions(chosen: Sequence[PreparedFix]) -> Iterator[str]:
    waiting = [fix for fix in chosen if fix.decisions]
    if not waiting:
        return
    lines = ["## Decide first", "", "These fixes wait for a decision and are not in the patch.", ""]
    for fix in waiting:
        for decision in fix.decisions:
            how = f" To find out: {decision.how}." if decision.how else ""
            lines.append(f"- **{fix.title}** ({_numbers(fix)}): {decision.what}.{how}")
    yield "\n".join([*lines, ""])


def _is_patch(fix: PreparedFix) -> bool:
    return fix.applicable and bool(fix.values or fix.manifests)


def _before_patch(chosen: Sequence[PreparedFix]) -> list[PreparedFix]:
    """What restarts nothing and needs nothing of the patch, so that the restart finds it done."""
    patched = {fix.id for fix in chosen if _is_patch(fix)}
    return [
        fix
        for fix in chosen
        if not _is_patch(fix) and fix.fix.kind is FixKind.WEAVIATE_CALL and not patched.intersection(fix.fix.after)
    ]


def _after_patch(chosen: Sequence[PreparedFix]) -> list[PreparedFix]:
    before = {fix.id for fix in _before_patch(chosen)}
    return [fix for fix in chosen if not _is_patch(fix) and fix.id not in before]


def _step(fix: PreparedFix) -> str:
    lines = [fix.title, "", f"Closes {_numbers(fix)}. {' '.join(fix.because[:MAX_FOUND]) or fix.why}", ""]
    lines += _block("Before", fix.before) + _block("Run", fix.commands) + _block("Check", fix.verify)
    return "\n".join([*lines, *_notes(fix)])


def _notes(fix: PreparedFix) -> Iterator[str]:
    if fix.decisions:
        yield "- Waits for a decision, see above."
    if fix.risk:
        yield f"- Risk: {fix.risk}"
    if fix.rollback:
        yield f"- Rollback: {fix.rollback}"
    yield f"- Done when: {fix.done_when}"
    yield ""


def _apply(chosen: Sequence[PreparedFix], facts: ClusterFacts, files: Sequence[str]) -> Iterator[str]:
    """The step that applies the patch and the manifests, with the fixes that are in it."""
    patched = [fix for fix in chosen if _is_patch(fix)]
    if not patched:
        return
    lines = [f"Apply {count(len(patched), 'fix', 'fixes')}", "", *restart_effect(facts, patched), ""]
    before = tuple(dict.fromkeys(text for fix in patched for text in fix.before))
    verify = tuple(dict.fromkeys(text for fix in patched for text in fix.verify))
    lines += _block("Before", before) + _block("Run", tuple(_commands(facts, files))) + _block("Check", verify)
    lines += ["| fix | closes | risk | done when |", "|---|---|---|---|"]
    lines += [f"| {fix.title} | {_numbers(fix)} | {fix.risk} | {fix.done_when} |" for fix in patched]
    lines += ["", "Recorded before the change, for a rollback:", ""]
    recorded = dict.fromkeys(line for fix in patched for line in map(recorded_text, fix.recorded))
    lines += [f"- {line}" for line in recorded] or ["- The objects are new: delete them."]
    rollback = dict.fromkeys(fix.rollback for fix in patched if fix.rollback)
    yield "\n".join([*lines, *(f"- {text}" for text in rollback), ""])


def _commands(facts: ClusterFacts, files: Sequence[str]) -> Iterator[str]:
    """`--dry-run=server` first: the API server then checks everything, and changes nothing.

    New objects come first, because a workload may refer to them: a pod cannot be created without its service account.
    """
    namespace = facts.weaviate.namespace
    if any(path.startswith("manifests/") for path in files):
        yield "kubectl apply -f manifests/ --dry-run=server"
        yield "kubectl apply -f manifests/"
    if "values-patch.yaml" in files:
        found = release(Context(facts, Settings()))
        name = found.value if isinstance(found, Value) else "<release>"
        upgrade = (
            f"helm upgrade {name} weaviate/weaviate -n {namespace} --version <chart-version> "
            "--reuse-values -f values-patch.yaml"
        )
        yield f"helm list -n {namespace}  # shows the version of the chart in use"
        yield f"helm get values {name} -n {namespace} > values-before.yaml  # may hold secrets: keep it private"
        yield f"{upgrade} --dry-run=server"
        yield upgrade
    for path in (path for path in files if path.startswith("patches/")):
        kind, _, name = path.removeprefix("patches/").removesuffix(".yaml").partition("-")
        patch = f"kubectl -n {namespace} patch {kind} {name} --type strategic --patch-file {path}"
        yield f"{patch} --dry-run=server"
        yield patch


def recorded_text(change: Change) -> str:
    """`StatefulSet weaviate, spec.replicas: 1`."""
    before = "not set" if change.before is None else change.before
    return f"{change.kind} {change.name}, {change.path}: {before}"


def _block(title: str, commands: Sequence[str]) -> list[str]:
    return [f"{title}:", "", "```sh", *commands, "```", ""] if commands else []


def _numbers(fix: PreparedFix) -> str:
    return ", ".join(question.number for question in fix.questions)
