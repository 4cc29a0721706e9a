"""What can go wrong in a way that a user can mend.

    ReadinessError                 what happened, and what to do next
    ├── UsageError            2    a wrong word on the command line or in a call
    ├── ConfigError           3    kubeconfig, context, credentials, readiness.yaml, a checklist file
    ├── UnreachableError      4    a server does not answer, or not in time
    ├── WorkloadError         5    no Weaviate found, or several and none chosen
    ├── UnreadableFileError   6    a snapshot, answers or bundle file that cannot be read
    ├── ReadOnlyError         6    a file of a newer schema, opened for reading only
    ├── ForbiddenRequestError 3    the kit was about to do what it promises never to do
    └── DefectError          70    a fault of the kit itself

The numbers are the exit codes of the command line, 3 for an error of no other kind; 0 is success, 1 a gate that
failed, 7 not enough known, 130 an interruption.
"""

from __future__ import annotations


class ReadinessError(Exception):
    """Base of every error a user may see: `what` names the object and its state, `hint` the next step."""

    exit_code = 3

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.what}\n  Next: {self.hint}" if self.hint else self.what


class UsageError(ReadinessError):
    exit_code = 2


class ConfigError(ReadinessError):
    exit_code = 3


class ForbiddenRequestError(ReadinessError):
    """Raised by the transport before a socket opens; seeing it is a defect of the caller."""

    exit_code = 3


class UnreachableError(ReadinessError):
    exit_code = 4


class WorkloadError(ReadinessError):
    exit_code = 5


class UnreadableFileError(ReadinessError):
    exit_code = 6


class ReadOnlyError(ReadinessError):
    exit_code = 6


class DefectError(ReadinessError):
    """A fault of the kit, to be reported."""

    exit_code = 70


EXIT_GATE_FAILED = 1
EXIT_NOT_ENOUGH_KNOWN = 7
EXIT_INTERRUPTED = 130
