"""The recorder: answers, records and events of one source."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness_kit.collect.http.reasons import Absent
from readiness_kit.collect.http.transport import StatusError
from readiness_kit.collect.progress import Event, Partial, Recorder, merged
from readiness_kit.kinds.weaviate import CollectionSchema, Schema
from readiness_kit.model import Call, Read, Reason
from readiness_kit.snapshot import load
from tests.support.cluster import snapshot, weaviate

KEYS = ("weaviate/meta", "weaviate/schema", "weaviate/nodes")


def refuse() -> None:
    raise StatusError(403, "no", "/v1/schema")


def missing() -> None:
    raise Absent("no such API")


def test_answer_is_kept_with_its_record_and_queries() -> None:
    recorder = Recorder(KEYS, None)
    schema = Schema((CollectionSchema("A"), CollectionSchema("B")))
    recorder.ask("weaviate/schema", lambda: schema, lambda: {"schema": "/v1/schema"})
    assert recorder.answers == {"weaviate/schema": schema}
    assert recorder.records["weaviate/schema"] == Read("weaviate/schema", 2, queries={"schema": "/v1/schema"})


def test_failure_is_recorded_without_an_answer_but_with_its_queries() -> None:
    recorder = Recorder(KEYS, None)
    recorder.ask("weaviate/schema", refuse, lambda: {"schema": "/v1/schema"})
    assert recorder.answers == {}
    read = recorder.records["weaviate/schema"]
    assert (read.reason, read.message, read.partial) == (Reason.FORBIDDEN, "403: no", False)
    assert read.queries == {"schema": "/v1/schema"}


def test_partial_answer_is_kept_with_its_reason() -> None:
    recorder = Recorder(KEYS, None)
    recorder.ask("weaviate/nodes", lambda: Partial(("a", "b", "c"), Reason.ERROR, "one failed"))
    read = recorder.records["weaviate/nodes"]
    assert (read.count, read.reason, read.message, read.partial) == (3, Reason.ERROR, "one failed", True)
    assert recorder.answers["weaviate/nodes"] == ("a", "b", "c")


def test_other_exceptions_are_defects_and_go_through() -> None:
    with pytest.raises(ZeroDivisionError):
        Recorder(KEYS, None).ask("weaviate/meta", lambda: 1 / 0)


def test_events_have_state_and_counts() -> None:
    events: list[Event] = []
    recorder = Recorder(KEYS, events.append)
    recorder.ask("weaviate/meta", lambda: "meta")
    recorder.ask("weaviate/schema", refuse)
    recorder.ask("weaviate/nodes", missing)
    assert [(event.key, event.state, event.done_kinds, event.all_kinds) for event in events] == [
        ("weaviate/meta", "start", 0, 3),
        ("weaviate/meta", "done", 1, 3),
        ("weaviate/schema", "start", 1, 3),
        ("weaviate/schema", "refused", 2, 3),
        ("weaviate/nodes", "start", 2, 3),
        ("weaviate/nodes", "absent", 3, 3),
    ]


def test_rest_gets_one_reason_and_reads_keep_the_order_of_the_keys() -> None:
    recorder = Recorder(KEYS, None)
    recorder.ask("weaviate/nodes", lambda: ())
    recorder.fail_rest(Reason.UNREACHABLE, "gone")
    assert [(read.key, read.reason) for read in recorder.reads] == [
        ("weaviate/meta", Reason.UNREACHABLE),
        ("weaviate/schema", Reason.UNREACHABLE),
        ("weaviate/nodes", None),
    ]


def test_merge_replaces_earlier_reads_and_answers_of_the_same_keys() -> None:
    before = snapshot(weaviate())
    schema = Schema((CollectionSchema("A"),))
    first = merged(before, [Read("weaviate/schema", 1)], {"weaviate/schema": schema}, [Call("weaviate", "GET", "/a")])
    second = merged(first, [Read("weaviate/schema", reason=Reason.UNREACHABLE)], {}, [Call("weaviate", "GET", "/b")])
    assert first.answer("weaviate/schema") == schema and second.answer("weaviate/schema") is None
    assert second.missing("weaviate/schema") is Reason.UNREACHABLE
    assert [read.key for read in second.manifest.reads].count("weaviate/schema") == 1
    assert [call.path for call in second.calls][-2:] == ["/a", "/b"]
    assert second.kept == before.kept


def test_queries_survive_a_save(tmp_path: Path) -> None:
    read = Read("weaviate/schema", 1, queries={"schema": "/v1/schema"})
    merged(snapshot(weaviate()), [read], {"weaviate/schema": Schema()}, ()).save(tmp_path / "s.zip")
    assert load(tmp_path / "s.zip").read("weaviate/schema") == read
