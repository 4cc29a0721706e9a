"""What to do about a gap: text, things to paste, risk and the way back."""

from __future__ import annotations

from readiness_kit.model import Remedy, Snippet
from readiness_kit.report.chapters.html import coded, fold, pairs, paragraph, text

_KINDS = {
    "helm": "Helm values",
    "kubectl": "kubectl",
    "manifest": "Manifest",
    "shell": "Shell",
}
EFFORT = {"hours": "Hours", "days": "Days", "weeks": "Weeks"}


def remedy(value: Remedy) -> str:
    """The text is always open; snippets, risk and rollback fold out."""
    inner = "".join(_snippet(snippet) for snippet in value.snippets) + pairs(
        [("Risk", coded(value.risk)), ("Rollback", coded(value.rollback)), ("Effort", EFFORT[value.effort])], "rk-small"
    )
    return (
        f'<div class="rk-remedy"><p class="rk-label">What to do</p>{paragraph(coded(value.text))}'
        f"{fold('How, at what risk, and how to take it back', inner)}</div>"
    )


def _snippet(snippet: Snippet) -> str:
    note = paragraph(coded(snippet.note), "rk-note")
    return (
        f'<figure class="rk-snippet"><figcaption>{_KINDS[snippet.kind]}</figcaption>'
        f'<pre tabindex="0"><code>{text(snippet.code.rstrip())}</code></pre></figure>{note}'
    )
