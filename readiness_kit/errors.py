"""The errors that a user can correct.

    ReadinessError                 base class: the problem and the next step
    ├── UsageError            2    invalid arguments of a command or call
    ├── ConfigError           3    kubeconfig, context, credentials, readiness.yaml, a checklist file
    ├── UnreachableError      4    a server does not answer, or not in time
    ├── WorkloadError         5    no Weaviate found, or several found and none selected
    ├── UnreadableFileError   6    a snapshot, answers or bundle file that cannot be read
    ├── ReadOnlyError         6    a file that cannot be written, or has a newer schema
    ├── ForbiddenRequestError 3    a request that the kit must never send
    └── DefectError          70    a fault of the kit itself

The numbers are the exit codes of the command line, 3 for an error of no other kind; 0 is success, 1 a failed gate,
7 not enough known, 8 not done (declined, or conflicts are left), 130 an interruption.
"""

from __future__ import annotations

NEXT = "\n  Next: "
"""Separates problem and hint in the text of an error."""


class ReadinessError(Exception):
    """Base class of the errors that are shown to users: `what` names the problem, `hint` the next step."""

    exit_code = 3

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.what}{NEXT}{self.hint}" if self.hint else self.what


class UsageError(ReadinessError):
    """Invalid arguments of a command or call."""

    exit_code = 2


class ConfigError(ReadinessError):
    """An invalid configuration: kubeconfig, credentials, `readiness.yaml` or a checklist file."""

    exit_code = 3


class ForbiddenRequestError(ReadinessError):
    """A request that the kit must never send; the transport raises it before it opens a connection."""

    exit_code = 3


class UnreachableError(ReadinessError):
    """A server does not answer, or not in time."""

    exit_code = 4


class WorkloadError(ReadinessError):
    """No Weaviate workload was found, or several were found and none is selected."""

    exit_code = 5


class UnreadableFileError(ReadinessError):
    """A file that cannot be read, or that is damaged."""

    exit_code = 6


class ReadOnlyError(ReadinessError):
    """A file that cannot be written, or has a newer schema."""

    exit_code = 6


class DefectError(ReadinessError):
    """A fault of the kit, to be reported."""

    exit_code = 70


EXIT_GATE_FAILED = 1
EXIT_NOT_ENOUGH_KNOWN = 7
EXIT_NOT_DONE = 8
"""Declined by the user, or left because of conflicts."""
EXIT_INTERRUPTED = 130
