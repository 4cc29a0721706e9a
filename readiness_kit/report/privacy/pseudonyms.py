"""Stable pseudonyms for a report that is passed on: a name has the same pseudonym in every export.

They replace the names of clusters, namespaces, nodes, workloads and other objects, of people, the customer, hosts and
addresses, in fields and in running text. A pseudonym is an HMAC-SHA256 under a 256-bit key; key and reverse list stay
in `private/` of the assessment folder.

Verdicts are computed with the real names; only texts change. Names of public software stay: those of Kubernetes
(`kube-system`, `default`) everywhere, and words such as `weaviate` or `monitoring` in running text, where they identify
nobody. Texts of the checklist stay as well.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from readiness_kit import files
from readiness_kit.errors import UnreadableFileError
from readiness_kit.kinds import KINDS
from readiness_kit.kinds.sources import SOURCES
from readiness_kit.model import Assessment, Call, Settings
from readiness_kit.report.privacy import rules
from readiness_kit.snapshot import Snapshot

KEY_BYTES = 32
VARIABLE = "READINESS_PSEUDONYMS"
"""Set for the kernel that renders a pseudonymised report."""


def requested() -> bool:
    """Whether this process renders a pseudonymised report."""
    return bool(os.environ.get(VARIABLE))


class Pseudonyms:
    """The pseudonyms of one assessment. `names` maps each name to its pseudonym."""

    def __init__(self, key: bytes) -> None:
        if len(key) * 8 < 128:
            raise ValueError("the key of pseudonyms must have 128 bits or more")
        self._key = key
        self.names: dict[str, str] = {}
        self._namespaces: set[str] = set()
        self._phrases: dict[str, str] = {}
        self._domains: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._text = lru_cache(maxsize=50_000)(self._replaced)

    # --- learning names ---------------------------------------------------------------------------

    def pseudonym(self, sort: str, name: str) -> str:
        """`node-4f2k9ampq3`: 50 bits of the HMAC, enough to avoid collisions in a cluster of any size."""
        digest = hmac.new(self._key, f"{sort}\0{name}".encode("utf-8", "replace"), hashlib.sha256).digest()
        return f"{sort}-{base64.b32encode(digest)[:10].decode('ascii').lower()}"

    def learn(self, sort: str, name: str) -> None:
        """Adds a name; the sort that it is first added with stays."""
        if name and name not in self.names and name not in rules.KUBERNETES_OWN and not name.startswith("system:"):
            self.names[name] = self.pseudonym(sort, name)
            self._forget()

    def learn_phrase(self, sort: str, phrase: str) -> None:
        """Adds a name of free form: a person, a customer, a kubeconfig context."""
        flat = " ".join(phrase.split())
        if len(flat) >= rules.MIN_LENGTH:
            self._phrases.setdefault(flat.casefold(), self.pseudonym(sort, flat.casefold()))
            self.names.setdefault(flat, self._phrases[flat.casefold()])
            self._forget()

    def _forget(self) -> None:
        self._pattern = None
        self._text.cache_clear()

    def learn_snapshot(self, snapshot: Snapshot) -> None:
        """Adds the names of a snapshot, workloads before pods, which are named after them."""
        for space in (*snapshot.manifest.namespaces, *snapshot.manifest.weaviate_namespaces):
            self._learn_namespace(space)
        for key in sorted(snapshot.kept, key=rules.order):
            kind, sort = KINDS[key], rules.sort_of(key)
            if not (kind.namespaced or key in rules.NAMED_CLUSTER_WIDE):
                continue
            for found in snapshot.kept[key]:
                meta = found.metadata
                self._learn_namespace(meta.namespace)
                if sort == rules.NAMESPACE:
                    self._learn_namespace(meta.name)
                elif sort == rules.POD:
                    self._learn_pod(meta.name)
                else:
                    self.learn(sort, meta.name)
                if sort == rules.NODE and "." in meta.name:
                    self.names.setdefault(meta.name.partition(".")[0], self.names.get(meta.name, ""))
        for host in _hosts([_plain(snapshot.kept), _plain(snapshot.answers)]):
            self.learn_host(host)

    def _learn_namespace(self, name: str) -> None:
        self.learn(rules.NAMESPACE, name)
        if name:
            self._namespaces.add(name)

    def _learn_pod(self, name: str) -> None:
        """Adds a pod; one with an ordinal is named after its workload, so that a reader can still identify it."""
        head, _, ordinal = name.rpartition("-")
        if ordinal.isdigit() and head in self.names and name not in self.names:
            self.names[name] = f"{self.names[head]}-{ordinal}"
            self._forget()
        else:
            self.learn(rules.POD, name)

    def learn_host(self, host: str) -> None:
        """Adds a host name and its domain, unless it is a public one."""
        host = host.lower().rstrip(".")
        if not rules.is_public(host) and rules.HOST.fullmatch(host) and host not in self.names:
            self.names[host] = self.pseudonym("host", host)
            self._domains.add(".".join(host.split(".")[-2:]))
            self._forget()

    def learn_settings(self, settings: Settings) -> None:
        """Adds customer, cluster and people of `readiness.yaml`."""
        self.learn_phrase("customer", settings.customer)
        for slug in rules.slugs(settings.customer):
            self.learn_phrase("customer", slug)
        for cluster in (settings.cluster_name, settings.cluster.context):
            self.learn_phrase("cluster", cluster)
        for person in (settings.assessor, *settings.participants):
            self.learn_phrase("person", person)

    def learn_assessment(self, assessment: Assessment) -> None:
        """Adds the people and hosts in answers and waivers."""
        for verdict in assessment.verdicts:
            answer, waiver = verdict.answer, verdict.waiver
            for person in (
                *((answer.by, answer.owner) if answer else ()),
                *((waiver.owner, waiver.approver) if waiver else ()),
            ):
                self.learn_phrase("person", person)
            for text in (answer.link, answer.note, answer.reason) if answer else ():
                for url in rules.URL.findall(text):
                    self.learn_host(rules.host_of(url))

    # --- replacing --------------------------------------------------------------------------------

    def text(self, value: str) -> str:
        """Running text with every known name, address and e-mail address replaced."""
        return self._text(value) if value else value

    def named(self, value: str) -> str:
        """A string that is a name as a whole: words that running text keeps are replaced as well."""
        return self.names.get(value) or self.text(value)

    def _replaced(self, value: str) -> str:
        value = rules.EMAIL.sub(lambda match: self.pseudonym("person", match[0].casefold()), value)
        value = rules.URL.sub(lambda match: self._url(match[0]), value)
        if self._phrases:
            value = self._phrase_pattern().sub(
                lambda match: self._phrases[" ".join(match[0].split()).casefold()], value
            )
        value = rules.PATH.sub(self._path, value)
        value = rules.TOKEN.sub(lambda match: self._token(match[0]), value)
        value = rules.IPV4.sub(lambda match: self._ipv4(match[0]), value)
        return rules.IPV6.sub(lambda match: self._ipv6(match[0]), value)

    def _phrase_pattern(self) -> re.Pattern[str]:
        if self._pattern is None:
            longest = sorted(self._phrases, key=len, reverse=True)
            words = (r"\s+".join(re.escape(word) for word in phrase.split()) for phrase in longest)
            self._pattern = re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE)
        return self._pattern

    def _url(self, url: str) -> str:
        host = rules.host_of(url)
        return url if rules.is_public(host) or not host else f"https://{self.pseudonym('host', host)}.invalid"

    def _path(self, match: re.Match[str]) -> str:
        """`namespace/name`, where both parts are names even if they are ordinary words."""
        space, name = match[1], match[2]
        if space in self._namespaces and (name in self.names or space not in rules.ORDINARY):
            return f"{self.names.get(space, space)}/{self.names.get(name) or self._token(name)}"
        return match[0]

    def _token(self, token: str) -> str:
        core = token.rstrip(".-_")
        rest = token[len(core) :]
        if core.lower() in rules.ORDINARY or core in rules.KUBERNETES_OWN:
            return token
        if (known := self.names.get(core)) and len(core) >= rules.MIN_LENGTH:
            return known + rest
        if "." in core:
            if any(core.lower().endswith(f".{domain}") for domain in self._domains) or rules.PRIVATE.search(core):
                return self.pseudonym("host", core.lower()) + rest
            return ".".join(self._token(part) for part in core.split(".")) + rest
        return (self._compound(core) if "-" in core else core) + rest

    def _compound(self, token: str) -> str:
        """A name composed of names, such as `data-weaviate-0`: replaces the longest known sequences of its parts."""
        parts = token.split("-")
        for length in range(len(parts) - 1, 0, -1):
            for start in range(len(parts) - length + 1):
                run = "-".join(parts[start : start + length])
                known = self.names.get(run)
                if known and len(run) > rules.MIN_LENGTH and run not in rules.ORDINARY:
                    before, after = "-".join(parts[:start]), "-".join(parts[start + length :])
                    ends = (self._compound(before) if before else "", known, self._compound(after) if after else "")
                    return "-".join(end for end in ends if end)
        return token

    def _ipv4(self, address: str) -> str:
        if rules.is_ordinary_address(address):
            return address
        digest = hmac.new(self._key, f"ip\0{address}".encode(), hashlib.sha256).digest()
        return f"198.{18 + digest[0] % 2}.{digest[1]}.{digest[2]}"

    def _ipv6(self, address: str) -> str:
        digest = hmac.new(self._key, f"ip\0{address.lower()}".encode(), hashlib.sha256).hexdigest()
        return f"2001:db8::{digest[:4]}:{digest[4:8]}"

    def apply(self, value: Any, kind: Any) -> Any:
        """A Struct (or tuple of Structs) of type `kind` with its texts replaced; checklist questions stay."""
        return msgspec.convert(self._walk(_plain(value), ""), kind)

    def _walk(self, value: Any, key: str, parent: str = "") -> Any:
        if isinstance(value, str):
            return self.named(value) if rules.is_name(key, parent) else self.text(value)
        if isinstance(value, dict):
            return {
                name: entry if name in rules.LEFT_ALONE else self._walk(entry, name, key)
                for name, entry in value.items()
            }
        if isinstance(value, list | tuple):
            return [self._walk(entry, key, parent) for entry in value]
        return value

    def snapshot(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with its manifest, objects, answers and call log renamed."""
        kept: dict[str, Any] = {
            key: self.apply(objects, _tuple_of(KINDS[key].struct)) for key, objects in snapshot.kept.items()
        }
        answers = {key: self.apply(answer, SOURCES[key]) for key, answer in snapshot.answers.items()}
        calls = self.apply(snapshot.calls, tuple[Call, ...])
        return msgspec.structs.replace(
            snapshot,
            manifest=self.apply(snapshot.manifest, type(snapshot.manifest)),
            kept=kept,
            answers=answers,
            calls=calls,
        )


