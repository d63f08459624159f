"""Exports put together: which files a format has, and where they go."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

from bot.errors import UsageError
from flows.binding import BoundConsultation
from flows.languages import in_language
from reports.export.files import as_xlsx, csv_files, package_files
from reports.export.tables import Table, tables_of

FORMATS = ("xlsx", "csv", "datapackage")
ZIP_TIME = (2000, 1, 1, 0, 0, 0)
"""The same data gives the same bytes."""


def export_files(summary: dict[str, Any], bound: BoundConsultation, kind: str) -> dict[str, bytes]:
    """The files of an export by their names, made of the protected summary."""
    return files_of(tables_of(summary, bound), summary, bound, kind)


def files_of(
    tables: list[Table], summary: dict[str, Any], bound: BoundConsultation, kind: str
) -> dict[str, bytes]:
    """Any tables in a format, with what a package says of itself."""
    name = f"{bound.definition.id}-{summary['week']}-{summary['view']}".lower()
    if kind == "xlsx":
        return {f"{name}.xlsx": as_xlsx(tables)}
    if kind == "csv":
        return csv_files(tables)
    language = summary["locale"][:2]
    made_up = "DATOS INVENTADOS. " if bound.instance.city.made_up else ""
    about = {
        "name": name,
        "title": in_language(bound.definition.title, language),
        "description": (
            f"{made_up}Voluntary participation: these data describe those who answered and do "
            "not estimate the opinion of the whole population."
        ),
    }
    return package_files(tables, about)


def write_files(files: dict[str, bytes], out: Path) -> list[Path]:
    """One file to its name (or into a folder); several into a folder, or into one .zip."""
    try:
        if out.suffix == ".zip":
            out.write_bytes(as_zip(files))
            return [out]
        if len(files) == 1 and out.suffix:
            out.write_bytes(next(iter(files.values())))
            return [out]
        return [_put(out / name, content) for name, content in files.items()]
    except OSError as problem:
        raise UsageError(f"{out} cannot be written: {problem.strerror}.") from problem


def _put(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def as_zip(files: dict[str, bytes]) -> bytes:
    """The files in one archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, ZIP_TIME), content)
    return out.getvalue()
