"""Keep secrets out of everything that the kit stores or shows.

There are three layers: the Structs of `kinds` decode only named fields; `scrub` reduces their free-form values
(variables, arguments, annotations, configuration); a scan (`redact_json`, `redact_text`) removes credentials that are
recognisable by their form from the text that is about to be written.
"""

from __future__ import annotations

from readiness_kit.redact.scrub import LabelHasher, scrub
from readiness_kit.redact.shapes import redact_json, redact_text, secret_shapes

__all__ = ["LabelHasher", "redact_json", "redact_text", "scrub", "secret_shapes"]
