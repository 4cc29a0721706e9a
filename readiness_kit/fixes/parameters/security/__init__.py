"""Parameters of fixes on access, accounts, exposure and network policies. Importing this package registers them."""

from __future__ import annotations

from readiness_kit.fixes.parameters.security import access, exposure, identity, policies

__all__ = ["access", "exposure", "identity", "policies"]
