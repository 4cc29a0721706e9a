"""Answers, settings and the followers of an open assessment."""

from __future__ import annotations

import pytest

from readiness_kit.errors import UsageError
from readiness_kit.model import Choice
from readiness_kit.notebook.kit import Kit
from readiness_kit.workspace.folder import Folder


def test_card_shown_again_has_the_answer_stored_by_another_kit(kit: Kit) -> None:
    second = Kit(Folder(kit.folder.path))
    kit.ask("ha.canary")._choice.value = Choice.YES
    second.ask("ha.dev_test_env")._choice.value = Choice.NO
    assert second.ask("ha.canary")._choice.value is Choice.YES
    assert kit.ask("ha.dev_test_env")._choice.value is Choice.NO


def test_unknown_question_suggests_similar_ids(kit: Kit) -> None:
    with pytest.raises(UsageError, match=r"ha\.multi_az"):
        kit.ask("ha.multi_zone_az")
