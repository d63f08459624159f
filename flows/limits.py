"""Every maximum, with its reason. Platform figures: docs of Telegram and Meta, 2026."""

from __future__ import annotations

DEFINITION_CHARS = 512 * 1024
"""A definition is written by people; ten times the largest one known."""
DEFINITION_DEPTH = 20

TEXT_INPUT_CHARS = 4_096
"""What Telegram and WhatsApp let a person send in one message; the door cuts there."""
TURNS_PER_DAY = 400
"""Ten times the longest path answered with every button: beyond it we ask for a pause."""
ANSWER_CHARS = 500
"""Default length of an open answer: a few sentences, readable by whoever codes them."""
SOURCE_CHARS = 40
"""A link's source code; Telegram allows 64 characters in a start payload."""

BUTTONS = 3
"""WhatsApp reply buttons in one message."""
BUTTON_CHARS = 20
"""WhatsApp: title of a reply button."""
LIST_ROWS = 10
"""WhatsApp: rows of a list, in all sections together."""
ROW_CHARS = 24
"""WhatsApp: title of a list row."""
ROW_DESCRIPTION_CHARS = 72
"""WhatsApp: description of a list row."""
PAYLOAD_BYTES = 64
"""Telegram: callback data."""
CONSENT_CHARS = 1_024
"""WhatsApp: body of a message with buttons; the consent has buttons and must be one screen."""
MESSAGE_CHARS = 4_096
"""Telegram and WhatsApp: a text message."""

BUBBLE_WORDS = 72
"""What is read without scrolling on a small phone (editorial decision)."""
INFLESZ = 65
"""Lowest Szigriszt-Pazos readability of a Spanish bubble ("bastante fácil")."""
THEMES = 7
"""Themes offered for ranking: with "none" and "other" they fit one WhatsApp list."""
CORE_SCREENS = 10
CORE_WHATSAPP_MESSAGES = 12
PATH_STEPS_WARN = 24
PATH_STEPS = 30
"""GATE-2: no research that wants to know everything."""
MINUTES = 8
QUESTIONS = 200
CHOICES = 300
"""Choices of one question (areas of a large city, typed and not listed)."""
