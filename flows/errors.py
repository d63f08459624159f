"""The root of the error tree. A class's docstring is its default message.

    TertuliaError         code, retryable
    ├─ DefinitionError    .issues: all mistakes of a definition at once
    ├─ ExpressionError    a condition that does not parse, with its position
    ├─ ImportRefused      .issues: all mistakes of an answers file at once
    ├─ StorageError       (storage/errors.py)
    ├─ ReportError        (reports/errors.py)
    └─ ChannelError       (bot/errors.py)

A citizen's odd reply is no error: it is an event and a kind message.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override


class TertuliaError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip().splitlines()[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One mistake of an author: a code, the place, and a sentence with the mend.

    `where` is `file:line` or `row 3, column value`. A `warning` does not refuse.
    """

    code: str
    where: str
    sentence: str
    warning: bool = False

    @override
    def __str__(self) -> str:
        return f"{self.where}: {self.sentence} [{self.code}]"


class _WithIssues(TertuliaError):
    """There are mistakes."""

    def __init__(self, issues: tuple[Issue, ...]) -> None:
        self.issues = issues
        super().__init__("\n".join(str(issue) for issue in issues))


class DefinitionError(_WithIssues):
    """The definition has mistakes."""

    code = "definition"


class ImportRefused(_WithIssues):
    """The answers file has mistakes; nothing of it was taken."""

    code = "import"


class ExpressionError(TertuliaError):
    """The condition cannot be read."""

    code = "expression"
