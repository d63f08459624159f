"""The report as PDF (PDF/UA-1) and as one HTML page, both from the same sections."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from typing import TYPE_CHECKING

from flows.binding import BoundConsultation
from reports.charts import Chart, render_chart
from reports.document.build import Document, build
from reports.labels import Summary
from reports.typesetting import ACCESSIBLE, typeset, undated

if TYPE_CHECKING:
    from jinja2 import Template


def render_report(
    summary: Summary,
    bound: BoundConsultation,
    kind: str,
    *,
    registry: BoundConsultation | None = None,
) -> bytes:
    """The full report; `kind` is pdf or html. The same summary gives the same bytes."""
    document = build(summary, bound, registry=registry)
    return report_pdf(document) if kind == "pdf" else report_page(document)


def report_pdf(document: Document) -> bytes:
    """A4 pages, tagged, with a text for every chart."""
    return undated(typeset("report.typ", document, format="pdf", pdf_standards=[ACCESSIBLE]))


def report_page(document: Document) -> bytes:
    """One page as UTF-8 that asks for nothing outside itself and runs no script."""

    def svg(chart: Chart) -> str:
        return b64encode(render_chart(chart, document["lang"], kind="svg")).decode()

    return _template().render(d=document, svg=svg).encode("utf-8", "replace")


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader

    environment = Environment(
        loader=PackageLoader("reports"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("report.html")
