"""Secrets planted everywhere at once, and a whole engagement with them: none is in any file, log, output or error."""

from __future__ import annotations

import base64
import gzip
import io
import json
import logging
import sys
import threading
import traceback
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import pytest
import yaml
from click.testing import CliRunner

from readiness_kit import Kit
from readiness_kit.bundles import load
from readiness_kit.cli import main
from readiness_kit.cli.commands import start
from readiness_kit.collect.http.credentials import forms
from readiness_kit.collect.http.transport import Transport
from readiness_kit.model import Answer, Choice
from readiness_kit.notebook import launcher
from readiness_kit.serve import ServedSnapshot
from readiness_kit.snapshot import Snapshot
from readiness_kit.workspace.folder import Folder
from tests.collect.test_privacy import RANDOM, TOKEN, WORD, planted
from tests.notebooks.test_notebooks import NOTEBOOKS
from tests.notebooks.test_notebooks import run as run_notebook
from tests.support.served import Reply, Request, status
from tests.support.weaviate import collection, error, healthy
from tests.trust.outside import Outside, outside

LOGIN = "Canary-login-8Hq2Xw5Rt9Lk3Vb7Nm1Zp6Yd4Gf0"
"""The token of the kubeconfig."""
API_KEY = "canary-weaviate-key-31b7"
BEARER = "canary-prometheus-bearer-55d0"
PASSWORD = "canary-url-password-90ae"
OIDC = "canary-oidc-token-77c2"
SECRETS = (WORD, TOKEN, RANDOM, LOGIN, API_KEY, BEARER, PASSWORD, OIDC)


def spellings(secret: str) -> Iterator[bytes]:
    for text in (secret, quote(secret), secret[:24]):
        yield text.encode()
    for shift in range(3):
        # A secret inside a longer text that is base64 as a whole.
        coded = base64.b64encode(b"x" * shift + secret.encode())
        yield coded[4:-8] if len(coded) > 24 else coded


def every_form(secret: str) -> str:
    """What a server may make of a credential that it was sent."""
    pairs = [f"{user}:{secret}" for user in ("reader", "me", "")]
    coded = [code(pair.encode()).decode() for pair in pairs for code in (base64.b64encode, base64.urlsafe_b64encode)]
    urls = [f"https://{pair}@h/x" for pair in pairs] + [f"https://h/x?token={quote(secret, safe='')}&a=b"]
    quoted = [json.dumps({"password": secret}), repr({"password": secret}), f"<b>{secret}</b>"]
    return " ".join((secret, *forms(secret), *spellings_of_text(secret), *pairs, *coded, *urls, *quoted))


def spellings_of_text(secret: str) -> Iterator[str]:
    return (spelling.decode() for spelling in spellings(secret))


def fault(request: Request) -> Reply | None:
    return (
        status(403, "Forbidden", f"{TALK} {every_form(LOGIN)}")
        if request.path.endswith(("/nodes", "/services", "/ingresses"))
        else None
    )


TALK = f"no: https://u:{PASSWORD}@h/x?api_key={WORD} token={WORD} Bearer {LOGIN} {TOKEN} {RANDOM}"
"""What an error text may repeat of a request, or of a configuration."""