def _tuple_of(kind: Any) -> Any:
    return tuple[kind, ...]


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value, builtin_types=(date, datetime))


def _hosts(value: Any, key: str = "") -> Iterator[str]:
    """Host names in fields for hosts, in image references and in URLs."""
    if isinstance(value, str):
        if key in rules.HOST_FIELDS:
            yield rules.host_of(value) if "://" in value else value.removeprefix("*.").partition(":")[0]
        elif key == "image" and "/" in value:
            yield value.partition("/")[0].partition(":")[0]
        else:
            yield from (rules.host_of(url) for url in rules.URL.findall(value))
    elif isinstance(value, dict):
        for name, entry in value.items():
            yield from _hosts(entry, name)
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from _hosts(entry, key)


# --- key and reverse list in the assessment folder ------------------------------------------------


def of_folder(private: Path) -> Pseudonyms:
    """The pseudonyms of an assessment. Its key is created (0600) on first use; `private` is Folder.private.

    Raises UnreadableFileError for a key file without a key.
    """
    path = private / "pseudonyms.key"
    with files.locked(path):
        private.chmod(0o700)
        if not path.exists():
            files.replace(path, secrets.token_hex(KEY_BYTES).encode("ascii") + b"\n")
        text = path.read_text(encoding="ascii", errors="replace").strip()
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) < 16:
        raise UnreadableFileError(
            f"the file {path} does not contain a pseudonym key of 128 bits or more",
            "restore the file, or delete it to get new pseudonyms",
        )
    return Pseudonyms(key)


