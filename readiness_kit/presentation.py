"""Settings of the report that are about people and companies: logos, colours, and the solutions engineer to contact."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta

Colour = Annotated[str, Meta(pattern=r"^(#[0-9a-fA-F]{6})?$")]
MailAddress = Annotated[str, Meta(pattern=r"^([^@\s<>\"']+@[^@\s<>\"']+)?$")]
WebAddress = Annotated[str, Meta(pattern=r"^(https?://[^\s<>\"']+)?$")]


class Branding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Logos (files) and colours (`#rrggbb`) of the report; empty for the defaults.

    `logo` is the customer's; `partner` and `partner_logo` name the company that carries out the assessment.
    """

    logo: str = ""
    primary: Colour = ""
    accent: Colour = ""
    partner: str = ""
    partner_logo: str = ""


class Engineer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The solutions engineer whom readers of the report can contact; fields that are empty are not shown.

    `send_along` lists what to send with a question; `next_review` is the date of the next review.
    """

    name: str = ""
    mail: MailAddress = ""
    calendar: WebAddress = ""
    send_along: tuple[str, ...] = ("this report", "the snapshot (ZIP file)", "the exact error message, if there is one")
    next_review: date | None = None
