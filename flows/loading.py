"""A consultation from its YAML: everything that is wrong is said at once, with line and mend.

What a definition costs a person (screens, words, readability) is told by `flows.inspection`,
on the definition bound to its city.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TypeVar

from flows import limits
from flows.consultation import (
    RUNNING_KINDS,
    Choice,
    ChoicesFrom,
    ConsentAnswer,
    Consultation,
    Kind,
    Launch,
    Offer,
    Part,
    Question,
    QuestionType,
    Role,
    Store,
    Wave,
)
from flows.errors import DefinitionError, ExpressionError, Issue
from flows.expressions import Expression, parse_expression
from flows.ids import ConsultationId, QuestionId
from flows.languages import LANGUAGES
from flows.rules import check_rules
from flows.yaml_source import Node, Reader, parse_yaml

SCHEMA = "tertulia.consultation/1"

TOP_KEYS = (
    "schema", "id", "kind", "version", "title", "languages", "minutes", "screens", "review",
    "launch", "waves", "offers", "notice", "questions",
)  # fmt: skip
QUESTION_KEYS = (
    "id", "type", "version", "part", "role", "text", "intro", "relevant", "choices",
    "choices_from", "max_choices", "max_chars", "min", "max", "shuffle", "dont_know",
    "sensitive", "segment", "personal_data_scan", "store", "measures", "report",
)  # fmt: skip
CHOICE_KEYS = (
    "code", "label", "description", "exclusive", "other", "pinned", "sets", "consent",
)  # fmt: skip

_QUESTION_ID = re.compile(r"[A-Z][A-Z0-9]{1,7}")
_CONSULTATION_ID = re.compile(r"[A-Z][A-Za-z0-9_-]{0,31}")
_CHOICE_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,23}")
_CHOICES_FROM = re.compile(r"(themes|sectors|actor_types|answers)(?:\(([A-Z][A-Z0-9]{1,7})\))?")
_HAVE_CHOICES = {QuestionType.SINGLE, QuestionType.MULTI, QuestionType.RANK, QuestionType.SCALE,
                 QuestionType.CONSENT}  # fmt: skip

E = TypeVar("E", bound=StrEnum)


def parse_consultation(text: str, source: str) -> Consultation:
    """The consultation of a YAML text.

    Raises DefinitionError with every mistake, each with `file:line` and a sentence that says
    how to mend it. A kind that does not run yet is parsed; `kind_notice` names it.
    """
    root = parse_yaml(text, source)
    reader = _Definition(source)
    try:
        consultation = reader.consultation(root)
    except (KeyError, IndexError, TypeError) as problem:  # a reader's gap, never the author's
        raise DefinitionError(
            (Issue(code="unreadable", where=source, sentence=f"Cannot be read: {problem!r}."),)
        ) from problem
    reader.issues += check_rules(consultation, source, reader.lines)
    reader.finish()
    return consultation


def kind_notice(kind: Kind) -> str | None:
    """A sentence for a kind that is named but does not run yet, else None."""
    if kind in RUNNING_KINDS:
        return None
    running = ", ".join(sorted(RUNNING_KINDS))
    return f"Kind «{kind}» is known but does not run yet; {running} run."


class _Definition(Reader):
    """Reads the parts of a definition; `lines` maps question ids to their line."""

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self.lines: dict[str, int] = {}

    def consultation(self, root: Node) -> Consultation:
        top = self.mapping(root, "The definition", TOP_KEYS)
        for key in ("schema", "id", "kind", "title", "questions", "launch"):
            if key not in top:
                self.wrong(
                    root.line, "missing", f"«{key}» is missing. {_MENDS.get(key, '')}".strip()
                )
        schema = self.string(top.get("schema"), "schema", SCHEMA)
        if schema != SCHEMA:
            self.wrong(root.line, "schema", f"schema must be {SCHEMA}, not «{schema}».")
        languages = self.strings(top.get("languages"), "languages") or LANGUAGES
        review = self.mapping(top["review"], "review") if "review" in top else {}
        return Consultation(
            id=ConsultationId(self.matching(top.get("id"), "id", _CONSULTATION_ID)),
            kind=self.one_of(Kind, top.get("kind"), "kind", Kind.CONSULTA),
            version=self.whole(top.get("version"), "version", 1),
            title=self.text(top.get("title"), "title"),
            languages=tuple(languages),
            minutes=self.whole(top.get("minutes"), "minutes", 5),
            screens=self.whole(top.get("screens"), "screens", 0),
            launch=self.launch(top.get("launch"), root.line),
            waves=tuple(self.wave(item) for item in self.items(top.get("waves"), "waves")),
            notice=self.text(top.get("notice"), "notice"),
            offers=tuple(self.offer(item) for item in self.items(top.get("offers"), "offers")),
            review={key: self.strings(value, key) for key, value in review.items()},
            questions=self.questions(top.get("questions")),
        )

    def questions(self, node: Node | None) -> tuple[Question, ...]:
        items = self.items(node, "questions")
        if len(items) > limits.QUESTIONS and node is not None:
            self.wrong(node.line, "too_many", f"More than {limits.QUESTIONS} questions; split it.")
        return tuple(self.question(item) for item in items[: limits.QUESTIONS])

    def launch(self, node: Node | None, line: int) -> Launch:
        keys = ("decision", "responsible", "results_on", "reply_on", "funded_by")
        pairs = self.mapping(node, "launch", keys) if node else {}
        for key in keys[:4]:  # GATE-1: all four are promised in the consent
            if node and (key not in pairs or pairs[key].value is None):
                self.wrong(node.line, "gate_1", f"launch needs «{key}»: {_MENDS[key]}")
        return Launch(
            decision=self.text(pairs.get("decision"), "decision"),
            responsible=self.text(pairs.get("responsible"), "responsible"),
            results_on=self.day(pairs.get("results_on"), "results_on"),
            reply_on=self.day(pairs.get("reply_on"), "reply_on"),
            funded_by=self.text(pairs.get("funded_by"), "funded_by"),
        )

    def wave(self, node: Node) -> Wave:
        keys = ("number", "opens", "closes", "results_on", "reply_on")
        pairs = self.mapping(node, "A wave", keys)
        own = {key: self.day(pairs[key], key) for key in keys[3:] if key in pairs}
        wave = Wave(
            number=self.whole(pairs.get("number"), "number", 1),
            opens=self.day(pairs.get("opens"), "opens"),
            closes=self.day(pairs.get("closes"), "closes"),
            results_on=own.get("results_on"),
            reply_on=own.get("reply_on"),
        )
        if wave.closes < wave.opens:
            self.wrong(node.line, "wave", "The wave closes before it opens; swap the days.")
        return wave

    def offer(self, node: Node) -> Offer:
        pairs = self.mapping(node, "An offer", ("consultation", "when", "text"))
        return Offer(
            consultation=ConsultationId(self.string(pairs.get("consultation"), "consultation")),
            when=self.condition(pairs.get("when"), "when"),
            text=self.text(pairs.get("text"), "text"),
        )

    def question(self, node: Node) -> Question:
        pairs = self.mapping(node, "A question", QUESTION_KEYS)
        for key in ("id", "type", "text"):
            if key not in pairs:
                self.wrong(node.line, "missing", f"A question needs «{key}».")
        name = self.matching(pairs.get("id"), "id", _QUESTION_ID)
        self.lines.setdefault(name, node.line)
        kind = self.one_of(QuestionType, pairs.get("type"), "type", QuestionType.INFO)
        choices = tuple(self.choice(item) for item in self.items(pairs.get("choices"), "choices"))
        comes_from = self.choices_from(pairs.get("choices_from"))
        if kind in _HAVE_CHOICES and not choices and comes_from is None:
            self.wrong(node.line, "choices", f"{name}: a {kind} question needs choices.")
        role = pairs.get("role")
        return Question(
            id=QuestionId(name),
            type=kind,
            version=self.whole(pairs.get("version"), "version", 1),
            part=self.one_of(Part, pairs.get("part"), "part", Part.CORE),
            role=self.one_of(Role, role, "role", Role.NEED) if role else None,
            text=self.text(pairs.get("text"), f"{name}.text"),
            intro=self.text(pairs.get("intro"), f"{name}.intro"),
            relevant=self.condition(pairs.get("relevant"), f"{name}.relevant"),
            choices=choices,
            choices_from=comes_from,
            max_choices=self.whole(pairs.get("max_choices"), "max_choices", 0) or None,
            max_chars=self.whole(pairs.get("max_chars"), "max_chars", 0) or None,
            min=self.string(pairs.get("min"), "min") or None,
            max=self.string(pairs.get("max"), "max") or None,
            shuffle=self.truth(pairs.get("shuffle"), "shuffle"),
            dont_know=self.truth(pairs.get("dont_know"), "dont_know"),
            sensitive=self.truth(pairs.get("sensitive"), "sensitive"),
            segment=self.truth(pairs.get("segment"), "segment"),
            personal_data_scan=self.truth(pairs.get("personal_data_scan"), "personal_data_scan"),
            store=self.one_of(Store, pairs.get("store"), "store", Store.ANSWERS),
            measures=self.measures(pairs.get("measures")),
            report=self.string(pairs.get("report"), "report"),
        )

    def choice(self, node: Node) -> Choice:
        pairs = self.mapping(node, "A choice", CHOICE_KEYS)
        consent = pairs.get("consent")
        sets = self.mapping(pairs["sets"], "sets") if "sets" in pairs else {}
        return Choice(
            code=self.matching(pairs.get("code"), "code", _CHOICE_CODE, node.line),
            label=self.text(pairs.get("label"), "label"),
            description=self.text(pairs.get("description"), "description"),
            exclusive=self.truth(pairs.get("exclusive"), "exclusive"),
            other=self.truth(pairs.get("other"), "other"),
            pinned=self.truth(pairs.get("pinned"), "pinned"),
            sets={key: self.string(value, key) for key, value in sets.items()},
            consent=self.one_of(ConsentAnswer, consent, "consent", ConsentAnswer.ACCEPT)
            if consent
            else None,
        )

    def choices_from(self, node: Node | None) -> ChoicesFrom | None:
        text = self.string(node, "choices_from")
        if node is None or not text:
            return None
        match = _CHOICES_FROM.fullmatch(text)
        if match is None:
            mend = "Use themes, sectors, actor_types(A03) or answers(B11)."
            self.wrong(node.line, "choices_from", f"choices_from «{text}» is not known. {mend}")
            return None
        return ChoicesFrom(source=match[1], question=QuestionId(match[2]) if match[2] else None)

    def measures(self, node: Node | None) -> dict[str, tuple[str, ...]]:
        if node is None:
            return {}
        pairs = self.mapping(node, "measures", ("favour", "against"))
        return {key: self.strings(value, key) for key, value in pairs.items()}

    def condition(self, node: Node | None, what: str) -> Expression | None:
        text = self.string(node, what)
        if node is None or not text:
            return None
        try:
            return parse_expression(text)
        except ExpressionError as problem:
            self.wrong(node.line, "condition", f"{what}: {problem}")
            return None

    def matching(
        self, node: Node | None, what: str, pattern: re.Pattern[str], line: int = 1
    ) -> str:
        text = self.string(node, what)
        if not pattern.fullmatch(text):
            at = node.line if node else line
            self.wrong(at, "code", f"{what} «{text[:40]}» must look like {pattern.pattern}.")
        return text

    def one_of(self, kinds: type[E], node: Node | None, what: str, default: E) -> E:
        text = self.string(node, what)
        if node is None or not text:
            return default
        try:
            return kinds(text)
        except ValueError:
            known = ", ".join(kinds)
            self.wrong(
                node.line, "value", f"{what} «{text[:40]}» is not known. Use one of {known}."
            )
            return default


_MENDS = {
    "launch": "Say which decision it informs, who answers for it, and the two dates.",
    "decision": "which decision the answers will inform.",
    "responsible": "which unit answers for it.",
    "results_on": "the day the results are published, e.g. 2026-12-15.",
    "reply_on": "the day people are told what was decided, e.g. 2027-02-15.",
    "schema": f"Write «schema: {SCHEMA}» first.",
}
