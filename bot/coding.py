"""Coding of open answers by people: what waits, what is suggested, what a coder's file says."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from bot.instance import Folder
from flows.codebook import CodeTheme, suggest
from flows.errors import ImportRefused, Issue
from reports.export.cells import MARK, safe_cell
from reports.redaction import has_personal_data
from storage.codings import OpenText

NEEDED = ("text_id", "question", "codes")
COLUMNS = (*NEEDED[:2], "wave", "language", "text", "personal_data", "suggested", NEEDED[2])
NONE = "-"
"""In a coder's file: read, and none of the themes fits. An empty cell is a text not coded yet."""


def themes_of(folder: Folder, question: str) -> tuple[CodeTheme, ...]:
    """The themes of a question in the city's codebook; none when it has no entry."""
    return folder.instance.codebook.get(question, ())


def waiting(texts: Sequence[OpenText], question: str | None, coder: str) -> list[OpenText]:
    """The texts that a coder has not coded yet, oldest first."""
    return [
        text
        for text in texts
        if question in (None, text.coded.question)
        and coder not in {name for _, name, _ in text.coded.codings}
    ]


def sheet(folder: Folder, texts: Sequence[OpenText]) -> bytes:
    """A CSV for a coder: the text, what the codebook suggests, and an empty column to fill."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for text in texts:
        coded = text.coded
        suggested = suggest(coded.text, themes_of(folder, coded.question))
        flag = "yes" if has_personal_data(coded.text) else ""
        row = (text.text_id, coded.question, str(coded.wave), text.language, coded.text)
        writer.writerow(map(safe_cell, (*row, flag, "|".join(suggested), "")))
    return ("\ufeff" + out.getvalue()).encode()


def read_sheet(text: str, source: str, folder: Folder) -> dict[str, tuple[str, ...]]:
    """Text id to codes from a coder's file. Raises ImportRefused with every mistake in it."""
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    missing = [name for name in NEEDED if name not in (rows.fieldnames or ())]
    if missing:
        sentence = f"The column «{missing[0]}» is missing."
        raise ImportRefused((Issue(code="column", where=f"{source}:1", sentence=sentence),))
    found: dict[str, tuple[str, ...]] = {}
    issues: list[Issue] = []
    for line, row in enumerate(rows, start=2):
        given = (row["codes"] or "").strip().lstrip(MARK)
        if not given:
            continue
        codes = () if given == NONE else tuple(c.strip() for c in given.split("|") if c.strip())
        known = {theme.code for theme in themes_of(folder, row["question"] or "")}
        issues += [
            Issue(
                code="theme",
                where=f"{source}:{line}",
                sentence=f"«{code}» is no theme of {row['question']} in codebook.yaml.",
            )
            for code in codes
            if code not in known
        ]
        found[(row["text_id"] or "").strip()] = codes
    if issues:
        raise ImportRefused(tuple(issues))
    return found
