"""What a report cannot do, each with one sentence in the official's language."""

from __future__ import annotations

from flows.errors import TertuliaError


class ReportError(TertuliaError):
    """The report cannot be made."""

    code = "report"


class OnlyInTotal(ReportError):
    """Esta pregunta sólo se publica en total."""

    code = "only_in_total"
