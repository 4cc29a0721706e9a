"""Markdown cells written by the user, without raw HTML, scripts or external resources."""

from __future__ import annotations

import html
import re
from typing import Any

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from readiness_kit.markup import anchor, esc

_IMAGE = re.compile(r"^data:image/(png|jpeg|gif);base64,[A-Za-z0-9+/=]+$")


class SafeRenderer(IPythonRenderer):
    """nbconvert's renderer with HTML escaped, unsafe links dropped, and heading levels that fit the report."""

    def __init__(self) -> None:
        super().__init__(escape=True, allow_harmful_protocols=False, exclude_anchor_links=True)
        self.toc: list[tuple[str, str]] = []
        self._level = 2
        self._taken: set[str] = set()

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        """Second level at most and no level skipped; headings of the second level enter the contents."""
        self._level = max(2, min(level + 1, self._level + 1, 6))
        plain = html.unescape(re.sub(r"<[^<>]+>", "", text))
        id = self._id(plain)
        if self._level == 2:
            self.toc.append((id, plain))
        return f'<h{self._level} id="{id}">{text}</h{self._level}>\n'

    def next_cell(self, attachments: dict[str, dict[str, str]]) -> None:
        """Starts a cell: a chapter precedes it, so that its first heading is of the second or third level."""
        self.attachments = attachments
        self._level = 2

    def _id(self, title: str) -> str:
        base = anchor("note", title)[:60]
        id, number = base, 2
        while id in self._taken:
            id, number = f"{base}-{number}", number + 1
        self._taken.add(id)
        return id

    def link(self, text: str, url: str, title: str | None = None) -> str:
        if not re.match(r"^(https?://|mailto:|#)", url, re.IGNORECASE):
            return text
        return str(super().link(text, url, title)).replace("<a ", '<a rel="noreferrer" ', 1)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """A picture embedded in the notebook; for any other only its text."""
        embedded = self._embed_image_or_attachment(url)
        return f'<img src="{embedded}" alt="{text}">' if _IMAGE.match(embedded) else text

    def block_mermaidjs(self, code: str) -> str:
        return f"<pre><code>{esc(code.strip())}</code></pre>"


def to_html(source: str, renderer: SafeRenderer) -> str:
    """One Markdown cell as HTML; the renderer carries heading levels and contents from cell to cell."""
    return MarkdownWithMath(renderer=renderer).render(source).strip()
