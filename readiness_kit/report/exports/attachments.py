"""The files of the fixes next to the HTML report: `REPORT-files/` has what `readiness fix -o DIR` writes."""

from __future__ import annotations

from pathlib import Path

from readiness_kit.fixes.plan import plan
from readiness_kit.fixes.writing.bundle import chosen_fixes, files, write_files
from readiness_kit.report.content import Content
from readiness_kit.report.privacy import name_search, secret_scan

SUFFIX = "-files"


def attach(whole: Content, report: Path, names: dict[str, str]) -> tuple[Path, ...]:
    """Writes the files of all fixes that are open, and returns them; none where no fix is due.

    `names` are the real names that must not occur. Files of an earlier report with the same name are replaced. Raises
    SecretFoundError or NameFoundError before anything is written.
    """
    found = attachments(whole)
    folder = report.with_name(f"{report.stem}{SUFFIX}")
    for path, body in found.items():
        text = body.decode("utf-8")
        name_search.check(text, names, folder / path)
        secret_scan.check(text, folder / path)
    for old in (*folder.glob("manifests/*.yaml"), *folder.glob("patches/*.yaml"), *folder.glob("values-patch.yaml")):
        if old.relative_to(folder).as_posix() not in found:
            old.unlink()
    return write_files(folder, found)


def attachments(whole: Content) -> dict[str, bytes]:
    """The files by path; empty without facts, and where no fix is due."""
    if whole.facts is None:
        return {}
    planned = plan(whole.assessment, whole.facts, whole.settings, whole.assignments)
    chosen = chosen_fixes(planned)
    return files(planned, chosen, whole.facts) if chosen else {}
