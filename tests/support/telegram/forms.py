"""How a call arrives: in the address, as JSON, as a form, or in parts with files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message as Head
from email.parser import BytesHeaderParser
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from tests.support.telegram.refusing import Refused


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a call."""

    name: str
    kind: str
    content: bytes


Params = dict[str, Any]
Files = Mapping[str, Upload]


def _head(text: bytes) -> Head:
    return BytesHeaderParser().parsebytes(text + b"\r\n\r\n")


def _parts(body: bytes, boundary: str) -> tuple[Params, dict[str, Upload]]:
    params: Params = {}
    files: dict[str, Upload] = {}
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary.encode())[1:]:
        if part.startswith(b"--"):
            break
        head_text, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        head = _head(head_text)
        name = head.get_param("name", header="content-disposition")
        if not isinstance(name, str):
            raise Refused.bad("a part of the form has no name")
        file_name = head.get_filename()
        if file_name is None:
            params[name] = content.decode("utf-8")
        else:
            files[name] = Upload(file_name, head.get_content_type(), content)
    return params, files


def _json(body: bytes) -> Params:
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        raise Refused.bad("can't parse request JSON object") from None
    if not isinstance(value, dict):
        raise Refused.bad("request must be a JSON object")
    return {name: item for name, item in value.items() if item is not None}


async def read_call(request: Request) -> tuple[Params, Files]:
    """The parameters and files of a call, whatever way they came."""
    params: Params = dict(request.query_params)
    body = await request.body()
    head = _head(b"Content-Type: " + request.headers.get("content-type", "").encode("latin-1"))
    files: dict[str, Upload] = {}
    try:
        match head.get_content_type():
            case "application/json":
                params |= _json(body)
            case "multipart/form-data":
                found, files = _parts(body, str(head.get_param("boundary", "")))
                params |= found
            case "application/x-www-form-urlencoded":
                form = parse_qsl(body.decode("utf-8"), keep_blank_values=True, errors="strict")
                params |= dict(form)
    except UnicodeDecodeError:
        raise Refused.bad("strings must be encoded in UTF-8") from None
    return params, files
