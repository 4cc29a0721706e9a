"""How a parameter of a fix gets its value: one small pure function, declared with `@parameter`.

    @parameter("memory_limit")
    def memory_limit(context: Context) -> Value | OpenDecision: ...

A value is measured or read; what is not known is an `OpenDecision`, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from readiness_kit.facts import ClusterFacts
from readiness_kit.fixes.model import OpenDecision, Value
from readiness_kit.model import Check, Settings


@dataclass(frozen=True)
class Context:
    """What a parameter is computed from: facts, settings, and the failed checks that name the fix."""

    facts: ClusterFacts
    settings: Settings
    checks: tuple[Check, ...] = ()

    def subjects(self, kind: str) -> tuple[str, ...]:
        """The names of the objects of one kind among the failed checks, each once, in their order."""
        return tuple(dict.fromkeys(check.ref.name for check in self.checks if check.ref.kind == kind))


Parameter = Callable[[Context], Value | OpenDecision]
PARAMETERS: dict[str, Parameter] = {}
_Function = TypeVar("_Function", bound=Parameter)


def parameter(name: str) -> Callable[[_Function], _Function]:
    """Register the function of one parameter. Raises ValueError for a second function of that name."""

    def register(function: _Function) -> _Function:
        registered = PARAMETERS.get(name)
        if registered is not None and _place(registered) != _place(function):
            raise ValueError(f"the parameter {name} already has the function {_place(registered)}")
        PARAMETERS[name] = function
        return function

    return register


def _place(function: Parameter) -> str:
    """Module and name, which stay the same where a module is loaded again."""
    return f"{function.__module__}.{function.__qualname__}"
