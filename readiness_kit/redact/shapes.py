"""Credentials that are recognisable by their form, and their removal from JSON and plain text.

A false match breaks evidence, so each form needs a unique mark (a prefix, a header, the user information of a URL).
Long random tokens have no such mark: `looks_random` is used only where no legitimate value looks random, unlike in
fields with digests, uids and revision hashes.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any, NamedTuple

from readiness_kit.decoding import require_shallow
from readiness_kit.kinds.marks import REDACTED


class Shape(NamedTuple):
    """A form of credential. Every match contains one of `needles`, which makes the search of large texts cheap."""

    name: str
    needles: tuple[str, ...]
    pattern: re.Pattern[str]
    keep: str = ""
    """The kept part of a match, as a replacement template before `REDACTED`."""


def _shape(name: str, needles: str | tuple[str, ...], pattern: str, keep: str = "") -> Shape:
    return Shape(name, tuple(needles.split()) if isinstance(needles, str) else needles, re.compile(pattern), keep)


SHAPES = (
    _shape(
        "PEM private key",
        "PRIVATE",
        r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?s:.*?)"
        r"(?:-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|\Z)",
    ),
    _shape("base64 PEM private key", "LS0tLS1CRUdJTi", r"LS0tLS1CRUdJTi(?!BDRVJUSUZJ|BQVUJMSUMg)[A-Za-z0-9+/=]{8,}"),
    _shape("kubeconfig key", "client-key-data", r"(client-key-data\\?[\"']?\s*:\s*\\?[\"']?)[A-Za-z0-9+/=]{8,}", r"\1"),
    _shape("JWT", "eyJ", r"\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*(?:\.[\w-]*){0,2}"),
    _shape("AWS access key id", "AKIA ASIA", r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    _shape(
        "AWS secret key",
        "aws_secret AWS_SECRET awsSecret awssecret AWSSecret aws_Secret Aws_Secret",
        r"(?i)(aws_?secret_?(?:access_?)?key\w{0,64}\\?[\"']?\s*[:=]\s*\\?[\"']?)[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])",
        r"\1",
    ),
    _shape(
        "GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_", r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{40,})"
    ),
    _shape(
        "GitLab token",
        "glpat- gldt- glrt- glcbt- glptt- glft- glsoat- glagent- gloas-",
        r"\bgl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|oas)-[\w.-]{20,}",
    ),
    _shape("Slack token", "xox xapp", r"\b(?:xox[a-z]-[\w-]{10,}|xapp-\d-[\w-]{10,})"),
    _shape(
        "Slack webhook", "hooks.slack.com", r"(hooks\.slack\.com/)(?:services|workflows|triggers)/[\w/-]{20,}", r"\1"
    ),
    _shape("API key (sk-)", "sk-", r"sk-(?<![A-Za-z0-9-]sk-)(?=[\w-]{0,128}\d)[\w-]{20,}"),
    _shape("Stripe key", "k_live_ k_test_", r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    _shape("Google API key", "AIza", r"\bAIza[\w-]{30,}"),
    _shape("Google OAuth token", "ya29. GOCSPX-", r"\b(?:ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,})"),
    _shape(
        "vendor token",
        "hf_ npm_ dckr_pat_ hvs. hvb. hvr. jina_ dapi dop_v1_ doo_v1_ dor_v1_ glsa_ SG."
        " pypi- lin_api_ xai- gsk_ pcsk_ nvapi- pplx- r8_",
        r"\b(?:hf_[A-Za-z0-9]{30,}|npm_[A-Za-z0-9]{36}|dckr_pat_[\w-]{20,}|hv[sbr]\.[\w-]{20,}|jina_[A-Za-z0-9]{30,}"
        r"|dapi[0-9a-f]{32}|do[opr]_v1_[0-9a-f]{40,}|glsa_\w{32,}|SG\.[\w-]{16,}\.[\w-]{16,}|pypi-AgE[\w-]{40,}"
        r"|lin_api_\w{30,}|xai-\w{40,}|gsk_\w{40,}|pcsk_\w{40,}|nvapi-[\w-]{40,}|pplx-\w{40,}|r8_\w{36,})",
    ),
    _shape("Voyage API key", "pa-", r"pa-(?<![A-Za-z0-9-]pa-)(?=[\w-]{0,128}[A-Z])(?=[\w-]{0,128}\d)[\w-]{40,}"),
    _shape(
        "authorization header",
        ("earer ", "asic ", "EARER ", "ASIC "),
        r"(?i)\b(bearer|basic)\s+(?=[^\s\"'\\]*[\d=])[\w+/=.~-]{16,}",
        r"\1 ",
    ),
    _shape(
        "Azure storage key",
        "AccountKey= SharedAccess",
        r"(?i)\b(AccountKey|SharedAccessKey|SharedAccessSignature)=[^\s;\"'\\\[]{8,}",
        r"\1=",
    ),
    _shape(
        "signed URL",
        "sig= ignature=",
        r"(?i)([?&](?:sig|x-amz-signature|x-goog-signature)=)[A-Za-z0-9%+/=_-]{20,}",
        r"\1",
    ),
    _shape(
        "password in a URL",
        "://",
        r"(://)(?!\[redacted(?:-credential)?\]@)(?:[^\s/?#@:\"'<>\\]*:[^\s/\"'<>\\]+|[^\s/?#@:\"'<>\\]{16,})@",
        r"\1",
    ),
)

_ASSIGNED = re.compile(
    r"(?i)((?:password|passwd|passphrase|pwd|secret|token|credentials?|(?:api|access|private)[_-]?key|bindpw|jwt|psk|cookie)"
    r"[\"']?\s*[:=]\s*)(?:\"[^\"]{3,}\"|'[^']{3,}'|(?!\[redacted(?:-credential)?\])[^\s,;&\"'{}\[\]]{3,})"
)
_HEADER = re.compile(r"(?i)\b(bearer|basic)\s+(?!\[redacted\]|auth|token|credential|realm|or\b|and\b)[\w+/=.~-]{6,}")
_TOKEN = re.compile(r"(?<![\w+/=-])[\w+/=-]{32,}(?![\w+/=-])")
_HEX = re.compile(r"[0-9a-fA-F]{32,}")
_CLASSES = (re.compile(r"[a-z]"), re.compile(r"[A-Z]"), re.compile(r"\d"))
_DIGEST_BEFORE = re.compile(r"(?:sha\d{3}|md5|blake2\w)[:=-]$", re.IGNORECASE)


MAX_TEXT = 65_536
"""Characters of an argument or expression that are kept."""
MAX_MESSAGE = 8_192
"""Characters of an error text or log line that are kept."""
_CUT = " … (cut)"
_SHORT = 2_000
"""Characters up to which searching for each needle costs less than encoding the text."""


def cut(text: str, limit: int = MAX_TEXT) -> str:
    """The text, ended at a word within `limit` characters: half a credential would not be recognised."""
    if len(text) <= limit:
        return text
    end = max(text.rfind(space, 0, limit) for space in " \n\t")
    return text[: max(end, 0)] + _CUT


def secret_shapes(body: bytes | str) -> list[str]:
    """The names of the forms that occur in a text, in a fixed order; the secrets themselves are not returned."""
    present = _candidates(body)
    if not present:
        return []
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    return [shape.name for shape in present if shape.pattern.search(text)]


def _candidates(body: bytes | str) -> list[Shape]:
    """The shapes of which a needle occurs; large texts are searched for all needles in one pass."""
    if isinstance(body, str) and len(body) <= _SHORT:
        return [shape for shape in SHAPES if any(needle in body for needle in shape.needles)]
    raw = body if isinstance(body, bytes) else body.encode("utf-8", "replace")
    return [SHAPES[number] for number in sorted({_needles()[1][hit] for hit in _needles()[0].Match(raw) or ()})]


@cache
def _needles() -> tuple[Any, tuple[int, ...]]:
    """All needles as one automaton, and the index of the shape of each."""
    import re2

    options = re2.Options()
    options.never_capture = True
    options.encoding = re2.Options.Encoding.LATIN1  # any bytes; all needles are ASCII
    found = re2.Set.SearchSet(options)
    shapes = []
    for number, shape in enumerate(SHAPES):
        for needle in shape.needles:
            found.Add(re2.escape(needle))
            shapes.append(number)
    found.Compile()
    return found, tuple(shapes)


def redact_shapes(text: str, found: Callable[[str], Any] = lambda name: None, mark: str = REDACTED) -> str:
    """The text with `mark` instead of each credential; calls `found` with the name of each form."""
    for shape in _candidates(text):
        text, hits = shape.pattern.subn(shape.keep + mark + ("@" if shape.needles == ("://",) else ""), text)
        if hits:
            found(shape.name)
    return text


def redact_text(text: str) -> str:
    """An error text or log line without credentials; also removes `password=…` and short bearer tokens."""
    text = redact_shapes(cut(text, MAX_MESSAGE))
    text = _HEADER.sub(rf"\1 {REDACTED}", text)
    text = _ASSIGNED.sub(rf"\1{REDACTED}", text)
    return redact_random(text)


def redact_random(text: str) -> str:
    """The text without random tokens; digests with a prefix (`sha256:…`) stay."""
    if len(text) < 32:
        return text

    def replaced(match: re.Match[str]) -> str:
        named = _DIGEST_BEFORE.search(text, max(0, match.start() - 12), match.start())
        return match[0] if named or not looks_random(match[0]) else REDACTED

    return _TOKEN.sub(replaced, text)


@lru_cache(maxsize=4096)
def looks_random(token: str) -> bool:
    """Whether a token has 32 or more characters of a generated key: hexadecimal, or base64 of mixed case.

    Paths, host names, UUIDs and names made of words do not.
    """
    if len(token) < 32:
        return False
    if _HEX.fullmatch(token):
        return len(set(token.lower())) >= 8
    if not all(found.search(token) for found in _CLASSES):
        return False
    letters = re.sub(r"[^A-Za-z0-9]", "", token)
    return len(letters) >= 24 and _entropy(letters) >= 3.9 and _changes(letters) >= 0.33


def _entropy(token: str) -> float:
    counts = Counter(token)
    return -sum(count / len(token) * math.log2(count / len(token)) for count in counts.values())


def _changes(letters: str) -> float:
    """Share of characters followed by another class: about 0.6 for random base64, at most 0.25 for camel case."""
    classes = ["d" if letter.isdigit() else "u" if letter.isupper() else "l" for letter in letters]
    return sum(map(str.__ne__, classes, classes[1:])) / (len(letters) - 1)


class Scanned(NamedTuple):
    """A JSON document, the names of the forms that were removed from it, and those that could not be."""

    body: bytes
    found: list[str]
    left: list[str]


def redact_json(body: bytes) -> Scanned:
    """A JSON document without credentials in its strings and keys.

    A document without credentials is returned as the same bytes after one search. Each string is looked at where
    something was found, or where escapes may hide a credential. One that spans a name and a value is left.
    """
    left = secret_shapes(body)
    if not left and b"\\u" not in body and b"\\/" not in body:
        return Scanned(body, [], [])
    names: dict[str, None] = {}
    value = json.loads(body)
    require_shallow(value)
    cleaned = _cleaned(value, lambda name: names.setdefault(name))
    if names:
        body = json.dumps(cleaned, ensure_ascii=False, separators=(",", ":")).encode()
        left = secret_shapes(body)
    return Scanned(body, list(names), left)


def _cleaned(value: Any, found: Callable[[str], Any]) -> Any:
    if isinstance(value, str):
        return redact_shapes(value, found)
    if isinstance(value, list):
        return [_cleaned(item, found) for item in value]
    if isinstance(value, dict):
        return {redact_shapes(key, found): _cleaned(item, found) for key, item in value.items()}
    return value
