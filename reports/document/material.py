"""What the sections are made from: the summary, its words, and the consultation in its city."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from flows.binding import BoundConsultation
from flows.city import City
from flows.consultation import Role
from flows.languages import LocalText, in_language
from reports import charts
from reports.document.blocks import Block, picture
from reports.labels import Labels, Summary

Entry = dict[str, Any]
"""One question, version and wave of the summary."""


@cache
def report_words() -> dict[str, dict[str, str]]:
    """The words of the full report, by code and language."""
    text = (files("reports") / "words" / "report.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=yaml.CSafeLoader)  # type: ignore[no-any-return]


def upper(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


@dataclass(frozen=True, slots=True)
class Material:
    """The summary with everything needed to say it in one locale."""

    summary: Summary
    labels: Labels
    bound: BoundConsultation

    def say(self, code: str, **values: object) -> str:
        """A sentence of the report, else of the summaries, with its values."""
        if code not in report_words():
            return self.labels.word(code, **values)
        text = in_language(report_words()[code], self.labels.language)
        for name, value in values.items():
            text = text.replace("{" + name + "}", str(value))
        return text

    def named(self, code: str, otherwise: str) -> str:
        """A word of the report or the summaries if there is one, else what is given."""
        said = self.say(code)
        return otherwise if said == code else said

    def local(self, text: LocalText) -> str:
        """A text of the definition or the city in the reader's language."""
        return in_language(text, self.labels.language)

    def row(self, by: str, code: str) -> str:
        """The name of a row of a segment table, beginning with a capital."""
        return upper(self.named(f"{by}_{code}", self.labels.row(by, code)))

    def number(self, n: int | None) -> str:
        """A count, or the word for a hidden one."""
        return self.labels.number(n)

    def percent(self, text: str | None) -> str:
        """A share of the summary in the reader's locale."""
        return self.labels.percent(text)

    def decimal(self, text: str | None) -> str:
        """A number with decimals, written with a point, in the reader's locale."""
        from decimal import Decimal

        from babel.numbers import format_decimal

        if text is None:
            return "–"
        _, _, decimals = text.partition(".")
        pattern = f"#,##0.{'0' * len(decimals)}" if decimals else "#,##0"
        return str(format_decimal(Decimal(text), format=pattern, locale=self.labels.locale))

    @property
    def city(self) -> City:
        """The city that consults."""
        return self.bound.instance.city

    @property
    def is_public(self) -> bool:
        """Whether everybody may read this."""
        return bool(self.summary["view"] == "public")

    @property
    def k(self) -> int:
        """The smallest row of this view."""
        thresholds = self.city.thresholds
        return thresholds.public if self.is_public else thresholds.internal

    def latest(self, *roles: Role) -> list[Entry]:
        """Of each question with one of these roles the latest wave that was answered."""
        wanted = [q.id for q in self.bound.definition.questions if q.role in roles]
        return [e for e in map(self.entry, wanted) if e is not None]

    def entry(self, question: str) -> Entry | None:
        """The latest answered wave and version of a question, or None."""
        found = [q for q in self.summary["questions"] if q["id"] == question and q["base"]]
        return max(found, key=lambda q: (q["wave"], q["version"])) if found else None

    def sure(self, entry: Entry) -> str:
        """Under a table or chart: its base, and who gave no answer and why."""
        parts = [
            f"{self.say('base').capitalize()} {self.number(entry['base'])}",
            self.labels.word("skipped", n=entry["skipped"]),
            self.labels.word("not_shown", n=entry["not_shown"]),
            self.labels.word("not_reached", n=entry["not_reached"]),
        ]
        small = self.say("SMALL_BASE") if entry["base"] and entry["base"] < 30 else ""
        return f"{' · '.join(parts)}. {small}".strip()

    def distribution(
        self, entry: Entry, *, name: Callable[[str], str] | None = None
    ) -> Block | None:
        """A question's choices as bars, in the definition's order for scales, else most first."""
        shown = [c for c in entry["choices"] if not c["hidden"] and c["percent"] is not None]
        if not shown:
            return None
        if entry["type"] != "scale":
            shown = sorted(shown, key=lambda c: (c["code"] in ("NS", "NIN"), -c["n"]))
        naming = name or (lambda code: self.labels.choice(entry["id"], code))
        rows = [
            charts.Bar(
                label=naming(c["code"]),
                share=float(c["percent"]) / 100,
                value=self.percent(c["percent"]),
                note=self.number(c["n"]),
                tone="grey" if c["code"] in ("NS", "NIN") else "accent",
            )
            for c in shown
        ]
        several = f" {self.say('MULTI')}" if entry["type"] in ("multi", "rank") else ""
        question = self.labels.question(entry["id"])
        return picture(charts.bars(question, rows, label_width=0.36), self.sure(entry) + several)

    def bare(self, text: str | None) -> str:
        """A share without its sign, for the inside of a bar."""
        return self.percent(text).strip("% \u00a0\u202f")

    def hidden_line(self, entry: Entry) -> str:
        """How many choices of a sensitive question are hidden, and how many people chose them."""
        hidden = [c for c in entry["choices"] if c["hidden"]]
        if not hidden:
            return ""
        seen = sum(c["n"] for c in entry["choices"] if not c["hidden"])
        return self.say("hidden_cells", cells=len(hidden), people=entry["base"] - seen)
