"""Tables to bytes: one XLSX, CSV files with a codebook, a Frictionless data package."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from reports.export.cells import MARK, safe_cell
from reports.export.tables import Cell, Column, Table

BOM = "\ufeff"
"""Lets a spreadsheet see that a CSV is UTF-8."""
CODEBOOK = "columns.csv"
WIDEST = 60
MADE = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""The same data gives the same bytes: no time of making in the file."""


def as_xlsx(tables: Iterable[Table]) -> bytes:
    """A workbook with a sheet per table: numbers as numbers, texts as texts, never a formula."""
    import xlsxwriter

    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(out, options)
    book.set_properties({"title": "Tertulia", "created": MADE})
    styles = {
        "head": book.add_format({"bold": True, "bg_color": "#E3EFED", "text_wrap": True}),
        "number": book.add_format({"num_format": "0.0"}),
        "integer": book.add_format({"num_format": "#,##0"}),
    }
    for table in tables:
        _sheet(book, table, styles)
    book.close()
    return out.getvalue()


def _sheet(book: Any, table: Table, styles: Mapping[str, Any]) -> None:
    sheet = book.add_worksheet(table.name)
    sheet.freeze_panes(1, 0)
    for at, column in enumerate(table.columns):
        sheet.write_string(0, at, column.name, styles["head"])
        sheet.write_comment(0, at, column.says)
        sheet.set_column(at, at, _width(table, at))
    for line, row in enumerate(table.rows, start=1):
        for at, (value, column) in enumerate(zip(row, table.columns, strict=True)):
            _write(sheet, (line, at), value, styles.get(column.kind))
    if table.rows:
        sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)


def _write(sheet: Any, place: tuple[int, int], value: Cell, style: Any) -> None:
    match value:
        case None:
            return
        case bool():
            sheet.write_boolean(*place, value)
        case int() | Decimal():
            sheet.write_number(*place, float(value), style)
        case str():
            sheet.write_string(*place, safe_cell(value))


def _width(table: Table, at: int) -> int:
    longest = max((len(str(row[at] or "")) for row in table.rows[:500]), default=0)
    return min(max(longest, len(table.columns[at].name)) + 2, WIDEST)


def as_csv(table: Table) -> bytes:
    """One table, every field quoted (RFC 4180), UTF-8; empty means not shown or not known."""
    return _csv([c.name for c in table.columns], (map(_field, row) for row in table.rows))


def _csv(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows(rows)
    return out.getvalue().encode()


def _field(value: Cell) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return str(value)
        case str():
            return safe_cell(value)


def csv_files(tables: Iterable[Table]) -> dict[str, bytes]:
    """A file per table and one that says what every column holds; each opens in a spreadsheet."""
    listed = list(tables)
    made = {f"{table.name}.csv": BOM.encode() + as_csv(table) for table in listed}
    rows = [[t.name, c.name, c.kind, c.says] for t in listed for c in t.columns]
    return made | {CODEBOOK: BOM.encode() + _csv(["table", "column", "type", "says"], rows)}


def package_files(tables: Iterable[Table], about: Mapping[str, str]) -> dict[str, bytes]:
    """A Frictionless data package: `datapackage.json` and a CSV per table.

    `about`: name, title and description of the package. Frictionless Data Package v1.
    """
    listed = list(tables)
    files = {f"data/{table.name}.csv": as_csv(table) for table in listed}
    description = (
        f"{about['description']} A text that a spreadsheet would take for a formula begins "
        f"with {MARK}."
    )
    package = {
        "profile": "tabular-data-package",
        "name": about["name"],
        "title": about["title"],
        "description": description,
        "resources": [
            _resource(table, path, files[path])
            for table in listed
            for path in (f"data/{table.name}.csv",)
        ],
    }
    text = json.dumps(package, ensure_ascii=False, indent=2) + "\n"
    return {"datapackage.json": text.encode(), **files}


def _resource(table: Table, path: str, content: bytes) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "title": table.says,
        "path": path,
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{sha256(content).hexdigest()}",
        "schema": {"fields": [_field_of(c) for c in table.columns], "missingValues": [""]},
    }


def _field_of(column: Column) -> dict[str, str]:
    return {"name": column.name, "type": column.kind, "description": column.says}
