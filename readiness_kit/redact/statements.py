"""Statements of other languages in a script, without the credentials in them: SQL, sed, expect, calls."""

from __future__ import annotations

import re
from collections.abc import Callable

from readiness_kit.kinds.marks import REDACTED, REDACTED_CREDENTIAL, is_redacted
from readiness_kit.redact.names import is_sensitive

_QUOTED = r"(?:\\?\"[^\"\\]*\\?\"|\\?'[^'\\]*\\?')"
_SQL = re.compile(
    r"(?i)(?P<kept>(?<![\w\"'.-])(?:password|identified(?:\s+with\s+[\w'\"`]{1,64})?\s+(?:by|as))"
    r"(?:\s+for\s+\S{1,128}\s*=)?(?:\s+|\s*\(\s*))" + f"(?P<value>{_QUOTED})"
)
_SECURE_STRING = re.compile(rf"(?i)(?P<kept>ConvertTo-SecureString\s+(?:-String\s+)?)(?P<value>{_QUOTED})")
_CALL = re.compile(rf"(?<![\w.])(?P<kept>(?P<name>[A-Za-z_][\w.]{{0,63}}+)\(\s*)(?P<value>{_QUOTED})")
_SECOND = re.compile(
    rf"(?i)(?P<kept>(?:auth|login|password|credentials?)=?\(\s*[\"'][^\"'\n]{{0,64}}[\"']\s*,\s*)(?P<value>{_QUOTED})"
)
"""`db.auth("user", "password")`, `auth=("user", "password")`"""
_BEARER = re.compile(
    r"(?i)(?P<kept>[\"':=]\s?(?:bearer|basic)\s+)"
    r"(?P<value>(?!\$|\[redacted|auth|token|credential|realm|or\b|and\b)[\w+/=.~-]{6,})"
)
_SED = re.compile(r"(?<![\w-])s([/|#@,])((?:(?!\1)[^\n]){1,200}+)\1((?:(?!\1)[^\n]){1,200}+)(?=\1)")
_SEND = re.compile(
    r"(?P<kept>\bsend\s+(?:--\s+)?)(?P<value>\\?\"(?:[^\"\\]|\\[^\"])*+\\?\"|'[^']*'|\{[^}]*\}|[^\s\"'{]+)"
)
_LOGIN = re.compile(r"(?P<kept>(?<![\w.-])(?:user\s+[\w.@-]{1,64}\s+|open\s+-u\s+[\w.@-]{1,64},))(?P<value>[^\s'\"]+)")
_NETRC = re.compile(r"(?P<kept>\blogin\s+\S{1,128}\s+password\s+)(?P<value>[^\s'\"]+)")
_ORACLE = re.compile(r"(?P<kept>(?<![\w/.:-])[\w.$#-]{1,64}/)(?P<value>[^\s@/'\"]+)(?=@)")
_REMOTE_DESKTOP = re.compile(r"(?P<kept>(?<!\S)/p(?:ass(?:word)?)?:)(?P<value>[^\s'\"]+)")
_ACCESS_LIST = re.compile(r"(?i)(?P<kept>\bsetuser\s[^\n;|]{0,64}?[\s'\"][>#])(?P<value>[^\s'\"]+)")

Match = re.Match[str]


def redacted(text: str) -> str:
    """The text without the credentials in statements of SQL, sed, expect, FTP clients, and in calls."""
    for pattern, needles in _CERTAIN:
        if any(needle in text for needle in needles):
            text = pattern.sub(_certain, text)
    if "(" in text:
        text = _SECOND.sub(_certain, text)
        text = _CALL.sub(lambda hit: _uncertain(hit) if is_sensitive(hit["name"].rpartition(".")[2]) else hit[0], text)
    if "expect" in text or "spawn" in text:
        text = _SEND.sub(_certain if "assword" in text or "assphrase" in text else _uncertain, text)
    return _SED.sub(_substituted, text)


_CERTAIN: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (_SQL, ("assword", "ASSWORD", "denti", "DENTI")),
    (_SECURE_STRING, ("SecureString", "securestring")),
    (_BEARER, ("earer ", "EARER ", "asic ", "ASIC ")),
    (_LOGIN, ("ftp",)),
    (_NETRC, ("login ",)),
    (_ORACLE, ("sqlplus", "expdp", "impdp", "sqlldr")),
    (_REMOTE_DESKTOP, ("/p:", "/pass")),
    (_ACCESS_LIST, ("setuser", "SETUSER")),
)
"""Patterns of a credential, and texts of which each match contains one."""


def _replaced(mark: str) -> Callable[[Match], str]:
    def replaced(hit: Match) -> str:
        value = hit["value"]
        bare = value.strip("\\\"'{}")
        if not bare or is_redacted(value) or bare.startswith("$"):
            return hit[0]
        # A dollar may start a reference that a shell resolves first.
        return hit["kept"] + value.replace(bare, REDACTED if "$" in bare else mark)

    return replaced


_certain, _uncertain = _replaced(REDACTED_CREDENTIAL), _replaced(REDACTED)


def _substituted(hit: Match) -> str:
    """`s/PLACEHOLDER/VALUE/` without the value where the text that it replaces has the name of a credential."""
    name = re.sub(r"\W+", "_", hit[2]).strip("_")
    if not is_sensitive(name) or "$" in hit[3] or is_redacted(hit[3]):
        return hit[0]
    return f"s{hit[1]}{hit[2]}{hit[1]}{REDACTED}"