def weaviate_answers() -> dict[str, Any]:
    """A healthy server that repeats secrets wherever it has text of its own; the key that it was given, too."""
    found = healthy()
    found["/v1/meta"]["hostname"] = f"http://u:{PASSWORD}@[::]:8080"
    found["/v1/meta"]["modules"] |= {
        "backup-s3": {"bucketName": "b", "endpoint": f"https://id:{PASSWORD}@minio", "accessKey": WORD},
        "text2vec-transformers": {"error": f"dial tcp: {TALK}"},
        "generative-openai": {"name": "OpenAI", "documentationHref": f"https://u:{PASSWORD}@h", "apiKey": WORD},
    }
    vault = {"text2vec-openai": {"apiKey": WORD, "baseURL": f"https://u:{PASSWORD}@h"}}
    found["/v1/schema"]["classes"] = [
        collection(
            "Products", description=f"{WORD} {TOKEN}", moduleConfig=vault, vectorConfig={"v": {"vectorizer": vault}}
        )
    ]
    found["/v1/backups/s3?order=desc"][0] |= {"path": f"s3://u:{PASSWORD}@b", "error": TALK}
    found["/v1/authz/roles"] = error(500, f"{TALK} {every_form(API_KEY)}")
    found["/v1/users/db?includeLastUsedTime=true"][0] |= {"apiKeyFirstLetters": API_KEY, "email": WORD}
    found["/v1/tasks"] = {"reindex": [{"id": WORD, "status": "FAILED", "error": TALK, "payload": {"key": WORD}}]}
    href = f"https://u:{PASSWORD}@idp/.well-known/openid-configuration"
    found["/v1/.well-known/openid-configuration"] = {"href": href, "clientId": "kit", "clientSecret": WORD}
    return found


def prometheus_answers(request: Request) -> Any:
    labels = {"namespace": "db", "pod": "weaviate-0", "container": "weaviate", "job": "w", "token": TOKEN, "key": WORD}
    rule = {
        "name": "A",
        "type": "alerting",
        "query": f'up{{k="{TOKEN}"}}',
        "labels": labels,
        "annotations": {"d": WORD},
    }
    target = {
        "labels": {**labels, "instance": f"http://u:{PASSWORD}@h:2112"},
        "health": "down",
        "lastError": f"{TALK} {every_form(BEARER)}",
    }
    given: dict[str, Any] = {
        "rules": {"groups": [{"name": "g", "rules": [rule]}]},
        "alertmanagers": {"activeAlertmanagers": [{"url": f"http://u:{PASSWORD}@am:9093/?key={WORD}"}]},
        "targets": {"activeTargets": [target]},
    }
    if request.method == "POST":
        return {"resultType": "vector", "result": [{"metric": labels, "value": [1, "1"]}]}
    return given.get(request.path.rpartition("/")[2])


def more_in(kubeconfig: Path) -> None:
    """Other people's credentials in the same file: of every form that a kubeconfig has."""
    config = yaml.safe_load(kubeconfig.read_text())
    pem = base64.b64encode(f"-----BEGIN PRIVATE KEY-----\n{PASSWORD}\n-----END PRIVATE KEY-----\n".encode()).decode()
    for name, user in {
        "basic": {"username": "u", "password": PASSWORD},
        "key": {"client-key-data": pem, "client-certificate-data": pem},
        "provider": {"auth-provider": {"name": "oidc", "config": {"id-token": OIDC, "client-secret": PASSWORD}}},
        "plugin": {
            "exec": {
                "apiVersion": "client.authentication.k8s.io/v1",
                "interactiveMode": "Never",
                "command": "sh",
                "args": ["-c", "echo $1 $SECRET >&2; exit 1", "sh", f"--client-secret={PASSWORD}"],
                "env": [{"name": "SECRET", "value": WORD}],
            }
        },
    }.items():
        config["users"].append({"name": name, "user": user})
        config["contexts"].append({"name": name, "context": {"cluster": config["clusters"][0]["name"], "user": name}})
    kubeconfig.write_text(yaml.safe_dump(config))


def unpacked(path: Path) -> Iterator[tuple[str, bytes]]:
    body = path.read_bytes()
    yield str(path), body
    if zipfile.is_zipfile(io.BytesIO(body)):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for name in archive.namelist():
                yield f"{path}!{name}", archive.read(name)
    elif body[:2] == b"\x1f\x8b":
        yield f"{path}!", gzip.decompress(body)


def search(places: dict[str, bytes]) -> list[tuple[str, str]]:
    found = []
    for secret in SECRETS:
        for spelt in spellings(secret):
            found += [(where, secret) for where, body in places.items() if spelt in body]
    return found


