"""Secrets planted everywhere at once, and a whole engagement with them: none is in any file, log, output or error."""

from __future__ import annotations

import base64
import gzip
import io
import logging
import traceback
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from readiness_kit.assessment.folder import Folder
from readiness_kit.bundles import load
from readiness_kit.cli import main
from readiness_kit.collect.transport import Transport
from readiness_kit.notebook import Kit
from tests.collect.test_privacy import RANDOM, TOKEN, WORD, planted
from tests.support.served import Reply, Request, status
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


def fault(request: Request) -> Reply | None:
    words = f"no: https://u:{PASSWORD}@h token={WORD} Bearer {LOGIN} {TOKEN} {RANDOM}"
    return status(403, "Forbidden", words) if request.path.endswith(("/nodes", "/services", "/ingresses")) else None


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
    """The servers, the only folder that is written to, and what was said so far."""
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
        prometheus_error=f"bad {TOKEN} password={WORD} {RANDOM}",
    ) as world:
        Folder(home).create()
        yield world, home, said
        said["log"] = caplog.text.encode()


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


def test_no_secret_is_in_anything_that_the_kit_writes_or_says(
    engagement: tuple[Outside, Path, dict[str, bytes]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, home, said = engagement
    config = ("--kubeconfig", world.kubeconfig)
    servers = ("--weaviate-url", world.weaviate.url, "--prometheus-url", world.prometheus.url)
    assert run(said, "collect", *config, *servers).exit_code in (0, 5)
    run(said, "assess", *config, *servers, "--weaviate", "db/weaviate")
    run(said, "doctor", "--reach", *config)
    with_password = world.prometheus.url.replace("//", f"//me:{PASSWORD}@")
    run(said, "collect", *config, "--prometheus-url", with_password, "-o", tmp_path / "out" / "p.zip")
    run(said, "collect", *config, "--weaviate-url", world.weaviate.url.replace("//", f"//me:{PASSWORD}@"))
    # Wrong credentials, and the errors that name them.
    monkeypatch.setenv("READINESS_DEBUG", "1")
    monkeypatch.setenv("WEAVIATE_OIDC_TOKEN", OIDC)
    run(said, "collect", *config, *servers, "-o", tmp_path / "out" / "w.zip")
    monkeypatch.delenv("WEAVIATE_OIDC_TOKEN")
    world.cluster.token = "another"
    run(said, "collect", *config)
    run(said, "doctor", "--reach", *config)
    world.cluster.token = LOGIN
    monkeypatch.delenv("READINESS_DEBUG")

    kit = Kit(Folder(home))
    kit.write_settings(cluster={"weaviate": "db/weaviate"})
    said["notebook"] = (
        repr(kit.collect(kubeconfig=str(world.kubeconfig)).__dict__) + repr(kit.facts.snapshot)
    ).encode()
    panel = kit.connect(kubeconfig=str(world.kubeconfig))
    said["panel"] = "".join(str(getattr(one, "value", "")) for one in panel._box.children).encode()
    said["views"] = (kit.facts.pods.to_csv() + kit.facts.containers.to_csv()).encode()
    assert run(said, "report").exit_code == 0

    newest = max((home / "snapshots").glob("*.zip"))
    assert load(newest).objects("configmaps") and load(newest).objects("statefulsets")
    written = [file for folder in (home, tmp_path / "out") for file in folder.rglob("*") if file.is_file()]
    assert {file.suffix for file in written} >= {".zip", ".html", ".yaml"}
    places = dict(part for file in written for part in unpacked(file)) | said
    assert search(places) == []
    # What a secret was sent for did happen.
    assert BEARER in world.prometheus.bearers and world.weaviate.signed_in


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    for place in (WORD, TOKEN[:30], quote(PASSWORD), base64.b64encode(f"say {API_KEY} now".encode()).decode()):
        assert search({"here": f"some {place} text".encode()}), place
