"""How each type of question reads what a person did. One file per type; `READERS` lists them."""

from __future__ import annotations

from collections.abc import Mapping

from flows.consultation import QuestionType
from flows.questions import choosing, country, dated, free_text, local_area, marking, number
from flows.questions.reading import Reader

READERS: Mapping[QuestionType, Reader] = {
    QuestionType.CONSENT: choosing.read,
    QuestionType.SINGLE: choosing.read,
    QuestionType.SCALE: choosing.read,
    QuestionType.MULTI: marking.read,
    QuestionType.RANK: marking.read,
    QuestionType.TEXT: free_text.read,
    QuestionType.NUMBER: number.read,
    QuestionType.DATE: dated.read,
    QuestionType.COUNTRY: country.read,
    QuestionType.LOCAL_AREA: local_area.read,
}
