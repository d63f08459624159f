"""Codes to words and strings to numbers, in the reader's locale, for every renderer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flows.binding import BoundConsultation
from flows.consultation import DONT_KNOW, Question, Role
from flows.languages import in_language
from flows.weeks import days_of
from reports.disclosure import GROUPED, UNKNOWN
from reports.wording import sentence, words

Summary = dict[str, Any]


class Labels:
    """The words of a locale for one consultation."""

    def __init__(
        self, bound: BoundConsultation, locale: str, registry: BoundConsultation | None = None
    ) -> None:
        from babel import Locale, UnknownLocaleError

        self.bound = bound
        self.registry = registry
        try:
            self.locale = Locale.parse(locale.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            self.locale = Locale.parse("es_CO")
        self.language: str = self.locale.language

    def word(self, code: str, **values: object) -> str:
        """A word of the renderers."""
        return sentence(code, self.language, **values)

    def percent(self, text: str | None) -> str:
        """A share as the locale writes it: 71,4% · 71.4% · 71,4 % (with a no-break space)."""
        if text is None:
            return "–"
        from decimal import Decimal

        from babel.numbers import format_percent

        pattern = (
            self.locale.percent_formats[None]
            .pattern.replace("0%", "0.0%")
            .replace("0\u00a0%", "0.0\u00a0%")
        )
        return str(format_percent(Decimal(text) / 100, format=pattern, locale=self.locale))

    def number(self, n: int | None) -> str:
        """A count with the locale's thousands."""
        from babel.numbers import format_decimal

        return self.word("hidden") if n is None else str(format_decimal(n, locale=self.locale))

    def decimal(self, text: str | None) -> str:
        """A number with its decimals as the locale writes it."""
        if text is None:
            return "–"
        from babel.numbers import format_decimal

        _, _, after = text.partition(".")
        pattern = f"#,##0.{'0' * len(after)}" if after else "#,##0"
        return str(format_decimal(text, format=pattern, locale=self.locale))

    def refused(self, refused: Mapping[str, Any], stratum: str) -> str:
        """Why a stratum is not weighted."""
        values = dict(refused["values"])
        for name in ("variable", "other"):
            if name in values:
                values[name] = self.word(f"variable_{values[name]}")
        text = self.word(f"refused_{refused['reason']}", **{**values, "stratum": stratum})
        return text[:1].upper() + text[1:]

    def points(self, text: str | None) -> str:
        """A difference in percentage points, with its sign."""
        if text is None:
            return "–"
        from decimal import Decimal

        from babel.numbers import format_decimal

        sign = "−" if text.startswith("-") else ("+" if text != "0.0" else "")
        bare = Decimal(text.lstrip("-"))
        return sign + str(format_decimal(bare, format="0.0", locale=self.locale))

    def day(self, day: date) -> str:
        """A day in the locale's medium form."""
        from babel.dates import format_date

        return str(format_date(day, format="d MMM y", locale=self.locale))

    def week(self, week: str) -> str:
        """A week as its Monday and Sunday."""
        monday, sunday = days_of(week)
        return self.word("week", **{"from": self.day(monday), "to": self.day(sunday)})

    def title(self, summary: Summary) -> str:
        """The consultation's title."""
        return in_language(summary["consultation"]["title"], self.language)

    def sector(self, code: str) -> str:
        """A sector's, actor type's or group's label."""
        if code in (GROUPED, UNKNOWN):
            return self.row("sector", code)
        actors = self.bound.instance.actors
        labels = {s.code: s.label for s in actors.sectors}
        labels |= {t.code: t.label for t in actors.types}
        labels |= {g.code: g.label for g in actors.groups}
        return in_language(labels.get(code, {"es": code}), self.language)

    def row(self, by: str, code: str) -> str:
        """The label of a row of a segment table."""
        if code == GROUPED:
            own = f"grouped_{by}"
            return self.word(own if own in words() else "grouped")
        if code == UNKNOWN:
            return self.word("unknown")
        if by in ("sector", "actor_type"):
            return self.sector(code)
        if by == "country":
            return self.country(code)
        if by == "language":
            name = self.locale.languages.get(code, code)
            return str(name[:1].upper() + name[1:])
        if by == "residence":
            known = {"resident": "residents", "abroad": "abroad"}
            return self.word(known[code]) if code in known else code
        return code

    def country(self, code: str) -> str:
        """A country's name."""
        return str(self.locale.territories.get(code, code))

    def choice(self, question_id: str, code: str) -> str:
        """A choice's label."""
        question = self.bound.by_id.get(question_id)
        choice = question.choice(code) if question else None
        if choice is not None:
            return in_language(choice.label, self.language)
        if code == DONT_KNOW:
            return self.bound.word("NO_SE", self.language)
        return self.country(code) if len(code) == 2 else code

    def diaspora_choice(self, key: str, code: str) -> str:
        """A service's or an offer's label, from whichever question lists it."""
        role = Role.SERVICES if key == "services" else Role.OFFERS
        asked = [q for bound in (self.registry, self.bound) if bound for q in _with(bound, role)]
        for question in asked:
            choice = question.choice(code)
            if choice is not None:
                return in_language(choice.label, self.language)
        return code

    def question(self, question_id: str) -> str:
        """A question's text."""
        question = self.bound.by_id.get(question_id)
        return in_language(question.text, self.language) if question else question_id

    def axis(self, code: str) -> str:
        """An axis of the plan."""
        found = next((a for a in self.bound.instance.plan.axes if a.code == code), None)
        return in_language(found.label, self.language) if found else code

    def objective(self, code: str) -> str:
        """An objective of the plan."""
        found = next((o for o in self.bound.instance.plan.objectives if o.code == code), None)
        return in_language(found.label, self.language) if found else code

    def theme(self, code: str) -> str:
        """A theme of the plan."""
        found = next((t for t in self.bound.instance.plan.themes if t.code == code), None)
        return in_language(found.label, self.language) if found else code

    def state(self, code: str) -> str:
        """The state of a reply."""
        return in_language(self.bound.instance.words.states[code], self.language)

    @property
    def is_made_up(self) -> bool:
        """Whether everything has to carry DATOS INVENTADOS."""
        return self.bound.instance.city.made_up


def _with(bound: BoundConsultation, role: Role) -> tuple[Question, ...]:
    return bound.definition.with_role(role)
