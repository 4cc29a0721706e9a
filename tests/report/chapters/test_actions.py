"""The action plan: order, owner, due date and effort."""

from __future__ import annotations

import re

from tests.report import sample
from tests.report.sample import words


def test_the_plan_keeps_the_order_and_names_owner_due_and_effort() -> None:
    html = sample.page().actions().html
    rows = [words(f"<table><tr>{row}</tr></table>") for row in re.findall(r"<tr>(<th scope=\"row\".*?)</tr>", html)]
    assert [re.findall(r"\bQ\d+", row)[0] for row in rows] == ["Q1", "Q25", "Q8", "Q7", "Q11", "Q12"]
    assert rows[0].endswith("Days — Platform team 2026-12-15")
    assert "No owner yet No date" in rows[1]
    assert "3 have no owner yet" in words(sample.page().actions())
