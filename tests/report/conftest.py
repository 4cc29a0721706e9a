from __future__ import annotations

import pytest

from tests.report import sample


@pytest.fixture(scope="session")
def plain() -> str:
    """The sample as the finished document."""
    return sample.export(sample.notebook(sample.page()))


@pytest.fixture(scope="session")
def hostile() -> str:
    """The document of an assessment with hostile text in every field."""
    return sample.export(sample.notebook(sample.hostile_page()))


@pytest.fixture(scope="session")
def empty() -> str:
    """The document before anybody answered and before anything was read."""
    return sample.export(sample.notebook(sample.empty_page()))