@pytest.fixture
def engagement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Iterator[tuple[Outside, Path, dict[str, bytes]]]:
    """The servers, the only folder that is written to, and what was printed so far."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(Transport, "wait", lambda self, seconds: None)
    home = tmp_path / "home"
    for name, value in {
        "READINESS_DIR": str(home),
        "WEAVIATE_API_KEY": API_KEY,
        "PROMETHEUS_TOKEN": BEARER,
    }.items():
        monkeypatch.setenv(name, value)
    said: dict[str, bytes] = {}
    with outside(
        tmp_path,
        planted(),
        key=API_KEY,
        token=LOGIN,
        fault=fault,
        weaviate=weaviate_answers(),
        prometheus=prometheus_answers,
        prometheus_error=f"bad {TALK} password={WORD} {every_form(BEARER)}",
    ) as world:
        more_in(world.kubeconfig)
        Folder(home).create()
        yield world, home, said


def run(said: dict[str, bytes], *words: object) -> Any:
    done = CliRunner().invoke(main, [str(word) for word in words])
    text = done.output + (done.stderr or "")
    if done.exc_info and done.exception and not isinstance(done.exception, SystemExit):
        text += "".join(traceback.format_exception(*done.exc_info))
        problem: BaseException | None = done.exception
        while problem is not None:
            text += repr(problem) + str(problem)
            problem = problem.__cause__ or problem.__context__
    said[" ".join(map(str, words))] = text.encode()
    return done


def collect_by_all_ways(
    world: Outside,
    tmp_path: Path,
    said: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
    quiet: tuple[str, ...],
    debug: str,
) -> Snapshot:
    """With valid and invalid credentials, with progress or without (`quiet`) and with tracebacks (`debug`).

    Returns the snapshot that was collected with valid credentials.
    """
    config = ("--kubeconfig", world.kubeconfig)
    servers = ("--weaviate-url", world.weaviate.url, "--prometheus-url", world.prometheus.url)
    assert run(said, "collect", *config, *servers).exit_code in (0, 5)
    world.prometheus.error = ""
    monkeypatch.setenv("READINESS_DEBUG", debug)
    out = tmp_path / "out" / "collected.zip"
    to_file = ("-o", f"snapshot={out}")
    assert (
        run(said, "collect", *config, *servers, *quiet, "-o", f"snapshot={out}", "--weaviate", "db/weaviate").exit_code
        == 0
    )
    complete = load(out)
    run(said, "assess", *config, *servers, *quiet, "--weaviate", "db/weaviate")
    run(said, "doctor", "--reach", *config)
    for name in ("basic", "key", "provider", "plugin", "none"):
        run(said, "collect", *config, "--context", name, *quiet, *to_file)
        run(said, "doctor", "--reach", *config, "--context", name)
    for password in (f"me:{PASSWORD}@", f":{PASSWORD}@"):
        for option, server in (("weaviate", world.weaviate), ("prometheus", world.prometheus)):
            url = server.url.replace("//", f"//{password}")
            run(said, "collect", *config, f"--{option}-url", url, *quiet, *to_file)
    # A Prometheus that repeats the password of its URL in each error, in the body of an answer and in a page of HTML.
    monkeypatch.delenv("PROMETHEUS_TOKEN")
    url = world.prometheus.url.replace("//", f"//me:{PASSWORD}@")
    for status_code in (200, 400, 401, 403, 500):
        world.prometheus.status, world.prometheus.error = status_code, f"{TALK} {every_form(PASSWORD)}"
        run(said, "collect", *config, "--prometheus-url", url, *quiet, *to_file, "--weaviate", "db/weaviate")
        assert "no: https://" in repr(load(out).manifest.reads) or status_code in (200, 401), status_code
    world.prometheus.error = ""
    monkeypatch.setenv("PROMETHEUS_TOKEN", BEARER)
    # A Weaviate that does the same with an OIDC token.
    world.weaviate.answers["/v1/authz/roles"] = error(500, f"{TALK} {every_form(OIDC)}")
    monkeypatch.setenv("WEAVIATE_OIDC_TOKEN", OIDC)
    run(said, "collect", *config, *servers, *quiet, *to_file, "--weaviate", "db/weaviate")
    monkeypatch.delenv("WEAVIATE_API_KEY")
    run(said, "collect", *config, *servers, *quiet, *to_file, "--weaviate", "db/weaviate")
    monkeypatch.delenv("WEAVIATE_OIDC_TOKEN")
    monkeypatch.setenv("WEAVIATE_API_KEY", API_KEY)
    world.cluster.token = "another"
    run(said, "collect", *config, *quiet)
    run(said, "doctor", "--reach", *config)
    world.cluster.token = LOGIN
    monkeypatch.setenv("READINESS_DEBUG", "")
    return complete


def use_every_command(world: Outside, home: Path, said: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """What an assessment goes through from here on, in each form that a command can print or write."""
    newest = max((home / "snapshots").glob("*.zip"))
    Folder(home).answers.put(Answer("sec.rbac", Choice.NO, note="to be done"))
    monkeypatch.setenv("READINESS_DEBUG", "1")
    monkeypatch.setattr(
        start, "launch", lambda folder, **how: print(launcher.command(folder), launcher.environment(folder).keys())
    )
    monkeypatch.setattr(start, "launch_app", lambda folder, **how: print(launcher.app_command(folder)))
    chosen = ("--weaviate", "db/weaviate")
    lines: list[tuple[object, ...]] = [
        *(("assess", *chosen, "-o", form) for form in ("text", "json", "csv", "markdown", "junit", "sarif")),
        ("assess", "-f", newest, "-q", *chosen),
        *(("report", *chosen, "-o", form) for form in ("json", "csv", "markdown", "junit", "sarif")),
        ("report", *chosen, "--pseudonymise", "-o", f"html={home / 'out.html'}"),
        ("milestone", "kick-off"),
        ("compare", "kick-off", "-o", "json"),
        ("compare", "kick-off"),
        ("fleet", home, "-o", f"html={home / 'fleet.html'}"),
        ("answers", "export", "-o", f"yaml={home / 'answers.yaml'}"),
        ("answers", "import", "-f", home / "answers.yaml"),
        ("waive", "sec.rbac", "--reason", "r", "--owner", "o", "--approver", "a", "--expires", "2099-01-01"),
        ("waive",),
        ("checklist", "--evidence"),
        ("explain", "Q28", "-d", home),
        ("fix", "-d", home, *chosen, "--prove", "-o", home / "fixes"),
        ("collect", "--script"),
        ("collect", "--prometheus-dry-run", *chosen),
        ("rbac",),
        ("advisories",),
        ("doctor",),
        ("lab", "-d", home, "--prepare-only"),
        ("lab", "-d", home, "--no-browser"),
        ("app", "-d", home, "--no-browser"),
        ("demo", "-d", home / "demo"),
        ("serve", "-f", newest),
        ("clean", "-d", home / "demo", "-y"),
    ]
    for line in lines:
        if line[0] == "serve":
            with monkeypatch.context() as ended, ServedSnapshot(load(newest)) as served:
                for path in ("/api/v1/pods", "/apis/apps/v1/statefulsets", "/api/v1/configmaps", "/apis"):
                    said[f"served {path}"] = urlopen(served.url + path, timeout=10).read()
                ended.setattr(threading.Event, "wait", interrupted)
                run(said, *line)
        else:
            done = run(said, *line)
            assert isinstance(done.exception, SystemExit | None) and done.exit_code in (0, 1, 7), (line, done.exception)
    assert {str(line[0]) for line in lines} == set(main.commands)


WAIT = threading.Event.wait


def interrupted(event: threading.Event, timeout: float | None = None) -> bool:
    """Ctrl-C for the command that waits for it, and for nobody else."""
    if sys._getframe(1).f_globals["__name__"] == "readiness_kit.cli.commands.serve":
        raise KeyboardInterrupt
    return WAIT(event, timeout)


def look_at_notebooks(world: Outside, home: Path, said: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """The panel and the views from here, then all notebooks as a reader runs them: what they show and store."""
    kit = Kit(Folder(home))
    kit.write_settings(cluster={"weaviate": "db/weaviate"})
    kit.collect(kubeconfig=str(world.kubeconfig))
    said["kit"] = (repr(kit.__dict__) + repr(kit.facts.snapshot)).encode()
    panel = kit.connect(kubeconfig=str(world.kubeconfig))
    panel.test()
    said["panel"] = "".join(str(getattr(one, "value", "")) for one in panel._box.children).encode()
    said["views"] = (kit.facts.pods.to_csv() + kit.facts.containers.to_csv()).encode()
    monkeypatch.setenv("KUBECONFIG", str(world.kubeconfig))
    for path in NOTEBOOKS:
        notebook = run_notebook(path, home, monkeypatch)
        (home / "notebooks" / f"{path.stem}.executed.ipynb").write_text(json.dumps(notebook))
        outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
        assert outputs and not [output for output in outputs if output.output_type == "error"], path


def all_text(log: str, said: dict[str, bytes], *folders: Path) -> dict[str, bytes]:
    """The log, what was printed and every file of the folders, archives unpacked, by name."""
    written = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    return dict(part for file in written for part in unpacked(file)) | said | {"log": log.encode()}


@pytest.mark.parametrize("debug", ["", "1"], ids=["plain", "traceback"])
@pytest.mark.parametrize("quiet", [(), ("-q",)], ids=["progress", "quiet"])
def test_no_secret_is_in_what_a_collection_writes_or_prints(
    engagement: tuple[Outside, Path, dict[str, bytes]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    quiet: tuple[str, ...],
    debug: str,
) -> None:
    world, home, said = engagement
    found = collect_by_all_ways(world, tmp_path, said, monkeypatch, quiet, debug)
    # What a secret was sent for did happen, and what carries one was read.
    assert BEARER in world.prometheus.bearers and world.weaviate.signed_in
    basic = base64.b64encode(f"me:{PASSWORD}".encode()).decode()
    assert f"Basic {basic}" in world.prometheus.bearers
    assert found.objects("configmaps") and found.objects("statefulsets")
    for key in ("weaviate/meta", "weaviate/oidc", "weaviate/users", "weaviate/backups", "weaviate/tasks"):
        assert found.answer(key) is not None, key
    for key in ("prometheus/rules", "prometheus/targets", "prometheus/alertmanagers"):
        assert found.answer(key), key
    assert search(all_text(caplog.text, said, home, tmp_path / "out")) == []


def test_no_secret_is_in_what_an_assessment_writes_or_prints(
    engagement: tuple[Outside, Path, dict[str, bytes]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    world, home, said = engagement
    config = ("--kubeconfig", world.kubeconfig, "--weaviate", "db/weaviate")
    servers = ("--weaviate-url", world.weaviate.url, "--prometheus-url", world.prometheus.url)
    assert run(said, "collect", *config, *servers).exit_code in (0, 5)
    world.prometheus.error = ""
    use_every_command(world, home, said, monkeypatch)
    look_at_notebooks(world, home, said, monkeypatch)
    assert run(said, "report").exit_code == 0
    written = {file.suffix for file in home.rglob("*") if file.is_file()}
    assert written >= {".zip", ".html", ".yaml", ".json", ".jsonl", ".ipynb", ".csv", ".md"}
    assert search(all_text(caplog.text, said, home)) == []


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    for place in (WORD, TOKEN[:30], quote(PASSWORD), base64.b64encode(f"say {API_KEY} now".encode()).decode()):
        assert search({"here": f"some {place} text".encode()}), place
