"""The last look: what has the shape of a secret stops the export, which names the place and not the secret."""

from __future__ import annotations

import base64
from datetime import date
from pathlib import Path

import pytest

from readiness_kit import demo
from readiness_kit.model import Answer, Choice, Waiver
from readiness_kit.report.exports import FORMS
from readiness_kit.report.exports.export import export
from readiness_kit.report.privacy import secret_scan
from readiness_kit.report.privacy.secret_scan import SecretFoundError

# Made up, and taken apart so that no scanner of repositories takes it for real.
KEY = "AKIA" + "Q3EGRXKD7WMPLZ5T"
TOKEN = "ghp_" + "a8Fq2LmZ0xR7tVbN4cYpW1sKd9HgJe3UoTi6"


def test_clean_text_passes() -> None:
    secret_scan.check("<p>ok</p>", Path("x.html"))


@pytest.mark.parametrize("secret", [KEY, TOKEN])
def test_the_place_is_named_and_the_secret_is_not(secret: str) -> None:
    html = f'<article id="q-ha-one">fine</article>\n<article id="q-ha-two"><p>{secret}</p></article>\n'
    with pytest.raises(SecretFoundError) as caught:
        secret_scan.check(html, Path("x.html"))
    assert "x.html is not written" in caught.value.what and "in line 2 (after `q-ha-two`)" in caught.value.what
    assert secret not in str(caught.value)


def test_pictures_are_looked_into() -> None:
    picture = base64.b64encode(f"<svg><text>{TOKEN}</text></svg>".encode()).decode()
    html = f'<div id="charts"><img src="data:image/svg+xml;base64,{picture}"></div>'
    with pytest.raises(SecretFoundError, match=r"in picture 1 \(after `charts`\)"):
        secret_scan.check(html, Path("x.html"))


def test_a_shape_over_several_lines_is_found() -> None:
    pem = "-----BEGIN RSA PRIVATE KEY-----\n" + "MIIEowIBAAKCAQEA7\n" * 3 + "-----END RSA PRIVATE KEY-----\n"
    with pytest.raises(SecretFoundError, match="after `note`"):
        secret_scan.check(f'<p id="note">{pem}</p>', Path("x.html"))


@pytest.mark.parametrize("form", ["html", *FORMS])
def test_a_secret_that_somebody_wrote_stops_every_form(form: str, tmp_path: Path) -> None:
    """A waiver's reason stands in the report, the owner of a gap in the plan."""
    folder = demo.install(tmp_path / "assessment")
    folder.add_waiver(Waiver("sec.tls", f"until {KEY} is gone", "Team", "Head", date(2027, 1, 1)))
    folder.answers.put(Answer("ha.canary", Choice.NO, owner=KEY))
    folder.answers.put(Answer("ha.weaviate_backups", Choice.NO, owner=KEY))
    target = tmp_path / "out.file"
    with pytest.raises(SecretFoundError) as caught:
        export(folder, form, target)
    assert KEY not in str(caught.value) and not target.exists()
    assert str(target) in str(caught.value)
