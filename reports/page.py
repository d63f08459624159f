"""The summary as one HTML page: public or internal, light and dark, on a phone and on paper."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from flows.binding import BoundConsultation
from reports import picture
from reports.labels import Labels, Summary

if TYPE_CHECKING:
    from jinja2 import Template


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader

    environment = Environment(
        loader=PackageLoader("reports"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("page.html")


def render_page(
    summary: Summary,
    bound: BoundConsultation,
    *,
    registry: BoundConsultation | None = None,
    join: str = "",
) -> bytes:
    """The page as UTF-8. It asks for nothing outside itself and runs no script.

    `registry`: the consultation whose services and offers stand in the block from abroad.
    `join`: where the chat is, for a link; empty leaves the link out.
    """
    labels = Labels(bound, summary["locale"], registry)
    city = bound.instance.city
    page = _template().render(
        s=summary,
        l=labels,
        p=picture,
        city=city.name.get(labels.language, ""),
        government=city.government.get(labels.language, ""),
        k=city.thresholds.public if summary["view"] == "public" else city.thresholds.internal,
        join=join,
        ranking=picture.main_ranking(summary),
        support=picture.main_support(summary),
    )
    return page.encode()
