"""Connection tests without a server; tests/notebook/widgets/test_start_panel.py runs them against one."""

from __future__ import annotations

from readiness_kit.checklist import load_checklist
from readiness_kit.collect import Sources
from readiness_kit.model import Read, Reason
from readiness_kit.notebook.views import connection_check

QUESTIONS = load_checklist().questions


def test_missing_permission_names_affected_questions_and_the_role() -> None:
    refused = [Read("nodes", reason=Reason.FORBIDDEN, message="nodes is <forbidden>")]
    html = connection_check.refused_html(refused, ["nodes", "pods"], (), QUESTIONS)
    assert "No permission to list 1 kind</b>" in html and "nodes is &lt;forbidden&gt;" in html
    assert "The ClusterRole that is needed" in html and "kind: ClusterRole" in html
    assert "The Role that is needed" in connection_check.refused_html(refused, ["pods"], ("weaviate",), QUESTIONS)


def test_all_permissions_are_confirmed() -> None:
    assert "All lists that the evidence needs are permitted" in connection_check.refused_html((), [], (), QUESTIONS)


def test_kind_without_a_question_affects_details_only() -> None:
    assert connection_check.affected_questions("nodes", QUESTIONS).startswith("Q1, Q2, ")
    assert connection_check.affected_questions("leases", ()) == "details only"


def test_servers_without_a_url_are_not_tested() -> None:
    assert "no URL given" in connection_check.prometheus_html(Sources())
    html = connection_check.weaviate_html(Sources(), "kubectl port-forward <svc>")
    assert "no URL given" in html and "kubectl port-forward &lt;svc&gt;" in html
    assert "After the first collection" in connection_check.weaviate_html(Sources())


def test_unusable_address_is_reported() -> None:
    assert "✗ <b>Weaviate</b>" in connection_check.weaviate_html(Sources(weaviate_url="ftp://weaviate"))
    assert "✗ <b>Prometheus</b>" in connection_check.prometheus_html(Sources(prometheus_url="ftp://prometheus"))
