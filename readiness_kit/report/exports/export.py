"""Writes a report in any format: checked for secrets, and as a whole or not at all."""

from __future__ import annotations

from pathlib import Path

from readiness_kit.errors import UsageError
from readiness_kit.report import content
from readiness_kit.report.content import Content
from readiness_kit.report.exports import FORMS
from readiness_kit.report.exports.attachments import attach
from readiness_kit.report.exports.pdf import DEFAULT_PRINT, EXECUTIVE, Print, to_pdf
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
    style: Print = DEFAULT_PRINT,
    progress: Progress | None = None,
) -> Path:
    """Writes one format (`html`, `pdf` or a key of FORMS) into `reports/`, or to `out`, and returns the file.

    HTML has the files of the fixes next to it, in `NAME-files/`.

    `style` is of a PDF: paper and volume.

    Raises UsageError for an unknown format, SecretFoundError where the text looks like it holds a secret,
    NameFoundError where a pseudonymised one holds a real name.
    """
    if form == HTML:
        page = render(folder, out, request, progress=progress)
        whole, names = _content(folder, request)
        attach(whole, page, names)
        return page
    if form == PDF:
        return _pdf(folder, out, style, request, progress)
    if form not in FORMS:
        raise UsageError(f"there is no format {form!r}", f"use one of {', '.join((HTML, PDF, *FORMS))}")
    whole, names = _content(folder, request)
    target = out or folder.reports / f"{whole.subject.file_name}{FORMS[form].suffix}"
    body = text(whole, form, target)
    name_search.check(body, names, target)
    write(target, body)
    return target


def _content(folder: Folder, request: Request) -> tuple[Content, dict[str, str]]:
    """The content, and the real names with their pseudonyms (none without pseudonyms)."""
    if not request.pseudonymised:
        return content.of_session(request.session(folder)), {}
    whole, known = content.pseudonymised_of(request.session(folder), keep_notes=request.keep_notes)
    return whole, known.names


def text(whole: Content, form: str, target: Path | None = None) -> str:
    """A format as text, checked for secrets; `target` is named in errors."""
    body = FORMS[form].write(whole)
    secret_scan.check(body, target or Path(f"the {form} output"))
    return body


def _pdf(folder: Folder, out: Path | None, style: Print, request: Request, progress: Progress | None) -> Path:
    """Printed from the HTML report of the folder, or from an HTML file that is deleted afterwards."""
    if style.volume == EXECUTIVE:
        return _executive(folder, out, style, request)
    if out is None:
        source = render(folder, None, request, progress=progress)
        return to_pdf(source, source.with_suffix(".pdf"), style.paper)
    source = render(folder, out.with_name(f".{out.stem}.html"), request, progress=progress)
    try:
        return to_pdf(source, out, style.paper)
    finally:
        source.unlink(missing_ok=True)


def _executive(folder: Folder, out: Path | None, style: Print, request: Request) -> Path:
    """The executive report; it has no commentary of the notebook."""
    from readiness_kit.report.rendering.executive import executive  # loads nbconvert

    whole, names = _content(folder, request)
    target = out or folder.reports / f"{whole.subject.file_name}-{EXECUTIVE}.pdf"
    body = executive(whole)
    name_search.check(body, names, target)
    secret_scan.check(body, target)
    source = target.with_name(f".{target.stem}.html")
    write(source, body)
    try:
        return to_pdf(source, target, style.paper)
    finally:
        source.unlink(missing_ok=True)
