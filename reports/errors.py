"""What a report cannot do, each with one sentence in the official's language."""

from __future__ import annotations

from flows.errors import TertuliaError


class ReportError(TertuliaError):
    """The report cannot be made."""

    code = "report"


class OnlyInTotal(ReportError):
    """Esta pregunta sólo se publica en total."""

    code = "only_in_total"


class Refused(ReportError):
    """A figure cannot be computed. `reason` names its sentence in `reports/words`."""

    code = "refused"

    def __init__(self, reason: str, **values: object) -> None:
        from reports.wording import sentence

        self.reason = reason
        self.values = values
        super().__init__(sentence(f"refused_{reason}", "es", **values))
