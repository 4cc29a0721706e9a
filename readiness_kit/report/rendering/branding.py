"""Logos and the two colours of `readiness.yaml` as data URIs and as CSS values."""

from __future__ import annotations

import base64
from pathlib import Path

from readiness_kit import files
from readiness_kit.errors import ConfigError
from readiness_kit.model import Branding

PRIMARY = "#12344d"
ACCENT = "#0a5a9c"
MAX_LOGO_BYTES = 120_000

_KINDS = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".svg": "image/svg+xml"}
_STARTS = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}


def css_variables(branding: Branding) -> dict[str, str]:
    """The values of the style sheet's brand variables; text on the brand colour is black or white."""
    primary = (branding.primary or PRIMARY).lower()
    accent = (branding.accent or ACCENT).lower()
    return {"--rk-brand": primary, "--rk-on-brand": ink_on(primary), "--rk-accent": accent}


def ink_on(colour: str) -> str:
    """Black or white, whichever has the higher contrast ratio (WCAG 2)."""
    light = luminance(colour)
    return "#ffffff" if 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 else "#000000"


def luminance(colour: str) -> float:
    """Relative luminance (0 to 1) of `#rrggbb`, as WCAG 2 defines it."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def css_string(value: str, limit: int = 120) -> str:
    """A CSS string literal in which everything but ASCII letters, digits and spaces is escaped."""
    short = value if len(value) <= limit else value[: limit - 1] + "…"
    body = "".join(
        char if char.isascii() and (char.isalnum() or char == " ") else f"\\{ord(char):06x} "
        for char in short
        if char.isprintable()
    )
    return f'"{body}"'


def marks(branding: Branding, folder: Path | None, customer: str) -> list[tuple[str, str]]:
    """Picture and name of the customer and of the partner, those with a logo or, for the partner, a name."""
    found = []
    if own := logo(branding, folder):
        found.append((own, customer or "Logo of the customer"))
    partner = picture(branding.partner_logo, folder, "branding.partner_logo")
    if partner or branding.partner:
        found.append((partner, branding.partner or "Logo of the partner"))
    return found


def logo(branding: Branding, folder: Path | None) -> str:
    """The customer's logo as `picture` returns it."""
    return picture(branding.logo, folder, "branding.logo")


def picture(file: str, folder: Path | None, setting: str) -> str:
    """An image file as a data URI, empty where none is set. Relative paths count from the assessment folder.

    An SVG shown as an image runs no script and loads nothing. Raises ConfigError for a file that is missing,
    too large for a report sent by mail, or not a picture; `setting` is named in it.
    """
    if not file:
        return ""
    hint = f"correct {setting} in readiness.yaml"
    path = (folder or Path()) / file
    kind = _KINDS.get(path.suffix.lower())
    if kind is None:
        raise ConfigError(f"the logo {path} is neither PNG, JPEG nor SVG", hint)
    try:
        body = files.read(path)
    except OSError as problem:
        raise ConfigError(f"the logo {path} cannot be read: {problem.strerror}", hint) from None
    if len(body) > MAX_LOGO_BYTES:
        raise ConfigError(f"the logo {path} has {len(body):,} bytes", f"use a file of at most {MAX_LOGO_BYTES:,} bytes")
    fits = b"<svg" in body[:2000] if kind == "image/svg+xml" else body.startswith(_STARTS[kind])
    if not fits:
        raise ConfigError(f"the content of the logo {path} is not {kind}, as its name indicates", hint)
    return f"data:{kind};base64,{base64.b64encode(body).decode('ascii')}"
