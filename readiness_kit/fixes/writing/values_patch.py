"""One `values-patch.yaml` of all chosen fixes: changed paths only, with comments that name the questions.

It goes on top of the values in use: `helm upgrade … --reuse-values -f values-patch.yaml`. Fixes that wait for a
decision are not in it; `commands.md` lists them.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

from readiness_kit.errors import UsageError
from readiness_kit.fixes.fragments import Path, merge_key, merged, paths
from readiness_kit.fixes.model import Fragment, PreparedFix

WIDTH = 4096
"""Longer lines are never folded: a folded command or annotation is hard to compare."""


def values_of(fixes: Iterable[PreparedFix]) -> Fragment:
    """The merged values of the fixes that can be applied. Raises ConflictError, an error of the catalogue."""
    return merged((fix.id, fix.values) for fix in fixes if fix.applicable and fix.values)


def patch_text(fixes: Iterable[PreparedFix], values: Fragment | None = None) -> str:
    """The values of the fixes as YAML; `values` in their place where they were merged onto a customer's. "" for none.

    Each path has a comment with the questions and the title of the fixes that set it.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.representer import RoundTripRepresenter

    fixes = tuple(fix for fix in fixes if fix.applicable and fix.values)
    whole = values_of(fixes) if values is None else values
    if not whole:
        return ""
    owners = {path: [fix for fix in fixes if path in set(paths(fix.values))] for path in paths(whole)}
    writer, text = YAML(), io.StringIO()
    writer.width, writer.default_flow_style = WIDTH, False
    writer.indent(mapping=2, sequence=4, offset=2)
    # A subclass, because a representer is registered for the whole class.
    writer.Representer = type("Representer", (RoundTripRepresenter,), {})
    writer.Representer.add_representer(type(None), _null)
    writer.dump(_commented(whole, (), owners, ()), text)
    return text.getvalue()


def _null(representer: Any, _: None) -> Any:
    """`null` spelt out: an empty value looks like a slip."""
    return representer.represent_scalar("tag:yaml.org,2002:null", "null")


def _commented(
    data: Mapping[str, Any], path: Path, owners: Mapping[Path, list[PreparedFix]], above: tuple[str, ...]
) -> Any:
    """The map as ruamel writes it; a comment stands where the fixes differ from those of the map above."""
    from ruamel.yaml.comments import CommentedMap

    whole = CommentedMap()
    for key, value in data.items():
        here = (*path, key)
        own = _comments(here, owners)
        named = own != above and (len(own) == 1 or not isinstance(value, Mapping) or not value)
        whole[key] = (
            _commented(value, here, owners, own if named else above) if isinstance(value, Mapping) and value else value
        )
        if named and own:
            whole.yaml_set_comment_before_after_key(key, before="\n".join(own), indent=2 * len(path))
    return whole


def _comments(path: Path, owners: Mapping[Path, list[PreparedFix]]) -> tuple[str, ...]:
    """`Q1, Q2: Give Weaviate 3 replicas` for each fix that sets the path or something below it."""
    found = [fix for at, fixes in owners.items() if at[: len(path)] == path for fix in fixes]
    lines = (f"{', '.join(question.number for question in fix.questions)}: {fix.title}" for fix in found)
    return tuple(dict.fromkeys(lines))


# --- onto the values of a customer ----------------------------------------------------------------


def onto(current: Mapping[str, Any], values: Fragment, path: Path = ()) -> Fragment:
    """The patch for a customer's values: still changed paths only, without those that are the same already.

    Lists get the entries that the customer has, because Helm replaces a list as a whole. Raises UsageError where the
    customer's value has another form (a list of variables for the map `env`).
    """
    changed: Fragment = {}
    for key, value in values.items():
        here = (*path, key)
        present = current.get(key)
        if present is None:
            if value is not None or key in current:
                changed[key] = value
            elif value is None:
                changed[key] = None
            continue
        _require_same_form(present, value, here)
        if isinstance(value, Mapping):
            inner = onto(present, dict(value), here)
            if inner:
                changed[key] = inner
        elif isinstance(value, list):
            whole = _with_entries(present, value)
            if whole != present:
                changed[key] = whole
        elif _scalar(value) != _scalar(present):
            changed[key] = value
    return changed


def _require_same_form(present: Any, value: Any, path: Path) -> None:
    found, wanted = _form(present), _form(value)
    if value is not None and found != wanted:
        raise UsageError(
            f"{'.'.join(path)} is {found} in the values file, where the chart expects {wanted}",
            f"rewrite {'.'.join(path)} in the values file, then run this again",
        )


def _form(value: Any) -> str:
    if isinstance(value, Mapping):
        return "a map"
    return "a list" if isinstance(value, list) else "a single value"


def _with_entries(present: list[Any], value: list[Any]) -> list[Any]:
    key = merge_key([*present, *value])
    if key is None:
        return [*present, *(item for item in value if item not in present)]
    return list({**{item[key]: item for item in present}, **{item[key]: item for item in value}}.values())


def _scalar(value: Any) -> Any:
    """`true` and `"true"` render alike."""
    return str(value).lower() if isinstance(value, (bool, int)) else value
