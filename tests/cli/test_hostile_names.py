"""Every command with names that would control a terminal: files, folders, contexts, options, and texts of a server."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
import yaml
from click import Context

from readiness_kit.cli import main
from readiness_kit.demo import install
from tests.support.commands import run
from tests.support.served import Reply, Request, ServedCluster, status

NAME = "\x1b[2J\x9b31m\u202e\u2066x"
FORGED = f"{NAME}\r✓ All questions are met"
CLASSES = re.compile(
    r"\b(?:[A-Z]\w+(?:Error|Exception)|PosixPath|Errno|Traceback|HTTPSConnectionPool|urllib3)\b|Secure\(|object at 0x"
)
"""What belongs to the code, not to a text for people."""


def assert_clean(output: str) -> None:
    unclean = {
        letter for letter in output if unicodedata.category(letter) in ("Cc", "Zl", "Zp") and letter not in "\n\t"
    }
    assert not unclean and not {"\u202e", "\u2066"} & set(output), output
    found = CLASSES.search(output)
    assert found is None, output[max(found.start() - 200, 0) : found.end() + 100] if found else ""


EVERYWHERE: dict[str, list[tuple[str, ...]]] = {
    "demo": [("demo", "--no-such"), ("demo", "-d", "{file}/below")],
    "lab": [("lab", "--prepare-only", "-d", "{file}/below")],
    "app": [("app", "--no-such", NAME)],
    "doctor": [("doctor", "-d", "{none}"), ("doctor", "-d", "{folder}", "--context", NAME)],
    "checklist": [("checklist", "--profile", NAME), ("checklist", NAME)],
    "collect": [
        ("collect", "--kubeconfig", "{none}"),
        ("collect", "--kubeconfig", "{config}", "--context", FORGED),
        ("collect", "--kubeconfig", "{config}", "-o", "snapshot={out}", "--weaviate", NAME),
        ("collect", "--kubeconfig", "{config}", "-o", "snapshot={file}/below"),
        ("collect", "-f", "{file}"),
    ],
    "assess": [
        ("assess", "-d", "{folder}", "-v"),
        ("assess", "-f", "{none}"),
        ("assess", "-f", "{file}"),
        ("assess", "-d", "{folder}", "--weaviate", FORGED),
    ],
    "explain": [("explain", NAME, "-d", "{folder}"), ("explain", "Q1", "-d", "{folder}")],
    "fix": [("fix", "-d", "{folder}", "--only", NAME), ("fix", NAME)],
    "report": [("report", "-d", "{folder}", "-o", "json"), ("report", "-d", "{folder}", "-o", f"{NAME}=x")],
    "answers": [
        ("answers", "import", "-d", "{folder}", "-f", "{file}"),
        ("answers", "confirm", NAME, "--by", NAME, "-d", "{folder}"),
        ("answers", "export", "-d", "{none}"),
        ("answers", NAME),
    ],
    "waive": [("waive", NAME, "-d", "{folder}"), ("waive", "-d", "{folder}")],
    "milestone": [("milestone", NAME, "-d", "{folder}")],
    "compare": [("compare", NAME, "-d", "{folder}"), ("compare", "{file}", "-d", "{folder}")],
    "fleet": [("fleet", "{none}"), ("fleet", "{file}")],
    "clean": [("clean", "--yes", "-d", "{none}"), ("clean", "-d", "{folder}")],
    "advisories": [("advisories", "-f", "{none}"), ("advisories", NAME)],
    "rbac": [("rbac", "--name", NAME), ("rbac", NAME)],
    "serve": [("serve", "-f", "{none}"), ("serve", "-f", "{file}")],
}


def test_every_command_is_in_the_table() -> None:
    assert set(EVERYWHERE) >= set(main.list_commands(Context(main))) - {"completion"}


@pytest.mark.parametrize("command", EVERYWHERE)
def test_hostile_names_of_files_and_options_are_printed_escaped(command: str, tmp_path: Path) -> None:
    folder = install(tmp_path / f"home {NAME}").create().path
    file, none = tmp_path / f"{NAME}.json", tmp_path / f"none {NAME}.zip"
    file.write_text("{")
    contexts = [{"name": FORGED, "context": {"cluster": NAME, "user": NAME}}]
    config = tmp_path / f"config {NAME}"
    config.write_text(yaml.safe_dump({"clusters": [], "users": [], "contexts": contexts, "current-context": FORGED}))
    places = {
        "{file}": str(file),
        "{none}": str(none),
        "{folder}": str(folder),
        "{config}": str(config),
        "{out}": str(tmp_path / "out.zip"),
    }
    for words in EVERYWHERE[command]:
        filled = []
        for word in words:
            for place, value in places.items():
                word = word.replace(place, value)
            filled.append(word)
        assert_clean(run(*filled).output)


@pytest.mark.parametrize("code", [200, 401, 403, 500])
def test_hostile_texts_of_a_server_are_printed_escaped(code: int, tmp_path: Path) -> None:
    def fault(request: Request) -> Reply | None:
        if code == 200 and request.path == "/version":
            return Reply(200, {"gitVersion": FORGED, "major": NAME, "minor": NAME})
        if code == 200 and request.plural == "nodes":
            node = {"metadata": {"name": FORGED, "labels": {"topology.kubernetes.io/zone": FORGED}}}
            return Reply(200, {"kind": "NodeList", "metadata": {}, "items": [node]})
        return status(code, FORGED, FORGED) if code != 200 else None

    with ServedCluster({}, fault=fault) as cluster:
        config = cluster.kubeconfig(tmp_path / "config")
        for words in (("collect", "-o", f"snapshot={tmp_path / 'x.zip'}"), ("doctor",)):
            assert_clean(run(*words, "--kubeconfig", config).output)
