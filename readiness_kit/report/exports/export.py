"""Writes a report in any format: checked for secrets, and as a whole or not at all."""

from __future__ import annotations

from pathlib import Path

from readiness_kit.errors import UsageError
from readiness_kit.report import content
from readiness_kit.report.content import Content
from readiness_kit.report.exports import FORMS
from readiness_kit.report.exports.pdf import to_pdf
from readiness_kit.report.privacy import name_search, secret_scan
from readiness_kit.report.rendering.render import DEFAULT, Progress, Request, render, write
from readiness_kit.workspace.folder import Folder

HTML, PDF = "html", "pdf"


def export(
    folder: Folder,
    form: str = HTML,
    out: Path | None = None,
    request: Request = DEFAULT,
    *,
    paper: str = "a4",
    progress: Progress | None = None,
) -> Path:
    """Writes one format (`html`, `pdf` or a key of FORMS) into `reports/`, or to `out`, and returns the file.

    Raises UsageError for an unknown format, SecretFoundError where the text looks like it holds a secret,
    NameFoundError where a pseudonymised one holds a real name.
    """
    if form == HTML:
        return render(folder, out, request, progress=progress)
    if form == PDF:
        return _pdf(folder, out, paper, request, progress)
    if form not in FORMS:
        raise UsageError(f"there is no format {form!r}", f"use one of {', '.join((HTML, PDF, *FORMS))}")
    names: dict[str, str] = {}
    if request.pseudonymised:
        whole, known = content.pseudonymised_of(request.session(folder), keep_notes=request.keep_notes)
        names = known.names
    else:
        whole = content.of_session(request.session(folder))
    target = out or folder.reports / f"{whole.subject.file_name}{FORMS[form].suffix}"
    body = text(whole, form, target)
    name_search.check(body, names, target)
    write(target, body)
    return target


def text(whole: Content, form: str, target: Path | None = None) -> str:
    """A format as text, checked for secrets; `target` is named in errors."""
    body = FORMS[form].write(whole)
    secret_scan.check(body, target or Path(f"the {form} output"))
    return body


def _pdf(folder: Folder, out: Path | None, paper: str, request: Request, progress: Progress | None) -> Path:
    """Printed from the HTML report of the folder, or, for `out`, from an HTML file that is deleted afterwards."""
    if out is None:
        source = render(folder, None, request, progress=progress)
        return to_pdf(source, source.with_suffix(".pdf"), paper)
    source = render(folder, out.with_name(f".{out.stem}.html"), request, progress=progress)
    try:
        return to_pdf(source, out, paper)
    finally:
        source.unlink(missing_ok=True)
