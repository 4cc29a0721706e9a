"""What the shell completes: ids of questions, contexts and milestones. A problem completes nothing."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import CompletionItem

from readiness_kit.errors import ReadinessError


def files(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Files, which the shell lists by itself."""
    return [CompletionItem(incomplete, type="file")]


def contexts(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The contexts of the kubeconfig."""
    from readiness_kit.collect.kubernetes.kubeconfig import contexts as known

    try:
        names = known(str(ctx.params.get("kubeconfig") or ""))
    except (ReadinessError, OSError):
        return []
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def questions(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Ids of questions; their numbers where the text begins with Q."""
    from readiness_kit.checklist import load_checklist

    numbered = incomplete[:1] == "Q"
    found = ((one.number if numbered else one.id, one.short) for one in load_checklist().questions)
    return [CompletionItem(name, help=short) for name, short in found if name.startswith(incomplete)]


def fixes(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Ids of fixes."""
    from readiness_kit.fixes.loading import catalogue

    return [CompletionItem(fix.id) for fix in catalogue().values() if fix.id.startswith(incomplete)]


def milestones(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Milestones of the assessment folder."""
    from readiness_kit.cli.folder import open_folder

    folder = ctx.params.get("folder")
    try:
        home = open_folder(folder if isinstance(folder, Path) else None)
    except (ReadinessError, OSError):
        return []
    names = ("now", *(path.stem for path in sorted(home.milestones.glob("*.json"))))
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]
