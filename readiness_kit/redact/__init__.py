"""Keeps secrets out of all that the kit stores or shows.

Three nets, one behind the other: the Structs of `kinds` decode only named fields; `scrub` reduces what is free-form
in them (env values, arguments, annotations, configuration); the shape scan (`redact_json`, `redact_text`) looks at
the text that is about to be written for anything that is a credential by its form alone.
"""

from __future__ import annotations

from readiness_kit.redact.scrub import LabelHasher, scrub
from readiness_kit.redact.shapes import redact_json, redact_text, secret_shapes

__all__ = ["LabelHasher", "redact_json", "redact_text", "scrub", "secret_shapes"]
