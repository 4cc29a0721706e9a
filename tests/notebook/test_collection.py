"""Progress of a collection and checks of addresses."""

from __future__ import annotations

import shutil

import pytest

from readiness_kit import paths
from readiness_kit.collect import Event, Sources
from readiness_kit.errors import UsageError
from readiness_kit.notebook.collection import (
    ProgressEstimator,
    add_snapshot_file,
    check_addresses,
    weaviate_port_forward,
)
from readiness_kit.notebook.kit import Kit


def test_remaining_time_is_shown_once_it_can_be_estimated() -> None:
    now = [0.0]
    estimator = ProgressEstimator(lambda: now[0])
    assert estimator.text(Event("pods", 2, 20, 40, "page")) == "2 of 20 kinds read, 40 objects; reading pods"
    now[0] = 4.0
    assert estimator.text(Event("pods", 10, 20, 60, "page")).endswith("; reading pods, about 4 s left")
    assert estimator.text(Event("nodes", 20, 20, 3, "done")) == "20 of 20 kinds read, 63 objects"


def test_addresses_with_credentials_are_refused() -> None:
    for sources in (
        Sources(prometheus_url="https://me:hunter2@metrics.example.com"),
        Sources(weaviate_url="https://me:hunter2@weaviate.example.com"),
    ):
        with pytest.raises(UsageError) as raised:
            check_addresses(sources)
        assert "hunter2" not in str(raised.value)


def test_snapshot_file_must_be_named(empty: Kit) -> None:
    with pytest.raises(UsageError, match="no file is named"):
        add_snapshot_file(empty, "  ")


def test_relative_snapshot_path_starts_in_the_folder(empty: Kit) -> None:
    shutil.copy(paths.demo() / "cluster.zip", empty.folder.path / "mine.zip")
    add_snapshot_file(empty, "mine.zip")
    assert len(empty.folder.snapshots()) == 1 and weaviate_port_forward(empty) == ""
    assert weaviate_port_forward(empty, always=True).startswith("kubectl ")


def test_port_forward_command_needs_a_snapshot(empty: Kit) -> None:
    assert weaviate_port_forward(empty, always=True) == ""
