"""Stable pseudonyms for a report that is passed on: a name has the same pseudonym in every export.

They replace the names of clusters, namespaces, nodes, workloads and other objects, of zones, classes, buckets and
collections, of people, the customer, hosts and addresses, in fields and in running text. Pseudonyms are numbered
(`node-1`, `customer-a`) in the reverse list; addresses get an HMAC-SHA256 under a 256-bit key. Both stay in `private/`
of the assessment folder. Free text is replaced as a whole (`notes`), unless it is to be kept.

Verdicts are computed with the real names; only texts change. Names of public software stay: those of Kubernetes
(`kube-system`, `default`) everywhere, and words such as `weaviate` or `monitoring` in running text, where they identify
nobody. Texts of the checklist stay as well.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import msgspec

from readiness_kit.kinds import KINDS
from readiness_kit.kinds.sources import SOURCES
from readiness_kit.model import Assessment, Call, Settings
from readiness_kit.report.privacy import discovery, rules, spellings
from readiness_kit.report.privacy.spellings import Spelling
from readiness_kit.snapshot import Snapshot

_MAX_PARTS = 40
"""Parts of a compound name that are looked at: no name of Kubernetes has more."""
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MIN_JOINED = 10
"""Characters from which a name with separators is also found without them: `orderssearch`."""
VARIABLE = "READINESS_PSEUDONYMS"
"""Set for the kernel that renders a pseudonymised report; to `KEEP_NOTES` where free text is kept."""
KEEP_NOTES = "keep-notes"


def requested() -> bool:
    """Whether this process renders a pseudonymised report."""
    return bool(os.environ.get(VARIABLE))


def keeps_notes() -> bool:
    """Whether free text stays, with the known names in it replaced."""
    return os.environ.get(VARIABLE) == KEEP_NOTES


class Pseudonyms:
    """The pseudonyms of one assessment. `names` maps each name to its pseudonym."""

    def __init__(self, key: bytes, earlier: Mapping[str, str] | None = None) -> None:
        """`earlier` is the reverse list of former exports: pseudonym to name."""
        if len(key) * 8 < 128:
            raise ValueError("the key of pseudonyms must have 128 bits or more")
        self._key = key
        self.names: dict[str, str] = {}
        self._given: dict[tuple[str, str], str] = {}
        self._taken: set[str] = set()
        self._count: Counter[str] = Counter()
        self._namespaces: set[str] = set()
        self._spellings: dict[Spelling, str] = {}
        self._phrases: dict[str, str] = {}
        self._folded: dict[str, str] = {}
        self._domains: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._text = lru_cache(maxsize=50_000)(self._replaced)
        self.adopt(earlier or {})

    def adopt(self, earlier: Mapping[str, str]) -> None:
        """Takes over a reverse list: its names keep their pseudonyms, and no other name gets one of them."""
        self._taken.update(earlier)
        for pseudonym, name in earlier.items():
            self._given.setdefault((pseudonym.rpartition("-")[0], spellings.keys(name)[0]), pseudonym)

    # --- learning names ---------------------------------------------------------------------------

    def pseudonym(self, sort: str, name: str) -> str:
        """`node-1`, for a customer `customer-a`: the same for each spelling, and no name of the cluster itself."""
        key = sort, spellings.keys(name)[0] or name
        if key not in self._given:
            while (made := self._next(sort)) in self._taken:
                pass
            self._given[key] = made
            self._taken.add(made)
        return self._given[key]

    def _next(self, sort: str) -> str:
        self._count[sort] += 1
        number = self._count[sort]
        return f"{sort}-{chr(96 + number)}" if sort == "customer" and number <= 26 else f"{sort}-{number}"

    def learn(self, sort: str, name: str) -> None:
        """Adds a name; the sort that it is first added with stays."""
        if name and name not in self.names and name not in rules.KUBERNETES_OWN and not name.startswith("system:"):
            self._add(name, self.pseudonym(sort, name))

    def _add(self, name: str, pseudonym: str) -> None:
        self.names[name] = pseudonym
        if not name.isalpha() or _CAMEL.search(name):
            self._folded.setdefault(_folded(name), pseudonym)
            if len(name) >= _MIN_JOINED and name.count("-") + name.count("_") <= _MAX_PARTS:
                self._folded.setdefault(_folded(name).replace("-", ""), pseudonym)
        self._forget()

    def learn_phrase(self, sort: str, phrase: str) -> None:
        """Adds a name of free form, in all its spellings: a person, a customer, a kubeconfig context."""
        flat = " ".join(phrase.split())
        if len(flat) < rules.MIN_LENGTH:
            return
        pseudonym = self.pseudonym(sort, flat)
        self.names.setdefault(flat, pseudonym)
        found = {"person": spellings.of_person, "customer": spellings.of_customer}.get(sort, spellings.of_phrase)(flat)
        for spelling in found:
            word = " ".join(spelling.words)
            if len(word) < rules.MIN_LENGTH or word.casefold() in rules.ORDINARY:
                continue
            self._spellings.setdefault(spelling, pseudonym)
            for key in spellings.keys(word):
                self._phrases.setdefault(key, pseudonym)
        self._forget()

    def _forget(self) -> None:
        self._pattern = None
        self._text.cache_clear()

    def learn_snapshot(self, snapshot: Snapshot) -> None:
        """Adds the names of a snapshot, workloads before pods, which are named after them."""
        self._taken |= {item.metadata.name for objects in snapshot.kept.values() for item in objects}
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
        plain = [_plain(snapshot.kept), _plain(snapshot.answers)]
        for sort, name in dict.fromkeys(discovery.names(plain)):
            self.learn(sort, name)
        for host in discovery.hosts(plain):
            self.learn_host(host)

    def _learn_namespace(self, name: str) -> None:
        self.learn(rules.NAMESPACE, name)
        if name:
            self._namespaces.add(name)

    def _learn_pod(self, name: str) -> None:
        """Adds a pod; one with an ordinal is named after its workload, so that a reader can still identify it."""
        head, _, ordinal = name.rpartition("-")
        if ordinal.isdigit() and head in self.names and name not in self.names:
            self._add(name, f"{self.names[head]}-{ordinal}")
        else:
            self.learn(rules.POD, name)

    def learn_host(self, host: str) -> None:
        """Adds a host name and its domain, unless it is a public one."""
        host = host.lower().rstrip(".")
        if not rules.is_public(host) and rules.HOST.fullmatch(host) and host not in self.names:
            self._add(host, self.pseudonym("host", host))
            self._domains.add(".".join(host.split(".")[-2:]))

    def learn_settings(self, settings: Settings) -> None:
        """Adds customer, cluster and people of `readiness.yaml`."""
        self.learn_phrase("customer", settings.customer)
        for cluster in (settings.cluster_name, settings.cluster.context):
            self.learn_phrase("cluster", cluster)
        for person in (settings.assessor, *settings.participants):
            self.learn_phrase("person", person)

    def learn_assessment(self, assessment: Assessment) -> None:
        """Adds the people and hosts in answers and waivers."""
        for verdict in assessment.verdicts:
            answer, waiver = verdict.answer, verdict.waiver
            for person in (
                *((answer.by, answer.owner, answer.confirmed_by) if answer else ()),
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
        value = rules.EMAIL.sub(lambda match: self._email(match[0]), value)
        value = rules.URL.sub(lambda match: self._url(match[0]), value)
        if self._phrases:
            value = self._phrase_pattern().sub(self._phrase, value)
        value = rules.PATH.sub(self._path, value)
        value = rules.TOKEN.sub(lambda match: self._token(match[0]), value)
        value = rules.IPV4.sub(lambda match: self._ipv4(match[0]), value)
        return rules.IPV6.sub(lambda match: self._ipv6(match[0]), value)

    def _phrase_pattern(self) -> re.Pattern[str]:
        if self._pattern is None:
            longest = sorted(self._spellings, key=lambda spelling: -len("".join(spelling.words)))
            self._pattern = re.compile("|".join(f"(?:{spelling.pattern})" for spelling in longest), re.IGNORECASE)
        return self._pattern

    def _phrase(self, match: re.Match[str]) -> str:
        """The pseudonym of a spelling; with accents written in two letters, that of the spelling which matches it."""
        for key in spellings.keys(match[0]):
            if key in self._phrases:
                return self._phrases[key]
        for spelling, pseudonym in self._spellings.items():
            if re.fullmatch(spelling.pattern, match[0], re.IGNORECASE):
                return pseudonym
        return "name"

    def _email(self, address: str) -> str:
        """One pseudonym for each address; a later search finds the address as a name."""
        return self._learned("person", address.casefold())

    def _learned(self, sort: str, name: str) -> str:
        """The pseudonym of a name that is found while replacing."""
        return self.names.setdefault(name, self.pseudonym(sort, name))

    def _url(self, url: str) -> str:
        host = rules.host_of(url)
        return url if rules.is_public(host) or not host else f"https://{self._learned('host', host)}.invalid"

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
        if (known := self._known(core)) and len(core) >= rules.MIN_LENGTH:
            return known + rest
        if "." in core:
            if any(core.lower().endswith(f".{domain}") for domain in self._domains) or rules.PRIVATE.search(core):
                return self._learned("host", core.lower()) + rest
            return ".".join(self._token(part) for part in core.split(".")) + rest
        for separator in "-_":
            core = self._compound(core, separator) if separator in core else core
        words = _CAMEL.sub("-", core)
        if words != core and (renamed := self._compound(words)) != words:
            core = renamed
        return core + rest

    def _known(self, name: str) -> str | None:
        """The pseudonym of a name; in another case and with other separators as well, unless it is a word."""
        return self.names.get(name) or self._folded.get(_folded(name))

    def _compound(self, token: str, separator: str = "-") -> str:
        """A name composed of names, such as `data-weaviate-0`: replaces the longest known sequences of its parts."""
        if token.count(separator) > _MAX_PARTS:
            return token
        parts = token.split(separator)
        for length in range(min(len(parts) - 1, _MAX_PARTS), 0, -1):
            for start in range(len(parts) - length + 1):
                run = separator.join(parts[start : start + length])
                known = self._known(run)
                if known and len(run) > rules.MIN_LENGTH and run.lower() not in rules.ORDINARY:
                    before = separator.join(parts[:start])
                    after = separator.join(parts[start + length :])
                    ends = (self._compound(before, separator), known, self._compound(after, separator))
                    return separator.join(end for end in ends if end)
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
                name: entry if rules.is_left_alone(name, key) else self._walk(entry, name, key)
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


def _folded(name: str) -> str:
    """What the spellings `Orders-Search`, `orders_search`, `orders.search` and `OrdersSearch` have in common."""
    return _CAMEL.sub("-", name).casefold().replace("_", "-").replace(".", "-")


def _tuple_of(kind: Any) -> Any:
    return tuple[kind, ...]


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value, builtin_types=(date, datetime))
