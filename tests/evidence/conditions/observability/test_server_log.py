"""Log level, format and output of the server."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.evidence.conditions.observability.server_log import redirected
from readiness_kit.model import Outcome, Reason
from tests.support.asked import ask
from tests.support.cluster import CONF, cluster, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
LOGGING = "mon.logging"


@pytest.mark.parametrize(
    ("env", "outcome", "text"),
    [
        pytest.param({}, MET, "JSON at level info", id="nothing set"),
        pytest.param({"LOG_LEVEL": "warning"}, MET, "level warning", id="warning"),
        pytest.param({"LOG_LEVEL": "loud"}, MET, "level info", id="an unknown level"),
        pytest.param({"LOG_FORMAT": "text"}, PARTLY, "as text", id="text"),
        pytest.param({"LOG_LEVEL": "debug"}, PARTLY, "debug", id="debug"),
        pytest.param({"LOG_LEVEL": "trace"}, PARTLY, "trace", id="trace"),
        pytest.param({"LOG_LEVEL": "error"}, PARTLY, "error", id="errors only"),
        pytest.param({"LOG_LEVEL": "fatal"}, NOT_MET, "suppresses errors", id="fatal"),
        pytest.param({"LOG_LEVEL": "panic", "LOG_FORMAT": "text"}, NOT_MET, "panic", id="panic"),
        pytest.param(
            {"LOG_LEVEL": {"secretKeyRef": {"name": "s", "key": "k"}}}, UNKNOWN, "not read", id="from a Secret"
        ),
    ],
)
def test_logging(env: dict[str, Any], outcome: Outcome, text: str) -> None:
    finding = ask(LOGGING, cluster(weaviate(env=env)))
    assert finding.outcome is outcome
    assert text in finding.sentence


def test_debug_in_the_configuration_file_is_partly() -> None:
    finding = ask(LOGGING, cluster(weaviate(conf={**CONF, "debug": True})))
    assert finding.outcome is PARTLY and "debugging" in finding.sentence


@pytest.mark.parametrize(
    ("script", "redirection"),
    [
        ("exec /bin/weaviate --port 8080", ""),
        ("exec /bin/weaviate --port 8080 > /var/log/weaviate.log", "> /var/log/weaviate.log"),
        ("/bin/weaviate >> /logs/out 2>&1", ">> /logs/out"),
        ("/bin/weaviate &> /dev/null", "&> /dev/null"),
        ("/bin/weaviate 1>/dev/null", "1>/dev/null"),
        ("/bin/weaviate 2> /tmp/errors", ""),
        ("/bin/weaviate 2>&1", ""),
        ("/bin/weaviate > /dev/stdout", ""),
        ("/bin/weaviate 2>&1 | tee /tmp/log", ""),
        ("echo start > /tmp/started; exec /bin/weaviate", ""),
        ("exec > /tmp/all\n/bin/weaviate", "> /tmp/all"),
    ],
)
def test_redirected_output_is_not_met(script: str, redirection: str) -> None:
    assert redirected(("/bin/sh", "-c", script)) == redirection
    container = {"command": ["/bin/sh", "-c"], "args": [script]}
    env = {"LOG_LEVEL": "info", "LOG_FORMAT": "json"}
    finding = ask(LOGGING, cluster(weaviate(container=container, env=env)))
    assert (finding.outcome is NOT_MET) == bool(redirection)


def test_argument_without_a_shell_is_not_a_redirection() -> None:
    """Without a shell an argument is passed on as it is."""
    finding = ask(LOGGING, cluster(weaviate(container={"args": ["--note", "weaviate > /tmp/x"]}, conf=None)))
    assert finding.outcome is MET


def test_logging_without_permission_is_unknown() -> None:
    finding = ask(LOGGING, cluster(weaviate(), forbidden=("configmaps",)))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.FORBIDDEN)
    assert ask(LOGGING, cluster(weaviate(env={"LOG_LEVEL": "fatal"}), forbidden=("configmaps",))).outcome is NOT_MET
