"""A strict WhatsApp Cloud API on loopback: it refuses what Meta refuses, and keeps its pace."""

from tests.support.whatsapp.people import Person, text_of
from tests.support.whatsapp.server import (
    NUMBER_ID,
    TOKEN,
    CloudApi,
    Line,
    Refused,
    Sent,
    Template,
    as_body,
    serving,
)

__all__ = [
    "NUMBER_ID",
    "TOKEN",
    "CloudApi",
    "Line",
    "Person",
    "Refused",
    "Sent",
    "Template",
    "as_body",
    "serving",
    "text_of",
]