def remember(private: Path, names: dict[str, str]) -> Path:
    """Adds pseudonyms and names to the reverse list, which only the owner of the folder can read.

    Earlier entries stay. Raises UnreadableFileError for a list that cannot be read.
    """
    path = private / "pseudonyms.json"
    with files.locked(path):
        earlier = _load_list(path) if path.exists() else {}
        body = {**earlier, **{pseudonym: name for name, pseudonym in names.items() if pseudonym}}
        files.replace(path, files.pretty(body))
    return path


def _load_list(path: Path) -> dict[str, str]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as problem:
        content = f"{problem}"
    if not isinstance(content, dict):
        raise UnreadableFileError(
            f"the list of pseudonyms {path} cannot be read ({str(content)[:200]})",
            "move it away: a new list is created, with the same pseudonyms",
        )
    return content


def learned(private: Path, parts: Iterable[Any], settings: Settings) -> Pseudonyms:
    """The pseudonyms of the names in `parts` (snapshots and assessments) and in the settings."""
    known = of_folder(private)
    known.learn_settings(settings)
    for part in parts:
        if isinstance(part, Snapshot):
            if part.manifest.context:
                known.learn_phrase("cluster", part.manifest.context)
            known.learn_snapshot(part)
        else:
            known.learn_assessment(part)
    return known
